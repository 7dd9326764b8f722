import { judgeAccountRequest } from '@estover/domain/accounts';
import { proposeSplit } from '@estover/protocol';
import { linkForNewcomer } from '../access/index.ts';
import { requireAccountReach, requireVirtualAccount } from '../access/scope.ts';
import { command } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { findAccountByDomain } from './accounts-store.ts';
import { unknownVirtualAccount } from './places.ts';
import { propose } from './propose-merge.ts';
import { publicMailDomainsOf } from './public-mail-domains.ts';
import { registrableOf } from './registrable-domain.ts';

export const proposeSplitHandler = command(proposeSplit, async (context, { params, body }) => {
  const { trx, installation, mailer } = context;
  const { accountId } = params;
  requireAccountReach(context, 'manage-account-settings');
  const { name, mailDomain, prefix, administrator } = body.newAccount;
  // The reason for the split is the reason for a prefix.
  const judged = judgeAccountRequest(
    { kind: 'customer', mailDomain, prefix, justification: body.reason, approverEmail: administrator.email },
    publicMailDomainsOf(installation),
    registrableOf,
  );
  if (!judged.ok) {
    const pointer =
      judged.field === 'approverEmail'
        ? 'body/newAccount/administrator/email'
        : `body/newAccount/${judged.field}`;
    throw new Refused(judged.code, judged.detail, {
      errors: [{ pointer, detail: judged.detail, code: judged.code }],
    });
  }
  const { domainIdentifier } = judged.value;
  if ((await findAccountByDomain(trx, domainIdentifier)) !== undefined) {
    throw new Refused('domain-identifier-taken', `Another account has the identifier ${domainIdentifier}.`, {
      domainIdentifier,
    });
  }
  for (const virtualAccountId of body.virtualAccountIds) {
    await requireVirtualAccount(context, accountId, virtualAccountId, 'manage-account-settings', {
      withNested: true,
      orUnknown: () => unknownVirtualAccount(virtualAccountId),
    });
  }
  const { link, answer, event } = await propose(
    context,
    {
      kind: 'split',
      fromAccountId: accountId,
      intoAccountId: null,
      proposedSide: 'from',
      firstAdministratorEmail: administrator.email,
      reason: body.reason,
      plan: {
        accountRoles: body.accountRoles,
        parentId: null,
        names: [],
        virtualAccountIds: [...new Set(body.virtualAccountIds)],
        newAccount: { name, domainIdentifier, administrator },
      },
    },
    async ({ from }) => linkForNewcomer(context, from, administrator),
  );
  // Where there is a mail server, the link is for the eyes of its reader alone.
  return { answer: { ...answer, invitationLink: mailer.isConfigured ? null : link }, event };
});
