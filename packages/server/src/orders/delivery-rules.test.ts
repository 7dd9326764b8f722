import { randomUUIDv7 } from 'node:crypto';
import type { GrantScope } from '@estover/domain/access';
import {
  type CallInput,
  type Client,
  cancelOrder,
  createDeliveryRule,
  createOrder,
  createProduct,
  deleteDeliveryRule,
  deleteVirtualAccount,
  getAccountOrder,
  getOrder,
  importOrders,
  listDeliveryRules,
  listEvents,
  moveVirtualAccount,
  tryDeliveryRules,
  updateDeliveryRule,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
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
  for (const [sku, tag] of [
    ['ADV-PERP', catalog.advantage],
    ['SEC-PERP', catalog.security],
  ] as const) {
    await server.operator.call(createProduct, { body: { sku, name: `Product ${sku}`, grants: [{ tag }] } });
  }
});
afterAll(() => server.close());
beforeEach(async () => {
  seeded = await server.account(`Rules ${randomUUIDv7()}`);
  ({ accountId, administrator } = seeded);
  ids = await server.virtualAccounts(seeded, 'Europe / Berlin', 'Asia');
});

const id = (path: string): string => ids[path] as string;
const refused = (code: string, facts: Record<string, unknown> = {}) => ({
  problem: expect.objectContaining({ code, ...facts }),
});
type NewRule = Omit<CallInput<typeof createDeliveryRule>['body'], 'virtualAccountId'>;
const add = async (path: string, body: NewRule, client = administrator) =>
  (
    await client.call(createDeliveryRule, {
      params: { accountId },
      body: { ...body, virtualAccountId: id(path) },
    })
  ).deliveryRule;
const change = (ruleId: string, body: CallInput<typeof updateDeliveryRule>['body'], client = administrator) =>
  client.call(updateDeliveryRule, { params: { accountId, ruleId }, body });
const remove = (ruleId: string) => administrator.call(deleteDeliveryRule, { params: { accountId, ruleId } });
const inside = (path: string): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId: id(path), nested: true }],
});

/** The rules in their order, as `ADV-* | - | - to Asia`. */
const rules = async (client: Client = administrator): Promise<string[]> => {
  const { items } = await client.call(listDeliveryRules, { params: { accountId } });
  expect(items.map(({ position }) => position)).toEqual(items.map((_, index) => index + 1));
  return items.map(
    ({ sku, tag, buyer, virtualAccount }) =>
      `${sku ?? '-'} | ${tag ?? '-'} | ${buyer ?? '-'} to ${virtualAccount?.path.join(' / ') ?? '?'}`,
  );
};

type NewOrder = CallInput<typeof createOrder>['body'];
const order = async (buyer: string, ...lines: Partial<NewOrder['lines'][number]>[]) => {
  const { order: made } = await server.operator.call(createOrder, {
    body: {
      orderNumber: randomUUIDv7(),
      buyer,
      lines: lines.map((line) => ({ sku: 'ADV-PERP', quantity: 1, account: accountId, ...line })),
    },
  });
  return made;
};
const placesOf = (made: Awaited<ReturnType<typeof order>>) =>
  // Staff are told no names that are restricted: by their ids.
  made.lines.map(
    ({ virtualAccountId }) => Object.keys(ids).find((path) => ids[path] === virtualAccountId) ?? 'Default',
  );
const trial = async (sku: string, buyer: string) => {
  const answer = await administrator.call(tryDeliveryRules, { params: { accountId }, query: { sku, buyer } });
  const { rule, virtualAccount, product } = answer;
  return [product?.name ?? null, rule?.position ?? null, virtualAccount.path.join(' / ')];
};
const events = async () =>
  (
    await administrator.call(listEvents, { params: { accountId }, query: { objectKind: 'delivery-rule' } })
  ).items.map(({ message }) => message);

it('sends lines that name no virtual account by the first rule that matches', async () => {
  await add('Asia', { sku: 'ADV-*', buyer: 'Contoso*' });
  await add('Europe / Berlin', { tag: catalog.advantage });
  await add('Europe', { buyer: 'fabrikam inc' });
  const other = await server.account(`Other ${randomUUIDv7()}`);
  const made = await order(
    'CONTOSO Ltd',
    {},
    { sku: 'SEC-PERP' },
    { virtualAccount: 'Europe' },
    { account: other.accountId },
  );
  expect(placesOf(made)).toEqual(['Asia', 'Default', 'Europe', 'Default']);
  expect(made.lines.map(({ deliveryRule }) => deliveryRule?.position ?? null)).toEqual([1, null, null, null]);
  expect(placesOf(await order('Fabrikam Inc', {}, { sku: 'SEC-PERP' }))).toEqual([
    'Europe / Berlin',
    'Europe',
  ]);
  const orderNumber = randomUUIDv7();
  const csv = `order_number,buyer,sku,quantity,account,virtual_account\n${orderNumber},Fabrikam Inc,SEC-PERP,3,${accountId},\n`;
  await server.operator.call(importOrders, { body: csv, contentType: 'text/csv' });
  const read = await server.operator.call(getOrder, { params: { orderNumber } });
  expect(placesOf(read.order)).toEqual(['Europe']);
  expect(read.deliveries.map(({ virtualAccountId }) => virtualAccountId)).toEqual([id('Europe')]);
});

it('the trace says which rule took a line, also after the rule has changed and gone', async () => {
  const { ruleId } = await add('Asia', { sku: 'ADV-*', buyer: 'Contoso' });
  const { orderNumber } = await order('Contoso', {}, { virtualAccount: 'Asia' });
  await change(ruleId, { sku: 'X', virtualAccountId: id('Europe') });
  await remove(ruleId);
  const { order: read, timeline } = await administrator.call(getAccountOrder, {
    params: { accountId, orderNumber },
  });
  expect(read.lines.map(({ deliveryRule }) => deliveryRule)).toEqual([
    { ruleId, position: 1, sku: 'ADV-*', tag: null, buyer: 'Contoso' },
    null,
  ]);
  const where = `1 × ADV-PERP booked for Asia of ${read.lines[0]?.accountName}.`;
  expect(timeline.filter(({ kind }) => kind === 'booked').map(({ sentence }) => sentence)).toEqual([
    `${where} Delivery rule 1 took it: SKU ADV-* and buyer Contoso.`,
    where,
  ]);
});

it('keeps rules in an order that can be changed, with one event for each change', async () => {
  const first = await add('Asia', { sku: 'A' });
  const second = await add('Europe', { buyer: 'Caf\u0065\u0301' });
  const third = await add('Europe / Berlin', { tag: '*ADV*' }, administrator);
  await add('Asia', { sku: 'Z', position: 1 });
  expect(await rules()).toEqual([
    'Z | - | - to Asia',
    'A | - | - to Asia',
    '- | - | Caf\u00e9 to Europe',
    '- | *ADV* | - to Europe / Berlin',
  ]);
  await change(third.ruleId, { position: 1 });
  await change(first.ruleId, { position: 200 });
  await change(second.ruleId, { buyer: null, sku: 'B*', virtualAccountId: id('Asia') });
  await remove(third.ruleId);
  expect(await rules()).toEqual(['Z | - | - to Asia', 'B* | - | - to Asia', 'A | - | - to Asia']);
  expect(await events()).toEqual([
    'removed delivery rule 1: license tag *ADV*',
    'changed delivery rule 3: SKU B* to Asia',
    'moved delivery rule 3 to place 4: SKU A to Asia',
    'moved delivery rule 4 to place 1: license tag *ADV* to Europe / Berlin',
    'added delivery rule 1: SKU Z to Asia',
    'added delivery rule 3: license tag *ADV* to Europe / Berlin',
    'added delivery rule 2: buyer Caf\u00e9 to Europe',
    'added delivery rule 1: SKU A to Asia',
  ]);
});

it('refuses what could not work, and changes nothing', async () => {
  const { ruleId } = await add('Asia', { sku: 'A*' });
  const { ruleId: other } = await add('Asia', { sku: 'B*' });
  const before = [await rules(), await events()];
  ids['gone'] = randomUUIDv7();
  const foreign = await server.account(`Foreign ${randomUUIDv7()}`);
  ids['foreign'] = foreign.defaultVirtualAccountId;
  await expect(add('Asia', {})).rejects.toMatchObject(refused('delivery-rule-empty'));
  await expect(add('Europe', { sku: 'a*' })).rejects.toMatchObject(
    refused('delivery-rule-taken', { position: 1, detail: 'Delivery rule 1 asks for the same.' }),
  );
  for (const path of ['gone', 'foreign']) {
    await expect(add(path, { sku: 'C' })).rejects.toMatchObject(refused('unknown-virtual-account'));
    await expect(change(ruleId, { virtualAccountId: id(path) })).rejects.toMatchObject(
      refused('unknown-virtual-account'),
    );
  }
  await expect(add('Asia', { sku: ' ' })).rejects.toMatchObject(refused('invalid-request'));
  await expect(add('Asia', { sku: 'A'.repeat(256) })).rejects.toMatchObject(refused('invalid-request'));
  await expect(add('Asia', { sku: 'C', position: 0 })).rejects.toMatchObject(refused('invalid-request'));
  await expect(change(ruleId, {})).rejects.toMatchObject(refused('nothing-to-do'));
  await expect(change(ruleId, { position: 1 })).rejects.toMatchObject(refused('nothing-to-do'));
  await expect(change(ruleId, { sku: null })).rejects.toMatchObject(refused('delivery-rule-empty'));
  await expect(change(other, { sku: 'a*' })).rejects.toMatchObject(refused('delivery-rule-taken'));
  await expect(change(randomUUIDv7(), { sku: 'C' })).rejects.toMatchObject(refused('not-found'));
  await expect(remove(randomUUIDv7())).rejects.toMatchObject(refused('not-found'));
  expect([await rules(), await events()]).toEqual(before);
});

it('an account has 200 of them at most', async () => {
  await server.db
    .insertInto('delivery_rules')
    .values(
      Array.from({ length: 199 }, (_, index) => ({
        account_id: accountId,
        rule_id: randomUUIDv7(),
        position: index + 1,
        sku: `SKU-${index}`,
        tag: null,
        buyer: null,
        virtual_account_id: id('Asia'),
      })),
    )
    .execute();
  await add('Europe', { sku: 'LAST', position: 1 });
  await expect(add('Europe', { sku: 'MORE' })).rejects.toMatchObject(
    refused('delivery-rule-limit', { maximum: 200 }),
  );
  expect((await rules()).length).toBe(200);
});

it('a line is tried: the rule that would take it, and where it would go', async () => {
  await add('Asia', { tag: '*SECURITY*' });
  await add('Europe / Berlin', { sku: '*-PERP', buyer: 'Contoso' });
  await add('Europe', { sku: 'NEW-*' });
  const security = { params: { accountId }, query: { sku: 'SEC-PERP', buyer: 'Contoso' } };
  expect(await administrator.call(tryDeliveryRules, security)).toMatchObject({
    product: { name: 'Product SEC-PERP', tags: [catalog.security] },
    rule: { position: 1, tag: '*SECURITY*', virtualAccount: { path: ['Asia'] } },
    virtualAccount: { virtualAccountId: id('Asia'), path: ['Asia'] },
  });
  expect(await trial('ADV-PERP', 'contoso')).toEqual(['Product ADV-PERP', 2, 'Europe / Berlin']);
  expect(await trial('ADV-PERP', 'Fabrikam')).toEqual(['Product ADV-PERP', null, 'Default']);
  expect(await trial('NEW-1', 'Fabrikam')).toEqual([null, 3, 'Europe']);
});

it('rules go along when their virtual account moves, and are handed over or removed when it is deleted', async () => {
  await add('Europe / Berlin', { sku: 'ADV-*' });
  await add('Asia', { sku: 'SEC-*' });
  await add('Europe / Berlin', { buyer: 'Contoso' });
  await administrator.call(moveVirtualAccount, {
    params: { accountId, virtualAccountId: id('Europe / Berlin') },
    body: { parentId: id('Asia') },
  });
  expect(await rules()).toEqual([
    'ADV-* | - | - to Asia / Berlin',
    'SEC-* | - | - to Asia',
    '- | - | Contoso to Asia / Berlin',
  ]);
  // Booked and not shipped, so that it is sent on with the rest.
  const waiting = await order('Fabrikam', { state: 'booked' });
  expect(waiting.lines.map(({ virtualAccountId }) => virtualAccountId)).toEqual([id('Europe / Berlin')]);
  const deletion = (query: { contentsTo?: string }, dryRun: boolean) =>
    administrator.call(deleteVirtualAccount, {
      params: { accountId, virtualAccountId: id('Europe / Berlin') },
      query,
      dryRun,
    });
  const handed = await deletion({ contentsTo: id('Europe') }, true);
  expect(handed.moved).toMatchObject({ deliveryRules: 2, deliveryRulesRemoved: 0 });
  await server.operator.call(cancelOrder, {
    params: { orderNumber: waiting.orderNumber },
    body: { reason: 'Not wanted' },
  });
  const removed = await deletion({}, true);
  expect(removed.moved).toMatchObject({ deliveryRules: 0, deliveryRulesRemoved: 2 });
  expect((await rules()).length).toBe(3);

  await deletion({ contentsTo: id('Europe') }, false);
  expect(await rules()).toEqual([
    'ADV-* | - | - to Europe',
    'SEC-* | - | - to Asia',
    '- | - | Contoso to Europe',
  ]);
  await administrator.call(deleteVirtualAccount, {
    params: { accountId, virtualAccountId: id('Asia') },
    query: {},
  });
  expect(await rules()).toEqual(['ADV-* | - | - to Europe', '- | - | Contoso to Europe']);
  expect(placesOf(await order('Fabrikam', {}, { sku: 'SEC-PERP' }))).toEqual(['Europe', 'Default']);
});

it('whoever may not see where a rule leads is not told, and only administrators change rules', async () => {
  const { ruleId } = await add('Europe / Berlin', { sku: 'ADV-*' });
  await add('Asia', { sku: 'SEC-*' });
  const asia = server.client(await server.keyOf(accountId, 'virtual-account-administrator', inside('Asia')));
  expect(await rules(asia)).toEqual(['ADV-* | - | - to ?', 'SEC-* | - | - to Asia']);
  const told = JSON.stringify(await asia.call(listDeliveryRules, { params: { accountId } }));
  expect(told).not.toContain(id('Europe / Berlin'));
  const notAllowed = refused('not-allowed');
  await expect(add('Asia', { sku: 'C' }, asia)).rejects.toMatchObject(notAllowed);
  const user = server.client(await server.keyOf(accountId, 'account-user', { kind: 'account' }));
  expect(await rules(user)).toEqual(await rules());
  await expect(change(ruleId, { sku: 'C' }, user)).rejects.toMatchObject(notAllowed);
  await expect(
    user.call(tryDeliveryRules, { params: { accountId }, query: { sku: 'A', buyer: 'B' } }),
  ).rejects.toMatchObject(notAllowed);
  expect((await server.operator.call(listDeliveryRules, { params: { accountId } })).items).toEqual([]);
});
