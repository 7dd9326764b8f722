import type { AuthorizationEvent, RegistrationEvent, TransitionRefusal } from './machine.ts';
import { authorizationTable, type RegistrationAction, registrationTable } from './machine.ts';
import type { AgentState } from './state.ts';

/** Something that happened, for the event log and for the product. Facts carry no secrets. */
export interface Notice {
  name: NoticeName;
  text: string;
}

export type NoticeName =
  | 'registration-changed'
  | 'authorization-changed'
  | 'license-changed'
  | 'registration-refused'
  | 'instance-removed'
  | 'deregistration-told'
  | 'deregistration-refused'
  | 'communication-failed'
  | 'communication-restored'
  | 'message-refused'
  | 'server-restored'
  | 'clock-differs'
  | 'certificate-renewed'
  | 'certificate-renewal-refused'
  | 'evaluation-warning'
  | 'evaluation-over';

/** The world of one step: instant and randomness come from outside. */
export interface StepContext {
  at: Temporal.Instant;
  /** From 0 to just below 1. */
  random: () => number;
}

/** A copy of the state that one step works on. The step as a whole stays a pure function. */
export interface Draft extends StepContext {
  state: AgentState;
  notices: Notice[];
}

export function now(draft: Draft): string {
  return draft.at.round({ smallestUnit: 'millisecond', roundingMode: 'floor' }).toString();
}

export function inSeconds(draft: Draft, seconds: number): string {
  return draft.at
    .add({ milliseconds: Math.round(seconds * 1000) })
    .round({ smallestUnit: 'millisecond', roundingMode: 'floor' })
    .toString();
}

export function announce(draft: Draft, name: NoticeName, text: string): void {
  draft.notices.push({ name, text });
}

/**
 * True when an instant of the instance's clock has come. It has come, too, when the clock now shows less than when it was
 * planned: the clock was set back, and the agent would be silent until the old time is reached again.
 */
export function isDue(at: Temporal.Instant, planned: string | null, plannedAt: string | null): boolean {
  if (planned === null) return false;
  if (plannedAt !== null && Temporal.Instant.compare(at, Temporal.Instant.from(plannedAt)) < 0) return true;
  return Temporal.Instant.compare(at, Temporal.Instant.from(planned)) >= 0;
}

/** True when an instant of the server's clock has passed. */
export function hasPassed(at: Temporal.Instant, deadline: string | null, graceSeconds = 0): boolean {
  if (deadline === null) return false;
  return at.epochMilliseconds >= Temporal.Instant.from(deadline).epochMilliseconds + graceSeconds * 1000;
}

/** Looks a registration event up and does what the table says. */
export function fireRegistration(
  draft: Draft,
  event: RegistrationEvent,
  actions: Record<RegistrationAction, () => void>,
): TransitionRefusal | undefined {
  const cell = registrationTable[draft.state.registration][event];
  if ('refuse' in cell) return cell.refuse;
  const from = draft.state.registration;
  if (cell.to !== undefined) draft.state.registration = cell.to;
  for (const action of cell.do) actions[action]();
  if (draft.state.registration !== from) {
    announce(draft, 'registration-changed', `Registration: ${from} -> ${draft.state.registration}`);
  }
  return undefined;
}

/** Looks an authorization event up and moves on. */
export function fireAuthorization(draft: Draft, event: AuthorizationEvent): void {
  const from = draft.state.authorization;
  const cell = authorizationTable[from][event];
  if ('refuse' in cell || cell.to === undefined || cell.to === from) return;
  draft.state.authorization = cell.to;
  draft.state.authorizationSince = now(draft);
  announce(draft, 'authorization-changed', `License authorization: ${from} -> ${cell.to}`);
}
