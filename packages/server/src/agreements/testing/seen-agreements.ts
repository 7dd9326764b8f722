import { getAgreements, listAlerts } from '@estover/protocol';
import type { SeededAccount } from '../../testing/index.ts';

/** How an account stands with the terms. */
export async function standing({ accountId, administrator }: SeededAccount) {
  const { agreements } = await administrator.call(getAgreements, { params: { accountId } });
  return agreements.find(({ version }) => version.agreement === 'terms');
}

/** The open alerts of an account about agreements. */
export async function openAlerts({ accountId, administrator }: SeededAccount) {
  const { items } = await administrator.call(listAlerts, {
    params: { accountId },
    query: { kind: 'agreement-open' },
  });
  return items;
}
