import {
  correctLot,
  listEvents,
  listMovements,
  ProblemError,
  transferLicenses,
  undoTransfer,
} from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  checkLedgerLaws,
  deliver,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';

let server: TestServer;
let catalog: SeededCatalog;
let number = 0;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
});
afterAll(() => server.close());

/** A new account with virtual accounts A, B and A / Deep. */
async function account() {
  const seeded = await server.account(`Company ${++number}`);
  const places = await server.virtualAccounts(seeded, 'A', 'B', 'A / Deep');
  const [a, b, deep] = [places['A'], places['B'], places['A / Deep']] as [string, string, string];
  return { ...seeded, params: { accountId: seeded.accountId }, a, b, deep };
}

const refused = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProblemError);
  return (error as ProblemError).problem;
};

it('moves several licenses at once, tells every pool before and after, and writes one event', async () => {
  const { administrator, params, a, b, ...seeded } = await account();
  await deliver(server, seeded, { tag: catalog.security, quantity: 10, virtualAccount: 'A' });
  await deliver(server, seeded, { tag: catalog.advantage, quantity: 5, virtualAccount: 'A' });
  const body = {
    fromVirtualAccountId: a,
    toVirtualAccountId: b,
    lines: [
      { tag: catalog.security, quantity: 4 },
      { tag: catalog.advantage, quantity: 5 },
    ],
    reason: 'for the branch',
  };
  const preview = await administrator.call(transferLicenses, { params, body, dryRun: true });
  expect((await administrator.call(listMovements, { params })).items.map((one) => one.kind)).toEqual([
    'deposit',
    'deposit',
  ]);
  const done = await administrator.call(transferLicenses, { params, body });
  const numbers = (answer: typeof done) =>
    answer.effects
      .map((effect) => ({
        at: effect.virtualAccountPath.join(' / '),
        license: effect.licenseName,
        before: effect.before.available,
        after: effect.after.available,
      }))
      .sort((left, right) => (`${left.license}${left.at}` < `${right.license}${right.at}` ? -1 : 1));
  expect(numbers(done)).toEqual([
    { at: 'A', license: 'Branch Security', before: 10, after: 6 },
    { at: 'B', license: 'Branch Security', before: 0, after: 4 },
    { at: 'A', license: 'Network Advantage', before: 5, after: 0 },
    { at: 'B', license: 'Network Advantage', before: 0, after: 5 },
  ]);
  const { movementId, requestId } = done.movement;
  expect({ ...preview, movement: { ...preview.movement, movementId, requestId } }).toEqual(done);
  const { items } = await administrator.call(listMovements, { params });
  expect(items.find((one) => one.movementId === movementId)).toEqual(done.movement);
  expect(done.movement).toMatchObject({
    kind: 'transfer',
    reason: 'for the branch',
    undoOf: null,
    undoneBy: null,
  });
  expect(done.movement.undoableUntil).toBe('2026-11-29T12:00:00Z');
  expect(done.movement.entries.map((entry) => entry.delta).reduce((sum, delta) => sum + delta, 0)).toBe(0);
  const events = await server.db
    .selectFrom('events')
    .select(['message', 'object_id'])
    .where('account_id', '=', params.accountId)
    .where('operation', '=', 'transferLicenses')
    .execute();
  expect(events).toEqual([
    { message: 'moved 9 of 2 licenses from A to B', object_id: done.movement.movementId },
  ]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('takes lots by precedence or by name, and refuses with the numbers, changing nothing', async () => {
  const { administrator, params, a, b, ...seeded } = await account();
  const tag = catalog.security;
  const term = { kind: 'term' as const, months: 12 };
  await deliver(server, seeded, { tag, quantity: 3, virtualAccount: 'A', term });
  await deliver(server, seeded, { tag, quantity: 2, virtualAccount: 'A' });
  await deliver(server, seeded, { tag, quantity: 7, virtualAccount: 'A', term, startDate: '2027-01-01' });
  const move = (line: object) =>
    administrator.call(transferLicenses, {
      params,
      body: { fromVirtualAccountId: a, toVirtualAccountId: b, lines: [{ tag, quantity: 1, ...line }] },
      dryRun: true,
    });
  const termOf = async (answer: ReturnType<typeof move>) => {
    const { movement } = await answer;
    const lots = await server.db
      .selectFrom('lots')
      .select('term_kind')
      .where('lot_id', '=', movement.entries[0]?.lotId ?? '')
      .execute();
    return lots[0]?.term_kind;
  };
  expect(await termOf(move({}))).toBe('perpetual');
  expect(await termOf(move({ precedence: 'longest-term-first' }))).toBe('perpetual');
  expect(await termOf(move({ precedence: 'shortest-term-first' }))).toBe('term');

  const short = await refused(move({ quantity: 6 }));
  expect(short.status).toBe(422);
  expect(short.code).toBe('insufficient-licenses');
  expect(short.detail).toBe('Line 1: asked 6, available 5 (pending 7). Ask for 5 or fewer.');
  expect(short['lines']).toMatchObject([{ tag, asked: 6, available: 5, elsewhere: { pending: 7 } }]);
  expect(short.errors).toMatchObject([{ pointer: 'body/lines/0/quantity' }]);

  const lots = await server.db
    .selectFrom('lots')
    .select(['lot_id', 'term_kind'])
    .where('account_id', '=', params.accountId)
    .execute();
  const perpetual = lots.find((lot) => lot.term_kind === 'perpetual')?.lot_id ?? '';
  const named = await move({ quantity: 2, lots: [{ lotId: perpetual, quantity: 2 }] });
  expect(new Set(named.movement.entries.map((entry) => entry.lotId))).toEqual(new Set([perpetual]));
  expect((await refused(move({ quantity: 3, lots: [{ lotId: perpetual, quantity: 2 }] }))).code).toBe(
    'quantity-invalid',
  );
  expect((await refused(move({ lots: [{ lotId: crypto.randomUUID(), quantity: 1 }] }))).code).toBe(
    'unknown-lot',
  );
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it.each([0, -1, 0.5, 2 ** 31, 2 ** 53, 1e308, '1', null])(
  'refuses the quantity %j before anything is looked up',
  async (quantity) => {
    const { administrator, params, a, b } = await account();
    const body = {
      fromVirtualAccountId: a,
      toVirtualAccountId: b,
      lines: [{ tag: catalog.security, quantity }],
    };
    const problem = await refused(administrator.call(transferLicenses, { params, body: body as never }));
    expect(problem).toMatchObject({ status: 422, code: 'invalid-request' });
    expect(problem.errors?.[0]?.pointer).toBe('body/lines/0/quantity');
  },
);

it('refuses what is unknown, the same place twice, and places the caller may not touch', async () => {
  const { administrator, params, a, b, deep, accountId, ...seeded } = await account();
  await deliver(
    server,
    { ...seeded, accountId },
    { tag: catalog.security, quantity: 10, virtualAccount: 'A' },
  );
  const body = (from: string, to: string, tag = catalog.security) => ({
    fromVirtualAccountId: from,
    toVirtualAccountId: to,
    lines: [{ tag, quantity: 1 }],
  });
  const nowhere = crypto.randomUUID();
  const unknownTag = catalog.security.replace(/_[0-9a-f-]{36}$/, `_${nowhere}`);
  const asked = (given: ReturnType<typeof body>, client = administrator) =>
    refused(client.call(transferLicenses, { params, body: given }));
  expect(await asked(body(a, a))).toMatchObject({ status: 422, code: 'same-virtual-account' });
  expect(await asked(body(a, nowhere))).toMatchObject({ status: 422, code: 'unknown-virtual-account' });
  expect(await asked(body(a, b, unknownTag))).toMatchObject({
    code: 'unknown-tag',
    errors: [{ pointer: 'body/lines/0/tag' }],
  });
  const inA = { kind: 'virtual-accounts' as const, virtualAccounts: [{ virtualAccountId: a, nested: true }] };
  const administratorOfA = server.client(await server.keyOf(accountId, 'virtual-account-administrator', inA));
  expect(await asked(body(a, b), administratorOfA)).toMatchObject({ code: 'unknown-virtual-account' });
  const viewer = server.client(await server.keyOf(accountId, 'viewer'));
  expect(await asked(body(a, b), viewer)).toMatchObject({ status: 403, code: 'not-allowed' });
  const stranger = await server.account(`Stranger ${++number}`);
  expect(await asked(body(a, b), stranger.administrator)).toMatchObject({ status: 404, code: 'not-found' });
  await administratorOfA.call(transferLicenses, { params, body: body(a, deep) });
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('substitutes surplus: 100 owned, 10 and 50 in use, leaves 40, and both are in compliance', async () => {
  const { administrator, params, a, b, accountId, ...seeded } = await account();
  await deliver(
    server,
    { ...seeded, accountId },
    { tag: catalog.advantage, quantity: 100, virtualAccount: 'A' },
  );
  await useLicenses(server, {
    accountId,
    virtualAccountId: a,
    counts: { [catalog.advantage]: 10, [catalog.essentials]: 50 },
  });
  const transfer = (quantity: number) =>
    administrator.call(transferLicenses, {
      params,
      body: { fromVirtualAccountId: a, toVirtualAccountId: b, lines: [{ tag: catalog.advantage, quantity }] },
      dryRun: true,
    });
  const { effects } = await transfer(40);
  const at = (name: string, found = effects) =>
    found.find((effect) => effect.licenseName === name && effect.virtualAccountId === a);
  expect(at('Network Advantage')?.before).toMatchObject({ available: 100, inUse: 10, lent: 50, balance: 40 });
  expect(at('Network Advantage')?.after).toMatchObject({ lent: 50, balance: 0, state: 'in-compliance' });
  expect(at('Network Essentials')).toBeUndefined();

  const tooMany = await transfer(41);
  expect(tooMany).toMatchObject({ newlyShort: 1, newlyCompliant: 0 });
  const essentials = at('Network Essentials', tooMany.effects);
  expect(essentials?.before).toMatchObject({
    available: 0,
    inUse: 50,
    borrowed: 50,
    balance: 0,
    state: 'in-compliance',
  });
  expect(essentials?.after).toMatchObject({ borrowed: 49, balance: -1, state: 'out-of-compliance' });
  expect(essentials?.fixes.at(-1)).toMatchObject({ kind: 'order', quantity: 1 });
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('says what would mend a pool that falls short, from places the caller may move from', async () => {
  const { administrator, params, a, b, deep, accountId, ...seeded } = await account();
  const tag = catalog.security;
  await deliver(server, { ...seeded, accountId }, { tag, quantity: 10, virtualAccount: 'A' });
  await deliver(server, { ...seeded, accountId }, { tag, quantity: 12, virtualAccount: 'A / Deep' });
  const silent = await useLicenses(server, {
    accountId,
    virtualAccountId: a,
    counts: { [tag]: 8 },
    displayName: 'old-router',
    lastContactAt: server.clock.now().subtract({ hours: 24 * 40 }),
  });
  const body = { fromVirtualAccountId: a, toVirtualAccountId: b, lines: [{ tag, quantity: 5 }] };
  const { effects } = await administrator.call(transferLicenses, { params, body, dryRun: true });
  const openAlerts = await server.db
    .selectFrom('alerts')
    .where('account_id', '=', accountId)
    .selectAll()
    .execute();
  expect(openAlerts).toEqual([]);
  expect(effects.find((effect) => effect.virtualAccountId === a)?.fixes).toMatchObject([
    {
      kind: 'transfer',
      fromVirtualAccountId: deep,
      fromVirtualAccountPath: ['A', 'Deep'],
      quantity: 3,
      keeps: 9,
      complete: true,
    },
    {
      kind: 'release-instances',
      quantity: 8,
      complete: true,
      instances: [{ instanceId: silent, displayName: 'old-router' }],
    },
    { kind: 'order', quantity: 3 },
  ]);
  const onlyAandB = {
    kind: 'virtual-accounts' as const,
    virtualAccounts: [a, b].map((virtualAccountId) => ({ virtualAccountId, nested: false })),
  };
  const limited = server.client(await server.keyOf(accountId, 'virtual-account-user', onlyAandB));
  const seen = await limited.call(transferLicenses, { params, body, dryRun: true });
  expect(seen.effects.find((effect) => effect.virtualAccountId === a)?.fixes.map((fix) => fix.kind)).toEqual([
    'release-instances',
    'order',
  ]);
});

it('undoes a transfer once, within 7 days, while the licenses are still there', async () => {
  const { administrator, params, a, b, accountId, ...seeded } = await account();
  const tag = catalog.security;
  await deliver(server, { ...seeded, accountId }, { tag, quantity: 10, virtualAccount: 'A' });
  const move = async (from: string, to: string, quantity: number) => {
    const body = { fromVirtualAccountId: from, toVirtualAccountId: to, lines: [{ tag, quantity }] };
    const { movement } = await administrator.call(transferLicenses, { params, body });
    return { params: { ...params, movementId: movement.movementId } };
  };
  const first = await move(a, b, 4);
  const preview = await administrator.call(undoTransfer, { ...first, dryRun: true });
  expect(preview.effects.map((effect) => effect.after.available).sort()).toEqual([0, 10]);
  const undone = await administrator.call(undoTransfer, first);
  expect(undone.movement).toMatchObject({ undoOf: first.params.movementId, undoableUntil: null });
  expect((await refused(administrator.call(undoTransfer, first))).code).toBe('undo-done');
  const undoOfUndo = { params: { ...params, movementId: undone.movement.movementId } };
  expect((await refused(administrator.call(undoTransfer, undoOfUndo))).code).toBe('not-undoable');

  const second = await move(a, b, 4);
  await move(b, a, 1);
  const impossible = await refused(administrator.call(undoTransfer, second));
  expect(impossible).toMatchObject({ status: 409, code: 'undo-impossible' });
  expect(impossible.detail).toContain('asked 4');
  await move(a, b, 1);
  const gone = await move(b, a, 4);
  expect((await refused(administrator.call(undoTransfer, second))).code).toBe('undo-impossible');
  server.clock.advance({ hours: 24 * 7 });
  await administrator.call(undoTransfer, { ...gone, dryRun: true });
  server.clock.advance({ seconds: 1 });
  expect((await refused(administrator.call(undoTransfer, gone))).code).toBe('undo-too-late');

  const inB = { kind: 'virtual-accounts' as const, virtualAccounts: [{ virtualAccountId: b, nested: true }] };
  const fresh = await move(a, b, 2);
  const ofB = server.client(await server.keyOf(accountId, 'virtual-account-administrator', inB));
  expect((await refused(ofB.call(undoTransfer, fresh))).code).toBe('not-found');
  const unknown = { params: { ...params, movementId: crypto.randomUUID() } };
  expect((await refused(administrator.call(undoTransfer, unknown))).code).toBe('not-found');
  const { items } = await administrator.call(listMovements, { params, query: { kind: 'deposit' } });
  const deposit = { params: { ...params, movementId: items[0]?.movementId ?? '' } };
  expect((await refused(administrator.call(undoTransfer, deposit))).code).toBe('not-undoable');
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('lets the operator withdraw from a lot with a reason, even below what is in use', async () => {
  const { administrator, params, a, b, accountId, ...seeded } = await account();
  const tag = catalog.security;
  await deliver(server, { ...seeded, accountId }, { tag, quantity: 10, virtualAccount: 'A' });
  await useLicenses(server, { accountId, virtualAccountId: a, counts: { [tag]: 8 } });
  const lots = await server.db
    .selectFrom('lots')
    .select('lot_id')
    .where('account_id', '=', accountId)
    .execute();
  const lotId = lots[0]?.lot_id ?? '';
  const body = { lotId, virtualAccountId: a, quantity: 4, reason: 'returned' };
  expect((await refused(administrator.call(correctLot, { params, body }))).status).toBe(403);
  const withdraw = (more: object) => server.operator.call(correctLot, { params, body: { ...body, ...more } });
  expect((await refused(withdraw({ quantity: 11 }))).code).toBe('insufficient-licenses');
  expect((await refused(withdraw({ virtualAccountId: b }))).code).toBe('insufficient-licenses');
  expect((await refused(withdraw({ lotId: crypto.randomUUID() }))).code).toBe('unknown-lot');
  expect((await refused(withdraw({ virtualAccountId: crypto.randomUUID() }))).code).toBe(
    'unknown-virtual-account',
  );
  expect((await refused(withdraw({ reason: ' ' }))).code).toBe('invalid-request');
  const done = await withdraw({});
  expect(done).toMatchObject({ newlyShort: 1, movement: { kind: 'correct', reason: 'returned' } });
  expect(done.effects).toMatchObject([
    { virtualAccountPath: ['A'], before: { owned: 10 }, after: { owned: 6, balance: -2 } },
  ]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('lists movements newest first, and hides the names of places the reader may not see', async () => {
  const { administrator, params, a, b, accountId, ...seeded } = await account();
  const tag = catalog.security;
  await deliver(server, { ...seeded, accountId }, { tag, quantity: 10, virtualAccount: 'A' });
  for (let day = 1; day <= 5; day++) {
    server.clock.advance({ days: 1 });
    const body = {
      fromVirtualAccountId: a,
      toVirtualAccountId: b,
      lines: [{ tag, quantity: day % 2 === 0 ? 1 : 2 }],
    };
    await administrator.call(transferLicenses, { params, body });
  }
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await administrator.call(listMovements, {
      params,
      query: { limit: 2, ...(cursor === undefined ? {} : { cursor }) },
    });
    seen.push(...page.items.map((item) => item.at));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toHaveLength(6);
  expect(seen).toEqual([...seen].sort().reverse());
  const inB = { kind: 'virtual-accounts' as const, virtualAccounts: [{ virtualAccountId: b, nested: true }] };
  const viewer = server.client(await server.keyOf(accountId, 'viewer', inB));
  const { items } = await viewer.call(listMovements, { params });
  expect(items.map((item) => item.kind)).toEqual(Array.from({ length: 5 }, () => 'transfer'));
  expect(items[0]?.entries.map((entry) => entry.virtualAccountPath)).toEqual(
    expect.arrayContaining([[], ['B']]),
  );
  expect(JSON.stringify(items)).not.toContain(a);
});

it('tells both ends of a transfer, and who sees only one of them neither the other one nor its numbers', async () => {
  const { administrator, params, a, b, ...seeded } = await account();
  await deliver(server, seeded, { tag: catalog.security, quantity: 10, virtualAccount: 'A' });
  const body = {
    fromVirtualAccountId: a,
    toVirtualAccountId: b,
    lines: [{ tag: catalog.security, quantity: 4 }],
  };
  const { movement } = await administrator.call(transferLicenses, { params, body });
  await administrator.call(undoTransfer, { params: { ...params, movementId: movement.movementId } });
  const seenBy = async (ids: string[], query: { search?: string } = {}) => {
    const virtualAccounts = ids.map((virtualAccountId) => ({ virtualAccountId, nested: true }));
    const scope = { kind: 'virtual-accounts', virtualAccounts } as const;
    const reader = server.client(await server.keyOf(seeded.accountId, 'virtual-account-user', scope));
    const { items } = await reader.call(listEvents, { params, query: { ...query, objectKind: 'movement' } });
    return items.map(({ message, virtualAccountPath, before, after }) => ({
      message,
      path: virtualAccountPath.join(' / '),
      numbers: before !== null && after !== null,
    }));
  };
  expect(await seenBy([a, b])).toEqual([
    { message: 'undid the transfer from A to B', path: 'B', numbers: true },
    { message: 'moved 4 Branch Security from A to B', path: 'A', numbers: true },
  ]);
  const half = 'moved licenses between this virtual account and one you may not see';
  for (const [id, path] of [
    [a, 'A'],
    [b, 'B'],
  ] as const) {
    const told = { message: half, path, numbers: false };
    expect(await seenBy([id])).toEqual([told, told]);
    expect(await seenBy([id], { search: 'Branch Security' })).toEqual([]);
  }
});
