import type { AccountRole } from '../access/roles.ts';
import { type AccountKind, limitedUse } from './account-kind.ts';
import { maximumDepth, nameKey } from './place.ts';

/**
 * Merging an account into another one, and splitting virtual accounts off into a new one (specification
 * `accounts-and-access.md`, "Accounts"): proposed on one side, consented to on the other, and undone within a few days.
 */
export const moveKinds = ['merge', 'split'] as const;
export type MoveKind = (typeof moveKinds)[number];

export const moveStates = ['proposed', 'declined', 'withdrawn', 'expired', 'done', 'undone'] as const;
export type MoveState = (typeof moveStates)[number];

/** What each state may become. Those that become nothing are closed. */
const nextStates: Record<MoveState, readonly MoveState[]> = {
  proposed: ['declined', 'withdrawn', 'expired', 'done'],
  declined: [],
  withdrawn: [],
  expired: [],
  done: ['undone'],
  undone: [],
};

export const moveMayBecome = (from: MoveState, to: MoveState): boolean => nextStates[from].includes(to);

/** For how long the other side may consent. */
export const consentDays = 14;

/** For how long it may be undone. */
export const undoMoveDays = 7;

/** Days until a state ends by itself, or until nothing can be done in it any more; null where it lasts. */
export const moveDays: Record<MoveState, number | null> = {
  proposed: consentDays,
  declined: null,
  withdrawn: null,
  expired: null,
  done: undoMoveDays,
  undone: null,
};

/** Longest name of a virtual account. */
const longestName = 80;

/** A virtual account, or a group, that comes under others and may clash with them by name. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface ChosenName extends Named {
  /** What it is called in the account it comes to. */
  readonly newName: string;
  /** Whether its own name is taken there. */
  readonly clashes: boolean;
}

/**
 * Names for what comes under others: its own, or the one that was wanted for it, or where its own is taken its own with
 * `suffix` in brackets. A wanted name that is taken is not changed: it is named in `taken`.
 *
 * @param suffix what tells them apart for people: the name of the account they come from
 */
export function chooseNames(
  coming: readonly Named[],
  there: readonly string[],
  wanted: ReadonlyMap<string, string>,
  suffix: string,
): { chosen: ChosenName[]; taken: string[] } {
  const thereKeys = new Set(there.map(nameKey));
  const used = new Set(thereKeys);
  const taken: string[] = [];
  const chosen = new Map<string, ChosenName>();
  // Names that somebody chose come before those that are made up around them.
  const first = coming.filter(({ id, name }) => wanted.has(id) || !thereKeys.has(nameKey(name)));
  for (const { id, name } of first) {
    const newName = wanted.get(id) ?? name;
    if (used.has(nameKey(newName))) {
      if (!wanted.has(id)) continue;
      taken.push(newName);
    }
    used.add(nameKey(newName));
    chosen.set(id, { id, name, newName, clashes: thereKeys.has(nameKey(name)) });
  }
  for (const { id, name } of coming) {
    if (chosen.has(id)) continue;
    const newName = freeName(name, suffix, used);
    used.add(nameKey(newName));
    chosen.set(id, { id, name, newName, clashes: true });
  }
  return { chosen: coming.map(({ id }) => chosen.get(id) as ChosenName), taken };
}

function freeName(name: string, suffix: string, used: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const end = ` (${suffix.slice(0, 40)}${number === 1 ? '' : ` ${number}`})`;
    const made = `${name.slice(0, longestName - end.length).trimEnd()}${end}`;
    if (!used.has(nameKey(made))) return made;
  }
}

/**
 * The role at virtual accounts that stands for a role in the whole account and never gives more; null where there is
 * none.
 */
export function carriedRole(role: AccountRole): AccountRole | null {
  switch (role) {
    case 'account-administrator':
      return 'virtual-account-administrator';
    case 'account-user':
      return 'virtual-account-user';
    case 'approver':
      return null;
    default:
      return role;
  }
}

type Side = { readonly kind: AccountKind; readonly status: string; readonly name: string };

/** What a merge or split is judged on. The account of a split that is not made yet is active and of the same kind. */
export interface MoveFacts {
  readonly kind: MoveKind;
  readonly from: Side;
  readonly into: Side;
  /** Levels of what moves, and the level it comes under: 0 at the top. */
  readonly height: number;
  readonly parentDepth: number;
  readonly virtualAccounts: { readonly moving: number; readonly there: number };
  /** People who would have a role in the account that gets them. */
  readonly peopleAfter: number;
  readonly movesDefault: boolean;
  /** Units that are held for something that is not decided yet. */
  readonly held: number;
  /** Product instances that are registered on both sides, by their names; not all if they are many. */
  readonly duplicates: readonly string[];
  /** Names that were wanted and are taken. */
  readonly takenNames: readonly string[];
  /** Whether the account that gets them would have more tag keys or values than there may be. */
  readonly tooManyTags: boolean;
}

export type MoveBlockCode =
  | 'account-not-active'
  | 'kinds-differ'
  | 'limited-use'
  | 'default-virtual-account'
  | 'nested-too-deep'
  | 'name-taken'
  | 'tag-limit'
  | 'licenses-held'
  | 'registered-on-both-sides';

/** Something that has to be mended first, in a sentence. */
export interface MoveBlock {
  readonly code: MoveBlockCode;
  readonly detail: string;
}

/** Everything that stands in the way of a merge or split; empty when nothing does. */
export function judgeMove(facts: MoveFacts): MoveBlock[] {
  const { kind, from, into } = facts;
  const blocks: MoveBlock[] = [];
  const block = (code: MoveBlockCode, detail: string) => void blocks.push({ code, detail });
  for (const side of [from, into]) {
    if (side.status !== 'active') block('account-not-active', `${side.name} is ${side.status}.`);
  }
  if (!kindsFit(from.kind, into.kind)) {
    block('kinds-differ', `${from.name} is a ${from.kind} account and ${into.name} a ${into.kind} account.`);
  }
  if (kind === 'split' && from.kind === 'limited-use') {
    block('limited-use', 'An account for limited use cannot be split.');
  }
  if (kind === 'merge' && into.kind === 'limited-use') {
    const after = facts.virtualAccounts.there + facts.virtualAccounts.moving;
    if (after > limitedUse.virtualAccounts) {
      block('limited-use', `${into.name} would have ${after} virtual accounts; it may have 3.`);
    }
    if (facts.peopleAfter > limitedUse.people) {
      block('limited-use', `${facts.peopleAfter} people would have a role in ${into.name}; it may have 3.`);
    }
  }
  if (kind === 'split' && facts.movesDefault) {
    block('default-virtual-account', `The default virtual account stays in ${from.name}.`);
  }
  const deepest = facts.parentDepth + facts.height;
  if (deepest > maximumDepth) {
    block('nested-too-deep', `They would reach level ${deepest}; the deepest is ${maximumDepth}.`);
  }
  for (const name of facts.takenNames) block('name-taken', `The name ${name} is taken there.`);
  if (facts.tooManyTags) block('tag-limit', `${into.name} would have more tag keys or values than it may.`);
  if (facts.held > 0) {
    block('licenses-held', `${facts.held} units are held for something that is not decided yet.`);
  }
  if (facts.duplicates.length > 0) {
    block('registered-on-both-sides', `Registered on both sides: ${facts.duplicates.join(', ')}.`);
  }
  return blocks;
}

/** A holding account's licenses wait and a customer's are used, so they never mix; limited use grows into customer. */
function kindsFit(from: AccountKind, into: AccountKind): boolean {
  return from === into || (from === 'limited-use' && into === 'customer');
}

/** The two sides of a merge or split: whose virtual accounts go, and who gets them. */
export interface Sides {
  readonly from: boolean;
  readonly into: boolean;
}

/** Whether somebody's consent is that of the other side. `administers` says where they are administrator now. */
export function mayConsent(
  move: { readonly proposedBy: string; readonly proposedSide: keyof Sides },
  person: { readonly personId: string; readonly administers: Sides },
): 'yes' | 'not-theirs' | 'own-proposal' {
  const { from, into } = person.administers;
  const [own, other] = move.proposedSide === 'into' ? [into, from] : [from, into];
  if (!other) return person.personId === move.proposedBy ? 'own-proposal' : 'not-theirs';
  // Whoever administers both sides speaks for both; whoever lost their own side meanwhile agrees with themselves.
  return person.personId === move.proposedBy && !own ? 'own-proposal' : 'yes';
}

/** Things as people call them, with how many there are in all; not all are named if they are many. */
export interface Things {
  readonly count: number;
  readonly names: readonly string[];
}

/** What has changed since a merge or split, as far as it keeps the virtual accounts from going back. */
export interface UndoFacts {
  readonly from: { readonly name: string; readonly status: string };
  readonly into: { readonly name: string; readonly status: string };
  /** Licenses that came, and lie outside of the virtual accounts that go back. */
  readonly licensesOutside: Things;
  /** Licenses that did not come, and were brought into them from elsewhere in the account. */
  readonly licensesInside: Things;
  readonly instancesOutside: Things;
  readonly instancesInside: Things;
  /** Virtual accounts that came and were nested below others, and others that were nested below them. */
  readonly virtualAccountsOutside: Things;
  readonly virtualAccountsInside: Things;
  /** Names at the place they come back to that were given anew. */
  readonly takenNames: Things;
  /** Parents that are deleted, or lie deeper now. */
  readonly lostParents: Things;
  readonly held: number;
  readonly duplicates: readonly string[];
  /** Whether the default virtual account of the one is among what goes back. */
  readonly movesDefault: boolean;
  /** Whether something left the account that got it since, with another merge or split. */
  readonly leftSince: boolean;
}

export type UndoObstacleCode =
  | 'moved-on'
  | 'account-not-active'
  | 'licenses-moved'
  | 'instances-moved'
  | 'virtual-accounts-moved'
  | 'name-taken'
  | 'parent-gone'
  | 'licenses-held'
  | 'registered-on-both-sides'
  | 'default-virtual-account';

export interface UndoObstacle {
  readonly code: UndoObstacleCode;
  /** What it is, and what to do about it. */
  readonly detail: string;
}

/** What keeps a merge or split from being undone exactly; empty when nothing does. */
export function judgeUndo(facts: UndoFacts): UndoObstacle[] {
  const { from, into } = facts;
  const obstacles: UndoObstacle[] = [];
  const obstacle = (code: UndoObstacleCode, detail: string) => void obstacles.push({ code, detail });
  const named = (code: UndoObstacleCode, { count, names }: Things, does: string) => {
    if (count === 0) return;
    const more = count > names.length ? ` and ${count - names.length} more` : '';
    obstacle(code, `${names.join(', ')}${more} ${does}`);
  };
  if (into.status !== 'active') obstacle('account-not-active', `${into.name} is ${into.status}.`);
  if (from.status !== 'active' && from.status !== 'merged') {
    obstacle('account-not-active', `${from.name} is ${from.status}.`);
  }
  if (facts.leftSince) {
    obstacle('moved-on', `Another merge or split has taken something out of ${into.name} since.`);
  }
  const back = 'Move what came back to where it came to first.';
  const out = `Move it elsewhere in ${into.name} first.`;
  named('licenses-moved', facts.licensesOutside, `came with it and lies elsewhere by now. ${back}`);
  named('licenses-moved', facts.licensesInside, `was brought in from elsewhere. ${out}`);
  named('instances-moved', facts.instancesOutside, `came with it and is elsewhere by now. ${back}`);
  named('instances-moved', facts.instancesInside, `was brought in from elsewhere. ${out}`);
  named(
    'virtual-accounts-moved',
    facts.virtualAccountsOutside,
    `came with it and is nested elsewhere. ${back}`,
  );
  named('virtual-accounts-moved', facts.virtualAccountsInside, `was nested in it from elsewhere. ${out}`);
  named(
    'name-taken',
    facts.takenNames,
    `is the name of another virtual account in ${from.name} by now. Rename it first.`,
  );
  named('parent-gone', facts.lostParents, `was deleted in ${from.name}, or lies too deep by now.`);
  if (facts.held > 0)
    obstacle('licenses-held', `${facts.held} units are held for something that is not decided yet.`);
  if (facts.duplicates.length > 0) {
    obstacle('registered-on-both-sides', `Registered on both sides by now: ${facts.duplicates.join(', ')}.`);
  }
  if (facts.movesDefault) {
    obstacle(
      'default-virtual-account',
      `Make another virtual account the default one of ${into.name} first.`,
    );
  }
  return obstacles;
}
