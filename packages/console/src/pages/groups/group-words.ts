import type { group } from '@estover/protocol';
import type { z } from 'zod';
import { count, formatNumber } from '../../format.ts';

export type Group = z.infer<typeof group>;

/** Whether a group's role has ended for everybody in it. */
export const hasEnded = ({ until }: Group, now = Date.now()): boolean =>
  until !== null && Date.parse(until) <= now;

/** What the page of groups says first. */
export function groupsSentence(groups: readonly Group[], hasMore: boolean, now = Date.now()): string {
  if (groups.length === 0) return 'People who do the same work can have their role together, as a group.';
  const ended = groups.filter((one) => hasEnded(one, now)).length;
  const empty = groups.filter(({ people }) => people === 0).length;
  const parts = [`${count(groups.length, 'group')}${hasMore ? ' and more' : ''}`];
  if (ended > 0) parts.push(`${formatNumber(ended)} ${ended === 1 ? 'has' : 'have'} ended`);
  if (empty > 0) parts.push(`${formatNumber(empty)} ${empty === 1 ? 'is' : 'are'} empty`);
  return `${parts.join(', ')}.`;
}

/** The end of a notice where API keys ended with what their makers lost. */
export const keysEnded = (keys: readonly { name: string }[]): string =>
  keys.length === 0
    ? ''
    : ` ${count(keys.length, 'API key')} ended with it: ${keys.map(({ name }) => name).join(', ')}.`;
