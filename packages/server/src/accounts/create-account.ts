import { judgeAdministrator, normalizeDomainIdentifier, readsLikeTeam } from '@estover/domain/accounts';
import { createAccount } from '@estover/protocol';
import { admitPerson, requireRecentProof } from '../access/index.ts';
import { acceptAll } from '../agreements/index.ts';
import { command } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { accountAnswer } from './account-view.ts';
import { findAccountByDomain } from './accounts-store.ts';
import { bindAwaited } from './bind-orders.ts';
import { giveFirstRoles, makeAccount } from './make-account.ts';
import { prefixHint } from './prefix-hint.ts';
import { publicMailDomainsOf } from './public-mail-domains.ts';
import { refusedAsking } from './refused-asking.ts';
import { registrableOf } from './registrable-domain.ts';
import { findConfirmedRequestFor } from './requests-store.ts';

export const createAccountHandler = command(createAccount, async (context, { body }) => {
  const { trx, actor, now, installation } = context;
  // The account's administrator is made with it.
  requireRecentProof(context);
  const domain = normalizeDomainIdentifier(body.domainIdentifier, publicMailDomainsOf(installation));
  if (!domain.ok) {
    throw new Refused('invalid-request', domain.detail, {
      errors: [{ pointer: 'body/domainIdentifier', detail: domain.detail, code: domain.code }],
    });
  }
  const { kind, name, exportCategory, overrideReason } = body;
  const administratorEmail = body.administrator.email;
  const judged = judgeAdministrator(
    { domainIdentifier: domain.value, administratorEmail },
    publicMailDomainsOf(installation),
    registrableOf,
  );
  if (!judged.ok && overrideReason === undefined) throw refusedAsking(judged, 'administrator/email');
  const asking = await findConfirmedRequestFor(trx, domain.value, now);
  if (asking !== undefined) {
    throw new Refused(
      'account-request-to-answer',
      `${asking.requesterEmail} asked for ${domain.value}, and the request is ${asking.state}.`,
      { accountRequestId: asking.requestId, state: asking.state },
    );
  }
  const made = await makeAccount(context, { kind, name, domainIdentifier: domain.value, exportCategory });
  if (made === undefined) {
    const taken = await findAccountByDomain(trx, domain.value);
    throw new Refused(
      'domain-identifier-taken',
      `${domain.value} is the identifier of the account ${taken?.name ?? ''}.${prefixHint(taken, kind)}`,
      { domainIdentifier: domain.value, accountId: taken?.accountId },
    );
  }
  const { account, defaultVirtualAccountId } = made;
  const { accountId } = account;

  // The operator vouches for the address, so somebody without a password may always be invited anew from here.
  const { person, tell } = await admitPerson(context, account, body.administrator, async () => true);
  // The operator vouches as well for what was agreed with the customer until now.
  await acceptAll(context, accountId, 'elsewhere');
  await giveFirstRoles(context, { accountId, personId: person.personId, grantedBy: actor.name });
  const told = await tell({ role: 'account-administrator', until: null });

  await bindAwaited(context, createAccount.name, account, defaultVirtualAccountId);

  const answer = accountAnswer(account);
  const warnings = readsLikeTeam(administratorEmail) ? ['team-alias' as const] : [];
  const why = overrideReason === undefined ? '' : `: ${overrideReason}`;
  return {
    answer: { account: answer, defaultVirtualAccountId, ...told, warnings },
    event: {
      accountId,
      objectKind: 'account',
      objectId: accountId,
      message: `made the account ${account.name} (${account.domainIdentifier}) with ${person.email} as its administrator and approver${why}`,
      after: {
        ...answer,
        defaultVirtualAccountId,
        administrator: person.email,
        overrideReason: overrideReason ?? null,
      },
    },
  };
});
