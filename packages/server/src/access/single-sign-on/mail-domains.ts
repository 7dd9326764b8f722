import { randomBytes } from 'node:crypto';
import { normalizeMailDomain } from '@estover/domain/accounts';
import { addMailDomain, checkMailDomain, removeMailDomain } from '@estover/protocol';
import { publicMailDomainsOf } from '../../accounts/index.ts';
import type { Context } from '../../edge/context.ts';
import { command, type Handler } from '../../edge/operation.ts';
import { notFound, Refused } from '../../edge/refused.ts';
import { refuseForLimitedUse } from '../account-room.ts';
import { requireRecentProof } from '../own-session.ts';
import { lockAccount, requireAccountReach } from '../scope.ts';
import {
  deleteMailDomain,
  findMailDomain,
  insertMailDomain,
  loadMailDomains,
  type MailDomainRow,
  noteProof,
} from './mail-domains-store.ts';
import { mailDomainAnswer, recordName } from './mail-domains-view.ts';

/** More than any company has; each is looked up on request. */
const mostDomains = 50;

export const mailDomainHandlers: readonly Handler[] = [
  command(addMailDomain, async (context, { params: { accountId }, body }) => {
    const { trx, now, newId, actor, installation } = context;
    await lockForSettings(context, accountId);
    await refuseForLimitedUse(context, accountId, 'single sign-on');
    const given = normalizeMailDomain(body.domain);
    if (!given.ok) throw new Refused('domain-identifier-invalid', given.detail);
    const domain = given.value;
    if (publicMailDomainsOf(installation)(domain)) {
      throw new Refused('public-mail-domain', `At ${domain} anybody may have a mail address.`);
    }
    const there = await loadMailDomains(trx, accountId);
    if (there.some((each) => each.domain === domain)) {
      throw new Refused('mail-domain-known', `${domain} is on the list of the account.`);
    }
    if (there.length >= mostDomains) {
      throw new Refused('mail-domain-limit', `There are ${mostDomains} already.`, { maximum: mostDomains });
    }
    const mailDomainId = newId();
    await insertMailDomain(trx, {
      accountId,
      mailDomainId,
      domain,
      proofText: `estover-domain-proof=${randomBytes(20).toString('base64url')}`,
      addedBy: actor.name,
      addedAt: now,
    });
    return {
      answer: { mailDomain: await mailDomainAnswer(context, accountId, mailDomainId) },
      event: {
        accountId,
        objectKind: 'mail-domain',
        objectId: mailDomainId,
        message: `added the mail domain ${domain}, which is not proved yet`,
        after: { domain },
      },
    };
  }),

  command(checkMailDomain, async (context, { params: { accountId, mailDomainId } }) => {
    const { trx, now } = context;
    requireAccountReach(context, 'manage-account-settings');
    // Before anything is locked: name servers take their time.
    const asked = await requireMailDomain(context, accountId, mailDomainId);
    const isThere = await hasRecord(context, asked);
    await lockForSettings(context, accountId);
    const before = await requireMailDomain(context, accountId, mailDomainId);
    const { domain } = before;
    if (!isThere) {
      throw new Refused(
        'mail-domain-not-proved',
        `The name servers have no TXT record ${recordName(domain)} with the text ${before.proofText}.`,
      );
    }
    if (!(await noteProof(trx, before, now))) {
      throw new Refused('mail-domain-taken', `Another account has proved ${domain} and not removed it.`);
    }
    return {
      answer: { mailDomain: await mailDomainAnswer(context, accountId, mailDomainId) },
      event: {
        accountId,
        objectKind: 'mail-domain',
        objectId: mailDomainId,
        message:
          before.provedAt === null
            ? `proved that the mail domain ${domain} is the account’s`
            : `had the record of the mail domain ${domain} looked up again, and it is there`,
        after: { domain },
      },
    };
  }),

  command(removeMailDomain, async (context, { params: { accountId, mailDomainId } }) => {
    await lockForSettings(context, accountId);
    requireRecentProof(context);
    const { domain, provedAt } = await requireMailDomain(context, accountId, mailDomainId);
    const identitiesRemoved = await deleteMailDomain(context.trx, accountId, mailDomainId);
    const and = identitiesRemoved === 0 ? '' : ` and unlinked ${identitiesRemoved} of its identities`;
    return {
      answer: { mailDomainId, identitiesRemoved },
      event: {
        accountId,
        objectKind: 'mail-domain',
        objectId: mailDomainId,
        message: `removed the mail domain ${domain} with its single sign-on${and}`,
        before: { domain, isProved: provedAt !== null, identities: identitiesRemoved },
      },
    };
  }),
];

/** Holds the account, for somebody who may change its settings. */
export async function lockForSettings(context: Context, accountId: string): Promise<void> {
  if (!(await lockAccount(context.trx, accountId))) throw notFound('account');
  requireAccountReach(context, 'manage-account-settings');
}

export async function requireMailDomain(
  { trx }: Pick<Context, 'trx'>,
  accountId: string,
  mailDomainId: string,
): Promise<MailDomainRow> {
  const found = await findMailDomain(trx, accountId, mailDomainId);
  if (found === undefined) throw notFound('mail domain');
  return found;
}

/** Whether the name servers have the record of a domain now. No answer is the same as none. */
async function hasRecord(
  { installation }: Pick<Context, 'installation'>,
  { domain, proofText }: MailDomainRow,
): Promise<boolean> {
  const texts = await installation.resolveTxt(recordName(domain)).catch(() => []);
  return texts.some((pieces) => pieces.join('').trim() === proofText);
}
