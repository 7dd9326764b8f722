import { mayLearnOfAccount } from '@estover/domain/accounts';
import { acceptAccount } from '@estover/protocol';
import { admitByMail } from '../access/index.ts';
import { acceptAll, requireNewest } from '../agreements/index.ts';
import { type Actor, systemActor } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { accountAnswer } from './account-view.ts';
import { type AccountRow, findAccountByDomain } from './accounts-store.ts';
import { bindAwaited, bindOrders } from './bind-orders.ts';
import { requireOffered, takeFirstSteps } from './first-steps.ts';
import { giveFirstRoles, makeAccount } from './make-account.ts';
import { prefixHint } from './prefix-hint.ts';
import { endRequestLink } from './request-links-store.ts';
import { mailActive } from './request-mails.ts';
import { linkInvalid, requestOfLink } from './requests-by-link.ts';
import { become, type RequestRow, saveRequestState } from './requests-store.ts';

export const acceptAccountHandler = command(acceptAccount, async (context, { body }) => {
  const { trx, now } = context;
  // Held by this: of two who accept with one link, the second finds the request active.
  const before = await requestOfLink(context, 'approver', body.token, 'change');
  if (before?.state !== 'awaiting-acceptance') throw linkInvalid();
  await requireNewest(context, body.agreements);
  requireOffered(body, before);
  const { requestId, kind, domainIdentifier } = before;
  const made = await makeAccount(context, {
    kind,
    name: before.companyName,
    domainIdentifier,
    exportCategory: 'A',
  });
  if (made === undefined) {
    const account = await findAccountByDomain(trx, domainIdentifier);
    throw takenMeanwhile(before, account);
  }
  const { account, defaultVirtualAccountId } = made;
  const { accountId } = account;
  const person = await admitByMail(context, before.approverEmail, body.person);
  const actor: Actor = {
    kind: 'person',
    id: person.personId,
    name: person.name,
    email: person.email,
    platformRoles: [],
  };
  await giveFirstRoles(context, { accountId, personId: person.personId, grantedBy: systemActor.name });
  const accepted = await acceptAll(context, accountId, { personId: person.personId, role: 'approver' });
  const agreements = accepted.map(({ agreement, title, version, textHash }) => ({
    agreement,
    title,
    version,
    textHash: textHash.toString('hex'),
  }));
  const inWords = agreements.map(({ title, version }) => `${title}, version ${version},`).join(' and ');
  await endRequestLink(trx, requestId, 'approver');
  const request = become(before, 'active', now, { accountId });
  await saveRequestState(trx, request);
  const asPerson = { ...context, actor };
  const steps = await takeFirstSteps(asPerson, made, body);
  const ofContact =
    before.purpose === 'order' && before.originAccountId !== null
      ? await bindOrders(asPerson, acceptAccount.name, before.originAccountId, {
          accountId,
          virtualAccountId: defaultVirtualAccountId,
          // A new account has none.
          followsRules: false,
        })
      : { deliveredLines: 0 };
  const awaited = await bindAwaited(asPerson, acceptAccount.name, account, defaultVirtualAccountId);
  const deliveredLines = ofContact.deliveredLines + awaited;
  await mailActive(context, request, person.email);

  const answer = accountAnswer(account);
  const how =
    body.partner === undefined ? '' : ` by inviting ${body.partner.email} to set licensing up in it`;
  return {
    answer: { account: answer, email: person.email, ...steps, deliveredLines },
    event: {
      accountId,
      objectKind: 'account',
      objectId: accountId,
      actor,
      message: `accepted ${inWords} for ${account.name} (${domainIdentifier})${how}, and became its administrator and approver`,
      after: {
        ...answer,
        defaultVirtualAccountId,
        administrator: person.email,
        agreements,
        request: { requestId, requesterName: before.requesterName, requesterEmail: before.requesterEmail },
        partner: body.partner ?? null,
        firstTokenId: steps.firstToken?.token.tokenId ?? null,
        deliveredLines,
      },
    },
  };
});

/** The approver is of the company, so they may know of its account, and can ask for access to it. */
function takenMeanwhile(
  { domainIdentifier, approverEmail, kind }: RequestRow,
  account: AccountRow | undefined,
): Refused {
  const known = mayLearnOfAccount(domainIdentifier, approverEmail) ? account : undefined;
  const named = known?.name;
  return new Refused(
    'domain-identifier-taken',
    `${named ?? 'Another account'} has the identifier ${domainIdentifier} by now. Ask its administrators for access.${prefixHint(known, kind)}`,
    { domainIdentifier, accountName: named ?? null },
  );
}
