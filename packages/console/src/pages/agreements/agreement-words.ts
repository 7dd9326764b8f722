import type { accountAgreement, agreementAcceptance } from '@estover/protocol';
import type { z } from 'zod';
import { roleNames } from '../../account.tsx';
import { formatDay } from '../../format.ts';
import type { Tone } from '../../parts/figures.tsx';

export type Agreement = z.infer<typeof accountAgreement>;
export type Acceptance = z.infer<typeof agreementAcceptance>;
export type Standing = Agreement['standing'];

export const standings: Record<Standing, { label: string; tone: Tone }> = {
  accepted: { label: 'Accepted', tone: 'ok' },
  open: { label: 'To accept', tone: 'warn' },
  overdue: { label: 'Overdue', tone: 'bad' },
};

const gateWords: Record<string, string> = {
  tokens: 'makes no new tokens',
  delivery: 'takes no delivery',
  transfers: 'moves nothing',
  downloads: 'downloads no reports',
};

/** What is closed, as the end of a sentence about the account: "makes no new tokens and takes no delivery". */
export function closedInWords(blocked: readonly string[]): string {
  const words = blocked.map((gate) => gateWords[gate] ?? gate);
  if (words.length === 0) return 'goes on as before';
  return words.length === 1 ? String(words[0]) : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** What matters about the agreements of an account; null where all are accepted. */
export function openInWords(agreements: readonly Agreement[], blocked: readonly string[]): string | null {
  const waiting = agreements
    .filter(({ standing }) => standing !== 'accepted')
    .toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : 1));
  const [first] = waiting;
  if (first === undefined) return null;
  const title = `${first.version.title}, version ${first.version.version}`;
  const more = waiting.length === 1 ? '' : ` (and ${waiting.length - 1} more)`;
  const day = formatDay(first.dueAt);
  return first.standing === 'overdue'
    ? `${title}${more} should have been accepted by ${day}. Until it is, the account ${closedInWords(blocked)}.`
    : `${title}${more} waits to be accepted by ${day}. After that the account ${closedInWords(blocked)}.`;
}

/** Why somebody who may not accept does not, and who does. */
export function reasonAgainstAccepting(hasRole: boolean, onlyAcceptedBy: string | null): string {
  if (hasRole && onlyAcceptedBy !== null) {
    return `Only ${onlyAcceptedBy} accepts for this account: it is for limited use, and no partner accepts for it.`;
  }
  return 'An approver or account administrator accepts it for the company.';
}

/** Who accepted, and as what. */
export function acceptedByInWords({ how, person, role }: Acceptance): string {
  if (how === 'elsewhere') return 'Agreed elsewhere, as the operator says who made the account';
  if (how === 'before-records' || person === null) return 'Before acceptances were recorded';
  return `${person.name}, ${role !== null && role in roleNames ? roleNames[role as keyof typeof roleNames].toLowerCase() : 'member'}`;
}
