import type { MovementKind } from './movements/movement.ts';

/** Something that changed the balance of a pool. `change` is signed: below 0 it made the balance smaller. */
export type BalanceChange =
  | {
      readonly kind: 'usage';
      readonly at: Temporal.Instant;
      readonly instanceId: string;
      readonly before: number;
      readonly after: number;
    }
  | {
      readonly kind: 'movement';
      readonly at: Temporal.Instant;
      readonly movementId: string;
      readonly movement: MovementKind;
      readonly change: number;
      readonly lotIds: readonly string[];
    }
  | {
      readonly kind: 'substitution';
      readonly at: Temporal.Instant;
      readonly otherLicenseId: string;
      readonly change: number;
    };

/** Something that made, or kept, a pool short, with how many units it is behind. */
export type ShortageCause =
  | { readonly kind: 'instance'; readonly instanceId: string; readonly raisedBy: number }
  | {
      readonly kind: 'movement';
      readonly movementId: string;
      readonly movement: MovementKind;
      readonly at: Temporal.Instant;
      readonly tookAway: number;
      readonly lotIds: readonly string[];
    }
  | {
      readonly kind: 'expiry';
      readonly movementId: string;
      readonly at: Temporal.Instant;
      readonly expired: number;
      readonly lotIds: readonly string[];
    }
  | { readonly kind: 'substitution'; readonly otherLicenseId: string; readonly tookAway: number };

export type Explanation = {
  readonly shortBy: number;
  /** When the balance last fell below 0; null when it was below 0 through all the changes given. */
  readonly since: Temporal.Instant | null;
  /** Largest first; then in order of time. */
  readonly causes: readonly ShortageCause[];
};

export type ExplainFacts = {
  /** The balance now; at or above 0 there is nothing to explain. */
  readonly balance: number;
  /** Changes up to now, oldest first, reaching back at least to when the pool was last in compliance. */
  readonly changes: readonly BalanceChange[];
};

/**
 * Why a pool is short: since when, and through whom. Counts what happened from the fall below 0 on, the fall included:
 * instances by what they use more now than then (one that rose and fell again is no cause), and every movement, expiry
 * and substitution that took units away. Null when the pool is not short.
 */
export function explainShortage({ balance, changes }: ExplainFacts): Explanation | null {
  if (balance >= 0) return null;
  let first = changes.length;
  let earlier = balance;
  while (first > 0 && earlier < 0) {
    first -= 1;
    const change = changes[first];
    if (change) earlier -= changeOf(change);
  }
  const fall = earlier >= 0 ? changes[first] : undefined;
  return { shortBy: -balance, since: fall?.at ?? null, causes: causesIn(changes.slice(first)) };
}

/** How a change changed the balance. */
export function changeOf(change: BalanceChange): number {
  return change.kind === 'usage' ? change.before - change.after : change.change;
}

function causesIn(changes: readonly BalanceChange[]): readonly ShortageCause[] {
  const raised = new Map<string, number>();
  const lost = new Map<string, number>();
  const causes: ShortageCause[] = [];
  for (const each of changes) {
    if (each.kind === 'usage') {
      raised.set(each.instanceId, (raised.get(each.instanceId) ?? 0) + each.after - each.before);
    } else if (each.kind === 'substitution') {
      lost.set(each.otherLicenseId, (lost.get(each.otherLicenseId) ?? 0) - each.change);
    } else if (each.change < 0) {
      const { movementId, at, lotIds, movement } = each;
      const units = -each.change;
      causes.push(
        movement === 'expire'
          ? { kind: 'expiry', movementId, at, expired: units, lotIds }
          : { kind: 'movement', movementId, movement, at, tookAway: units, lotIds },
      );
    }
  }
  for (const [instanceId, raisedBy] of raised) {
    if (raisedBy > 0) causes.push({ kind: 'instance', instanceId, raisedBy });
  }
  for (const [otherLicenseId, tookAway] of lost) {
    if (tookAway > 0) causes.push({ kind: 'substitution', otherLicenseId, tookAway });
  }
  return causes.sort((left, right) => unitsOf(right) - unitsOf(left));
}

function unitsOf(cause: ShortageCause): number {
  switch (cause.kind) {
    case 'instance':
      return cause.raisedBy;
    case 'expiry':
      return cause.expired;
    case 'movement':
    case 'substitution':
      return cause.tookAway;
  }
}
