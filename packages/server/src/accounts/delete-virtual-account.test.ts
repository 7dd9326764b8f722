import { randomUUIDv7 } from 'node:crypto';
import type { GrantScope } from '@estover/domain/access';
import {
  addToGroup,
  type CallInput,
  type Client,
  createGroup,
  createToken,
  deleteVirtualAccount,
  grantRole,
  listEvents,
  listProductInstances,
  listTokens,
  listVirtualAccounts,
  moveVirtualAccount,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  checkLedgerLaws,
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';

let server: TestServer;
let catalog: SeededCatalog;
let seeded: SeededAccount;
let accountId: string;
let administrator: Client;
let ids: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  seeded = await server.account(`Deleting ${randomUUIDv7()}`);
  ({ accountId, administrator } = seeded);
  ids = await server.virtualAccounts(seeded, 'Europe / Berlin / Mitte', 'Asia', 'Africa', 'America');
});

const id = (path: string): string => ids[path] as string;
const at = (path: string, nested = true): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId: id(path), nested }],
});
const refused = (code: string) => ({ problem: expect.objectContaining({ code }) });
type Query = CallInput<typeof deleteVirtualAccount>['query'];
const remove = (path: string, query: Query, { dryRun = false, client = administrator } = {}) =>
  client.call(deleteVirtualAccount, {
    params: { accountId, virtualAccountId: id(path) },
    query,
    dryRun,
  });
const give = async (name: string, scope: GrantScope) => {
  const email = `${name}@${randomUUIDv7()}.example`;
  await administrator.call(grantRole, {
    params: { accountId },
    body: { email, role: 'viewer', scope },
  });
};
/** Gives it by a group. */
const giveByGroup = async (name: string, scope: GrantScope) => {
  const { group } = await administrator.call(createGroup, {
    params: { accountId },
    body: { name, role: 'viewer', scope },
  });
  await administrator.call(addToGroup, {
    params: { accountId, groupId: group.groupId },
    body: { people: [{ email: `${name}@${randomUUIDv7()}.example` }] },
  });
};
const names = (people: readonly { email: string }[]) => people.map(({ email }) => email.split('@')[0]).sort();
const filled = async () => {
  await deliver(server, seeded, { tag: catalog.security, quantity: 7, virtualAccount: 'Europe / Berlin' });
  const virtualAccountId = id('Europe / Berlin');
  await useLicenses(server, { accountId, virtualAccountId, counts: { [catalog.security]: 3 } });
  // The token of the instance is used up or not; this one admits more.
  await administrator.call(createToken, {
    params: { accountId, virtualAccountId },
    body: { description: 'Kept' },
  });
};

it('sends licenses, product instances, tokens and children each where it is said', async () => {
  await filled();
  const query = {
    licensesTo: id('Asia'),
    productInstancesTo: id('Africa'),
    tokensTo: id('America'),
    childrenTo: 'top' as const,
  };
  const told = await remove('Europe / Berlin', query, { dryRun: true });
  const { moved } = await remove('Europe / Berlin', query);
  expect(moved).toEqual(told.moved);
  expect(moved).toMatchObject({ licenses: 7, productInstances: 1, children: 1, tokensRevoked: 0 });

  const tree = await administrator.call(listVirtualAccounts, {
    params: { accountId },
    query: { rollUp: true },
  });
  const of = (path: string) => tree.items.find((item) => item.path.join(' / ') === path);
  expect(of('Asia')).toMatchObject({ own: { owned: 7, inUse: 0 } });
  expect(of('Africa')).toMatchObject({ own: { owned: 0, inUse: 3, productInstances: 1 } });
  expect(of('Mitte')).toMatchObject({ depth: 1, parentId: null });
  const { items: tokens } = await administrator.call(listTokens, { params: { accountId } });
  const kept = tokens.find(({ description }) => description === 'Kept');
  expect(kept).toMatchObject({ state: 'active', virtualAccountPath: ['America'] });
  const instances = await administrator.call(listProductInstances, { params: { accountId } });
  expect(instances.items.map(({ virtualAccountPath }) => virtualAccountPath)).toEqual([['Africa']]);
  const { items: events } = await administrator.call(listEvents, {
    params: { accountId },
    query: { operation: 'deleteVirtualAccount' },
  });
  expect(events.map(({ message }) => message)).toEqual([
    'deleted the virtual account Europe / Berlin; it sent licenses to Asia, product instances to Africa, tokens to America, what was nested in it to the top',
  ]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('one member says it for one kind, and contentsTo for the rest; what has no place refuses all', async () => {
  await filled();
  await expect(
    remove('Europe / Berlin', { licensesTo: id('Asia'), childrenTo: id('Asia') }),
  ).rejects.toMatchObject(refused('virtual-account-not-empty'));
  await expect(
    remove('Europe / Berlin', { contentsTo: id('Asia'), tokensTo: id('Europe / Berlin') }),
  ).rejects.toMatchObject(refused('nested-in-itself'));
  await expect(
    remove('Europe / Berlin', { contentsTo: id('Asia'), productInstancesTo: randomUUIDv7() }),
  ).rejects.toMatchObject(refused('unknown-virtual-account'));
  const client = server.client(await server.keyOf(accountId, 'virtual-account-administrator', at('Europe')));
  await expect(
    remove('Europe / Berlin', { contentsTo: id('Europe'), childrenTo: 'top' }, { client }),
  ).rejects.toMatchObject(refused('not-allowed'));
  // What is nested in it may take what it held, as long as it goes elsewhere itself.
  const { moved } = await remove('Europe / Berlin', {
    contentsTo: id('Europe / Berlin / Mitte'),
    childrenTo: id('Europe'),
    tokensTo: 'revoked',
  });
  expect(moved).toMatchObject({ licenses: 7, productInstances: 1, children: 1, tokens: 0 });
  expect(moved.tokensRevoked).toBeGreaterThan(0);
});

it('tells who gains and who loses access, through groups as well', async () => {
  await deliver(server, seeded, { tag: catalog.security, quantity: 1, virtualAccount: 'Europe / Berlin' });
  await give('everywhere', { kind: 'account' });
  await give('europe', at('Europe'));
  await give('berlin-alone', at('Europe / Berlin', false));
  await giveByGroup('berlin-group', at('Europe / Berlin'));
  await give('mitte', at('Europe / Berlin / Mitte'));
  await giveByGroup('asia-group', at('Asia'));
  await give('asia-alone', at('Asia', false));
  const query = { contentsTo: id('Asia') };
  const { access } = await remove('Europe / Berlin', query, { dryRun: true });
  expect({
    contents: { gain: names(access.contents.gain), lose: names(access.contents.lose) },
    children: { gain: names(access.children.gain), lose: names(access.children.lose) },
  }).toEqual({
    contents: { gain: ['asia-alone', 'asia-group'], lose: ['berlin-alone', 'berlin-group', 'europe'] },
    children: { gain: ['asia-group'], lose: ['berlin-group', 'europe'] },
  });
  expect(access.contents.gain[0]?.roles).toEqual(['viewer']);
  expect((await remove('Europe / Berlin', query)).access).toEqual(access);
  // One that is empty takes only the roles in it alone away.
  const empty = await remove('Africa', {}, { dryRun: true });
  expect(empty.access).toEqual({ contents: { gain: [], lose: [] }, children: { gain: [], lose: [] } });
  await give('africa', at('Africa'));
  expect(names((await remove('Africa', {}, { dryRun: true })).access.contents.lose)).toEqual(['africa']);
});

it('a move tells also who gains access only to what is nested in it', async () => {
  await administrator.call(grantRole, {
    params: { accountId },
    body: {
      email: `both@${randomUUIDv7()}.example`,
      role: 'viewer',
      scope: {
        kind: 'virtual-accounts',
        virtualAccounts: [
          { virtualAccountId: id('Europe / Berlin'), nested: false },
          { virtualAccountId: id('Asia'), nested: true },
        ],
      },
    },
  });
  await giveByGroup('europe-group', at('Europe'));
  const { gain, lose } = await administrator.call(moveVirtualAccount, {
    params: { accountId, virtualAccountId: id('Europe / Berlin') },
    body: { parentId: id('Asia') },
    dryRun: true,
  });
  expect({ gain: names(gain), lose: names(lose) }).toEqual({ gain: ['both'], lose: ['europe-group'] });
});
