import { sql } from 'kysely';
import type { Trx } from '../../database/database.ts';

type Reader = Pick<Trx, 'selectFrom'>;

/** Who somebody is at the provider of one setting. */
export interface IdentityKey {
  accountId: string;
  mailDomainId: string;
  issuer: string;
  subject: string;
}

/** The person an identity is linked with, taken for the rest of the transaction. */
export async function lockIdentity(
  trx: Trx,
  key: IdentityKey,
): Promise<{ identityId: string; personId: string; email: string } | undefined> {
  return trx
    .selectFrom('identities as i')
    .innerJoin('people as p', 'p.id', 'i.person_id')
    .select(['i.identity_id as identityId', 'i.person_id as personId', 'p.email'])
    .where('i.account_id', '=', key.accountId)
    .where('i.mail_domain_id', '=', key.mailDomainId)
    .where('i.issuer', '=', key.issuer)
    .where('i.subject', '=', key.subject)
    .forUpdate('i')
    .executeTakeFirst();
}

/** Links an identity; false where it is linked already. */
export async function insertIdentity(
  trx: Trx,
  key: IdentityKey,
  link: { identityId: string; personId: string; at: Temporal.Instant },
): Promise<boolean> {
  const inserted = await trx
    .insertInto('identities')
    .values({
      identity_id: link.identityId,
      account_id: key.accountId,
      mail_domain_id: key.mailDomainId,
      issuer: key.issuer,
      subject: key.subject,
      person_id: link.personId,
      linked_at: link.at,
      last_used_at: null,
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'mail_domain_id', 'issuer', 'subject']).doNothing(),
    )
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

export async function noteIdentityUse(trx: Trx, identityId: string, at: Temporal.Instant): Promise<void> {
  await trx
    .updateTable('identities')
    .set({ last_used_at: at })
    .where('identity_id', '=', identityId)
    .execute();
}

/** Identities of a person, the newest first. */
export async function listIdentities(trx: Reader, personId: string) {
  return trx
    .selectFrom('identities as i')
    .innerJoin('mail_domains as d', (join) =>
      join.onRef('d.account_id', '=', 'i.account_id').onRef('d.mail_domain_id', '=', 'i.mail_domain_id'),
    )
    .select([
      'i.identity_id as identityId',
      'd.domain',
      'i.issuer',
      'i.subject',
      'i.linked_at as linkedAt',
      'i.last_used_at as lastUsedAt',
    ])
    .where('i.person_id', '=', personId)
    .orderBy('i.linked_at', 'desc')
    .orderBy('i.identity_id')
    .execute();
}

/** Forgets an identity of a person. Returns its issuer; undefined where it is none of theirs. */
export async function deleteIdentity(
  trx: Trx,
  personId: string,
  identityId: string,
): Promise<{ issuer: string } | undefined> {
  return trx
    .deleteFrom('identities')
    .where('person_id', '=', personId)
    .where('identity_id', '=', identityId)
    .returning('issuer')
    .executeTakeFirst();
}

/** Whether a person has a role on the platform, and whether more than a password signs them in. */
export async function standingOf(
  trx: Reader,
  personId: string,
): Promise<{ isStaff: boolean; hasOwnFactors: boolean }> {
  const row = await trx
    .selectFrom('people as p')
    .select([
      sql<boolean>`exists (select 1 from platform_grants g where g.person_id = p.id)`.as('isStaff'),
      sql<boolean>`exists (select 1 from totp_secrets t where t.person_id = p.id and t.confirmed_at is not null)
        or exists (select 1 from passkeys k where k.person_id = p.id)`.as('hasOwnFactors'),
    ])
    .where('p.id', '=', personId)
    .executeTakeFirst();
  return row ?? { isStaff: false, hasOwnFactors: false };
}
