import { randomUUIDv7 } from 'node:crypto';
import {
  acceptInvitation,
  consentToAccountMove,
  createGroup,
  createTagKey,
  createToken,
  createVirtualAccount,
  deleteVirtualAccount,
  getAccount,
  grantRole,
  listAccountMoves,
  listEvents,
  listVirtualAccounts,
  proposeSplit,
  tagVirtualAccount,
  transferLicenses,
  undoAccountMove,
} from '@estover/protocol';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { enterPassword } from '../access/testing/signed-in-person.ts';
import {
  answerOf,
  checkLedgerLaws,
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
  testDevice,
} from '../testing/index.ts';
import { accountState } from './testing/account-state.ts';
import { administratorOf, giveTo, type Somebody } from './testing/administrator.ts';

let server: TestServer;
let catalog: SeededCatalog;
let seeded: SeededAccount;
let places: Record<string, string>;
let nora: Somebody;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
  seeded = await server.account('North');
  places = await server.virtualAccounts(seeded, 'Trains / Berlin / Depot', 'Trains / Paris', 'Ships');
  nora = await administratorOf(server, [seeded.accountId]);
});
afterEach(async () => {
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});
afterAll(() => server.close());

const refused = (code: string, facts: Record<string, unknown> = {}) => ({
  problem: expect.objectContaining({ code, ...facts }),
});
const split = (paths: string[], mailDomain: string, more: Record<string, unknown> = {}, dryRun = false) =>
  nora.client.call(proposeSplit, {
    params: { accountId: seeded.accountId },
    body: {
      virtualAccountIds: paths.map((path) => places[path] as string),
      newAccount: {
        name: 'Berlin Trains',
        mailDomain,
        administrator: { name: 'Bea', email: `bea@${mailDomain}` },
        ...more,
      },
      reason: 'Sold',
    },
    dryRun,
  });

it('carries virtual accounts with all in them into a new account, which its first administrator accepts', async () => {
  const { accountId, administrator } = seeded;
  const berlin = places['Trains / Berlin'] as string;
  // Of one lot some goes and some stays, and of one group and one grant as well.
  await deliver(server, seeded, { tag: catalog.advantage, quantity: 20, virtualAccount: berlin });
  const moved = await administrator.call(transferLicenses, {
    params: { accountId },
    body: {
      fromVirtualAccountId: berlin,
      toVirtualAccountId: places['Ships'] as string,
      lines: [{ tag: catalog.advantage, quantity: 6 }],
      reason: '',
    },
  });
  expect(moved.movement.kind).toBe('transfer');
  const { secret } = await administrator.call(createToken, {
    params: { accountId, virtualAccountId: berlin },
    body: { description: 'ours' },
  });
  const device = await testDevice(server);
  answerOf(await device.register(secret));
  answerOf(await device.authorize([{ tag: catalog.advantage, count: 16 }]));
  const { tagKey } = await administrator.call(createTagKey, {
    params: { accountId },
    body: { name: 'Country', values: ['DE', 'FR'] },
  });
  await administrator.call(tagVirtualAccount, {
    params: { accountId, virtualAccountId: berlin },
    body: { tags: [{ tagKeyId: tagKey.tagKeyId, tagValueId: tagKey.values[0]?.tagValueId as string }] },
  });
  const reader = await administratorOf(server, []);
  const at = (...paths: string[]) => ({
    kind: 'virtual-accounts' as const,
    virtualAccounts: paths.map((path) => ({ virtualAccountId: places[path] as string, nested: true })),
  });
  await giveTo(server, reader, accountId, 'virtual-account-user', at('Trains / Berlin'));
  await giveTo(server, reader, accountId, 'viewer', at('Ships', 'Trains / Berlin / Depot'));
  await administrator.call(createGroup, {
    params: { accountId },
    body: { name: 'Depot', role: 'viewer', scope: at('Trains / Berlin / Depot') },
  });
  const before = await accountState(server.db, accountId);

  await expect(split(['Trains / Berlin'], 'gmail.com')).rejects.toMatchObject(refused('public-mail-domain'));
  await expect(split(['Trains / Berlin'], 'north.example')).rejects.toMatchObject(
    refused('domain-identifier-taken'),
  );
  await expect(
    split(['Trains / Berlin'], 'berlin.example', {
      administrator: { name: 'Bea', email: 'bea@other.example' },
    }),
  ).rejects.toMatchObject(refused('approver-domain-differs'));
  const foreign = await server.account('Foreign');
  await expect(
    nora.client.call(proposeSplit, {
      params: { accountId },
      body: {
        virtualAccountIds: [foreign.defaultVirtualAccountId],
        newAccount: {
          name: 'X',
          mailDomain: 'x.example',
          administrator: { name: 'X', email: 'x@x.example' },
        },
        reason: 'X',
      },
    }),
  ).rejects.toMatchObject(refused('unknown-virtual-account'));
  places['Default'] = seeded.defaultVirtualAccountId;
  await expect(split(['Default'], 'berlin.example')).rejects.toMatchObject(
    refused('account-move-blocked', {
      inTheWay: [{ code: 'default-virtual-account', detail: 'The default virtual account stays in North.' }],
    }),
  );

  // What is nested in what was chosen goes once, with what it is nested in.
  const { move, invitationLink, preview } = await split(
    ['Trains / Berlin / Depot', 'Trains / Berlin'],
    'berlin.example',
  );
  expect(preview).toMatchObject({ totalVirtualAccounts: 2, productInstances: 1, tokens: 1, inTheWay: [] });
  expect(preview.virtualAccounts.map(({ path, isTop }) => [path.join(' / '), isTop])).toEqual([
    ['Trains / Berlin', true],
    ['Trains / Berlin / Depot', false],
  ]);
  expect(preview.loses.map(({ email }) => email)).toContain(nora.email);
  expect(preview.loses.map(({ email }) => email)).not.toContain(reader.email);

  await expect(
    nora.client.call(consentToAccountMove, { params: { moveId: move.moveId }, body: {} }),
  ).rejects.toMatchObject(refused('own-proposal'));
  await server.client().call(acceptInvitation, {
    body: { token: invitationLink as string, name: 'Bea', password: 'correct horse battery' },
  });
  const bea = (await enterPassword(server, 'bea@berlin.example')).client;
  const { items } = await bea.call(listAccountMoves, {});
  expect(items.map(({ moveId, may }) => [moveId, may.consent])).toEqual([[move.moveId, true]]);
  const done = await bea.call(consentToAccountMove, { params: { moveId: move.moveId }, body: {} });
  const newId = done.move.into.accountId as string;
  expect(done.move.into).toEqual({
    accountId: newId,
    name: 'Berlin Trains',
    domainIdentifier: 'berlin.example',
  });

  const tree = await bea.call(listVirtualAccounts, { params: { accountId: newId } });
  expect(tree.items.map(({ path, tags }) => [path.join(' / '), tags.map(({ value }) => value)])).toEqual([
    ['Berlin', ['DE']],
    ['Berlin / Depot', []],
    ['Default', []],
  ]);
  const made = await accountState(server.db, newId);
  expect(made['holdings']).toMatchObject([{ virtual_account_id: berlin, quantity: 14 }]);
  expect(made['pools']).toMatchObject([{ in_use: 16, state: 'out-of-compliance' }]);
  expect(made['groups']).toMatchObject([{ name: 'Depot', role: 'viewer' }]);
  expect((await accountState(server.db, accountId))['holdings']).toMatchObject([{ quantity: 6 }]);
  const kept = await server.db
    .selectFrom('grants as g')
    .innerJoin('grant_virtual_accounts as v', (join) =>
      join.onRef('v.account_id', '=', 'g.account_id').onRef('v.grant_id', '=', 'g.grant_id'),
    )
    .select(['g.account_id as accountId', 'g.role', 'v.virtual_account_id as place'])
    .where('g.person_id', '=', reader.personId)
    .orderBy('g.role')
    .orderBy('g.account_id')
    .execute();
  expect(kept).toEqual(
    expect.arrayContaining([
      { accountId, role: 'viewer', place: places['Ships'] },
      { accountId: newId, role: 'viewer', place: places['Trains / Berlin / Depot'] },
      { accountId: newId, role: 'virtual-account-user', place: berlin },
    ]),
  );
  expect(kept).toHaveLength(3);
  const { items: events } = await bea.call(listEvents, { params: { accountId: newId } });
  expect(events.map(({ operation }) => operation)).toEqual(['consentToAccountMove']);
  answerOf(await device.authorize([{ tag: catalog.advantage, count: 15 }]));
  answerOf(await device.authorize([{ tag: catalog.advantage, count: 16 }]));

  await nora.client.call(undoAccountMove, { params: { moveId: move.moveId }, body: { reason: 'Not sold' } });
  // The device has reported since, and its messages and the counts of its contact went on.
  const after = await accountState(server.db, accountId);
  const { contacts, messages, pools, alerts, ...rest } = after;
  const { contacts: _c, messages: oldMessages, pools: oldPools, alerts: oldAlerts, ...old } = before;
  expect(rest).toEqual(old);
  expect(contacts).toHaveLength(1);
  expect(messages).toHaveLength((oldMessages?.length ?? 0) + 2);
  expect([pools, alerts?.length]).toEqual([oldPools, oldAlerts?.length]);
  expect((await bea.call(getAccount, { params: { accountId: newId } })).account.status).toBe('closed');
});

it('goes back only where it can: a parent or a name that is gone stands in the way', async () => {
  const { administrator, accountId } = seeded;
  const { move } = await split(['Trains / Paris'], 'paris.example');
  const pia = await administratorOf(server, [], 'bea@paris.example');
  await pia.client.call(consentToAccountMove, { params: { moveId: move.moveId }, body: {} });
  const { virtualAccount } = await administrator.call(createVirtualAccount, {
    params: { accountId },
    body: { name: 'PARIS', parentId: places['Trains'] as string },
  });
  const undone = (dryRun: boolean) =>
    pia.client.call(undoAccountMove, { params: { moveId: move.moveId }, body: { reason: 'No' }, dryRun });
  expect((await undone(true)).inTheWay).toEqual([
    {
      code: 'name-taken',
      detail: 'Paris is the name of another virtual account in North by now. Rename it first.',
    },
  ]);
  await administrator.call(deleteVirtualAccount, {
    params: { accountId, virtualAccountId: virtualAccount.virtualAccountId },
  });
  // A role that somebody got meanwhile in what goes back ends with it.
  const newId = move.moveId && (await undone(true)).move.into.accountId;
  await administrator.call(grantRole, {
    params: { accountId },
    body: { email: `x@${randomUUIDv7()}.example`, role: 'viewer', scope: { kind: 'account' } },
  });
  await undone(false);
  expect((await accountState(server.db, newId as string))['places']).toEqual([]);
});
