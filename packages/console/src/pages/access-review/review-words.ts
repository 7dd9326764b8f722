import type { AccountRole } from '@estover/domain/access';
import type { AnswerOf, listAccessMatrix, listAccessReview } from '@estover/protocol';
import {
  count,
  formatNumber,
  formatPath,
  formatPathEnd,
  formatRelative,
  formatShortDay,
} from '../../format.ts';

export type Reviewed = AnswerOf<typeof listAccessReview>['items'][number];
export type MatrixRow = AnswerOf<typeof listAccessMatrix>['items'][number];
export type Cell = MatrixRow['cells'][number];

/** The roles as headings of narrow columns. */
export const shortRoleNames: Record<AccountRole, string> = {
  approver: 'Approver',
  'account-administrator': 'Account admin',
  'account-user': 'Account user',
  'virtual-account-administrator': 'VA admin',
  'virtual-account-user': 'VA user',
  viewer: 'Viewer',
};

/** Where a role reaches, in words. */
export function placesOf({ grant, virtualAccountPaths }: Reviewed): string {
  if (grant.scope.kind === 'account') return 'The whole account';
  return grant.scope.virtualAccounts
    .map(
      ({ nested }, index) =>
        `${formatPath(virtualAccountPaths[index] ?? [])}${nested ? ' with all in it' : ''}`,
    )
    .join(', ');
}

/** The first place of a cell, and how many more there are. */
export function cellHead({ wholeAccount, virtualAccounts }: Pick<Cell, 'wholeAccount' | 'virtualAccounts'>): {
  first: string;
  more: number;
} {
  if (wholeAccount) return { first: 'Whole account', more: virtualAccounts.length };
  const [place] = virtualAccounts;
  if (place === undefined) return { first: '', more: 0 };
  return {
    first: `${formatPathEnd(place.path)}${place.nested ? ' and nested' : ''}`,
    more: virtualAccounts.length - 1,
  };
}

/** Every place of a cell, in full. */
export const allPlaces = ({
  wholeAccount,
  virtualAccounts,
}: Pick<Cell, 'wholeAccount' | 'virtualAccounts'>) => [
  ...(wholeAccount ? ['Whole account'] : []),
  ...virtualAccounts.map(({ path, nested }) => `${formatPath(path)}${nested ? ' and nested' : ''}`),
];

/** What a reviewer has to know of a cell: by which group, until when, limited to whom, and who looked at it. */
export function cellMarks(cell: Omit<Cell, 'role' | 'wholeAccount' | 'virtualAccounts'>): string[] {
  const { grantIds, groups, until, ending, soldBy, neverKept, kept } = cell;
  const roles = grantIds.length;
  return [
    ...groups.map((name) => `by ${name}`),
    ...(until === null
      ? []
      : [
          roles === 1
            ? `ends ${formatShortDay(until)}`
            : `${ending} of ${roles} end, first ${formatShortDay(until)}`,
        ]),
    ...(soldBy === null ? [] : [`lots sold by ${soldBy}`]),
    neverKept === roles
      ? 'never looked at'
      : neverKept > 0
        ? `${neverKept} of ${roles} never looked at`
        : kept === null
          ? ''
          : `looked at ${formatRelative(kept.at)} by ${kept.by}`,
  ].filter((mark) => mark !== '');
}

/** Why a role is in effect in a virtual account, of which `aboveIds` are those it is nested in. */
export function whyHere(
  { grant, virtualAccountPaths }: Reviewed,
  here: { virtualAccountId: string; aboveIds: readonly string[] },
): string {
  const { scope } = grant;
  if (scope.kind === 'account') return 'for the whole account';
  if (scope.virtualAccounts.some((one) => one.virtualAccountId === here.virtualAccountId))
    return 'given here';
  const above = scope.virtualAccounts.findIndex(
    ({ virtualAccountId, nested }) => nested && here.aboveIds.includes(virtualAccountId),
  );
  return `from above: ${formatPath(virtualAccountPaths[above] ?? [])} with all in it`;
}

/** By which way people have a role, and how many by each where there is more than one. */
export function waysOf(ways: Record<'here' | 'fromAbove' | 'wholeAccount', number>): string {
  const used = (
    [
      ['here', ways.here],
      ['from above', ways.fromAbove],
      ['whole account', ways.wholeAccount],
    ] as const
  ).filter(([, people]) => people > 0);
  return used.length === 1
    ? (used[0]?.[0] ?? '')
    : used.map(([words, people]) => `${formatNumber(people)} ${words}`).join(', ');
}

/** The sentence above the matrix of people. */
export function peopleSentence({
  people,
  roles,
  neverKept,
}: Record<'people' | 'roles' | 'neverKept', number>): string {
  const hold = `${count(people, 'person holds', 'people hold')} ${count(roles, 'role')}`;
  return neverKept === 0
    ? `${hold}. Somebody has looked at each of them.`
    : `${hold}, ${neverKept} of them never looked at.`;
}

/** The sentence above the matrix of virtual accounts. */
export const placesSentence = ({
  total,
  everythingSeen,
}: {
  total: number;
  everythingSeen: boolean;
}): string =>
  `${count(total, 'virtual account')}: how many people have which role in each. ${
    everythingSeen
      ? 'Each person counts once, by the nearest way they have it.'
      : 'Whoever reaches in from above what you administer is not counted.'
  }`;
