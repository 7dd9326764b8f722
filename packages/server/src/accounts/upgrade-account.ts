import { becomeStatus, judgeUpgrade } from '@estover/domain/accounts';
import { type AnswerOf, getUpgrade, upgradeAccount, withdrawUpgrade } from '@estover/protocol';
import { requirePerson, requireRecentProof } from '../access/index.ts';
import { lockAccount } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import { command, view } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { mailUpgraded } from './account-mails.ts';
import { accountAnswer } from './account-view.ts';
import {
  type AccountRow,
  findAccount,
  findAccountByDomain,
  isBelowAccount,
  saveUpgrade,
} from './accounts-store.ts';
import { prefixHint } from './prefix-hint.ts';
import { publicMailDomainsOf } from './public-mail-domains.ts';
import { refusedAsking } from './refused-asking.ts';
import { registrableOf } from './registrable-domain.ts';
import {
  become,
  findLastRequestOf,
  insertRequest,
  lockOpenRequestsOf,
  newRequest,
  type RequestRow,
  saveRequestState,
} from './requests-store.ts';

const answerOf = (row: RequestRow): AnswerOf<typeof withdrawUpgrade>['request'] => ({
  requestId: row.requestId,
  state: row.state,
  domainIdentifier: row.domainIdentifier,
  justification: row.justification,
  requesterName: row.requesterName,
  requesterEmail: row.requesterEmail,
  requestedAt: row.requestedAt.toString(),
  endsAt: row.endsAt?.toString() ?? null,
});

async function requireLimitedUse({ trx }: Context, accountId: string): Promise<AccountRow> {
  const account = (await lockAccount(trx, accountId, 'everything'))
    ? await findAccount(trx, accountId)
    : undefined;
  if (account === undefined) throw notFound('account');
  if (account.kind === 'limited-use') return account;
  throw new Refused('upgrade-not-needed', `${account.name} is a ${account.kind} account.`);
}

/** Makes an account for limited use a customer account with the identifier, and tells its administrators. */
export async function upgradeTo(
  context: Context,
  accountId: string,
  domainIdentifier: string,
): Promise<AccountRow> {
  const before = await requireLimitedUse(context, accountId);
  // Only what could be suspended is active.
  if (!becomeStatus(before.status, 'suspended').ok) {
    throw new Refused('account-status', `The account ${before.name} is ${before.status}.`, {
      accountStatus: before.status,
    });
  }
  const account: AccountRow = { ...before, kind: 'customer', domainIdentifier };
  if (!(await saveUpgrade(context.trx, account))) throw taken(domainIdentifier, null);
  await mailUpgraded(context, account);
  return account;
}

/** Whoever asks has an address at the company, so they may know its account. */
const taken = (domainIdentifier: string, account: AccountRow | null): Refused =>
  new Refused(
    'domain-identifier-taken',
    `${domainIdentifier} is the identifier of ${account?.name ?? 'another account'}. Ask its administrators for access.${prefixHint(account ?? undefined, 'customer')}`,
    { domainIdentifier, accountName: account?.name ?? null },
  );

export const upgradeHandlers = [
  command(
    upgradeAccount,
    async (context, { params, body }) => {
      const { trx, now, installation } = context;
      const { accountId } = params;
      // Requests come before accounts, as everywhere.
      const [open] = await lockOpenRequestsOf(trx, accountId, now);
      const before = await requireLimitedUse(context, accountId);
      const person = requirePerson(context);
      if (!context.dryRun) requireRecentProof(context);
      const judged = judgeUpgrade(
        before.kind,
        { ...body, email: person.email },
        publicMailDomainsOf(installation),
        registrableOf,
      );
      if (!judged.ok) {
        if (judged.code === 'upgrade-not-needed') throw new Refused(judged.code, 'There are no limits.');
        throw refusedAsking(judged);
      }
      if (open !== undefined) {
        throw new Refused(
          'account-request-open',
          `The upgrade to ${open.domainIdentifier} waits for an operator.`,
        );
      }
      const { domainIdentifier, hasPrefix } = judged.value;
      const existing = await findAccountByDomain(trx, domainIdentifier);
      if (existing !== undefined) throw taken(domainIdentifier, existing);
      const eventOf = (message: string, after: unknown) => ({
        accountId,
        objectKind: 'account',
        objectId: accountId,
        message,
        before: accountAnswer(before),
        after,
      });
      if (!hasPrefix && !(await isBelowAccount(trx, domainIdentifier))) {
        const account = await upgradeTo(context, accountId, domainIdentifier);
        return {
          answer: { account: accountAnswer(account), request: null },
          event: eventOf(
            `upgraded the account from ${before.domainIdentifier}, for limited use, to the customer account ${domainIdentifier}`,
            accountAnswer(account),
          ),
        };
      }
      const asked = newRequest(context, {
        kind: 'customer',
        companyName: before.name,
        domainIdentifier,
        hasPrefix,
        justification: body.justification,
        requesterName: person.name,
        requesterEmail: person.email,
        approverEmail: person.email,
        purpose: 'upgrade',
        originAccountId: accountId,
      });
      const request = become(asked, 'under-review', now);
      await insertRequest(trx, request);
      return {
        answer: { account: accountAnswer(before), request: answerOf(request) },
        event: eventOf(`asked to upgrade the account to ${domainIdentifier}, which is reviewed`, {
          state: request.state,
          domainIdentifier,
        }),
      };
    },
    [],
    { aloneInAccount: true },
  ),

  command(withdrawUpgrade, async ({ trx, now }, { params: { accountId } }) => {
    const open = await lockOpenRequestsOf(trx, accountId, now);
    const before = open.find(({ purpose }) => purpose === 'upgrade');
    if (before === undefined) {
      throw new Refused('no-upgrade-waits', 'It was answered or taken back, or its time is over.');
    }
    const request = become(before, 'withdrawn', now);
    await saveRequestState(trx, request);
    return {
      answer: { request: answerOf(request) },
      event: {
        accountId,
        objectKind: 'account',
        objectId: accountId,
        message: `withdrew the upgrade of the account to ${request.domainIdentifier}`,
        before: { state: before.state },
        after: { state: request.state, domainIdentifier: request.domainIdentifier },
      },
    };
  }),

  view(getUpgrade, async ({ trx, now }, { params }) => {
    const last = await findLastRequestOf(trx, params.accountId, now);
    const waits = last?.purpose === 'upgrade' && last.state === 'under-review';
    return { request: waits ? answerOf(last) : null };
  }),
];
