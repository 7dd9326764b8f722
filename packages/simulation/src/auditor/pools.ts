import { type BookAccount, type Books, isLiving } from './books.ts';

/** The numbers of a pool as the API names them. Nothing is reserved or held in a simulated world. */
export interface PoolFigures {
  pending: number;
  available: number;
  expired: number;
  inUse: number;
  lent: number;
  borrowed: number;
  balance: number;
  state: 'in-compliance' | 'overage' | 'out-of-compliance';
}

const noFigures = (): PoolFigures => ({
  pending: 0,
  available: 0,
  expired: 0,
  inUse: 0,
  lent: 0,
  borrowed: 0,
  balance: 0,
  state: 'in-compliance',
});

/** Every pool of a place by its tag, counted from the lots that lie there and the instances that report there. */
export function poolsOf(books: Books, account: BookAccount, place: string): Map<string, PoolFigures> {
  const pools = new Map<string, PoolFigures>();
  const pool = (tag: string): PoolFigures => {
    const found = pools.get(tag) ?? noFigures();
    pools.set(tag, found);
    return found;
  };
  for (const [lotId, quantities] of account.holdings.get(place) ?? []) {
    const lot = account.lots.get(lotId);
    if (lot === undefined) throw new Error(`the auditor lost lot ${lotId}`);
    const figures = pool(lot.tag);
    figures.pending += quantities.pending;
    figures.available += quantities.available;
    figures.expired += quantities.expired;
  }
  for (const instance of account.instances.values()) {
    if (instance.place !== place || !isLiving(instance)) continue;
    for (const [tag, { count, counted }] of instance.usage) if (counted) pool(tag).inUse += count;
  }
  for (const figures of pools.values()) figures.balance = figures.available - figures.inUse;
  lendSurplus(books, pools);
  for (const [tag, figures] of pools) figures.state = stateOf(books, tag, figures);
  return pools;
}

/** All pools of an account by place and tag. */
export function allPoolsOf(books: Books, account: BookAccount): Map<string, PoolFigures> {
  const all = new Map<string, PoolFigures>();
  for (const place of account.places.keys()) {
    for (const [tag, figures] of poolsOf(books, account, place)) all.set(`${place} ${tag}`, figures);
  }
  return all;
}

function stateOf(books: Books, tag: string, { available, balance }: PoolFigures): PoolFigures['state'] {
  if (balance >= 0) return 'in-compliance';
  const overage = books.licenses.get(tag)?.overage ?? { kind: 'none' };
  const allowed =
    overage.kind === 'none'
      ? 0
      : overage.kind === 'quantity'
        ? overage.quantity
        : Math.floor((available * overage.percent) / 100);
  return -balance <= allowed ? 'overage' : 'out-of-compliance';
}

/** One way down from an upper license: the ratio of the whole way, and what orders the ways. */
interface Way {
  tag: string;
  upper: number;
  lower: number;
  priorities: number[];
  ids: string[];
}

/**
 * Surplus flows down after own use (seeds 001 and 003): uppers before lowers, nearer lowers before farther ones, then
 * by priority, then by id; only own surplus, in whole units of the upper license.
 */
function lendSurplus(books: Books, pools: Map<string, PoolFigures>): void {
  if (books.substitutions.length === 0) return;
  for (const upperTag of topDown(books)) {
    const giver = pools.get(upperTag);
    if (giver === undefined) continue;
    for (const way of waysDown(books, upperTag)) {
      const taker = pools.get(way.tag);
      if (taker === undefined || taker.balance >= 0 || giver.balance <= 0) continue;
      const covered = Math.min(-taker.balance, Math.floor((giver.balance * way.lower) / way.upper));
      if (covered === 0) continue;
      const given = Math.ceil((covered * way.upper) / way.lower);
      giver.lent += given;
      giver.balance -= given;
      taker.borrowed += covered;
      taker.balance += covered;
    }
  }
}

const idOf = (books: Books, tag: string): string => books.licenses.get(tag)?.licenseId ?? '';
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

function topDown(books: Books): string[] {
  const { substitutions } = books;
  let left = new Set(substitutions.flatMap(({ upperTag, lowerTag }) => [upperTag, lowerTag]));
  const order: string[] = [];
  while (left.size > 0) {
    const ready = [...left].filter(
      (tag) => !substitutions.some((edge) => edge.lowerTag === tag && left.has(edge.upperTag)),
    );
    ready.sort((one, other) => compare(idOf(books, one), idOf(books, other)));
    order.push(...ready);
    left = new Set([...left].filter((tag) => !ready.includes(tag)));
  }
  return order.filter((tag) => substitutions.some((edge) => edge.upperTag === tag));
}

function waysDown(books: Books, upperTag: string): Way[] {
  const found: Way[] = [];
  let level: Way[] = [{ tag: upperTag, upper: 1, lower: 1, priorities: [], ids: [] }];
  while (level.length > 0) {
    const next = level.flatMap((from) =>
      books.substitutions
        .filter((edge) => edge.upperTag === from.tag)
        .map((edge) => ({
          tag: edge.lowerTag,
          upper: from.upper * edge.upperQuantity,
          lower: from.lower * edge.lowerQuantity,
          priorities: [...from.priorities, edge.priority],
          ids: [...from.ids, idOf(books, edge.lowerTag)],
        })),
    );
    next.sort(compareWays);
    level = next.filter(
      (way, index) =>
        !found.some(({ tag }) => tag === way.tag) && next.findIndex(({ tag }) => tag === way.tag) === index,
    );
    found.push(...level);
  }
  return found;
}

function compareWays(left: Way, right: Way): number {
  for (const [index, priority] of left.priorities.entries()) {
    const difference = priority - (right.priorities[index] ?? 0);
    if (difference !== 0) return difference;
  }
  for (const [index, id] of left.ids.entries()) {
    const difference = compare(id, right.ids[index] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}
