import { type AccountRole, accountRoles } from './roles.ts';

/** A virtual account that a role names, with the names from the top down to it. */
export interface ReviewedPlace {
  readonly virtualAccountId: string;
  readonly path: readonly string[];
  /** With everything nested in it. */
  readonly nested: boolean;
}

/** A role that somebody holds, by themselves or by a group, as a review looks at it. */
export interface ReviewedGrant {
  readonly grantId: string;
  readonly role: AccountRole;
  /** Null for the whole account. */
  readonly virtualAccounts: readonly ReviewedPlace[] | null;
  /** The group's name where it is by a group. */
  readonly group: string | null;
  readonly until: Temporal.Instant | null;
  readonly soldBy: string | null;
  readonly kept: { readonly by: string; readonly at: Temporal.Instant } | null;
}

/** Where somebody has one of the six roles, put together from all grants of it. */
export interface ReviewCell {
  role: AccountRole;
  /** The grants behind it, in the order they were given in. */
  grantIds: string[];
  wholeAccount: boolean;
  /** By their names from the top down; one that is named twice reaches as far as its widest mention. */
  virtualAccounts: ReviewedPlace[];
  groups: string[];
  /** When the first of them ends that does, and how many do. */
  until: Temporal.Instant | null;
  ending: number;
  soldBy: string | null;
  /** How many nobody ever looked at, and of the others the look that is longest ago. */
  neverKept: number;
  kept: { by: string; at: Temporal.Instant } | null;
}

const wordsOf = ({ path }: ReviewedPlace): string => path.join('\u0000').toLowerCase();
const byName = (a: ReviewedPlace, b: ReviewedPlace): number => (wordsOf(a) < wordsOf(b) ? -1 : 1);
const earliestFirst = (a: Temporal.Instant, b: Temporal.Instant): number => Temporal.Instant.compare(a, b);

/** One row of the matrix of an access review: what somebody holds, role by role in the order of the table of roles. */
export const reviewCells = (grants: readonly ReviewedGrant[]): ReviewCell[] =>
  accountRoles.flatMap((role) => {
    const behind = grants.filter((grant) => grant.role === role);
    return behind.length === 0 ? [] : [cellOf(role, behind)];
  });

function cellOf(role: AccountRole, grants: readonly ReviewedGrant[]): ReviewCell {
  const places = new Map<string, ReviewedPlace>();
  for (const place of grants.flatMap(({ virtualAccounts }) => virtualAccounts ?? [])) {
    if (place.nested || !places.has(place.virtualAccountId)) places.set(place.virtualAccountId, place);
  }
  const ends = grants.flatMap(({ until }) => (until === null ? [] : [until]));
  const looks = grants.flatMap(({ kept }) => (kept === null ? [] : [kept]));
  return {
    role,
    grantIds: grants.map(({ grantId }) => grantId),
    wholeAccount: grants.some(({ virtualAccounts }) => virtualAccounts === null),
    virtualAccounts: [...places.values()].sort(byName),
    groups: [...new Set(grants.flatMap(({ group }) => (group === null ? [] : [group])))].sort(),
    until: ends.sort(earliestFirst)[0] ?? null,
    ending: ends.length,
    soldBy: grants.find(({ soldBy }) => soldBy !== null)?.soldBy ?? null,
    neverKept: grants.length - looks.length,
    kept: looks.sort((a, b) => earliestFirst(a.at, b.at))[0] ?? null,
  };
}
