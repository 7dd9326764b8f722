import { administratorAddresses } from '../access/index.ts';
import type { Context } from '../edge/context.ts';
import { queueMail } from '../notifications/index.ts';
import type { AccountRow } from './accounts-store.ts';

/** Tells the administrators of an account what became of it, and why. */
export async function mailStatus(context: Context, account: AccountRow): Promise<void> {
  const { accountId, name, status, statusReason } = account;
  // Nobody belongs to a pending account, and a merge has a mail of its own.
  if (status === 'pending' || status === 'merged') return;
  const link = `${context.installation.publicUrl}/accounts/${accountId}`;
  const content = {
    kind: 'account-status',
    accountName: name,
    status,
    by: context.actor.name,
    reason: statusReason,
    link,
  } as const;
  for (const to of await administratorAddresses(context.trx, accountId, context.now)) {
    await queueMail(context, { to, accountId, content });
  }
}

/** Tells the administrators that the account has another identifier and no limits any more. */
export async function mailUpgraded(context: Context, account: AccountRow): Promise<void> {
  const { accountId, name, domainIdentifier } = account;
  const content = {
    kind: 'account-upgraded',
    accountName: name,
    domainIdentifier,
    link: `${context.installation.publicUrl}/accounts/${accountId}/settings`,
  } as const;
  for (const to of await administratorAddresses(context.trx, accountId, context.now)) {
    await queueMail(context, { to, accountId, content });
  }
}
