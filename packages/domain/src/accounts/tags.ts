import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';
import { nameKey } from './place.ts';

/** An account has so many tag keys at most. */
export const maximumTagKeys = 20;

/** A tag key allows 1 to so many values. */
export const maximumTagValues = 100;

/** Characters of the name of a key or value. */
export const maximumTagName = 60;

/** One of the values that a key allows, such as Sales. */
export type TagValue = { readonly tagValueId: string; readonly name: string };

/** A key such as Department, of which a virtual account carries at most one value. */
export type TagKey = {
  readonly tagKeyId: string;
  readonly name: string;
  readonly values: readonly TagValue[];
};

export type TagKeyChange = {
  readonly name?: string | undefined;
  readonly add: readonly TagValue[];
  readonly rename: readonly TagValue[];
  /** Ids of values. */
  readonly remove: readonly string[];
};

type What = { readonly what: 'key' | 'value' };

export type TagRefusal =
  | Refusal<'tag-name-taken', What & { readonly name: string }>
  | Refusal<'tag-limit', What & { readonly maximum: number; readonly count: number }>
  | Refusal<'unknown-tag-value', { readonly id: string }>
  | Refusal<'tag-in-use', { readonly virtualAccounts: number; readonly confirmed: number }>
  | Refusal<'nothing-to-do'>;

type NameRefusal = Extract<TagRefusal, { code: 'tag-name-taken' | 'tag-limit' }>;

/**
 * Decides whether an account may have one more tag key (seed 003). That accounts for limited use have none is decided
 * before.
 *
 * @param others the keys that the account has already
 */
export function defineTagKey(made: TagKey, others: readonly TagKey[]): Decision<TagKey, NameRefusal> {
  if (others.length >= maximumTagKeys) {
    return refuse('tag-limit', { what: 'key' as const, maximum: maximumTagKeys, count: others.length + 1 });
  }
  return refusedNames(made, others) ?? accept(made);
}

/**
 * Decides what a tag key is after a change. Values are removed first, then renamed, then added, so that the name of one
 * that goes is free for another.
 *
 * @param others the account's other keys
 */
export function changeTagKey(
  before: TagKey,
  others: readonly TagKey[],
  change: TagKeyChange,
): Decision<TagKey, TagRefusal> {
  const kept = before.values.filter(({ tagValueId }) => !change.remove.includes(tagValueId));
  const unknown =
    change.remove.find((id) => before.values.every(({ tagValueId }) => tagValueId !== id)) ??
    change.rename.find((value) => kept.every(({ tagValueId }) => tagValueId !== value.tagValueId))
      ?.tagValueId;
  if (unknown !== undefined) return refuse('unknown-tag-value', { id: unknown });
  const after: TagKey = {
    tagKeyId: before.tagKeyId,
    name: change.name ?? before.name,
    values: [
      ...kept.map(
        (value) => change.rename.find(({ tagValueId }) => tagValueId === value.tagValueId) ?? value,
      ),
      ...change.add,
    ],
  };
  const isRenamed = after.name !== before.name;
  const areValuesChanged =
    after.values.length !== before.values.length ||
    after.values.some(({ tagValueId, name }) =>
      before.values.every((value) => value.tagValueId !== tagValueId || value.name !== name),
    );
  if (!isRenamed && !areValuesChanged) return refuse('nothing-to-do', {});
  return refusedNames(after, others) ?? accept(after);
}

/**
 * What virtual accounts carry is only taken from them by somebody who was told from how many: the dry run says it.
 *
 * @param carrying virtual accounts that carry what is to be removed
 * @param confirmed how many of them the caller expects at most
 */
export function confirmTagRemoval(
  carrying: number,
  confirmed: number,
): Decision<null, Extract<TagRefusal, { code: 'tag-in-use' }>> {
  return carrying > confirmed ? refuse('tag-in-use', { virtualAccounts: carrying, confirmed }) : accept(null);
}

/** A value that a virtual account is to carry of a key; null for none. */
export type TagChoice = { readonly tagKeyId: string; readonly tagValueId: string | null };

/**
 * Decides what changes of the tags that a virtual account carries: its value are those choices that differ from what it
 * carries. A value has to be one that the key allows.
 *
 * @param keys all of the account
 */
export function carryTags(
  carried: readonly TagChoice[],
  keys: readonly TagKey[],
  choices: readonly TagChoice[],
): Decision<readonly TagChoice[], Extract<TagRefusal, { code: 'unknown-tag-value' | 'nothing-to-do' }>> {
  for (const { tagKeyId, tagValueId } of choices) {
    const key = keys.find((one) => one.tagKeyId === tagKeyId);
    if (key === undefined) return refuse('unknown-tag-value', { id: tagKeyId });
    if (tagValueId !== null && key.values.every((value) => value.tagValueId !== tagValueId)) {
      return refuse('unknown-tag-value', { id: tagValueId });
    }
  }
  const now = new Map(carried.map(({ tagKeyId, tagValueId }) => [tagKeyId, tagValueId]));
  const changed = choices.filter(({ tagKeyId, tagValueId }) => (now.get(tagKeyId) ?? null) !== tagValueId);
  return changed.length === 0 ? refuse('nothing-to-do', {}) : accept(changed);
}

/** Names of keys are unique in an account, and those of values in their key, without regard to case. */
function refusedNames(key: TagKey, others: readonly TagKey[]): NameRefusal | null {
  if (others.some(({ name }) => nameKey(name) === nameKey(key.name))) {
    return refuse('tag-name-taken', { what: 'key' as const, name: key.name });
  }
  const count = key.values.length;
  if (count < 1 || count > maximumTagValues) {
    return refuse('tag-limit', { what: 'value' as const, maximum: maximumTagValues, count });
  }
  const seen = new Set<string>();
  for (const { name } of key.values) {
    if (seen.has(nameKey(name))) return refuse('tag-name-taken', { what: 'value' as const, name });
    seen.add(nameKey(name));
  }
  return null;
}
