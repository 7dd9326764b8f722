import { acceptAccount } from '@estover/protocol';
import { admitByMail } from '../access/index.ts';
import { acceptAll, requireNewest } from '../agreements/index.ts';
import { systemActor } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { accountAnswer } from './account-view.ts';
import { giveFirstRoles, makeAccount } from './make-account.ts';
import { endRequestLink } from './request-links-store.ts';
import { mailActive } from './request-mails.ts';
import { linkInvalid, requestOfLink } from './requests-by-link.ts';
import { become, saveRequestState } from './requests-store.ts';

export const acceptAccountHandler = command(acceptAccount, async (context, { body }) => {
  const { trx, now } = context;
  // Held by this: of two who accept with one link, the second finds the request active.
  const before = await requestOfLink(context, 'approver', body.token, 'change');
  if (before?.state !== 'awaiting-acceptance') throw linkInvalid();
  await requireNewest(context, body.agreements);
  const { requestId, kind, domainIdentifier } = before;
  const made = await makeAccount(context, {
    kind,
    name: before.companyName,
    domainIdentifier,
    exportCategory: 'A',
  });
  if (made === undefined) {
    throw new Refused(
      'domain-identifier-taken',
      `Another account has the identifier ${domainIdentifier} by now.`,
      {
        domainIdentifier,
      },
    );
  }
  const { account, defaultVirtualAccountId } = made;
  const { accountId } = account;
  const person = await admitByMail(context, before.approverEmail, body.person);
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
  await mailActive(context, request, person.email);

  const answer = accountAnswer(account);
  return {
    answer: { account: answer, email: person.email },
    event: {
      accountId,
      objectKind: 'account',
      objectId: accountId,
      actor: {
        kind: 'person',
        id: person.personId,
        name: person.name,
        email: person.email,
        platformRoles: [],
      },
      message: `accepted ${inWords} for ${account.name} (${domainIdentifier}), and became its administrator and approver`,
      after: {
        ...answer,
        defaultVirtualAccountId,
        administrator: person.email,
        agreements,
        request: { requestId, requesterName: before.requesterName, requesterEmail: before.requesterEmail },
      },
    },
  };
});
