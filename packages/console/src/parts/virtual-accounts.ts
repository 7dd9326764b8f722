import { type AnswerOf, listVirtualAccounts } from '@estover/protocol';
import { useAccount } from '../account.tsx';
import { operationQuery, useOperation } from '../api.ts';

export type VirtualAccount = AnswerOf<typeof listVirtualAccounts>['items'][number];

export const virtualAccountsQuery = (accountId: string) =>
  operationQuery(listVirtualAccounts, { params: { accountId }, query: { rollUp: false } });

/** The virtual accounts the signed-in person may see, depth first, for pickers; empty until they are read. */
export function useVirtualAccounts(): VirtualAccount[] {
  const { accountId } = useAccount();
  const { data } = useOperation(listVirtualAccounts, { params: { accountId }, query: { rollUp: false } });
  return data?.items ?? [];
}
