import { createGroup, createTagKey, createToken, getAccount, tagVirtualAccount } from '@estover/protocol';
import {
  deliver,
  type SeededAccount,
  type SeededCatalog,
  type TestServer,
  useLicenses,
} from '../../testing/index.ts';

/** Puts something of everything into an account with `Europe / Berlin` and `Asia`: licenses, a shortage, a tag, a group. */
export async function furnishAccount(
  server: TestServer,
  catalog: SeededCatalog,
  account: SeededAccount,
  places: Record<string, string>,
): Promise<{ berlin: string }> {
  const { accountId, administrator } = account;
  const berlin = places['Europe / Berlin'] as string;
  const asia = places['Asia'] as string;
  await deliver(server, account, { tag: catalog.advantage, quantity: 20, virtualAccount: berlin });
  await deliver(server, account, { tag: catalog.essentials, quantity: 3, virtualAccount: asia });
  await useLicenses(server, { accountId, virtualAccountId: asia, counts: { [catalog.essentials]: 5 } });
  const { tagKey } = await administrator.call(createTagKey, {
    params: { accountId },
    body: { name: 'Department', values: ['Sales', 'IT'] },
  });
  await administrator.call(tagVirtualAccount, {
    params: { accountId, virtualAccountId: berlin },
    body: { tags: [{ tagKeyId: tagKey.tagKeyId, tagValueId: tagKey.values[0]?.tagValueId as string }] },
  });
  await administrator.call(createGroup, {
    params: { accountId },
    body: {
      name: 'Readers',
      role: 'viewer',
      scope: { kind: 'virtual-accounts', virtualAccounts: [{ virtualAccountId: berlin, nested: true }] },
    },
  });
  return { berlin };
}

const accountOf = async ({ accountId, administrator }: SeededAccount) =>
  (await administrator.call(getAccount, { params: { accountId } })).account;

export const identifierOf = async (account: SeededAccount): Promise<string> =>
  (await accountOf(account)).domainIdentifier;
export const nameOf = async (account: SeededAccount): Promise<string> => (await accountOf(account)).name;

/** A registration token's secret. */
export async function tokenIn(account: SeededAccount, virtualAccountId: string): Promise<string> {
  const { secret } = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId },
    body: { description: 'ours', expiresInDays: 100 },
  });
  return secret;
}
