import { randomUUIDv7 } from 'node:crypto';
import {
  consentToAccountMove,
  createOrder,
  createVirtualAccount,
  declineAccountMove,
  getAccount,
  getAccountMove,
  listAccountMoves,
  listEvents,
  listVirtualAccounts,
  proposeMerge,
  transferLicenses,
  undoAccountMove,
  withdrawAccountMove,
} from '@estover/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mailsTo } from '../access/testing/signed-in-person.ts';
import { runAllJobs } from '../jobs/index.ts';
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
import { administratorOf, again, giveTo, type Somebody } from './testing/administrator.ts';
import { furnishAccount, identifierOf, nameOf, tokenIn } from './testing/furnish-account.ts';

let server: TestServer;
let catalog: SeededCatalog;
let north: SeededAccount;
let south: SeededAccount;
let n: Record<string, string>;
let s: Record<string, string>;
let nora: Somebody;
let sam: Somebody;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
});
afterEach(async () => {
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});
afterAll(() => server.close());

beforeEach(async () => {
  north = await server.account(`North ${randomUUIDv7()}`);
  south = await server.account(`South ${randomUUIDv7()}`);
  n = await server.virtualAccounts(north, 'Europe / Berlin', 'Asia');
  s = await server.virtualAccounts(south, 'Europe', 'Trains / Old');
  nora = await administratorOf(server, [north.accountId]);
  sam = await administratorOf(server, [south.accountId]);
});

const refused = (code: string, facts: Record<string, unknown> = {}) => ({
  problem: expect.objectContaining({ code, ...facts }),
});
const merge = async (who: Somebody, more: Record<string, unknown> = {}, dryRun = false) =>
  who.client.call(proposeMerge, {
    params: { accountId: north.accountId },
    body: { otherAccount: await identifierOf(south), goes: 'this', reason: 'One company by now', ...more },
    dryRun,
  });
const consent = (who: Somebody, moveId: string, body = {}, dryRun = false) =>
  who.client.call(consentToAccountMove, { params: { moveId }, body, dryRun });
const undo = (who: Somebody, moveId: string, dryRun = false) =>
  who.client.call(undoAccountMove, { params: { moveId }, body: { reason: 'Too early' }, dryRun });
const pathsOf = async ({ accountId, administrator }: SeededAccount): Promise<string[]> => {
  const { items } = await administrator.call(listVirtualAccounts, { params: { accountId } });
  return items.map(({ path }) => path.join(' / ')).sort();
};
/** Something of everything in the north. */
const furnish = () => furnishAccount(server, catalog, north, n);

describe('a merge', () => {
  it('is proposed by one side, consented to by the other, and carries everything', async () => {
    const { berlin } = await furnish();
    const device = await testDevice(server);
    const secret = await tokenIn(north, berlin);
    answerOf(await device.register(secret));
    answerOf(await device.authorize([{ tag: catalog.advantage, count: 7 }]));
    const known = device.key?.accountId;
    const other = await administratorOf(server, [north.accountId]);
    const before = {
      north: await accountState(server.db, north.accountId),
      south: await accountState(server.db, south.accountId),
    };

    const { move, preview } = await merge(nora);
    expect(move).toMatchObject({
      state: 'proposed',
      may: { consent: false, decline: false, withdraw: true, undo: false },
    });
    // The north does not learn what the south calls its virtual accounts, nor who is in it.
    expect(preview).toMatchObject({
      totalVirtualAccounts: 4,
      gains: null,
      productInstances: 2,
      inTheWay: [],
    });
    expect(preview.virtualAccounts.every(({ newPath }) => newPath === null)).toBe(true);
    await expect(merge(nora)).rejects.toMatchObject(refused('account-move-open'));

    const moveId = move.moveId;
    const seen = await sam.client.call(getAccountMove, { params: { moveId } });
    expect(seen.move.may).toEqual({ consent: true, decline: true, withdraw: false, undo: false });
    const northern = await nameOf(north);
    expect(
      Object.fromEntries(
        seen.preview?.virtualAccounts.map((one) => [one.path.join(' / '), one.newPath?.join(' / ')]) ?? [],
      ),
    ).toEqual({
      Default: `Default (${northern.slice(0, 40)})`,
      Europe: `Europe (${northern.slice(0, 40)})`,
      'Europe / Berlin': `Europe (${northern.slice(0, 40)}) / Berlin`,
      Asia: 'Asia',
    });
    expect(seen.preview).toMatchObject({
      licenses: expect.arrayContaining([
        { tag: catalog.advantage, name: expect.any(String), quantity: 20 },
        { tag: catalog.essentials, name: expect.any(String), quantity: 3 },
      ]),
      productInstances: 2,
      tokens: 1,
      openAlerts: 1,
      tags: [{ key: 'Department', joins: false }],
      groups: [{ name: 'Readers', newName: 'Readers', people: 0 }],
      inTheWay: [],
    });
    expect(seen.preview?.loses.map(({ email, after }) => [email, after])).toContainEqual([nora.email, []]);
    expect(seen.preview?.gains?.map(({ email }) => email)).toContain(sam.email);

    await expect(consent(nora, moveId)).rejects.toMatchObject(refused('own-proposal'));
    await expect(consent(other, moveId)).rejects.toMatchObject(refused('not-allowed'));
    const stranger = await administratorOf(server, []);
    await expect(consent(stranger, moveId)).rejects.toMatchObject(refused('not-found'));
    await expect(
      south.administrator.call(consentToAccountMove, { params: { moveId }, body: {} }),
    ).rejects.toMatchObject(refused('person-required'));

    const tried = await consent(
      sam,
      moveId,
      { parentId: s['Trains'], names: [{ virtualAccountId: n['Europe'], name: 'EU' }] },
      true,
    );
    expect(
      tried.preview.virtualAccounts.find(({ virtualAccountId }) => virtualAccountId === berlin)?.newPath,
    ).toEqual(['Trains', 'EU', 'Berlin']);
    expect(await accountState(server.db, north.accountId)).toEqual(before.north);

    const done = await consent(sam, moveId, {
      parentId: s['Trains'],
      names: [{ virtualAccountId: n['Europe'], name: 'EU' }],
    });
    expect(done.move).toMatchObject({
      state: 'done',
      answeredBy: 'Ana Ruiz',
      into: { accountId: south.accountId },
    });
    expect(await pathsOf(north)).toEqual([]);
    expect(await pathsOf(south)).toEqual(
      [
        'Default',
        'Europe',
        'Trains',
        'Trains / Asia',
        'Trains / Default',
        'Trains / EU',
        'Trains / EU / Berlin',
        'Trains / Old',
      ].sort(),
    );
    const after = {
      north: await accountState(server.db, north.accountId),
      south: await accountState(server.db, south.accountId),
    };
    for (const table of [
      'holdings',
      'pools',
      'instances',
      'contacts',
      'usage',
      'messages',
      'tokens',
      'alerts',
      'lines',
      'counts',
    ]) {
      expect([table, after.north[table]]).toEqual([table, []]);
      expect([table, after.south[table]?.length]).toEqual([
        table,
        (before.north[table]?.length ?? 0) + (before.south[table]?.length ?? 0),
      ]);
    }
    // Since when it is short, and its alert, are what they were.
    expect(after.south['alerts']).toEqual(expect.arrayContaining(before.north['alerts'] as unknown[]));
    expect(after.south['pools']).toEqual(expect.arrayContaining(before.north['pools'] as unknown[]));

    // The one that went is read-only, and says where it went; its identifier leads there.
    const gone = await north.administrator.call(getAccount, { params: { accountId: north.accountId } });
    expect(gone).toMatchObject({ account: { status: 'merged' }, mergedInto: { accountId: south.accountId } });
    await expect(
      north.administrator.call(createVirtualAccount, {
        params: { accountId: north.accountId },
        body: { name: 'New', parentId: null },
      }),
    ).rejects.toMatchObject(refused('account-merged', { mergedInto: south.accountId }));
    const { sku } = await deliver(server, south, { tag: catalog.security, quantity: 1 });
    const { order } = await server.operator.call(createOrder, {
      body: {
        orderNumber: `TO-${randomUUIDv7()}`,
        buyer: 'Buyer',
        lines: [{ sku, quantity: 2, account: await identifierOf(north), state: 'booked' }],
      },
    });
    expect(order.lines[0]).toMatchObject({ accountId: south.accountId });

    // One event, in both trails, under one id.
    const trailOf = async ({ accountId, administrator }: SeededAccount) =>
      (await administrator.call(listEvents, { params: { accountId } })).items
        .filter(({ operation }) => operation === 'consentToAccountMove')
        .map(({ eventId, message }) => [eventId, message]);
    const [trail] = await trailOf(north);
    expect(trail?.[1]).toContain(`merged ${northern} (`);
    expect(await trailOf(south)).toEqual([trail]);
    expect((await mailsTo(server, nora.email)).at(-1)).toContain('was merged into');
    expect((await mailsTo(server, sam.email)).map((subject) => subject.slice(0, 30))).toContain(
      'Ana Ruiz proposes to merge '.concat((await nameOf(north)).slice(0, 3)),
    );

    // The device goes on with the identity it has, and so does the token.
    const report = answerOf(await device.authorize([{ tag: catalog.advantage, count: 8 }]));
    expect(report.accountId).toBe(known);
    answerOf(await device.renew());
    answerOf(await device.authorize([{ tag: catalog.advantage, count: 9 }]));
    const newcomer = await testDevice(server);
    expect(answerOf(await newcomer.register(secret)).accountId).toBe(south.accountId);
    answerOf(await newcomer.authorize([{ tag: catalog.advantage, count: 1 }]));
    expect((await accountState(server.db, south.accountId))['usage']).toHaveLength(3);
  });

  it('is undone as if it had never been, and what happened since stays', async () => {
    const { berlin } = await furnish();
    const secret = await tokenIn(north, berlin);
    const device = await testDevice(server);
    answerOf(await device.register(secret));
    answerOf(await device.authorize([{ tag: catalog.advantage, count: 2 }]));
    const person = await administratorOf(server, []);
    await giveTo(server, person, north.accountId, 'virtual-account-user', {
      kind: 'virtual-accounts',
      virtualAccounts: [{ virtualAccountId: berlin, nested: false }],
    });
    const states = async () => [
      await accountState(server.db, north.accountId),
      await accountState(server.db, south.accountId),
    ];
    const before = await states();
    const { move } = await merge(nora, { accountRoles: 'keep' });
    await consent(sam, move.moveId);
    const roles = await server.db
      .selectFrom('grants')
      .select(['person_id as personId', 'role', 'scope_kind as scope'])
      .where('account_id', '=', south.accountId)
      .where('person_id', 'in', [nora.personId, person.personId])
      .orderBy('role')
      .execute();
    expect(roles).toEqual([
      { personId: nora.personId, role: 'virtual-account-administrator', scope: 'virtual-accounts' },
      { personId: person.personId, role: 'virtual-account-user', scope: 'virtual-accounts' },
    ]);
    expect(await undo(nora, move.moveId, true)).toMatchObject({
      inTheWay: [],
      virtualAccounts: 4,
      licenses: 23,
      productInstances: 2,
    });
    await undo(nora, move.moveId);
    expect(await states()).toEqual(before);
    await expect(undo(nora, move.moveId)).rejects.toMatchObject(refused('account-move-state'));

    // Once more, and this time something happens before it is undone.
    const second = (await merge(nora)).move;
    await consent(sam, second.moveId);
    const { virtualAccount } = await south.administrator.call(createVirtualAccount, {
      params: { accountId: south.accountId },
      body: { name: 'Yard', parentId: berlin },
    });
    const yard = virtualAccount.virtualAccountId;
    await south.administrator.call(transferLicenses, {
      params: { accountId: south.accountId },
      body: {
        fromVirtualAccountId: berlin,
        toVirtualAccountId: yard,
        lines: [{ tag: catalog.advantage, quantity: 4 }],
        reason: '',
      },
    });
    await deliver(server, south, { tag: catalog.security, quantity: 6, virtualAccount: yard });
    answerOf(await device.authorize([{ tag: catalog.advantage, count: 3 }]));
    const newcomer = await testDevice(server);
    answerOf(await newcomer.register(secret));
    server.clock.advance({ days: 6 });
    await undo(await again(server, sam), second.moveId);
    expect(await pathsOf(north)).toEqual([
      'Asia',
      'Default',
      'Europe',
      'Europe / Berlin',
      'Europe / Berlin / Yard',
    ]);
    const [after, other] = await states();
    expect(other).toEqual(before[1]);
    const held = (after?.['holdings'] ?? []) as { virtual_account_id: string; quantity: number }[];
    expect(held.map((one) => [one.virtual_account_id, one.quantity]).sort()).toEqual(
      [
        [berlin, 16],
        [n['Asia'], 3],
        [yard, 4],
        [yard, 6],
      ].sort(),
    );
    expect(after?.['instances']).toHaveLength(3);
    // Both know another account than the other, and both go on.
    answerOf(await device.authorize([{ tag: catalog.advantage, count: 1 }]));
    expect(answerOf(await newcomer.authorize([{ tag: catalog.advantage, count: 1 }])).accountId).toBe(
      south.accountId,
    );
    expect(answerOf(await device.deregister())).toMatchObject({ accountId: north.accountId });
  });

  it('is not undone when it could not be exact, and says what to do first', async () => {
    const { berlin } = await furnish();
    await deliver(server, south, {
      tag: catalog.advantage,
      quantity: 5,
      virtualAccount: s['Europe'] as string,
    });
    const { move } = await merge(nora);
    await consent(sam, move.moveId);
    const transfer = (from: string, to: string, quantity: number) =>
      south.administrator.call(transferLicenses, {
        params: { accountId: south.accountId },
        body: {
          fromVirtualAccountId: from,
          toVirtualAccountId: to,
          lines: [{ tag: catalog.advantage, quantity }],
          reason: '',
        },
      });
    await transfer(berlin, s['Europe'] as string, 12);
    const obstacles = (await undo(nora, move.moveId, true)).inTheWay;
    expect(obstacles).toEqual([
      {
        code: 'licenses-moved',
        detail: expect.stringMatching(/^12 × .* in Europe came with it and lies elsewhere/),
      },
    ]);
    await expect(undo(nora, move.moveId)).rejects.toMatchObject(
      refused('account-move-blocked', { inTheWay: obstacles }),
    );
    await transfer(s['Europe'] as string, berlin, 17);
    expect((await undo(nora, move.moveId, true)).inTheWay).toEqual([
      {
        code: 'licenses-moved',
        detail: expect.stringMatching(/^5 × .* \/ Berlin was brought in from elsewhere/),
      },
    ]);
    await transfer(berlin, s['Europe'] as string, 5);
    server.clock.advance({ days: 7, seconds: 1 });
    await expect(undo(await again(server, nora), move.moveId)).rejects.toMatchObject(
      refused('account-move-undo-over'),
    );
  });

  it('is declined, taken back, or expires, and is told of', async () => {
    const { move } = await merge(nora);
    const params = { moveId: move.moveId };
    const body = { reason: 'No' };
    await expect(nora.client.call(declineAccountMove, { params, body })).rejects.toMatchObject(
      refused('not-allowed'),
    );
    await expect(sam.client.call(withdrawAccountMove, { params, body })).rejects.toMatchObject(
      refused('not-allowed'),
    );
    expect((await sam.client.call(declineAccountMove, { params, body })).move).toMatchObject({
      state: 'declined',
      answer: 'No',
    });
    await expect(consent(sam, move.moveId)).rejects.toMatchObject(
      refused('account-move-state', { state: 'declined' }),
    );
    expect((await mailsTo(server, nora.email)).at(-1)).toBe('A proposal was declined');

    const second = (await merge(nora)).move;
    await nora.client.call(withdrawAccountMove, { params: { moveId: second.moveId }, body });
    expect((await mailsTo(server, sam.email)).at(-1)).toBe('A proposal was taken back');

    const third = (await merge(nora)).move;
    server.clock.advance({ days: 14 });
    await expect(consent(await again(server, sam), third.moveId)).rejects.toMatchObject(
      refused('account-move-state', { state: 'expired' }),
    );
    await runAllJobs(server.jobDependencies);
    expect((await mailsTo(server, sam.email)).at(-1)).toBe('A proposal has expired');
    const { items } = await (await again(server, sam)).client.call(listAccountMoves, {});
    expect(items.map(({ state }) => state)).toEqual(['expired', 'withdrawn', 'declined']);
    // What came to nothing is forgotten.
    server.clock.advance({ days: 91 });
    await runAllJobs(server.jobDependencies);
    expect((await (await again(server, sam)).client.call(listAccountMoves, {})).items).toEqual([]);
  });

  it('can be proposed by the side that gets it, and by one person for both', async () => {
    const asked = await sam.client.call(proposeMerge, {
      params: { accountId: south.accountId },
      body: {
        otherAccount: north.accountId,
        goes: 'other',
        parentId: s['Trains / Old'] as string,
        reason: 'Come',
      },
    });
    expect(asked.preview).toMatchObject({ virtualAccounts: [], totalVirtualAccounts: 0, licenses: [] });
    expect(asked.move.from).toMatchObject({ accountId: null, name: await identifierOf(north) });
    expect((await consent(nora, asked.move.moveId)).preview.virtualAccounts[0]?.newPath?.[0]).toBe('Trains');
    const both = await administratorOf(server, [north.accountId, south.accountId]);
    await undo(both, asked.move.moveId);
    const { move, preview } = await merge(both);
    expect(preview.gains).not.toBeNull();
    expect(move.may.consent).toBe(true);
    expect((await consent(both, move.moveId)).move.state).toBe('done');
  });

  it('is refused with everything that stands in the way', async () => {
    await expect(merge(nora, { otherAccount: await identifierOf(north) })).rejects.toMatchObject(
      refused('same-account'),
    );
    await expect(merge(nora, { otherAccount: 'nobody.example' })).rejects.toMatchObject(
      refused('unknown-account'),
    );
    await expect(merge(nora, { parentId: s['Europe'] })).rejects.toMatchObject(
      refused('unknown-virtual-account'),
    );
    const user = await administratorOf(server, []);
    await giveTo(server, user, north.accountId, 'account-user');
    await expect(merge(user)).rejects.toMatchObject(refused('not-allowed'));

    const { move } = await merge(nora);
    await expect(consent(sam, move.moveId, { parentId: randomUUIDv7() })).rejects.toMatchObject(
      refused('unknown-virtual-account'),
    );
    const deep = await server.virtualAccounts(
      south,
      ['1', '2', '3', '4', '5', '6', '7', '8', '9'].join(' / '),
    );
    const deepest = deep[['1', '2', '3', '4', '5', '6', '7', '8', '9'].join(' / ')];
    const serial = 'TWIN-1';
    for (const account of [north, south]) {
      const device = await testDevice(server, { serialNumber: serial });
      answerOf(await device.register(await tokenIn(account, account.defaultVirtualAccountId)));
    }
    const names = [{ virtualAccountId: n['Asia'] as string, name: 'europe' }];
    const codes = async (parentId: string | null) =>
      (await consent(sam, move.moveId, { parentId, names }, true)).preview.inTheWay.map(({ code }) => code);
    expect(await codes(null)).toEqual(['name-taken', 'registered-on-both-sides']);
    expect(await codes(deepest as string)).toEqual(['nested-too-deep', 'registered-on-both-sides']);
    await expect(consent(sam, move.moveId)).rejects.toMatchObject(
      refused('account-move-blocked', {
        inTheWay: [{ code: 'registered-on-both-sides', detail: expect.any(String) }],
      }),
    );
    await server.db
      .updateTable('accounts')
      .set({ kind: 'holding' })
      .where('account_id', '=', south.accountId)
      .execute();
    expect((await merge(nora, {}, true)).preview.inTheWay.map(({ code }) => code)).toEqual(['kinds-differ']);
    await server.db
      .updateTable('accounts')
      .set({ kind: 'limited-use', status: 'suspended' })
      .where('account_id', '=', south.accountId)
      .execute();
    expect((await merge(nora, {}, true)).preview.inTheWay.map(({ code }) => code)).toEqual([
      'account-not-active',
      'kinds-differ',
    ]);
  });
});
