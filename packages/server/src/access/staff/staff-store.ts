import { type PlatformGrant, type PlatformRole, platformRoles } from '@estover/domain/access';
import { sql } from 'kysely';
import type { Trx } from '../../database/database.ts';
import { canSignIn } from '../people-store.ts';

/** A platform role as it is kept. */
export interface StoredPlatformGrant extends PlatformGrant {
  grantedBy: string | null;
  grantedAt: Temporal.Instant;
}

export interface StaffSettings {
  secondFactorRequired: boolean;
  supportMostMinutes: number;
}

export interface StaffRow {
  personId: string;
  name: string;
  email: string;
  hasPassword: boolean;
  secondFactor: boolean;
}

/**
 * The platform roles of a person that hold now; only the publisher's own staff has any. Where staff needs a second factor and
 * this one has none, they have no role until they do.
 */
export async function platformStandingOf(
  db: Pick<Trx, 'selectFrom'>,
  personId: string,
  now: Temporal.Instant,
): Promise<{ platformRoles: PlatformRole[]; needsSecondFactor?: boolean }> {
  const rows = await db
    .selectFrom('platform_grants as g')
    .select([
      'g.role',
      sql<boolean>`(select second_factor_required from staff_settings) and not ${asksForCode(sql`g.person_id`)}`.as(
        'needsSecondFactor',
      ),
    ])
    .where('g.person_id', '=', personId)
    .where((where) => where.or([where('g.until', 'is', null), where('g.until', '>', now)]))
    .execute();
  if (rows.some(({ needsSecondFactor }) => needsSecondFactor)) {
    return { platformRoles: [], needsSecondFactor: true };
  }
  return { platformRoles: platformRoles.filter((role) => rows.some((row) => row.role === role)) };
}

/** SQL: whether sign-in asks a person for a code. */
const asksForCode = (personId: ReturnType<typeof sql>) => sql<boolean>`exists (select 1 from totp_secrets t
  where t.person_id = ${personId} and t.confirmed_at is not null)`;

/** Whether somebody has a platform role now, be it that it waits for their second factor. */
export async function isStaff(trx: Trx, personId: string, now: Temporal.Instant): Promise<boolean> {
  const found = await trx
    .selectFrom('platform_grants')
    .select('role')
    .where('person_id', '=', personId)
    .where((where) => where.or([where('until', 'is', null), where('until', '>', now)]))
    .executeTakeFirst();
  return found !== undefined;
}

/** The platform roles that somebody has now, with their ends. */
export async function platformGrantsOf(
  trx: Trx,
  personId: string,
  now: Temporal.Instant,
): Promise<StoredPlatformGrant[]> {
  return (await grantsOfAll(trx, [personId], now)).get(personId) ?? [];
}

/** The same for several people, in the order of the table of roles. */
export async function grantsOfAll(
  trx: Trx,
  personIds: readonly string[],
  now: Temporal.Instant,
): Promise<Map<string, StoredPlatformGrant[]>> {
  if (personIds.length === 0) return new Map();
  const rows = await trx
    .selectFrom('platform_grants')
    .select([
      'person_id as personId',
      sql<PlatformRole>`role`.as('role'),
      'until',
      'granted_by as grantedBy',
      'granted_at as grantedAt',
    ])
    .where('person_id', 'in', [...personIds])
    .where((where) => where.or([where('until', 'is', null), where('until', '>', now)]))
    .execute();
  rows.sort((one, other) => platformRoles.indexOf(one.role) - platformRoles.indexOf(other.role));
  return new Map(
    [...Map.groupBy(rows, ({ personId }) => personId)].map(([personId, held]) => [
      personId,
      held.map(({ personId: _, ...grant }) => grant),
    ]),
  );
}

/** Puts roles in place of all that somebody has; those that are the same keep who gave them and when. */
export async function replacePlatformGrants(
  trx: Trx,
  personId: string,
  grants: readonly StoredPlatformGrant[],
): Promise<void> {
  await trx.deleteFrom('platform_grants').where('person_id', '=', personId).execute();
  if (grants.length === 0) return;
  await trx
    .insertInto('platform_grants')
    .values(
      grants.map(({ role, until, grantedBy, grantedAt }) => ({
        person_id: personId,
        role,
        until,
        granted_by: grantedBy,
        granted_at: grantedAt,
      })),
    )
    .execute();
}

const heldNow = (now: Temporal.Instant) =>
  sql<boolean>`exists (select 1 from platform_grants g where g.person_id = p.id and (g.until is null or g.until > ${now}))`;

const staffColumns = sql`p.id as "personId", p.name, p.email,
  ${canSignIn('p.id')} as "hasPassword",
  ${asksForCode(sql`p.id`)} as "secondFactor"`;

/** Staff by name, after the one a cursor names. */
export async function listStaffRows(
  trx: Trx,
  now: Temporal.Instant,
  page: { limit: number; after: readonly (string | number | null)[] | null },
): Promise<StaffRow[]> {
  const { rows } = await sql<StaffRow>`
    select ${staffColumns} from people p
     where ${heldNow(now)}
       and ${page.after === null ? sql`true` : sql`(lower(p.name), p.id) > (lower(${page.after[0]}::text), ${page.after[1]}::text)`}
     order by lower(p.name), p.id limit ${page.limit}`.execute(trx);
  return rows;
}

export async function findStaff(
  trx: Trx,
  personId: string,
  now: Temporal.Instant,
): Promise<StaffRow | undefined> {
  const { rows } = await sql<StaffRow>`
    select ${staffColumns} from people p where p.id = ${personId} and ${heldNow(now)}`.execute(trx);
  return rows[0];
}

/** How many staff there are, and how many of them sign in without a second factor. */
export async function countStaff(
  trx: Trx,
  now: Temporal.Instant,
): Promise<{ people: number; withoutSecondFactor: number }> {
  const { rows } = await sql<{ people: number; withoutSecondFactor: number }>`
    select count(*) as people, count(*) filter (where not ${asksForCode(sql`p.id`)}) as "withoutSecondFactor"
      from people p where ${heldNow(now)}`.execute(trx);
  return rows[0] ?? { people: 0, withoutSecondFactor: 0 };
}

export async function readStaffSettings(trx: Pick<Trx, 'selectFrom'>): Promise<StaffSettings> {
  return trx
    .selectFrom('staff_settings')
    .select(['second_factor_required as secondFactorRequired', 'support_most_minutes as supportMostMinutes'])
    .executeTakeFirstOrThrow();
}

export async function saveStaffSettings(trx: Trx, settings: StaffSettings): Promise<void> {
  await trx
    .updateTable('staff_settings')
    .set({
      second_factor_required: settings.secondFactorRequired,
      support_most_minutes: settings.supportMostMinutes,
    })
    .execute();
}
