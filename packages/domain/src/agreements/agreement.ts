import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/** What can be closed to an account that has not accepted in time (specification, Agreements). */
export const agreementGates = ['tokens', 'delivery', 'transfers', 'downloads'] as const;
export type AgreementGate = (typeof agreementGates)[number];

/** How many days an account has to accept a new version, if the operator says nothing else. */
export const defaultDeadlineDays = 30;
export const longestDeadlineDays = 365;

/** How an account stands to the newest version of an agreement. */
export type AgreementStanding = 'accepted' | 'open' | 'overdue';

/** The newest version of an agreement, and what an account has accepted of it. */
export interface AgreementFacts {
  readonly agreement: string;
  readonly title: string;
  readonly version: number;
  readonly publishedAt: Temporal.Instant;
  readonly deadlineDays: number;
  /** The highest version that was accepted; null for none. */
  readonly acceptedVersion: number | null;
}

/** Until when an account accepts a version: nobody is late for a text that is older than the account itself. */
export function dueAtOf(
  { publishedAt, deadlineDays }: Pick<AgreementFacts, 'publishedAt' | 'deadlineDays'>,
  accountCreatedAt: Temporal.Instant,
): Temporal.Instant {
  const since = Temporal.Instant.compare(publishedAt, accountCreatedAt) < 0 ? accountCreatedAt : publishedAt;
  return since.add({ hours: 24 * deadlineDays });
}

/** How an account stands to the newest version now; from the deadline on it is overdue. */
export function standingOf(
  facts: AgreementFacts,
  accountCreatedAt: Temporal.Instant,
  now: Temporal.Instant,
): AgreementStanding {
  if ((facts.acceptedVersion ?? 0) >= facts.version) return 'accepted';
  return Temporal.Instant.compare(dueAtOf(facts, accountCreatedAt), now) <= 0 ? 'overdue' : 'open';
}

export type AgreementRefusal = Refusal<'agreement-overdue', { readonly overdue: readonly AgreementFacts[] }>;

/**
 * Whether an account may go through a gate: it may unless the gate is closed on this platform and an agreement is overdue.
 * The refusal names every overdue one.
 */
export function judgeGate(
  gate: AgreementGate,
  blocked: readonly AgreementGate[],
  agreements: readonly AgreementFacts[],
  accountCreatedAt: Temporal.Instant,
  now: Temporal.Instant,
): Decision<'open', AgreementRefusal> {
  if (!blocked.includes(gate)) return accept('open');
  const overdue = agreements.filter((facts) => standingOf(facts, accountCreatedAt, now) === 'overdue');
  return overdue.length === 0 ? accept('open') : refuse('agreement-overdue', { overdue });
}
