import { evaluationWarningDue, timers } from '@estover/domain/product-instances';
import { fire } from './actions.ts';
import { announce, type Draft, fireAuthorization, hasPassed, inSeconds, isDue, now } from './draft.ts';
import type { AgentState } from './state.ts';

const hour = 3600;

/** Lets time pass: counts evaluation, then does all that is due, until nothing is. */
export function letTimePass(draft: Draft): void {
  countEvaluation(draft);
  for (let fired = true; fired; ) fired = fireOneDue(draft);
  // Evaluation may have begun or ended just now.
  countEvaluation(draft);
  warnOfEvaluation(draft);
}

/** Seconds of evaluation that are left. */
export function evaluationLeftSeconds(state: AgentState): number {
  return Math.max(0, Math.ceil(timers.evaluationSeconds - state.evaluation.usedSeconds));
}

/** True when a new message is to be made now. */
export function wantsMessage(state: AgentState, at: Temporal.Instant): boolean {
  if (state.outgoing !== null) return false;
  if (state.enrolment === null && state.leaving === null && !state.reportDue && !state.renewalDue)
    return false;
  return state.trouble.notBefore === null || isDue(at, state.trouble.notBefore, state.trouble.at);
}

/** True when the message on its way is to be sent now. */
export function mayBeSent(state: AgentState, at: Temporal.Instant): boolean {
  return state.outgoing !== null && isDue(at, state.outgoing.nextAttemptAt, state.trouble.at);
}

/** True when nothing is left to be told to the server now. */
export function isSettled(state: AgentState): boolean {
  const isWanted = state.enrolment !== null || state.leaving !== null || state.reportDue || state.renewalDue;
  return state.outgoing === null && !isWanted;
}

/** The next instant at which there is something to do, or undefined when nothing is planned. */
export function nextWakeAt(state: AgentState): Temporal.Instant | undefined {
  const { evaluation, contact, renewal } = state;
  const planned: (string | null)[] = [state.outgoing?.nextAttemptAt ?? state.trouble.notBefore];
  if (state.registration === 'registered') {
    if (!isReporting(state)) planned.push(contact.nextAt);
    if (!isRenewing(state)) planned.push(renewal.nextAt);
    if (state.authorization !== 'authorization-expired' && state.use.length > 0)
      planned.push(contact.deadlineAt);
  }
  if (evaluation.countedTo !== null) {
    planned.push(
      secondsAfter(evaluation.countedTo, Math.max(1, Math.min(hour, evaluationLeftSeconds(state)))),
    );
  }
  if (state.authorization === 'evaluation-expired' && evaluation.lastEndNoticeAt !== null) {
    planned.push(secondsAfter(evaluation.lastEndNoticeAt, hour));
  }
  return planned
    .filter((instant) => instant !== null)
    .map((instant) => Temporal.Instant.from(instant))
    .sort(Temporal.Instant.compare)[0];
}

function isReporting(state: AgentState): boolean {
  return state.reportDue || state.outgoing?.kind === 'authorize' || state.enrolment !== null;
}

function isRenewing(state: AgentState): boolean {
  return state.renewalDue || state.outgoing?.kind === 'renew-certificate' || state.enrolment !== null;
}

/** Evaluation counts only while licenses are in use and there is no registration; a clock set back counts nothing. */
function countEvaluation(draft: Draft): void {
  const { state, at } = draft;
  const { evaluation } = state;
  if (evaluation.countedTo !== null) {
    const passed = at.epochMilliseconds - Temporal.Instant.from(evaluation.countedTo).epochMilliseconds;
    const used = evaluation.usedSeconds + Math.max(0, passed) / 1000;
    evaluation.usedSeconds = Math.min(timers.evaluationSeconds, used);
  }
  evaluation.countedTo = state.authorization === 'evaluation' ? now(draft) : null;
}

function fireOneDue(draft: Draft): boolean {
  const { state, at } = draft;
  const before = state.authorization;
  if (state.registration === 'registered') {
    if (hasPassed(at, state.credentials?.expiresAt ?? null, timers.clockToleranceSeconds)) {
      fire(draft, 'certificate-ended');
      return true;
    }
    const isSilent = before !== 'authorization-expired' && state.use.length > 0;
    if (isSilent && hasPassed(at, state.contact.deadlineAt)) {
      fireAuthorization(draft, 'deadline-passed');
      return true;
    }
    if (!isReporting(state) && isDue(at, state.contact.nextAt, state.contact.last?.at ?? null)) {
      fire(draft, 'contact-due');
      return true;
    }
    const renews =
      state.renewalDue || state.outgoing?.kind === 'renew-certificate' || state.enrolment !== null;
    if (!renews && hasPassed(at, state.renewal.nextAt)) {
      fire(draft, 'renewal-due');
      return true;
    }
    return false;
  }
  if (state.use.length === 0) fireAuthorization(draft, 'use-stopped');
  else fireAuthorization(draft, 'use-started');
  if (evaluationLeftSeconds(state) === 0) fireAuthorization(draft, 'evaluation-used-up');
  return state.authorization !== before;
}

function warnOfEvaluation(draft: Draft): void {
  const { state, at } = draft;
  const { evaluation } = state;
  if (state.authorization === 'evaluation-expired') {
    const last = evaluation.lastEndNoticeAt;
    if (last === null || isDue(at, secondsAfter(last, hour), last)) {
      evaluation.lastEndNoticeAt = now(draft);
      announce(draft, 'evaluation-over', 'The evaluation period is over. Register this product.');
    }
    return;
  }
  if (state.authorization !== 'evaluation') return;
  const left = evaluationLeftSeconds(state);
  const due = evaluationWarningDue(left, evaluation.lastWarningSeconds ?? undefined);
  if (due === undefined) return;
  evaluation.lastWarningSeconds = due;
  const text = left > 2 * 86_400 ? `${Math.ceil(left / 86_400)} days` : `${Math.ceil(left / hour)} hours`;
  announce(draft, 'evaluation-warning', `Evaluation ends after ${text} of use (${inSeconds(draft, left)})`);
}

function secondsAfter(instant: string, seconds: number): string {
  return Temporal.Instant.from(instant).add({ seconds }).toString();
}
