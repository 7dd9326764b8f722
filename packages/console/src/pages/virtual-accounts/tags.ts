import type { AnswerOf, listTagKeys } from '@estover/protocol';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';

export type TagKey = AnswerOf<typeof listTagKeys>['items'][number];

/** A tag by which the tree is filtered. */
export interface ChosenTag {
  id: string;
  /** "Department: Sales", or "Department" for any value of it. */
  label: string;
  /** How the API is asked for it. */
  asked: { tagKeyId: string } | { tagValueId: string };
  isCarriedBy: (one: VirtualAccount) => boolean;
}

/** Every tag that can be chosen: each key, with its values behind it. */
export function tagChoices(keys: readonly TagKey[]): ChosenTag[] {
  return keys.flatMap(({ tagKeyId, name, values }) => [
    {
      id: tagKeyId,
      label: name,
      asked: { tagKeyId },
      isCarriedBy: ({ tags }: VirtualAccount) => tags.some((tag) => tag.tagKeyId === tagKeyId),
    },
    ...values.map(({ tagValueId, name: value }) => ({
      id: tagValueId,
      label: `${name}: ${value}`,
      asked: { tagValueId },
      isCarriedBy: ({ tags }: VirtualAccount) => tags.some((tag) => tag.tagValueId === tagValueId),
    })),
  ]);
}

/** The tag of an address; undefined for none, and for one that is not defined any more. */
export const chosenTag = (keys: readonly TagKey[], id: string | undefined): ChosenTag | undefined =>
  id === undefined ? undefined : tagChoices(keys).find((tag) => tag.id === id);

/** Whether a virtual account says some words, in small letters, in its name, description or values of tags. */
export const says = ({ name, description, tags }: VirtualAccount, words: string): boolean =>
  [name, description, ...tags.map(({ value }) => value)].some((text) => text.toLowerCase().includes(words));
