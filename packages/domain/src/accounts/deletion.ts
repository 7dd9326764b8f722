import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';
import { nameKey, type Place, type PlaceRefusal, placeVirtualAccount } from './place.ts';

/** What a virtual account holds. All counts; `openOrderLines` are those not delivered yet. */
export type Contents = {
  readonly licenses: number;
  readonly productInstances: number;
  readonly tokens: number;
  readonly openOrderLines: number;
};

export type Child = { readonly virtualAccountId: string; readonly name: string; readonly height: number };

export type DeletionFacts = {
  readonly virtualAccountId: string;
  readonly isDefault: boolean;
  readonly contents: Contents;
  readonly children: readonly Child[];
  /** The virtual account that takes the contents, as the place its children come to; null when none was named. */
  readonly contentsTo: Place | null;
};

export type DeletionRefusal =
  | Refusal<'default-virtual-account'>
  | Refusal<'virtual-account-not-empty', Contents & { readonly children: number }>
  | PlaceRefusal;

/**
 * Decides whether a virtual account may be deleted, and what becomes of what it holds: its value is the new depth of
 * each child. Contents may not go to itself or to something nested in it, for that moves along with its children
 * (specification `accounts-and-access.md`, "Virtual accounts").
 */
export function deleteVirtualAccount(
  facts: DeletionFacts,
): Decision<{ children: readonly { virtualAccountId: string; depth: number }[] }, DeletionRefusal> {
  const { virtualAccountId, contents, children, contentsTo } = facts;
  if (facts.isDefault) return refuse('default-virtual-account', {});
  if (contentsTo === null) {
    const held = Object.values(contents).some((count) => count > 0) || children.length > 0;
    return held
      ? refuse('virtual-account-not-empty', { ...contents, children: children.length })
      : accept({ children: [] });
  }
  const to = contentsTo.parent;
  if (to !== null && [to.virtualAccountId, ...to.ancestorIds].includes(virtualAccountId)) {
    return refuse('nested-in-itself', {});
  }
  // The one that goes frees its name, if it lay beside its children's new place.
  const siblings = contentsTo.siblings.filter((each) => each.virtualAccountId !== virtualAccountId);
  const placed: { virtualAccountId: string; depth: number }[] = [];
  for (const child of children.toSorted((a, b) => (nameKey(a.name) < nameKey(b.name) ? -1 : 1))) {
    const decision = placeVirtualAccount(child, { parent: to, siblings });
    if (!decision.ok) return decision;
    placed.push({ virtualAccountId: child.virtualAccountId, depth: decision.value.depth });
  }
  return accept({ children: placed });
}
