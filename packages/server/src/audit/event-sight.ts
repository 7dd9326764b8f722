import {
  accountEventPolicy,
  decidingKinds,
  type Grant,
  type PlatformRole,
  platformAllows,
  platformEventPolicy,
  reachOf,
} from '@estover/domain/access';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { scopeOf, type VirtualAccountScope } from '../access/scope.ts';

/** What of the events `e` somebody sees, as conditions on a row. */
export interface EventSight {
  /** Whether every event is seen, whatever it is about. */
  everything: boolean;
  /** Whether they see the event at all: they may see what it is about, at one of its ends. */
  sees: RawBuilder<SqlBool>;
  /** Whether they see both of its ends: everything of it is told only to them. */
  whole: RawBuilder<SqlBool>;
  /** Whether they see the first of its ends. */
  placeSeen: RawBuilder<SqlBool>;
  /** Whether they may look for people by their mail addresses. */
  seesAddresses: boolean;
}

const yes = sql<SqlBool>`true`;
const place = sql.ref('e.virtual_account_id');
const otherPlace = sql.ref('e.other_virtual_account_id');

/** Events of some kinds and operations; in a form of which no index is taken, because there is one for one operation alone. */
const isOneOf = (kinds: readonly string[], operations: readonly string[]): RawBuilder<SqlBool> =>
  sql<SqlBool>`(e.object_kind = any(${[...kinds]}::text[])
    or (e.operation || '' = any(${[...operations]}::text[]) and e.object_kind <> all(${[...decidingKinds]}::text[])))`;

interface Group {
  kinds: string[];
  operations: string[];
  scope: VirtualAccountScope;
}

/** Events by how far somebody sees what they are about; of what they see nothing of, none. */
function groupsOf(grants: readonly Grant[], accountId: string): Group[] {
  const groups = new Map<string, Group>();
  for (const { action, kinds, operations } of accountEventPolicy) {
    const reach = reachOf(grants, action);
    if (reach.kind === 'nothing') continue;
    const key = JSON.stringify(reach);
    const group = groups.get(key) ?? {
      kinds: [],
      operations: [],
      scope: scopeOf({ grants }, accountId, action),
    };
    groups.set(key, group);
    group.kinds.push(...kinds);
    group.operations.push(...operations);
  }
  return [...groups.values()];
}

/**
 * What somebody sees of the events of an account: those of what they may see (domain `event-policy.ts`), there where they may
 * see it. Not what they did themselves, once they may not see it any more.
 */
export function sightOfAccount(grants: readonly Grant[], accountId: string): EventSight {
  const seesAddresses = reachOf(grants, 'view-people').kind !== 'nothing';
  const everything = reachOf(grants, 'view-all-events').kind === 'everything';
  if (everything) return { everything, sees: yes, whole: yes, placeSeen: yes, seesAddresses };
  const groups = groupsOf(grants, accountId);
  const byGroup = (condition: (scope: VirtualAccountScope) => RawBuilder<SqlBool>): RawBuilder<SqlBool> => {
    const cases = groups.map(
      ({ kinds, operations, scope }) =>
        sql`when ${isOneOf(kinds, operations)} then ${scope.everything ? yes : condition(scope)}`,
    );
    return cases.length === 0
      ? sql<SqlBool>`false`
      : sql<SqlBool>`coalesce(case ${sql.join(cases, sql` `)} else false end, false)`;
  };
  return {
    everything,
    sees: byGroup((scope) => sql`(${scope.includes(place)} or ${scope.includes(otherPlace)})`),
    whole: byGroup(
      (scope) =>
        sql`(e.other_virtual_account_id is null or (${scope.includes(place)} and ${scope.includes(otherPlace)}))`,
    ),
    placeSeen: byGroup((scope) => scope.includes(place)),
    seesAddresses,
  };
}

/** The same for the events of the platform, which have no place. */
export function sightOfPlatform(roles: readonly PlatformRole[]): EventSight {
  const everything = platformAllows(roles, 'view-all-platform-events');
  const shown = platformEventPolicy.filter(({ action }) => platformAllows(roles, action));
  const sees = everything
    ? yes
    : sql<SqlBool>`e.operation || '' = any(${shown.flatMap(({ operations }) => operations)}::text[])`;
  const seesAddresses = platformAllows(roles, 'manage-privacy');
  return { everything, sees, whole: yes, placeSeen: yes, seesAddresses };
}
