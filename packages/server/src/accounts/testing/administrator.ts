import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import type { Client } from '@estover/protocol';
import { insertGrant } from '../../access/index.ts';
import { makePersonWithPassword } from '../../access/testing/person-with-password.ts';
import { enterPassword, password } from '../../access/testing/signed-in-person.ts';
import type { TestServer } from '../../testing/index.ts';

/** A person who signed in a moment ago, with what they need to do so again. */
export interface Somebody {
  personId: string;
  email: string;
  client: Client;
}

const whole: GrantScope = { kind: 'account' };

/** Gives somebody a role, without the API. */
export async function giveTo(
  server: TestServer,
  { personId }: Pick<Somebody, 'personId'>,
  accountId: string,
  role: AccountRole = 'account-administrator',
  scope: GrantScope = whole,
): Promise<void> {
  await server.db.transaction().execute((trx) =>
    insertGrant(trx, {
      accountId,
      personId,
      role,
      scope,
      grantId: randomUUIDv7(),
      until: null,
      grantedBy: 'test',
      grantedAt: server.clock.now(),
    }),
  );
}

/** A person with a session, and administrator of these accounts. */
export async function administratorOf(
  server: TestServer,
  accountIds: readonly string[],
  email = `${randomUUIDv7()}@example.com`,
): Promise<Somebody> {
  const who = await makePersonWithPassword(server, password, email);
  for (const accountId of accountIds) await giveTo(server, who, accountId);
  return { ...who, client: (await enterPassword(server, who.email)).client };
}

/** The same person in a new session, which is proved anew. */
export const again = async (server: TestServer, who: Somebody): Promise<Somebody> => ({
  ...who,
  client: (await enterPassword(server, who.email)).client,
});
