import type { mailDomain as mailDomainShape } from '@estover/protocol';
import { listMailDomains } from '@estover/protocol';
import type { z } from 'zod';
import type { Trx } from '../../database/database.ts';
import { view } from '../../edge/operation.ts';
import type { Installation } from '../../installation/index.ts';
import { loadMailDomains } from './mail-domains-store.ts';
import { lastingAdministrators, loadSettings } from './settings-store.ts';

type MailDomainAnswer = z.output<typeof mailDomainShape>;

/** The name below a domain at which its record lies, so that it is in the way of no other one. */
export const recordName = (domain: string): string => `_estover-challenge.${domain}`;

/** The addresses of a domain's single sign-on, each of its own, so that no answer of one provider passes as another's. */
export function addressesOf({ publicUrl }: Pick<Installation, 'publicUrl'>, mailDomainId: string) {
  const below = `${publicUrl}/auth/single-sign-on`;
  return {
    redirectUri: `${below}/oidc/${mailDomainId}`,
    entityId: `${below}/saml/${mailDomainId}/metadata`,
    assertionConsumerUrl: `${below}/saml/${mailDomainId}`,
    metadataUrl: `${below}/saml/${mailDomainId}/metadata`,
  };
}

export const listMailDomainsHandler = view(listMailDomains, async (context, { params: { accountId } }) => ({
  items: await mailDomainAnswers(context, accountId),
  administrators: await lastingAdministrators(context.trx, accountId),
}));

export async function mailDomainAnswer(
  context: { trx: Trx; installation: Installation },
  accountId: string,
  mailDomainId: string,
): Promise<MailDomainAnswer> {
  const found = (await mailDomainAnswers(context, accountId)).find(
    (each) => each.mailDomainId === mailDomainId,
  );
  if (found === undefined) throw new Error('the mail domain was just there');
  return found;
}

async function mailDomainAnswers(
  { trx, installation }: { trx: Trx; installation: Installation },
  accountId: string,
): Promise<MailDomainAnswer[]> {
  const settings = await loadSettings(trx, accountId);
  const people = await peopleIn(
    trx,
    settings.flatMap(({ exempt }) => exempt),
  );
  const groups = await groupsIn(trx, accountId);
  return (await loadMailDomains(trx, accountId)).map((row) => {
    const setting = settings.find(({ mailDomainId }) => mailDomainId === row.mailDomainId);
    const { redirectUri, ...saml } = addressesOf(installation, row.mailDomainId);
    return {
      mailDomainId: row.mailDomainId,
      domain: row.domain,
      record: { name: recordName(row.domain), text: row.proofText },
      addedBy: row.addedBy,
      addedAt: row.addedAt.toString(),
      checkedAt: row.checkedAt?.toString() ?? null,
      provedAt: row.provedAt?.toString() ?? null,
      redirectUri,
      saml: installation.saml ? saml : null,
      singleSignOn:
        setting === undefined
          ? null
          : {
              connection: setting.connection,
              isOn: setting.isOn,
              isRequired: setting.isRequired,
              managesPeople: setting.managesPeople,
              group: groups.find(({ groupId }) => groupId === setting.groupId) ?? null,
              exempt: people.filter(({ personId }) => setting.exempt.includes(personId)),
              testedAt: setting.testedAt?.toString() ?? null,
              changedBy: setting.changedBy,
              changedAt: setting.changedAt.toString(),
            },
    };
  });
}

const peopleIn = async (trx: Trx, personIds: readonly string[]) =>
  personIds.length === 0
    ? []
    : trx
        .selectFrom('people')
        .select(['id as personId', 'name', 'email'])
        .where('id', 'in', personIds)
        .orderBy('name')
        .orderBy('id')
        .execute();

const groupsIn = (trx: Trx, accountId: string) =>
  trx
    .selectFrom('groups')
    .select(['group_id as groupId', 'name'])
    .where('account_id', '=', accountId)
    .execute();
