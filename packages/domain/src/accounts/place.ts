import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/** Virtual accounts nest to 10 levels (seed 003). */
export const maximumDepth = 10;

/** Where a virtual account is to be: below a parent, or at the top. */
export type Place = {
  /** Null at the top. `ancestorIds` are those of the parent, without itself. */
  readonly parent: {
    readonly virtualAccountId: string;
    readonly depth: number;
    readonly ancestorIds: readonly string[];
  } | null;
  /** Those that are there already, without the one to be placed. */
  readonly siblings: readonly { readonly virtualAccountId: string; readonly name: string }[];
};

/** What is to be placed. A new virtual account has no id yet and height 1. */
export type Placed = {
  readonly virtualAccountId: string | null;
  readonly name: string;
  readonly height: number;
};

export type PlaceRefusal =
  | Refusal<'nested-in-itself'>
  | Refusal<'nested-too-deep', { readonly depth: number; readonly maximumDepth: number }>
  | Refusal<'name-taken', { readonly name: string; readonly virtualAccountId: string }>;

/** Two names that differ only in case or in how accents are encoded are the same name. */
export const nameKey = (name: string): string => name.normalize('NFC').toLowerCase();

/** Two paths are the same if they differ only in case, in how accents are encoded, or in blanks around slashes. */
export const pathKey = (path: string): string =>
  path
    .split('/')
    .map((name) => nameKey(name.trim()))
    .join('/');

/**
 * Decides whether a virtual account may be at a place; the value is its depth there, 1 at the top. A cycle is told
 * before depth, and depth before names, because that is the order in which a person would mend them.
 */
export function placeVirtualAccount(placed: Placed, place: Place): Decision<{ depth: number }, PlaceRefusal> {
  const { parent, siblings } = place;
  if (parent !== null && placed.virtualAccountId !== null) {
    const above = [parent.virtualAccountId, ...parent.ancestorIds];
    if (above.includes(placed.virtualAccountId)) return refuse('nested-in-itself', {});
  }
  const depth = (parent?.depth ?? 0) + 1;
  const deepest = depth + placed.height - 1;
  if (deepest > maximumDepth) return refuse('nested-too-deep', { depth: deepest, maximumDepth });
  const taken = siblings.find(({ name }) => nameKey(name) === nameKey(placed.name));
  if (taken !== undefined) {
    return refuse('name-taken', { name: taken.name, virtualAccountId: taken.virtualAccountId });
  }
  return accept({ depth });
}
