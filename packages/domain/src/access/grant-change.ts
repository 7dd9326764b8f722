import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';
import { type GrantScope, normalizeScope, sameScope } from './roles.ts';

/** What of a grant can be changed; another role is another grant. */
export interface GrantTerms {
  readonly scope: GrantScope;
  /** When the role ends; null: never. */
  readonly until: Temporal.Instant | null;
  /** The seller whose lots are all that the person sees, in all their roles; null without a limit. */
  readonly soldBy: string | null;
}

export type GrantChange = { readonly [Name in keyof GrantTerms]?: GrantTerms[Name] | undefined };

export interface ChangedGrant {
  readonly terms: GrantTerms;
  readonly changed: { readonly [Name in keyof GrantTerms]: boolean };
}

export type GrantChangeRefusal = Refusal<'nothing-to-do'> | Refusal<'seller-limit-differs'>;

/**
 * Decides what a grant is after a change. The limit to a seller holds for all roles of a person, so it is changed with a role
 * only where that is the person's only one: with others they would lose or gain by it unasked.
 *
 * @param others how many other roles the person has in the account
 */
export function changeGrant(
  before: GrantTerms,
  change: GrantChange,
  others: number,
): Decision<ChangedGrant, GrantChangeRefusal> {
  const terms: GrantTerms = {
    scope: normalizeScope(change.scope ?? before.scope),
    until: change.until === undefined ? before.until : change.until,
    soldBy: change.soldBy === undefined ? before.soldBy : change.soldBy,
  };
  const changed = {
    scope: !sameScope(terms.scope, before.scope),
    until: String(terms.until) !== String(before.until),
    soldBy: terms.soldBy !== before.soldBy,
  };
  if (!Object.values(changed).includes(true)) return refuse('nothing-to-do', {});
  if (changed.soldBy && others > 0) return refuse('seller-limit-differs', {});
  return accept({ terms, changed });
}

/** What happens to a grant, as the end of a sentence: `, until 2026-12-31T23:59:59Z`. */
export function changeInWords({ terms, changed }: ChangedGrant, before: GrantTerms): string {
  const parts = [
    changed.until ? (terms.until === null ? 'without an end' : `until ${terms.until}`) : null,
    changed.scope ? (terms.scope.kind === 'account' ? 'in the whole account' : 'in other places') : null,
    changed.soldBy
      ? terms.soldBy === null
        ? `no longer limited to the lots of ${before.soldBy}`
        : `limited to the lots of ${terms.soldBy}`
      : null,
  ];
  return parts
    .filter((part) => part !== null)
    .map((part) => `, ${part}`)
    .join('');
}
