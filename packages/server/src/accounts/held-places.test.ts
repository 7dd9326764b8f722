import { createToken, deleteVirtualAccount } from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findVirtualAccount } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import { holdVirtualAccounts } from '../licenses/licenses-store.ts';
import { lockTokenPlaces } from '../product-instances/token-place.ts';
import { findToken, type TokenRow } from '../product-instances/tokens-store.ts';
import { type SeededAccount, startTestServer, type TestServer } from '../testing/index.ts';

let server: TestServer;
let account: SeededAccount;

beforeAll(async () => {
  server = await startTestServer();
  account = await server.account('Edge Lines');
});
afterAll(() => server.close());

const nameOf = async (id: string) =>
  (await server.db.transaction().execute((trx) => findVirtualAccount(trx, account.accountId, id)))?.name;

it.each<[string, (trx: Trx, id: string, token: TokenRow) => Promise<unknown>]>([
  ['a command', (trx, id) => findVirtualAccount(trx, account.accountId, id, 'deletion')],
  ['a transfer', (trx, id) => holdVirtualAccounts(trx, account.accountId, [id])],
  [
    'a registration',
    (trx, _, { virtualAccountId }) =>
      lockTokenPlaces(trx, [{ accountId: account.accountId, virtualAccountId }]),
  ],
])('a virtual account is not deleted while %s relies on it', async (name, hold) => {
  const { accountId, administrator, defaultVirtualAccountId } = account;
  const virtualAccountId = (await server.virtualAccounts(account, name))[name] as string;
  const params = { accountId, virtualAccountId };
  const { token } = await administrator.call(createToken, { params, body: {} });
  const { deleting } = await server.db.transaction().execute(async (trx) => {
    const row = (await findToken(trx, accountId, token.tokenId, false)) as TokenRow;
    await hold(trx, virtualAccountId, row);
    const deleting = administrator.call(deleteVirtualAccount, {
      params,
      query: { contentsTo: defaultVirtualAccountId },
    });
    await Promise.race([deleting, new Promise((resolve) => setTimeout(resolve, 300))]);
    expect(await nameOf(virtualAccountId)).toBe(name);
    return { deleting };
  });
  await deleting;
  expect(await nameOf(virtualAccountId)).toBeUndefined();
});

it('the table itself takes no two siblings of one name', async () => {
  const places = await server.virtualAccounts(account, 'Lyon', 'Turin', 'Lyon / Turin');
  const rename = (id: string) =>
    sql`update virtual_accounts set name = 'LYON' where virtual_account_id = ${id}`.execute(server.db);
  await expect(rename(places['Turin'] as string)).rejects.toMatchObject({ code: '23505' });
  await rename(places['Lyon / Turin'] as string);
});
