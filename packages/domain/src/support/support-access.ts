import type { SupportRole } from '../access/index.ts';
import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/** What an account says about support that wants to open it. */
export const supportRules = ['forbidden', 'ask', 'notice'] as const;
export type SupportRule = (typeof supportRules)[number];

/** Looking around, or doing things for the customer. */
export const supportModes = ['read', 'act'] as const;
export type SupportMode = (typeof supportModes)[number];

/** Which role a mode is, in the table of who may do what. */
export const supportRoleOf: Record<SupportMode, SupportRole> = {
  read: 'support-reader',
  act: 'support-agent',
};

/** How long a support access may last; the platform may say less than the most. */
export const supportMinutes = { least: 15, most: 480 } as const;

/** How long the customer may take for an answer. */
export const supportAnswerHours = 24;

export const supportStates = ['asked', 'open', 'declined', 'expired', 'withdrawn', 'ended'] as const;
export type SupportState = (typeof supportStates)[number];

/** What each state may become. Those that become nothing are over. */
const nextStates: Record<SupportState, readonly SupportState[]> = {
  asked: ['open', 'declined', 'expired', 'withdrawn'],
  open: ['ended'],
  declined: [],
  expired: [],
  withdrawn: [],
  ended: [],
};

export const supportMayBecome = (from: SupportState, to: SupportState): boolean =>
  nextStates[from].includes(to);

/** Why an access ended: somebody of the customer, the staff, its time, the account's setting, or the role that was lost. */
export const supportEnds = ['customer', 'staff', 'time', 'setting', 'role'] as const;
export type SupportEnd = (typeof supportEnds)[number];

export type SupportRefusal =
  | Refusal<'support-forbidden'>
  | Refusal<'support-too-long', { readonly most: number }>;

/**
 * Judges a request of support to open an account: at once where looking around is allowed with notice, else once the customer
 * has approved. Acting always needs that.
 */
export function judgeSupport(
  asked: { mode: SupportMode; minutes: number },
  { rule, mostMinutes }: { rule: SupportRule; mostMinutes: number },
): Decision<Extract<SupportState, 'asked' | 'open'>, SupportRefusal> {
  if (rule === 'forbidden') return refuse('support-forbidden', {});
  if (asked.minutes > mostMinutes) return refuse('support-too-long', { most: mostMinutes });
  return accept(rule === 'notice' && asked.mode === 'read' ? 'open' : 'asked');
}

/** How somebody of support is called in the events of an account, so that both who and for whom is seen. */
export const supportName = (name: string, caseNumber: string): string =>
  `${name}, support of the publisher, for case ${caseNumber}`;
