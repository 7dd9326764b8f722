import type { accessChange } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Trx } from '../database/database.ts';

type AccessChange = z.output<typeof accessChange>;

export interface AccessChanges {
  gain: AccessChange[];
  lose: AccessChange[];
}

/** A virtual account with the ids above it, without itself: what decides who has roles in it. */
export interface Line {
  virtualAccountId: string;
  above: readonly string[];
}

/**
 * Something that lies in one line before a change and in another after it: a virtual account that moves, or what it
 * holds. In `after` the id is null where nothing lies any more, and only what is above still counts.
 */
export interface Passage {
  before: Line;
  after: { virtualAccountId: string | null; above: readonly string[] };
}

/**
 * Who gains and who loses roles because something lies elsewhere, in any of the passages. A role somebody has in both
 * places, or in the whole account, is neither gained nor lost; what a group gives counts like any other grant. To be
 * asked while the grants are still those of before.
 */
export async function accessChanges(
  trx: Trx,
  accountId: string,
  passages: readonly Passage[],
  now: Temporal.Instant,
): Promise<AccessChanges> {
  if (passages.length === 0) return { gain: [], lose: [] };
  const given = passages.map(({ before, after }, index) => ({
    index,
    from_id: before.virtualAccountId,
    from_above: before.above,
    to_id: after.virtualAccountId,
    to_above: after.above,
  }));
  const { rows } = await sql<AccessChange & { change: 'gain' | 'lose' }>`
    with passage as (
      select * from jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
        as given (index integer, from_id uuid, from_above uuid[], to_id uuid, to_above uuid[])),
    reaching as (
      select index, from_id as id, false as by_nesting, true as before, false as after from passage
      union all select index, unnest(from_above), true, true, false from passage
      union all select index, to_id, false, false, true from passage where to_id is not null
      union all select index, unnest(to_above), true, false, true from passage),
    living as (
      select grant_id, person_id, role, scope_kind from held_grants
       where account_id = ${accountId} and (until is null or until > ${now})),
    held as (
      select r.index, g.person_id, g.role, bool_or(r.before) as before, bool_or(r.after) as after
        from reaching r
        join held_grant_virtual_accounts v on v.account_id = ${accountId} and v.virtual_account_id = r.id
                                          and (v.nested or not r.by_nesting)
        join living g on g.grant_id = v.grant_id and g.scope_kind <> 'account'
       group by 1, 2, 3)
    select case when held.after then 'gain' else 'lose' end as change,
           p.id as "personId", p.name, p.email, jsonb_agg(distinct held.role) as roles
      from held join people p on p.id = held.person_id
     where held.before <> held.after
       and not exists (select from living g where g.scope_kind = 'account' and g.person_id = held.person_id
                                             and g.role = held.role)
     group by 1, p.id
     order by lower(p.name), p.id`.execute(trx);
  const of = (wanted: 'gain' | 'lose'): AccessChange[] =>
    rows
      .filter(({ change }) => change === wanted)
      .map(({ personId, name, email, roles }) => ({ personId, name, email, roles }));
  return { gain: of('gain'), lose: of('lose') };
}

/** The lines of some virtual accounts and of everything nested in them, by id. */
export async function linesOf(
  trx: Trx,
  accountId: string,
  rootIds: readonly string[],
): Promise<Map<string, Line>> {
  const { rows } = await sql<Line>`
    select inside.descendant_id as "virtualAccountId",
           coalesce(jsonb_agg(up.ancestor_id) filter (where up.distance > 0), '[]') as above
      from (select distinct descendant_id from virtual_account_ancestry
             where account_id = ${accountId} and ancestor_id = any(${rootIds}::uuid[])) inside
      join virtual_account_ancestry up on up.account_id = ${accountId} and up.descendant_id = inside.descendant_id
     group by 1`.execute(trx);
  return new Map(rows.map((row) => [row.virtualAccountId, row]));
}

/** What lay in these lines lies in those of the same virtual accounts now. */
export function passagesBetween(
  before: ReadonlyMap<string, Line>,
  after: ReadonlyMap<string, Line>,
): Passage[] {
  return [...before.values()].flatMap((line) => {
    const found = after.get(line.virtualAccountId);
    return found === undefined ? [] : [{ before: line, after: found }];
  });
}
