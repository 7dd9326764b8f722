import { judgeAccountRequest, mayUseLicenses } from '@estover/domain/accounts';
import { inviteOrderContact, openOrderContact, requestOrderAccount, takeOrders } from '@estover/protocol';
import { lockAccount, requireVirtualAccount } from '../access/scope.ts';
import { networkOf } from '../edge/attempt-limiter.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import { type CallBound, command, view } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { queueMail } from '../notifications/index.ts';
import { accountAnswer } from './account-view.ts';
import { type AccountRow, findAccount } from './accounts-store.ts';
import { bindOrders, withdrawRequests } from './bind-orders.ts';
import { makePendingAccount } from './make-account.ts';
import {
  contactKeys,
  findContact,
  findWaitingLines,
  type OrderContact,
  renamePending,
  saveContact,
} from './order-contacts-store.ts';
import { unknownVirtualAccount } from './places.ts';
import { proceed } from './proceed-request.ts';
import { publicMailDomainsOf } from './public-mail-domains.ts';
import { refusedAsking } from './refused-asking.ts';
import { registrableOf } from './registrable-domain.ts';
import { linkInvalid } from './requests-by-link.ts';
import { findLastRequestOf, insertRequest, newRequest } from './requests-store.ts';
import { findDefaultVirtualAccount } from './virtual-accounts-store.ts';

const mostLinesShown = 100;

async function requireContact({ trx, now }: Context, token: string): Promise<OrderContact> {
  const contact = await findContact(trx, token, now);
  if (contact === undefined) throw linkInvalid();
  return contact;
}

/** Whoever has the link reads the mails of the contact. */
const actorOf = ({ contactEmail }: OrderContact) =>
  ({ kind: 'anonymous', id: null, name: contactEmail }) as const;

/**
 * Takes the account that gets the orders, so that its tree and its delivery rules stand still, and the pending one, in the
 * order of keys.
 */
async function holdBoth({ trx }: Context, accountId: string, pendingAccountId: string): Promise<void> {
  for (const id of [accountId, pendingAccountId].toSorted()) {
    const isThere = await lockAccount(trx, id, id === accountId ? 'tree' : 'everything');
    if (!isThere) throw id === accountId ? notFound('account') : linkInvalid();
  }
}

async function requirePending({ trx }: Context, accountId: string): Promise<AccountRow> {
  const account = (await lockAccount(trx, accountId)) ? await findAccount(trx, accountId) : undefined;
  if (account?.status === 'pending') return account;
  throw new Refused('account-not-pending', 'No orders wait in this account for another one.', {
    accountId,
  });
}

/** Whoever has a link may name any approver, and each gets a mail: so often with a link, an approver and from a network. */
const bounds: readonly CallBound<typeof requestOrderAccount>[] = [
  { burst: 30, refillSeconds: 120, keysOf: (_, from) => [networkOf(from)] },
  { burst: 5, refillSeconds: 1200, keysOf: ({ body }) => contactKeys(body.token) },
  {
    burst: 3,
    refillSeconds: 1200,
    keysOf: ({ body }) => (body.approverEmail === undefined ? [] : [body.approverEmail]),
  },
];

export const orderContactHandlers = [
  command(inviteOrderContact, async (context, { body }) => {
    const { trx, now, actor, installation, mailer } = context;
    const { companyName, contact } = body;
    const account =
      body.accountId === undefined
        ? await makePendingAccount(context, { accountId: context.newId(), name: companyName })
        : { ...(await requirePending(context, body.accountId)), name: companyName };
    const { accountId } = account;
    if (body.accountId !== undefined) await renamePending(trx, accountId, companyName);
    const { link, endsAt } = await saveContact(trx, {
      accountId,
      contactName: contact.name,
      contactEmail: contact.email,
      invitedBy: actor.name,
      now,
      publicUrl: installation.publicUrl,
    });
    const until = endsAt.toString();
    const content = { kind: 'order-account', companyName, link, until } as const;
    await queueMail(context, { to: contact.email, accountId: null, content });
    return {
      answer: { account: accountAnswer(account), until, sendsMail: mailer.isConfigured },
      event: {
        accountId: null,
        objectKind: 'account',
        objectId: accountId,
        message: `asked ${contact.email} which account the orders of ${companyName} are for`,
        after: { companyName, contact, until },
      },
    };
  }),

  view(openOrderContact, async (context, { body }) => {
    const { trx, now } = context;
    const { accountId, companyName, contactName, contactEmail, endsAt } = await requireContact(
      context,
      body.token,
    );
    const request = await findLastRequestOf(trx, accountId, now);
    return {
      companyName,
      contactName,
      contactEmail,
      until: endsAt.toString(),
      lines: await findWaitingLines(trx, accountId, mostLinesShown),
      request:
        request === undefined
          ? null
          : {
              state: request.state,
              domainIdentifier: request.domainIdentifier,
              approverEmail: request.approverEmail,
            },
    };
  }),

  command(takeOrders, async (context, { params, body }) => {
    const { trx } = context;
    const { accountId } = params;
    const contact = await requireContact(context, body.token);
    await withdrawRequests(context, contact.accountId);
    await holdBoth(context, accountId, contact.accountId);
    const account = await findAccount(trx, accountId);
    if (account === undefined) throw notFound('account');
    const virtualAccountId = body.virtualAccountId ?? (await findDefaultVirtualAccount(trx, accountId));
    const place = await requireVirtualAccount(context, accountId, virtualAccountId, 'move-inventory', {
      orUnknown: () => unknownVirtualAccount(virtualAccountId),
    });
    if (!mayUseLicenses(account.kind)) {
      throw new Refused('holding-account', `${account.name} holds orders for others; choose their account.`);
    }
    const { byRules, ...bound } = await bindOrders(context, takeOrders.name, contact.accountId, {
      accountId,
      virtualAccountId,
      followsRules: body.virtualAccountId === undefined,
    });
    const elsewhere = byRules === 0 ? '' : `, ${byRules} of them to where delivery rules say`;
    return {
      answer: bound,
      event: {
        accountId,
        objectKind: 'account',
        objectId: accountId,
        virtualAccountId,
        message: `took ${bound.lines} order lines of ${contact.companyName} that waited for an account to ${placeInWords(place)}${elsewhere}; ${bound.deliveredLines} were delivered`,
        after: { ...bound, byRules, pendingAccountId: contact.accountId, contactEmail: contact.contactEmail },
      },
    };
  }),

  command(
    requestOrderAccount,
    async (context, { body }) => {
      const { trx, installation } = context;
      const contact = await requireContact(context, body.token);
      const { accountId: originAccountId, contactName, contactEmail } = contact;
      const approverEmail = body.approverEmail ?? contactEmail;
      const judged = judgeAccountRequest(
        { ...body, approverEmail },
        publicMailDomainsOf(installation),
        registrableOf,
      );
      if (!judged.ok) throw refusedAsking(judged);
      const { domainIdentifier, hasPrefix, isTeamAlias } = judged.value;
      await withdrawRequests(context, originAccountId);
      // One after the other: of two who ask at once the second takes back what the first asked for.
      if (!(await lockAccount(trx, originAccountId))) throw linkInvalid();
      await withdrawRequests(context, originAccountId);
      const asked = newRequest(context, {
        kind: body.kind,
        companyName: body.companyName,
        domainIdentifier,
        hasPrefix,
        justification: hasPrefix ? body.justification : '',
        requesterName: contactName,
        requesterEmail: contactEmail,
        approverEmail,
        purpose: 'order',
        originAccountId,
      });
      await insertRequest(trx, asked);
      const request = await proceed(context, asked);
      const event: EventFacts = {
        accountId: null,
        objectKind: 'account-request',
        objectId: request.requestId,
        actor: actorOf(contact),
        message: `asked for the account ${domainIdentifier} for orders of ${contact.companyName}, with ${approverEmail} as approver`,
        after: { state: request.state, domainIdentifier, approverEmail, pendingAccountId: originAccountId },
      };
      return {
        answer: { state: request.state, warnings: isTeamAlias ? ['team-alias' as const] : [] },
        event,
      };
    },
    bounds,
  ),
];
