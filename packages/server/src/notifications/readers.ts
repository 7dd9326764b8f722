import {
  type AccountAction,
  accountPolicy,
  accountRoles,
  type PlatformAction,
  platformPolicy,
} from '@estover/domain/access';
import {
  addressKindNames,
  type Cadence,
  cadences,
  type DigestHours,
  defaultHours,
  nextDigestAt,
  type SubscribedKindName,
  staffKindNames,
  subscribedKind,
  subscribedKindNames,
} from '@estover/domain/notifications';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';

/** Roles that hear of a kind: in an account, or of the publisher's staff. */
export const rolesFor = (name: SubscribedKindName): string[] => {
  const { needs } = subscribedKind(name);
  if (staffKindNames.includes(name)) return [...platformPolicy[needs as PlatformAction]];
  return accountRoles.filter(
    (role) => needs === 'own' || accountPolicy[needs as AccountAction][role] !== 'none',
  );
};

const kindRows = JSON.stringify(
  subscribedKindNames.map((kind, rank) => ({
    kind,
    rank,
    cadence: subscribedKind(kind).cadence,
    roles: rolesFor(kind),
    tells_end: subscribedKind(kind).tellsEnd,
    of_addresses: addressKindNames.includes(kind),
    own: subscribedKind(kind).needs === 'own',
  })),
);

/** SQL: the catalogue as a table: kind, rank, cadence, roles, tells_end, of_addresses, own. */
export const kindsTable = sql`(select * from jsonb_to_recordset(${kindRows}::jsonb)
  as k(kind text, rank int, cadence text, roles text[], tells_end boolean, of_addresses boolean, own boolean))`;

/** SQL: whether the holder of a grant sees all of what it reaches, and not the lots of one seller alone, which no notice names. */
const isUnlimited = (grant: string) => sql`not exists (
  select from seller_limits s
   where s.account_id = ${sql.ref(`${grant}.account_id`)} and s.person_id = ${sql.ref(`${grant}.person_id`)})`;

/**
 * SQL: whether a reader may see a notice now, by their own grants and those of their groups, or as an added address. In the
 * query the notice is `n`, its row of the catalogue `k`.
 *
 * @param n alias of the notice
 * @param reader SQL of the reader's id
 */
export function isSeenBy(n: string, reader: RawBuilder<unknown>, now: Temporal.Instant): RawBuilder<SqlBool> {
  const of = (column: string) => sql.ref(`${n}.${column}`);
  return sql<SqlBool>`(
    (${of('person_id')} is null or ${of('person_id')} = ${reader})
    and (exists (
      select from notice_grants g
       where g.account_id = ${of('account_id')} and g.person_id = ${reader} and g.role = any(k.roles)
         and (g.until is null or g.until > ${now}) and ${isUnlimited('g')}
         and (g.scope_kind = 'account' or ${of('person_id')} is not null or exists (
           select from held_grant_virtual_accounts v
            where v.account_id = g.account_id and v.grant_id = g.grant_id
              and (v.virtual_account_id = ${of('virtual_account_id')} or (v.nested and exists (
                select from virtual_account_ancestry y
                 where y.account_id = v.account_id and y.ancestor_id = v.virtual_account_id
                   and y.descendant_id = ${of('virtual_account_id')}))))))
    or (k.of_addresses and exists (
      select from notification_addresses d
       where d.account_id = ${of('account_id')} and d.address_id::text = ${reader} and d.confirmed_at is not null))))`;
}

/** SQL: whether a reader sees all of a kind `k` in an account: what is told to everybody who does is the same for all of them. */
export function seesWhole(
  account: RawBuilder<unknown>,
  reader: RawBuilder<unknown>,
  now: Temporal.Instant,
): RawBuilder<SqlBool> {
  return sql<SqlBool>`(not k.own and (exists (
      select from notice_grants g
       where g.account_id = ${account} and g.person_id = ${reader} and g.role = any(k.roles)
         and g.scope_kind = 'account' and (g.until is null or g.until > ${now}) and ${isUnlimited('g')})
    or (k.of_addresses and exists (
      select from notification_addresses d
       where d.account_id = ${account} and d.address_id::text = ${reader} and d.confirmed_at is not null))))`;
}

/** SQL: the cadence of a reader `r` for a kind `k` with a choice `c` that may be missing. Addresses hear of what was chosen. */
export const cadenceOfReader = sql`coalesce(c.cadence, case when r.is_address then 'off' else k.cadence end)`;

/** SQL: the hours of a reader with a row `h` that may be missing, as the columns of `slotsTable`. */
export const slotOfReader = sql`s.time_zone is not distinct from h.time_zone
  and s.hour = coalesce(h.hour, ${defaultHours.hour}) and s.weekday = coalesce(h.weekday, ${defaultHours.weekday})`;

/** SQL: when what changes now is told, for each cadence and all hours that anybody chose: time_zone, hour, weekday, cadence, due_at. */
export async function slotsTable(db: Database | Trx, now: Temporal.Instant): Promise<RawBuilder<unknown>> {
  const chosen = await db
    .selectFrom('notification_hours')
    .select(['time_zone as timeZone', 'hour', 'weekday'])
    .distinct()
    .execute();
  return slotsOf([defaultHours, ...chosen], now);
}

/** The same for given hours alone. */
export function slotsOf(hours: readonly DigestHours[], now: Temporal.Instant): RawBuilder<unknown> {
  const rows = new Map<string, Record<string, unknown>>();
  for (const each of hours) {
    for (const cadence of cadences) {
      const due = nextDigestAt(each, cadence as Cadence, now);
      if (due === null) continue;
      const { timeZone: time_zone, hour, weekday } = each;
      rows.set(`${time_zone} ${hour} ${weekday} ${cadence}`, {
        time_zone,
        hour,
        weekday,
        cadence,
        due_at: due.toString(),
      });
    }
  }
  return sql`(select * from jsonb_to_recordset(${JSON.stringify([...rows.values()])}::jsonb)
    as s(time_zone text, hour int, weekday int, cadence text, due_at timestamptz))`;
}
