import { randomUUIDv7 } from 'node:crypto';
import { type Client, createAccount, createClient, createVirtualAccount } from '@estover/protocol';
import { type SeededCatalog, seedCatalog } from '@estover/server/testing';
import { insertApiKey, newApiKeySecret } from '../../../packages/server/src/access/api-keys-store.ts';
import type { Database } from '../../../packages/server/src/database/database.ts';

/** An installation as the tests of processes see it: by its API, and by its database for what is counted at the end. */
export interface World {
  readonly db: Database;
  /** Of a server that is up while things are prepared. */
  readonly address: string;
  readonly operator: Client;
  readonly operatorKey: string;
  readonly catalog: SeededCatalog;
  /** The real clock, which the servers go by as well. */
  readonly clock: { now(): Temporal.Instant };
  /** A customer with virtual accounts of the names given. */
  account(...virtualAccounts: string[]): Promise<Customer>;
}

export interface Customer {
  readonly accountId: string;
  readonly defaultVirtualAccountId: string;
  /** API key of an account administrator. */
  readonly key: string;
  readonly administrator: Client;
  /** Ids of the virtual accounts by name. */
  place(name: string): string;
}

let customers = 0;

/** Opens the world through a running server, with a small catalog. */
export async function openWorld(db: Database, address: string, operatorKey: string): Promise<World> {
  const operator = createClient({ baseUrl: address, apiKey: operatorKey });
  const clock = { now: () => Temporal.Now.instant() };
  const catalog = await seedCatalog({ operator });
  return {
    db,
    address,
    operator,
    operatorKey,
    catalog,
    clock,
    async account(...virtualAccounts) {
      customers += 1;
      const { account, defaultVirtualAccountId } = await operator.call(createAccount, {
        body: {
          name: `Customer ${customers}`,
          domainIdentifier: `customer-${customers}.example`,
          administrator: { name: 'Ana Ruiz', email: `ana@customer-${customers}.example` },
        },
      });
      const { accountId } = account;
      const key = await insertAdministrator(db, accountId);
      const administrator = createClient({ baseUrl: address, apiKey: key });
      const places = new Map<string, string>();
      for (const name of virtualAccounts) {
        const made = await administrator.call(createVirtualAccount, {
          params: { accountId },
          body: { name, parentId: null },
        });
        places.set(name, made.virtualAccount.virtualAccountId);
      }
      const place = (name: string) => {
        const id = places.get(name);
        if (id === undefined) throw new Error(`there is no virtual account ${name}`);
        return id;
      };
      return { accountId, defaultVirtualAccountId, key, administrator, place };
    },
  };
}

async function insertAdministrator(db: Database, accountId: string): Promise<string> {
  const secret = newApiKeySecret(accountId);
  await db.transaction().execute((trx) =>
    insertApiKey(trx, {
      apiKeyId: randomUUIDv7(),
      accountId,
      name: 'test',
      role: 'account-administrator',
      scope: { kind: 'account' },
      secret,
      createdBy: 'test',
      createdAt: Temporal.Now.instant(),
      expiresAt: null,
    }),
  );
  return secret;
}
