import { type ChosenName, chooseNames, judgeMove, type MoveBlock } from '@estover/domain/accounts';
import type { AnswerOf, getAccountMove } from '@estover/protocol';
import { sql } from 'kysely';
import {
  carriedGroupNames,
  countApiKeys,
  type GivingRoles,
  type RolesCrossing,
  rolesToCarry,
} from '../access/index.ts';
import { findVirtualAccount, type VirtualAccountRow } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import type { Crossing } from '../licenses/index.ts';
import { registeredOnBothSides } from '../product-instances/index.ts';
import type { MoveRow } from './account-moves-store.ts';
import type { AccountRow } from './accounts-store.ts';
import { previewTags } from './carry-tags.ts';
import { type ComingPlace, type LeavingPlace, leavingPlaces } from './carry-tree.ts';
import { unknownVirtualAccount } from './places.ts';
import { virtualAccountsOf } from './virtual-accounts-store.ts';

type Preview = NonNullable<AnswerOf<typeof getAccountMove>['preview']>;

/** Which sides of a merge or split somebody sees the inside of. */
export interface Sees {
  from: boolean;
  into: boolean;
}

/** The account that gets what moves; one that a split makes has no id yet. */
export type IntoAccount = Pick<AccountRow, 'name' | 'domainIdentifier' | 'kind' | 'status'> & {
  accountId: string | null;
};

/** What a merge or split comes to, as everything is now. */
export interface Survey {
  leaving: LeavingPlace[];
  coming: ComingPlace[];
  names: ReadonlyMap<string, ChosenName>;
  roles: RolesCrossing;
  blocks: MoveBlock[];
  preview(sees: Sees): Preview;
}

/** Longest lists of a preview. */
const mostShown = 200;
/** No account has this id. */
const nowhere = '00000000-0000-0000-0000-000000000000';

/**
 * Looks at everything a merge or split touches: where virtual accounts come, what they are called there, who gains and
 * loses access, and what stands in the way. Decides nothing and changes nothing.
 */
export async function surveyMove(
  context: Pick<Context, 'trx' | 'now'>,
  move: Pick<MoveRow, 'kind' | 'plan'>,
  from: AccountRow,
  into: IntoAccount,
): Promise<Survey> {
  const { trx, now } = context;
  const { plan } = move;
  const intoAccountId = into.accountId ?? nowhere;
  const leaving = await leavingPlaces(trx, from.accountId, plan.virtualAccountIds ?? 'all');
  const tops = leaving.filter(({ isTop }) => isTop);
  const parent = plan.parentId === null ? null : await requireParent(trx, intoAccountId, plan.parentId);
  const { names, taken } = await namesOf(trx, intoAccountId, { tops, parent, plan, suffix: from.name });
  const coming = placesOf(leaving, parent, names);
  const virtualAccountIds = leaving.map(({ virtualAccountId }) => virtualAccountId);
  const crossing: Crossing = { fromAccountId: from.accountId, intoAccountId, virtualAccountIds };
  const roles: RolesCrossing = {
    ...crossing,
    topIds: tops.map(({ virtualAccountId }) => virtualAccountId),
    accountRoles: plan.accountRoles,
  };
  const giving = await rolesToCarry(trx, roles, now);
  const groups = await carriedGroupNames(trx, roles, giving, from.name);
  const tags = await previewTags(trx, crossing);
  const counts = await countContents(trx, crossing, now);
  const duplicates = await registeredOnBothSides(trx, crossing, 10);
  const there = into.accountId === null ? 0 : (await virtualAccountsOf(trx, intoAccountId)).virtualAccounts;
  const blocks = judgeMove({
    kind: move.kind,
    from,
    into,
    height: Math.max(0, ...coming.map(({ depth }) => depth)) - (parent?.depth ?? 0),
    parentDepth: parent?.depth ?? 0,
    virtualAccounts: { moving: leaving.length, there },
    peopleAfter: await peopleAfter(trx, intoAccountId, giving, now),
    movesDefault: leaving.some(({ isDefault }) => isDefault),
    held: counts.held,
    duplicates,
    takenNames: taken,
    tooManyTags: tags.tooMany,
  });
  const licenses = await licensesIn(trx, crossing);
  const apiKeys = await countApiKeys(
    trx,
    from.accountId,
    virtualAccountIds,
    move.kind === 'merge' ? 'all' : 'at these',
  );
  const loses = await losing(trx, giving);
  const gains = await gaining(trx, intoAccountId, parent, now);
  const newPaths = new Map<string, string[]>();
  for (const { virtualAccountId, parentId, name } of coming) {
    const above = newPaths.get(parentId ?? '') ?? (parentId === null ? [] : (parent?.path ?? []));
    newPaths.set(virtualAccountId, [...above, name]);
  }
  const shown = leaving.toSorted((a, b) => Number(b.isTop) - Number(a.isTop)).slice(0, mostShown);

  return {
    leaving,
    coming,
    names,
    roles,
    blocks,
    preview: (sees) => ({
      virtualAccounts: sees.from
        ? shown.map(({ virtualAccountId, path, isTop }) => ({
            virtualAccountId,
            path,
            newPath: sees.into ? (newPaths.get(virtualAccountId) ?? null) : null,
            isTop,
            clashes: sees.into && names.get(virtualAccountId)?.clashes === true,
          }))
        : [],
      totalVirtualAccounts: sees.from ? leaving.length : 0,
      licenses: sees.from ? licenses : [],
      productInstances: sees.from ? counts.productInstances : 0,
      tokens: sees.from ? counts.tokens : 0,
      openOrderLines: sees.from ? counts.openOrderLines : 0,
      openAlerts: sees.from ? counts.openAlerts : 0,
      tags: sees.from ? tags.tags.map(({ key, joins }) => ({ key, joins: sees.into ? joins : null })) : [],
      groups: sees.from
        ? giving.flatMap(({ id, groupName, carried, personIds }) =>
            groupName === null || carried === null
              ? []
              : [
                  {
                    name: groupName,
                    newName: sees.into ? (groups.get(id)?.newName ?? groupName) : groupName,
                    people: personIds.length,
                  },
                ],
          )
        : [],
      loses: sees.from ? loses : [],
      gains: sees.into ? gains : null,
      apiKeys: sees.from ? apiKeys : 0,
      inTheWay: blocks.filter(({ code }) => seenBy(code, sees)),
    }),
  };
}

/** What one side alone stands for is told to that side alone; what needs both is told to those who see both. */
function seenBy(code: MoveBlock['code'], { from, into }: Sees): boolean {
  switch (code) {
    case 'account-not-active':
    case 'kinds-differ':
      return true;
    case 'default-virtual-account':
    case 'licenses-held':
      return from;
    default:
      return from && into;
  }
}

async function requireParent(trx: Trx, accountId: string, parentId: string): Promise<VirtualAccountRow> {
  const parent = await findVirtualAccount(trx, accountId, parentId);
  if (parent === undefined) throw unknownVirtualAccount(parentId);
  return parent;
}

async function namesOf(
  trx: Trx,
  intoAccountId: string,
  wanted: {
    tops: readonly LeavingPlace[];
    parent: VirtualAccountRow | null;
    plan: MoveRow['plan'];
    suffix: string;
  },
): Promise<{ names: Map<string, ChosenName>; taken: string[] }> {
  const there = await trx
    .selectFrom('virtual_accounts')
    .select('name')
    .where('account_id', '=', intoAccountId)
    .where('parent_id', 'is not distinct from', wanted.parent?.virtualAccountId ?? null)
    .where('deleted_at', 'is', null)
    .execute();
  const ids = new Set(wanted.tops.map(({ virtualAccountId }) => virtualAccountId));
  const { chosen, taken } = chooseNames(
    wanted.tops.map(({ virtualAccountId, name }) => ({ id: virtualAccountId, name })),
    there.map(({ name }) => name),
    new Map(
      wanted.plan.names.flatMap(({ virtualAccountId, name }) =>
        ids.has(virtualAccountId) ? [[virtualAccountId, name] as const] : [],
      ),
    ),
    wanted.suffix,
  );
  return { names: new Map(chosen.map((one) => [one.id, one])), taken };
}

/** Every virtual account where it comes: tops below the parent, all others where they are nested now. */
function placesOf(
  leaving: readonly LeavingPlace[],
  parent: VirtualAccountRow | null,
  names: ReadonlyMap<string, ChosenName>,
): ComingPlace[] {
  const depths = new Map<string, number>();
  return leaving.map(({ virtualAccountId, parentId, name, isTop }) => {
    const above = isTop ? (parent?.depth ?? 0) : (depths.get(parentId ?? '') ?? 0);
    depths.set(virtualAccountId, above + 1);
    return {
      virtualAccountId,
      parentId: isTop ? (parent?.virtualAccountId ?? null) : parentId,
      name: names.get(virtualAccountId)?.newName ?? name,
      depth: above + 1,
    };
  });
}

const here = ({ fromAccountId, virtualAccountIds }: Crossing) =>
  sql`account_id = ${fromAccountId} and virtual_account_id = any(${[...virtualAccountIds]}::uuid[])`;

interface Counts {
  productInstances: number;
  tokens: number;
  openOrderLines: number;
  openAlerts: number;
  held: number;
}

export async function countContents(trx: Trx, crossing: Crossing, now: Temporal.Instant): Promise<Counts> {
  const { rows } = await sql<Counts>`select
    (select count(*) from product_instances
      where ${here(crossing)} and state in ('registered', 'authorization-expired')) as "productInstances",
    (select count(*) from registration_tokens
      where ${here(crossing)} and revoked_at is null and expires_at > ${now}
        and (maximum_uses is null or uses < maximum_uses)) as tokens,
    (select count(*) from order_lines
      where ${here(crossing)} and state in ('booked', 'on-hold', 'shipped')) as "openOrderLines",
    (select count(*) from alerts where ${here(crossing)} and resolved_at is null) as "openAlerts",
    (select coalesce(total(held), 0) from pools where ${here(crossing)}) as held`.execute(trx);
  return rows[0] as Counts;
}

async function licensesIn(trx: Trx, crossing: Crossing): Promise<Preview['licenses']> {
  const { rows } = await sql<Preview['licenses'][number]>`
    select l.tag, l.name, total(p.pending + p.available + p.reserved + p.held) as quantity
      from pools p join licenses l using (license_id)
     where ${here(crossing)} group by l.license_id having total(p.pending + p.available + p.reserved + p.held) > 0
     order by lower(l.name), l.tag`.execute(trx);
  return rows;
}

async function peopleAfter(
  trx: Trx,
  intoAccountId: string,
  giving: readonly GivingRoles[],
  now: Temporal.Instant,
): Promise<number> {
  const coming = giving.flatMap(({ carried, personIds }) => (carried === null ? [] : personIds));
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select person_id from held_grants where account_id = ${intoAccountId} and (until is null or until > ${now})
      union select unnest(${coming}::text[])) people`.execute(trx);
  return rows[0]?.count ?? 0;
}

/** People whose roles in what moves are others afterwards. */
async function losing(trx: Trx, giving: readonly GivingRoles[]): Promise<Preview['loses']> {
  const roles = new Map<string, { before: Set<string>; after: Set<string> }>();
  for (const { role, carried, personIds } of giving) {
    for (const personId of personIds) {
      const of = roles.get(personId) ?? { before: new Set(), after: new Set() };
      roles.set(personId, of);
      of.before.add(role);
      if (carried !== null) of.after.add(carried);
    }
  }
  const changed = [...roles].filter(([, { before, after }]) => before.symmetricDifference(after).size > 0);
  if (changed.length === 0) return [];
  const people = await trx
    .selectFrom('people')
    .select(['id', 'name', 'email'])
    .where(
      'id',
      'in',
      changed.slice(0, 10_000).map(([personId]) => personId),
    )
    .orderBy(sql`lower(name)`)
    .orderBy('id')
    .limit(mostShown)
    .execute();
  return people.map(({ id, name, email }) => ({
    personId: id,
    name,
    email,
    roles: [...(roles.get(id)?.before ?? [])].sort(),
    after: [...(roles.get(id)?.after ?? [])].sort(),
  }));
}

/** People of the account that gets it whose roles reach where it comes. */
async function gaining(
  trx: Trx,
  intoAccountId: string,
  parent: VirtualAccountRow | null,
  now: Temporal.Instant,
): Promise<NonNullable<Preview['gains']>> {
  const { rows } = await sql<NonNullable<Preview['gains']>[number]>`
    select p.id as "personId", p.name, p.email, jsonb_agg(distinct g.role order by g.role) as roles
      from held_grants g join people p on p.id = g.person_id
     where g.account_id = ${intoAccountId} and (g.until is null or g.until > ${now})
       and (g.scope_kind = 'account' or exists (
         select from held_grant_virtual_accounts v
           join virtual_account_ancestry a on a.account_id = v.account_id and a.ancestor_id = v.virtual_account_id
          where v.account_id = g.account_id and v.grant_id = g.grant_id and v.nested
            and a.descendant_id = ${parent?.virtualAccountId ?? null}::uuid))
     group by p.id order by lower(p.name), p.id limit ${mostShown}`.execute(trx);
  return rows;
}
