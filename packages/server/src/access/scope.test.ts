import {
  type Client,
  listMovements,
  moveVirtualAccount,
  undoTransfer,
  updateVirtualAccount,
} from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  deliver,
  refusal,
  type SeededAccount,
  seedCatalog,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';

let server: TestServer;
let account: SeededAccount;
let places: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  account = await server.account('Edge Lines');
  places = await server.virtualAccounts(account, 'Europe / Lyon', 'Asia');
});
afterAll(() => server.close());

const administratorOf = async (...ids: string[]) =>
  server.client(
    await server.keyOf(account.accountId, 'virtual-account-administrator', {
      kind: 'virtual-accounts',
      virtualAccounts: ids.map((virtualAccountId) => ({ virtualAccountId, nested: false })),
    }),
  );

const notAllowed = { problem: { status: 403, code: 'not-allowed' } };

it('who may see a virtual account, and do the same elsewhere, may still not do it there', async () => {
  const { accountId, defaultVirtualAccountId } = account;
  const asia = places['Asia'] as string;
  const client = await administratorOf(defaultVirtualAccountId, asia);
  const describe = (virtualAccountId: string) =>
    client.call(updateVirtualAccount, {
      params: { accountId, virtualAccountId },
      body: { description: 'described' },
    });
  expect((await describe(asia)).virtualAccount.description).toBe('described');
  await expect(describe(defaultVirtualAccountId)).rejects.toMatchObject(notAllowed);
});

it('who may move a virtual account alone may not move what is nested in it', async () => {
  const { accountId } = account;
  const [europe, asia] = [places['Europe'] as string, places['Asia'] as string];
  const client = await administratorOf(europe, asia);
  const move = (virtualAccountId: string, parentId: string) =>
    client.call(moveVirtualAccount, { params: { accountId, virtualAccountId }, body: { parentId } });
  await expect(move(europe, asia)).rejects.toMatchObject(notAllowed);
  expect((await move(asia, europe)).virtualAccount.parentId).toBe(europe);
  // Lyon lies in Europe too, but nobody told them.
  const { virtualAccount } = await client.call(updateVirtualAccount, {
    params: { accountId, virtualAccountId: europe },
    body: { description: 'with Asia' },
  });
  expect(virtualAccount.children).toBe(1);
});

it('a movement out of reach is not there, whatever could be said of it', async () => {
  const { accountId, administrator } = account;
  const { security } = await seedCatalog(server);
  await deliver(server, { accountId }, { tag: security, quantity: 1, virtualAccount: 'Europe / Lyon' });
  const { items } = await administrator.call(listMovements, { params: { accountId } });
  const params = { accountId, movementId: items[0]?.movementId ?? '' };
  const undo = (client: Client) => refusal(client.call(undoTransfer, { params }));
  expect(await undo(administrator)).toMatchObject({ code: 'not-undoable', rule: 'not-a-transfer' });
  expect(await undo(await administratorOf(account.defaultVirtualAccountId))).toMatchObject({
    status: 404,
    detail: expect.stringContaining('movement'),
  });
});
