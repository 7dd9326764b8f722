import { createHash } from 'node:crypto';
import { type Filling, seedId } from './filling.ts';

const levels = 10;
const childrenPerParent = 2.2;

interface Place {
  readonly id: string;
  readonly name: string;
  readonly parent: Place | null;
  readonly depth: number;
}

/** A filled tree: ids by what they are good for in a measurement. */
export interface FilledTree {
  /** A virtual account at the top with thousands nested in it. */
  readonly top: string;
  /** A virtual account with the most nested levels under it halfway down. */
  readonly middle: string;
  /** The virtual account of the hot pool, on the lowest level. */
  readonly hot: string;
  /** One that holds lots of every license of the catalog. */
  readonly stock: string;
}

/**
 * Makes the virtual accounts: ten levels, each more than twice as wide as the one above it. Leaves the temporary table
 * `places (rank, virtual_account_id, parent_id)`, in which rank 0 is the busiest virtual account.
 */
export async function fillTree(filling: Filling): Promise<FilledTree> {
  const { accountId, now, run } = filling;
  const places = growTree(filling);
  const at = now.subtract({ hours: 24 * 399 });
  await run(
    `insert into virtual_accounts (account_id, virtual_account_id, parent_id, name, is_default, depth, created_at)
     select $1::uuid, id, parent, name, depth = 1 and parent is null and number = 1, depth, $2::timestamptz
       from unnest($3::uuid[], $4::uuid[], $5::text[], $6::int[]) with ordinality as t (id, parent, name, depth, number)`,
    [
      accountId,
      at.toString(),
      places.map(({ id }) => id),
      places.map(({ parent }) => parent?.id ?? null),
      places.map(({ name }) => name),
      places.map(({ depth }) => depth),
    ],
  );
  await run(
    `with recursive up as (
       select virtual_account_id as descendant, virtual_account_id as ancestor, parent_id, 0 as distance
         from virtual_accounts where account_id = $1
       union all
       select up.descendant, v.virtual_account_id, v.parent_id, up.distance + 1
         from up join virtual_accounts v on v.account_id = $1 and v.virtual_account_id = up.parent_id)
     insert into virtual_account_ancestry (account_id, ancestor_id, descendant_id, distance)
     select $1::uuid, ancestor, descendant, distance from up`,
    [accountId],
  );
  // The busiest are thrown among all levels; only the very busiest lies at the bottom, where it is in most sums.
  const bottom = places.findLast(({ depth }) => depth === levels) ?? (places.at(-1) as Place);
  const mixed = places
    .filter((place) => place !== bottom)
    .map((place) => ({ place, key: createHash('md5').update(`rank/${place.id}`).digest('hex') }))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
    .map(({ place }) => place);
  const ranked = [bottom, ...mixed];
  await run(
    `create temporary table places as
     select number - 1 as rank, id as virtual_account_id, parent as parent_id
       from unnest($1::uuid[], $2::uuid[]) with ordinality as t (id, parent, number)`,
    [ranked.map(({ id }) => id), ranked.map(({ parent }) => parent?.id ?? null)],
  );
  await run('alter table places add primary key (rank); analyze places');
  const line = lineOf(bottom);
  return {
    top: (line.at(-1) as Place).id,
    middle: (line[Math.floor(line.length / 2)] as Place).id,
    hot: bottom.id,
    stock: (ranked[1] as Place).id,
  };
}

function growTree({ virtualAccounts, seed, now }: Filling): Place[] {
  if (virtualAccounts < levels + 1)
    throw new RangeError(`a tree of ${levels} levels needs ${levels + 1} or more`);
  const at = now.subtract({ hours: 24 * 399 });
  const place = (number: number, parent: Place | null): Place => ({
    id: seedId(`virtual-account/${seed}/${number}`, at.add({ milliseconds: number })),
    name:
      number === 0 ? 'DEFAULT' : `${parent === null ? 'Region' : 'Site'} ${String(number).padStart(5, '0')}`,
    parent,
    depth: (parent?.depth ?? 0) + 1,
  });
  const shares = Array.from({ length: levels }, (_, level) => childrenPerParent ** level);
  const sum = shares.reduce((total, share) => total + share, 0);
  const places = [place(0, null)];
  let above: Place[] = [];
  for (const [level, share] of shares.entries()) {
    const left = virtualAccounts - places.length;
    const width =
      level === levels - 1
        ? left
        : Math.min(left - (levels - 1 - level), Math.max(1, Math.floor((share / sum) * virtualAccounts)));
    const here = Array.from({ length: width }, (_, index) =>
      place(places.length + index, above[index % Math.max(1, above.length)] ?? null),
    );
    places.push(...here);
    above = here;
  }
  return places;
}

function lineOf(place: Place): Place[] {
  return place.parent === null ? [place] : [place, ...lineOf(place.parent)];
}
