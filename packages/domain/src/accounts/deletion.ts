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
  /** Where each kind of what it holds goes; null where nothing was said. */
  readonly goesTo: {
    readonly licenses: string | null;
    readonly productInstances: string | null;
    /** `revoked` where tokens go nowhere. */
    readonly tokens: string | 'revoked' | null;
    readonly children: Place | null;
  };
};

export type DeletionRefusal =
  | Refusal<'default-virtual-account'>
  | Refusal<'virtual-account-not-empty', Contents & { readonly children: number }>
  | PlaceRefusal;

/**
 * Decides whether a virtual account may be deleted, and what becomes of what it holds: its value is the new depth of
 * each child. Everything it holds needs a place; order lines that are not delivered go with the licenses. Nothing may go
 * to the virtual account itself, and its children to nothing nested in it, for that moves along with them
 * (specification `accounts-and-access.md`, "Virtual accounts").
 */
export function deleteVirtualAccount(
  facts: DeletionFacts,
): Decision<{ children: readonly { virtualAccountId: string; depth: number }[] }, DeletionRefusal> {
  const { virtualAccountId, contents, children, goesTo } = facts;
  if (facts.isDefault) return refuse('default-virtual-account', {});
  if ([goesTo.licenses, goesTo.productInstances, goesTo.tokens].includes(virtualAccountId)) {
    return refuse('nested-in-itself', {});
  }
  const to = goesTo.children?.parent ?? null;
  if (to !== null && [to.virtualAccountId, ...to.ancestorIds].includes(virtualAccountId)) {
    return refuse('nested-in-itself', {});
  }
  const isLeft =
    (contents.licenses + contents.openOrderLines > 0 && goesTo.licenses === null) ||
    (contents.productInstances > 0 && goesTo.productInstances === null) ||
    (contents.tokens > 0 && goesTo.tokens === null) ||
    (children.length > 0 && goesTo.children === null);
  if (isLeft) return refuse('virtual-account-not-empty', { ...contents, children: children.length });
  // The one that goes frees its name, if it lay beside its children's new place.
  const siblings = (goesTo.children?.siblings ?? []).filter(
    (each) => each.virtualAccountId !== virtualAccountId,
  );
  const placed: { virtualAccountId: string; depth: number }[] = [];
  for (const child of children.toSorted((a, b) => (nameKey(a.name) < nameKey(b.name) ? -1 : 1))) {
    const decision = placeVirtualAccount(child, { parent: to, siblings });
    if (!decision.ok) return decision;
    placed.push({ virtualAccountId: child.virtualAccountId, depth: decision.value.depth });
  }
  return accept({ children: placed });
}
