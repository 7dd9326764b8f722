import { judgeUndo, maximumDepth, nameKey, type Things, type UndoObstacle } from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { registeredOnBothSides, strayInstances } from '../product-instances/index.ts';
import type { MoveDone, MoveRow } from './account-moves-store.ts';
import type { AccountRow } from './accounts-store.ts';
import { type ComingPlace, type LeavingPlace, leavingPlaces } from './carry-tree.ts';
import { countContents } from './move-survey.ts';

/** So many things are named of each kind that stands in the way. */
const mostNamed = 5;

const things = (names: readonly string[]): Things => ({
  count: names.length,
  names: names.slice(0, mostNamed),
});

/** What goes back, and what keeps it from doing so. */
export interface UndoSurvey {
  coming: ComingPlace[];
  obstacles: UndoObstacle[];
}

/**
 * Looks at what a merge or split would take back as things are now. What came goes back with what has happened to it
 * since: with what was registered or delivered there, and with virtual accounts that were made in it. What changed sides
 * since stands in the way, because no one could say any more whose it is.
 */
export async function surveyUndo(
  trx: Trx,
  move: MoveRow,
  done: MoveDone,
  { from, into, now }: { from: AccountRow; into: AccountRow; now: Temporal.Instant },
): Promise<UndoSurvey> {
  const went = new Map(done.virtualAccounts.map((place) => [place.virtualAccountId, place]));
  const leaving = await leavingPlaces(trx, into.accountId, [...went.keys()]);
  const virtualAccountIds = leaving.map(({ virtualAccountId }) => virtualAccountId);
  const crossing = { fromAccountId: into.accountId, intoAccountId: from.accountId, virtualAccountIds };
  const at = Temporal.Instant.from(done.at);
  const { coming, lostParents, takenNames } = await placesBack(trx, from.accountId, leaving, went);
  const stray = await strayInstances(
    trx,
    { moveId: move.moveId, at, intoAccountId: into.accountId, virtualAccountIds },
    mostNamed,
  );
  const strangers = await olderThan(trx, into.accountId, virtualAccountIds, at);
  const pathOf = ({ path }: LeavingPlace): string => path.join(' / ');
  const { held } = await countContents(trx, crossing, now);
  const obstacles = judgeUndo({
    from,
    into,
    licensesOutside: await licensesOutside(trx, into.accountId, virtualAccountIds, done),
    licensesInside: await licensesInside(trx, into.accountId, virtualAccountIds, done),
    instancesOutside: stray.outside,
    instancesInside: stray.inside,
    virtualAccountsOutside: things(
      leaving.filter((place) => place.isTop && went.get(place.virtualAccountId)?.isTop === false).map(pathOf),
    ),
    virtualAccountsInside: things(
      leaving
        .filter(({ virtualAccountId }) => !went.has(virtualAccountId) && strangers.has(virtualAccountId))
        .map(pathOf),
    ),
    takenNames: things(takenNames),
    lostParents: things(lostParents),
    held,
    duplicates: await registeredOnBothSides(trx, crossing, mostNamed),
    movesDefault: leaving.some(({ isDefault }) => isDefault),
    leftSince: await hasLeftSince(trx, into.accountId, at),
  });
  return { coming, obstacles };
}

/** Tops go back to where they were, by the names they had unless they were renamed since; all others stay nested. */
async function placesBack(
  trx: Trx,
  fromAccountId: string,
  leaving: readonly LeavingPlace[],
  went: ReadonlyMap<string, MoveDone['virtualAccounts'][number]>,
): Promise<{ coming: ComingPlace[]; lostParents: string[]; takenNames: string[] }> {
  const parents = new Map<string, { depth: number; names: Set<string> }>();
  const namesBelow = async (
    parentId: string | null,
  ): Promise<{ depth: number; names: Set<string> } | undefined> => {
    const known = parents.get(parentId ?? '');
    if (known !== undefined) return known;
    const { rows } = await sql<{ depth: number; names: string[] }>`
      select p.depth, array(select name from virtual_accounts c
                             where c.account_id = ${fromAccountId} and c.deleted_at is null
                               and c.parent_id is not distinct from ${parentId}::uuid) as names
        from (select 0 as depth where ${parentId}::uuid is null
              union all
              select depth from virtual_accounts
               where account_id = ${fromAccountId} and virtual_account_id = ${parentId}::uuid and deleted_at is null) p`.execute(
      trx,
    );
    if (rows[0] === undefined) return undefined;
    const found = { depth: rows[0].depth, names: new Set(rows[0].names.map(nameKey)) };
    parents.set(parentId ?? '', found);
    return found;
  };
  const coming: ComingPlace[] = [];
  const lostParents: string[] = [];
  const takenNames: string[] = [];
  const depths = new Map<string, number>();
  for (const { virtualAccountId, parentId, name, isTop } of leaving) {
    const before = went.get(virtualAccountId);
    const isBack = isTop && before !== undefined;
    const back = {
      parentId: isBack ? before.parentId : parentId,
      name: isBack && name === before.newName ? before.name : name,
    };
    let depth = (depths.get(parentId ?? '') ?? 0) + 1;
    if (isBack) {
      const below = await namesBelow(before.parentId);
      depth = (below?.depth ?? 0) + 1;
      if (below === undefined) lostParents.push(`The parent of ${back.name}`);
      else if (below.names.has(nameKey(back.name))) takenNames.push(back.name);
      below?.names.add(nameKey(back.name));
    }
    if (depth > maximumDepth) lostParents.push(`The parent of ${back.name}`);
    depths.set(virtualAccountId, depth);
    coming.push({ virtualAccountId, ...back, depth });
  }
  return { coming, lostParents, takenNames };
}

/** Which virtual accounts were there before an instant. */
async function olderThan(
  trx: Trx,
  accountId: string,
  virtualAccountIds: readonly string[],
  at: Temporal.Instant,
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select virtual_account_id as id from virtual_accounts
     where account_id = ${accountId} and virtual_account_id = any(${[...virtualAccountIds]}::uuid[])
       and created_at < ${at}`.execute(trx);
  return new Set(rows.map(({ id }) => id));
}

const lotName = sql`h.quantity || ' × ' || l.name || ' in ' ||
  array_to_string(virtual_account_path(h.account_id, h.virtual_account_id), ' / ')`;

const lotsOf = (done: MoveDone) => sql`any(${done.lots.map(({ lotId }) => lotId)}::uuid[])`;

/** Licenses that came and lie elsewhere in the account. */
async function licensesOutside(
  trx: Trx,
  accountId: string,
  virtualAccountIds: readonly string[],
  done: MoveDone,
): Promise<Things> {
  const { rows } = await sql<{ name: string }>`
    select ${lotName} as name from holdings h join licenses l using (license_id)
     where h.account_id = ${accountId} and h.quantity > 0 and h.lot_id = ${lotsOf(done)}
       and h.virtual_account_id <> all(${[...virtualAccountIds]}::uuid[])
     order by l.name, h.lot_id limit 100`.execute(trx);
  return things(rows.map(({ name }) => name));
}

/** Licenses that lie in what came, and have been elsewhere in the account before. */
async function licensesInside(
  trx: Trx,
  accountId: string,
  virtualAccountIds: readonly string[],
  done: MoveDone,
): Promise<Things> {
  const { rows } = await sql<{ name: string }>`
    select ${lotName} as name from holdings h join licenses l using (license_id)
     where h.account_id = ${accountId} and h.quantity > 0 and h.lot_id <> all(${done.lots.map(({ lotId }) => lotId)}::uuid[])
       and h.virtual_account_id = any(${[...virtualAccountIds]}::uuid[])
       and exists (
         select from movement_entries e
          where e.account_id = h.account_id and e.lot_id = h.lot_id and e.virtual_account_id is not null
            and e.virtual_account_id <> all(${[...virtualAccountIds]}::uuid[]))
     order by l.name, h.lot_id limit 100`.execute(trx);
  return things(rows.map(({ name }) => name));
}

/** Whether a later merge or split took something out of the account, also one that was undone again. */
async function hasLeftSince(trx: Trx, accountId: string, at: Temporal.Instant): Promise<boolean> {
  const { rows } = await sql`
    select from account_moves
     where from_account_id = ${accountId} and state in ('done', 'undone') and (done ->> 'at')::timestamptz > ${at}
     limit 1`.execute(trx);
  return rows.length > 0;
}
