import {
  acceptInvitation,
  type Client,
  createAccount,
  createApiKey,
  createClient,
  createLicense,
  createProduct,
  createSubstitution,
  createToken,
  createVirtualAccount,
  grantRole,
  importOrders,
  listVirtualAccounts,
  ProblemError,
} from '@estover/protocol';
import { type DemoCompany, readAgents, readCatalog, readCompany, readOrderFiles } from './demo-files.ts';
import type { DemoState } from './demo-state.ts';
import { signIn } from './session-client.ts';

export interface Seeding {
  baseUrl: string;
  state: DemoState;
  now: Temporal.Instant;
  /** Tells how far a step has come. */
  progress(step: string, done: number, of: number): void;
  /** Keeps the state; called after each step. */
  save(): Promise<void>;
}

/**
 * Makes the demo's company through the public API alone, step by step. Each step is done once: what an interrupted
 * start left half done is found and completed, because every call may be repeated.
 */
export async function seedCompany(seeding: Seeding): Promise<void> {
  const { baseUrl, state } = seeding;
  const operator = createClient({ baseUrl, apiKey: state.operatorKey });
  const company = await readCompany();
  await step(seeding, 'catalog', () => seedCatalog(seeding, operator));
  await step(seeding, 'account', () => seedAccount(seeding, operator, company));
  const administrator = createClient({ baseUrl, apiKey: state.administratorKey ?? '' });
  const accountId = state.accountId ?? '';
  await step(seeding, 'virtual accounts', () =>
    seedVirtualAccounts(seeding, administrator, accountId, company),
  );
  await step(seeding, 'people', () => seedPeople(seeding, administrator, accountId, company));
  await step(seeding, 'orders', () => seedOrders(seeding, operator));
  await step(seeding, 'tokens', () => seedTokens(seeding, administrator, accountId));
}

async function step(seeding: Seeding, name: string, work: () => Promise<void>): Promise<void> {
  if (seeding.state.done.includes(name)) return;
  await work();
  seeding.state.done.push(name);
  await seeding.save();
}

/** Makes something that an earlier, interrupted start may have made already. */
async function unlessThere<T>(make: () => Promise<T>, ...codes: string[]): Promise<T | null> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof ProblemError && codes.includes(error.problem.code)) return null;
    throw error;
  }
}

async function seedCatalog({ progress }: Seeding, operator: Client): Promise<void> {
  const { licenses, substitutions, products } = await readCatalog();
  const of = licenses.length + substitutions.length + products.length;
  let done = 0;
  for (const body of licenses) {
    await unlessThere(() => operator.call(createLicense, { body }), 'tag-taken');
    progress('Catalog', ++done, of);
  }
  for (const body of substitutions) {
    await unlessThere(() => operator.call(createSubstitution, { body }), 'substitution-exists');
    progress('Catalog', ++done, of);
  }
  for (const body of products) {
    await unlessThere(() => operator.call(createProduct, { body }), 'sku-taken');
    progress('Catalog', ++done, of);
  }
}

async function seedAccount(
  { state, baseUrl, save, progress }: Seeding,
  operator: Client,
  company: DemoCompany,
): Promise<void> {
  const { administrator } = company.account;
  // The key of the request is kept with the state: a repeat gets the same link.
  const made = await operator.call(createAccount, {
    body: company.account,
    idempotencyKey: 'demo-account',
  });
  state.accountId = made.account.accountId;
  await save();
  // The whole link is as good as the secret in it.
  const token = made.invitationLink;
  if (token !== null) {
    await unlessThere(
      () =>
        createClient({ baseUrl }).call(acceptInvitation, {
          body: { token, name: administrator.name, password: state.password },
        }),
      'link-invalid',
      'person-exists',
    );
  }
  const session = await signIn(baseUrl, administrator.email, state.password);
  const { secret } = await session.call(createApiKey, {
    params: { accountId: state.accountId },
    body: { name: 'Demo set-up', role: 'account-administrator', scope: { kind: 'account' } },
  });
  state.administratorKey = secret;
  progress('Account', 1, 1);
}

/** Ids of the virtual accounts by their names joined with ` / `. */
async function idsByPath(client: Client, accountId: string): Promise<Map<string, string>> {
  const { items } = await client.call(listVirtualAccounts, { params: { accountId } });
  return new Map(items.map((item) => [item.path.join(' / '), item.virtualAccountId]));
}

async function seedVirtualAccounts(
  { progress }: Seeding,
  client: Client,
  accountId: string,
  company: DemoCompany,
): Promise<void> {
  const ids = await idsByPath(client, accountId);
  let done = 0;
  for (const { path, description } of company.virtualAccounts) {
    if (!ids.has(path)) {
      const names = path.split(' / ');
      const parentId = ids.get(names.slice(0, -1).join(' / ')) ?? null;
      const { virtualAccount } = await client.call(createVirtualAccount, {
        params: { accountId },
        body: { name: names.at(-1) ?? path, parentId, description },
      });
      ids.set(path, virtualAccount.virtualAccountId);
    }
    progress('Virtual accounts', ++done, company.virtualAccounts.length);
  }
}

async function seedPeople(
  { baseUrl, state, progress }: Seeding,
  client: Client,
  accountId: string,
  company: DemoCompany,
): Promise<void> {
  const ids = await idsByPath(client, accountId);
  let done = 0;
  for (const { name, email, role, scope } of company.people) {
    const { invitationLink } = await client.call(grantRole, {
      params: { accountId },
      body: {
        email,
        name,
        role,
        scope:
          scope === null
            ? { kind: 'account' }
            : {
                kind: 'virtual-accounts',
                virtualAccounts: scope.map((path) => ({
                  virtualAccountId: ids.get(path) ?? '',
                  nested: true,
                })),
              },
      },
      idempotencyKey: `demo-grant-${email}`,
    });
    const token = invitationLink;
    if (token !== null) {
      await unlessThere(
        () =>
          createClient({ baseUrl }).call(acceptInvitation, {
            body: { token, name, password: state.password },
          }),
        'link-invalid',
        'person-exists',
      );
    }
    progress('People', ++done, company.people.length);
  }
}

async function seedOrders({ now, progress }: Seeding, operator: Client): Promise<void> {
  const { files } = await readOrderFiles(now);
  let done = 0;
  for (const file of files) {
    // The file's name is the key: importing it again after an interruption answers what the first import did.
    await operator.call(importOrders, {
      body: file.text,
      contentType: file.contentType,
      idempotencyKey: `demo-orders-${file.name}`,
    });
    progress('Order files', ++done, files.length);
  }
}

async function seedTokens(
  { state, save, progress }: Seeding,
  client: Client,
  accountId: string,
): Promise<void> {
  const ids = await idsByPath(client, accountId);
  const places = [...new Set((await readAgents()).map((agent) => agent.virtualAccount))];
  let done = 0;
  for (const place of places) {
    if (state.tokens[place] === undefined) {
      const { secret } = await client.call(createToken, {
        params: { accountId, virtualAccountId: ids.get(place) ?? '' },
        body: {
          description: `${place.split(' / ').at(-1)}, first installation`,
          expiresInDays: 365,
          exportControlledAllowed: true,
        },
      });
      state.tokens[place] = secret;
      await save();
    }
    progress('Registration tokens', ++done, places.length);
  }
}
