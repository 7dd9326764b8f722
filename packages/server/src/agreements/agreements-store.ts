import { createHash } from 'node:crypto';
import type { AgreementFacts, AgreementGate } from '@estover/domain/agreements';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/** A version as it is kept; it is written once and never changed. */
export interface VersionRow {
  agreement: string;
  version: number;
  title: string;
  language: string | null;
  text: string;
  textHash: Buffer;
  deadlineDays: number;
  publishedAt: Temporal.Instant;
  publishedBy: string;
  toldAt: Temporal.Instant | null;
}

export const hashOfText = (text: string): Buffer => createHash('sha256').update(text).digest();

const versionColumns = [
  'agreement',
  'version',
  'title',
  'language',
  'body as text',
  'body_hash as textHash',
  'deadline_days as deadlineDays',
  'published_at as publishedAt',
  'published_by as publishedBy',
  'told_at as toldAt',
] as const;

/** Every version, each agreement's newest first. */
export const allVersions = (trx: Trx): Promise<VersionRow[]> =>
  trx
    .selectFrom('agreement_versions')
    .select(versionColumns)
    .orderBy('agreement')
    .orderBy('version', 'desc')
    .execute();

/** The newest version of every agreement, by name. */
export const newestVersions = (trx: Trx): Promise<VersionRow[]> =>
  trx
    .selectFrom('agreement_versions')
    .distinctOn('agreement')
    .select(versionColumns)
    .orderBy('agreement')
    .orderBy('version', 'desc')
    .execute();

export const findVersion = (trx: Trx, agreement: string, version: number): Promise<VersionRow | undefined> =>
  trx
    .selectFrom('agreement_versions')
    .select(versionColumns)
    .where('agreement', '=', agreement)
    .where('version', '=', version)
    .executeTakeFirst();

/** False when somebody else published this version of the agreement a moment ago. */
export async function insertVersion(trx: Trx, version: Omit<VersionRow, 'toldAt'>): Promise<boolean> {
  const inserted = await trx
    .insertInto('agreement_versions')
    .values({
      agreement: version.agreement,
      version: version.version,
      title: version.title,
      language: version.language,
      body: version.text,
      body_hash: version.textHash,
      deadline_days: version.deadlineDays,
      published_at: version.publishedAt,
      published_by: version.publishedBy,
      told_until: null,
      told_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

export interface AcceptanceRow {
  agreement: string;
  version: number;
  title: string;
  textHash: Buffer;
  how: 'person' | 'elsewhere' | 'before-records';
  personId: string | null;
  /** What they are called today: their pseudonym once they were removed. */
  personName: string | null;
  role: string | null;
  from: string | null;
  acceptedAt: Temporal.Instant;
}

/** Who accepted what for an account, newest first. */
export async function acceptancesOf(trx: Trx, accountId: string): Promise<AcceptanceRow[]> {
  const { rows } = await sql<AcceptanceRow>`
    select c.agreement, c.version, v.title, c.body_hash as "textHash", c.how, c.person_id as "personId",
           coalesce(p.name, r.pseudonym) as "personName", c.role, c.from_address as "from", c.accepted_at as "acceptedAt"
      from agreement_acceptances c
      join agreement_versions v on v.agreement = c.agreement and v.version = c.version
      left join people p on p.id = c.person_id
      left join removed_people r on r.person_id = c.person_id
     where c.account_id = ${accountId}
     order by c.accepted_at desc, c.agreement, c.version desc`.execute(trx);
  return rows;
}

/** What somebody accepts, or what the operator vouches for. */
export interface NewAcceptance {
  accountId: string;
  version: Pick<VersionRow, 'agreement' | 'version' | 'textHash'>;
  by: { personId: string; role: string } | 'elsewhere';
  from: string | null;
  now: Temporal.Instant;
}

export async function insertAcceptances(trx: Trx, acceptances: readonly NewAcceptance[]): Promise<void> {
  if (acceptances.length === 0) return;
  await trx
    .insertInto('agreement_acceptances')
    .values(
      acceptances.map(({ accountId, version, by, from, now }) => ({
        account_id: accountId,
        agreement: version.agreement,
        version: version.version,
        how: by === 'elsewhere' ? 'elsewhere' : 'person',
        person_id: by === 'elsewhere' ? null : by.personId,
        role: by === 'elsewhere' ? null : by.role,
        body_hash: version.textHash,
        from_address: from,
        accepted_at: now,
      })),
    )
    .execute();
}

export async function readGates(trx: Trx): Promise<AgreementGate[]> {
  const { blocked } = await trx.selectFrom('agreement_settings').select('blocked').executeTakeFirstOrThrow();
  return blocked as AgreementGate[];
}

export async function saveGates(trx: Trx, blocked: readonly AgreementGate[]): Promise<void> {
  await trx
    .updateTable('agreement_settings')
    .set({ blocked: [...blocked] })
    .execute();
}

/** How accounts stand to the newest version of every agreement; `which` narrows `accounts a`. */
const standings = (which: ReturnType<typeof sql>) => sql`
  select a.account_id as "accountId", a.created_at as "createdAt", v.agreement, v.title, v.version,
         v.published_at as "publishedAt", v.deadline_days as "deadlineDays", c.version as "acceptedVersion"
    from accounts a
   cross join (select distinct on (agreement) * from agreement_versions order by agreement, version desc) v
    left join lateral (
      select max(version) as version from agreement_acceptances c
       where c.account_id = a.account_id and c.agreement = v.agreement) c on true
   where ${which}
   order by a.account_id, v.agreement`;

export interface Standing extends AgreementFacts {
  accountId: string;
  /** When the account began. */
  createdAt: Temporal.Instant;
}

/** How these accounts stand to the newest version of every agreement. */
export async function standingsOf(trx: Trx, accountIds: readonly string[]): Promise<Standing[]> {
  const { rows } = await sql<Standing>`${standings(sql`a.account_id = any(${accountIds}::uuid[])`)}`.execute(
    trx,
  );
  return rows;
}

/** Rows of active accounts with how they stand to one agreement: `standing`, `due_at`; for queries that list or count. */
export const standingsTable = (agreement: string, now: Temporal.Instant) => sql`
  select a.account_id, a.name, a.domain_identifier, due.at as due_at, c.version as accepted_version, c.accepted_at,
         case when c.version >= v.version then 'accepted' when due.at <= ${now} then 'overdue' else 'open' end as standing
    from (select * from agreement_versions where agreement = ${agreement} order by version desc limit 1) v
   cross join accounts a
   cross join lateral (
     select greatest(v.published_at, a.created_at) + make_interval(hours => 24 * v.deadline_days) as at) due
    left join lateral (
      select c.version, c.accepted_at from agreement_acceptances c
       where c.account_id = a.account_id and c.agreement = v.agreement
       order by c.version desc limit 1) c on true
   where a.status = 'active'`;

/** The next version of which not every account was told; those that another server has in its hands are passed over. */
export async function lockVersionToTell(
  trx: Trx,
): Promise<{ agreement: string; version: number; toldUntil: string | null } | undefined> {
  return trx
    .selectFrom('agreement_versions')
    .select(['agreement', 'version', 'told_until as toldUntil'])
    .where('told_at', 'is', null)
    .orderBy('agreement')
    .orderBy('version')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}

/** Notes how far the accounts were told of a version; `done` when there are no more. */
export async function saveTold(
  trx: Trx,
  which: { agreement: string; version: number },
  told: { until: string | null; at: Temporal.Instant | null },
): Promise<void> {
  await trx
    .updateTable('agreement_versions')
    .set({ told_until: told.until, told_at: told.at })
    .where('agreement', '=', which.agreement)
    .where('version', '=', which.version)
    .execute();
}
