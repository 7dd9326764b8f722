import type { VirtualAccount } from '../../parts/virtual-accounts.ts';

/** Trees up to so many lines open whole; larger ones open at the top two levels. */
const openWhole = 60;

/** What is folded when the tree is first shown. */
export function initiallyFolded(items: readonly VirtualAccount[]): Set<string> {
  if (items.length <= openWhole) return new Set();
  return new Set(
    items.filter((one) => one.depth >= 2 && one.children > 0).map((one) => one.virtualAccountId),
  );
}

/** The lines in sight: those below no folded one. `items` is in depth-first order. */
export function inSight(items: readonly VirtualAccount[], folded: ReadonlySet<string>): VirtualAccount[] {
  const shown: VirtualAccount[] = [];
  let hiddenBelow: number | null = null;
  for (const item of items) {
    if (hiddenBelow !== null && item.depth > hiddenBelow) continue;
    hiddenBelow = folded.has(item.virtualAccountId) ? item.depth : null;
    shown.push(item);
  }
  return shown;
}

/**
 * The virtual accounts whose children are in sight without those of the top, and the one above the open line, which may
 * be out of sight.
 */
export function unfoldedIn(
  items: readonly VirtualAccount[],
  folded: ReadonlySet<string>,
  open: string | undefined,
): string[] {
  const parentId = items.find(({ virtualAccountId }) => virtualAccountId === open)?.parentId;
  // Whoever sees only parts of a tree may not see what a line is nested in.
  const above = items.some(({ virtualAccountId }) => virtualAccountId === parentId) ? parentId : null;
  const unfolded = inSight(items, folded).filter(
    ({ virtualAccountId, depth, children }) => depth >= 2 && children > 0 && !folded.has(virtualAccountId),
  );
  return [
    ...new Set([...unfolded.map(({ virtualAccountId }) => virtualAccountId), ...(above ? [above] : [])]),
  ];
}

/** The lines that match, each with all above it, so that a match keeps its place in the tree. */
export function matching(
  items: readonly VirtualAccount[],
  matches: (item: VirtualAccount) => boolean,
): VirtualAccount[] {
  const wanted = new Set<string>();
  const byId = new Map(items.map((item) => [item.virtualAccountId, item]));
  for (const item of items) {
    if (!matches(item)) continue;
    let here: VirtualAccount | undefined = item;
    while (here !== undefined && !wanted.has(here.virtualAccountId)) {
      wanted.add(here.virtualAccountId);
      here = here.parentId === null ? undefined : byId.get(here.parentId);
    }
  }
  return items.filter((item) => wanted.has(item.virtualAccountId));
}

/** The virtual account itself and everything nested in it. */
export function subtreeOf(items: readonly VirtualAccount[], virtualAccountId: string): Set<string> {
  const found = new Set([virtualAccountId]);
  for (const { virtualAccountId: id, parentId } of items) {
    if (parentId !== null && found.has(parentId)) found.add(id);
  }
  return found;
}
