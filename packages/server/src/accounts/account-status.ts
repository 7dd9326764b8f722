import {
  type AccountContents,
  type AccountStatus,
  becomeStatus,
  type ClosingRefusal,
  closeAccount as decideClosing,
} from '@estover/domain/accounts';
import { closeAccount, closeAccountAsOperator, reactivateAccount, suspendAccount } from '@estover/protocol';
import { requireRecentProof } from '../access/index.ts';
import { lockAccount } from '../access/scope.ts';
import { tellOfOpenAgreements } from '../agreements/index.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { deliverWaitingLines } from '../orders/index.ts';
import { mailStatus } from './account-mails.ts';
import { accountAnswer } from './account-view.ts';
import { type AccountRow, contentsOfAccount, findAccount, saveStatus } from './accounts-store.ts';

/** Takes an account, so that no command of its people is under way while its status changes. */
async function requireLocked({ trx }: Context, accountId: string): Promise<AccountRow> {
  const account = (await lockAccount(trx, accountId, 'everything'))
    ? await findAccount(trx, accountId)
    : undefined;
  if (account === undefined) throw notFound('account');
  return account;
}

/** Saves a status that was decided, and tells the administrators. */
async function saved(
  context: Context,
  before: AccountRow,
  status: AccountStatus,
  statusReason: string | null,
): Promise<AccountRow> {
  const account = { ...before, status, statusSince: context.now, statusReason };
  await saveStatus(context.trx, account);
  await mailStatus(context, account);
  return account;
}

const eventOf = (before: AccountRow, after: AccountRow, message: string): EventFacts => ({
  accountId: after.accountId,
  objectKind: 'account',
  objectId: after.accountId,
  message,
  before: { status: before.status },
  after: { status: after.status, reason: after.statusReason },
});

async function close(context: Context, accountId: string, reason: string) {
  // Closing cannot be taken back; a look at what is in the way changes nothing.
  if (!context.dryRun) requireRecentProof(context);
  const before = await requireLocked(context, accountId);
  const contents = await contentsOfAccount(context.trx, accountId, context.now);
  const decision = decideClosing(before.status, contents);
  if (!decision.ok) throw refusedClosing(decision, before);
  const account = await saved(context, before, decision.value, reason);
  return {
    answer: { account: accountAnswer(account) },
    event: eventOf(before, account, `closed the account ${account.domainIdentifier}: ${reason}`),
  };
}

const contentsInWords: Record<keyof AccountContents, [one: string, many: string]> = {
  licenses: ['license', 'licenses'],
  productInstances: ['product instance', 'product instances'],
  tokens: ['registration token', 'registration tokens'],
  openOrderLines: ['order line that is not delivered', 'order lines that are not delivered'],
  openRequests: ['request for an account that is open', 'requests for accounts that are open'],
};

function refusedClosing({ ok: _, code, ...facts }: ClosingRefusal, account: AccountRow): Refused {
  if ('status' in facts) return refusedStatus(account);
  const held = (Object.keys(contentsInWords) as (keyof AccountContents)[])
    .filter((what) => facts[what] > 0)
    .map((what) => `${facts[what]} ${contentsInWords[what][facts[what] === 1 ? 0 : 1]}`);
  return new Refused(code, `${account.name} has ${held.join(', ')}.`, { contents: facts });
}

const refusedStatus = (account: AccountRow): Refused =>
  new Refused('account-status', `The account ${account.name} is ${account.status}.`, {
    accountStatus: account.status,
  });

export const statusHandlers = [
  command(suspendAccount, async (context, { params, body }) => {
    requireRecentProof(context);
    const before = await requireLocked(context, params.accountId);
    if (!becomeStatus(before.status, 'suspended').ok) throw refusedStatus(before);
    const account = await saved(context, before, 'suspended', body.reason);
    return {
      answer: { account: accountAnswer(account) },
      event: eventOf(before, account, `suspended the account: ${body.reason}`),
    };
  }),

  command(reactivateAccount, async (context, { params }) => {
    const before = await requireLocked(context, params.accountId);
    if (!becomeStatus(before.status, 'active').ok) throw refusedStatus(before);
    const account = await saved(context, before, 'active', null);
    const deliveredLines = await deliverWaitingLines(context, reactivateAccount.name, account.accountId);
    await tellOfOpenAgreements(context, account.accountId);
    return {
      answer: { account: accountAnswer(account), deliveredLines },
      event: eventOf(
        before,
        account,
        `reactivated the account; ${deliveredLines} order lines that waited were delivered`,
      ),
    };
  }),

  command(closeAccount, (context, { params, body }) => close(context, params.accountId, body.reason), [], {
    aloneInAccount: true,
  }),
  command(closeAccountAsOperator, (context, { params, body }) =>
    close(context, params.accountId, body.reason),
  ),
];
