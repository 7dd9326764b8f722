import type { SingleSignOnRules } from '@estover/domain/access';
import type { connection as connectionShape } from '@estover/protocol';
import { type SqlBool, sql } from 'kysely';
import type { z } from 'zod';
import type { Trx } from '../../database/database.ts';
import { passwordProvider } from '../people-store.ts';

export type Connection = z.output<typeof connectionShape>;

/** Single sign-on of a proved mail domain, as it is kept. */
export interface Setting extends SingleSignOnRules {
  accountId: string;
  mailDomainId: string;
  domain: string;
  connection: Connection;
  /** The client's secret, sealed for this domain, issuer and client; null for SAML. */
  secretSealed: string | null;
  testedAt: Temporal.Instant | null;
  changedBy: string;
  changedAt: Temporal.Instant;
}

type Reader = Pick<Trx, 'selectFrom'>;

const settings = (db: Reader) =>
  db
    .selectFrom('single_sign_on as s')
    .innerJoin('mail_domains as d', (join) =>
      join.onRef('d.account_id', '=', 's.account_id').onRef('d.mail_domain_id', '=', 's.mail_domain_id'),
    )
    .select([
      's.account_id as accountId',
      's.mail_domain_id as mailDomainId',
      'd.domain',
      sql<Connection>`s.connection || jsonb_build_object('protocol', s.protocol)`.as('connection'),
      's.secret_sealed as secretSealed',
      's.is_on as isOn',
      's.is_required as isRequired',
      's.manages_people as managesPeople',
      's.group_id as groupId',
      's.tested_at as testedAt',
      's.changed_by as changedBy',
      's.changed_at as changedAt',
      sql<string[]>`array(select e.person_id from single_sign_on_exempt e
         where e.account_id = s.account_id and e.mail_domain_id = s.mail_domain_id order by e.person_id)`.as(
        'exempt',
      ),
    ])
    .where('d.proved_at', 'is not', null);

/** The setting of a domain of an account, on or off. */
export const findSetting = (
  db: Reader,
  accountId: string,
  mailDomainId: string,
): Promise<Setting | undefined> =>
  settings(db)
    .where('s.account_id', '=', accountId)
    .where('s.mail_domain_id', '=', mailDomainId)
    .executeTakeFirst();

/** The setting at which people with this mail domain sign in, where it is on. */
export const settingInForce = (db: Reader, domain: string): Promise<Setting | undefined> =>
  settings(db).where('d.domain', '=', domain).where('s.is_on', '=', true).executeTakeFirst();

export const loadSettings = (trx: Trx, accountId: string): Promise<Setting[]> =>
  settings(trx).where('s.account_id', '=', accountId).execute();

/** Sets the provider of a domain. It is off and untested from then on, whatever it was before. */
export async function saveConnection(
  trx: Trx,
  given: Pick<
    Setting,
    'accountId' | 'mailDomainId' | 'connection' | 'secretSealed' | 'changedBy' | 'changedAt'
  >,
): Promise<void> {
  const { protocol, ...connection } = given.connection;
  const row = {
    protocol,
    connection: JSON.stringify(connection),
    secret_sealed: given.secretSealed,
    is_on: false,
    is_required: false,
    tested_at: null,
    changed_by: given.changedBy,
    changed_at: given.changedAt,
  };
  await trx
    .insertInto('single_sign_on')
    .values({ account_id: given.accountId, mail_domain_id: given.mailDomainId, ...row })
    .onConflict((conflict) => conflict.columns(['account_id', 'mail_domain_id']).doUpdateSet(row))
    .execute();
  // Whoever is on their way to the old provider comes back to nothing.
  await trx
    .deleteFrom('single_sign_on_flows')
    .where('account_id', '=', given.accountId)
    .where('mail_domain_id', '=', given.mailDomainId)
    .execute();
}

export async function saveRules(
  trx: Trx,
  setting: Pick<Setting, 'accountId' | 'mailDomainId'>,
  rules: SingleSignOnRules,
  by: { name: string; at: Temporal.Instant },
): Promise<void> {
  const { accountId, mailDomainId } = setting;
  await trx
    .updateTable('single_sign_on')
    .set({
      is_on: rules.isOn,
      is_required: rules.isRequired,
      manages_people: rules.managesPeople,
      group_id: rules.groupId,
      changed_by: by.name,
      changed_at: by.at,
    })
    .where('account_id', '=', accountId)
    .where('mail_domain_id', '=', mailDomainId)
    .execute();
  await trx
    .deleteFrom('single_sign_on_exempt')
    .where('account_id', '=', accountId)
    .where('mail_domain_id', '=', mailDomainId)
    .execute();
  if (rules.exempt.length === 0) return;
  await trx
    .insertInto('single_sign_on_exempt')
    .values(
      rules.exempt.map((personId) => ({
        account_id: accountId,
        mail_domain_id: mailDomainId,
        person_id: personId,
      })),
    )
    .execute();
}

/** Notes that a test went well, if the connection is still the one that was tested. */
export async function noteTest(
  trx: Trx,
  { accountId, mailDomainId, connection, secretSealed }: Setting,
  now: Temporal.Instant,
): Promise<boolean> {
  const { protocol, ...rest } = connection;
  const noted = await trx
    .updateTable('single_sign_on')
    .set({ tested_at: now })
    .where('account_id', '=', accountId)
    .where('mail_domain_id', '=', mailDomainId)
    .where('protocol', '=', protocol)
    .where(sql<SqlBool>`connection = ${JSON.stringify(rest)}::jsonb`)
    .where('secret_sealed', 'is not distinct from', secretSealed)
    .executeTakeFirst();
  return noted.numUpdatedRows === 1n;
}

/** A person with a password and codes at sign-in; `person` is the column with their id. */
const hasBoth = (person: string) => sql<SqlBool>`(
  exists (select 1 from sign_in_accounts a
           where a.person_id = ${sql.ref(person)} and a.provider_id = ${passwordProvider} and a.password is not null)
  and exists (select 1 from totp_secrets t where t.person_id = ${sql.ref(person)} and t.confirmed_at is not null))`;

/** Administrators of an account without an end, by name, and whether they could be exempt. */
export async function lastingAdministrators(
  trx: Trx,
  accountId: string,
): Promise<{ personId: string; name: string; email: string; couldBeExempt: boolean }[]> {
  return trx
    .selectFrom('held_grants as g')
    .innerJoin('people as p', 'p.id', 'g.person_id')
    .select(['p.id as personId', 'p.name', 'p.email', hasBoth('p.id').as('couldBeExempt')])
    .distinct()
    .where('g.account_id', '=', accountId)
    .where('g.role', '=', 'account-administrator')
    .where('g.until', 'is', null)
    .orderBy('p.name')
    .orderBy('p.id')
    .$castTo<{ personId: string; name: string; email: string; couldBeExempt: boolean }>()
    .execute();
}

/** Whether somebody is one of those who must stay able to get in without their company's sign-in. */
export async function isExemptSomewhere(db: Reader, personId: string): Promise<boolean> {
  const found = await db
    .selectFrom('single_sign_on_exempt as e')
    .innerJoin('single_sign_on as s', (join) =>
      join.onRef('s.account_id', '=', 'e.account_id').onRef('s.mail_domain_id', '=', 'e.mail_domain_id'),
    )
    .select('e.person_id')
    .where('e.person_id', '=', personId)
    .where('s.is_required', '=', true)
    .executeTakeFirst();
  return found !== undefined;
}

/** Whether somebody of a domain signs in at their company alone: it is required, and they are not exempt with codes. */
export async function mustSignInThere(
  db: Reader,
  { personId, domain }: { personId: string; domain: string },
): Promise<boolean> {
  const found = await db
    .selectFrom('single_sign_on as s')
    .innerJoin('mail_domains as d', (join) =>
      join.onRef('d.account_id', '=', 's.account_id').onRef('d.mail_domain_id', '=', 's.mail_domain_id'),
    )
    .select('s.account_id')
    .where('d.domain', '=', domain)
    .where('d.proved_at', 'is not', null)
    .where('s.is_on', '=', true)
    .where('s.is_required', '=', true)
    .where(
      sql<SqlBool>`not exists (select 1 from single_sign_on_exempt e
        where e.account_id = s.account_id and e.mail_domain_id = s.mail_domain_id and e.person_id = ${personId}
          and ${hasBoth('e.person_id')})`,
    )
    .executeTakeFirst();
  return found !== undefined;
}

/**
 * Whether among those who stay administrators there is somebody exempt, for every domain of the account whose people must
 * sign in at their company.
 */
export async function someoneGetsInWithout(
  trx: Reader,
  accountId: string,
  stay: readonly string[],
): Promise<boolean> {
  const stuck = await trx
    .selectFrom('single_sign_on as s')
    .select('s.mail_domain_id')
    .where('s.account_id', '=', accountId)
    .where('s.is_required', '=', true)
    .where(
      sql<SqlBool>`not exists (select 1 from single_sign_on_exempt e
        where e.account_id = s.account_id and e.mail_domain_id = s.mail_domain_id
          and e.person_id = any(${[...stay]}::text[]) and ${hasBoth('e.person_id')})`,
    )
    .executeTakeFirst();
  return stuck === undefined;
}
