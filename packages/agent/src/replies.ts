import { timers } from '@estover/domain/product-instances';
import {
  type DeviceAnswers,
  type DeviceMessageKind,
  type DeviceRefusalCode,
  refusalRule,
} from '@estover/protocol/device';
import { finishMessage, fire, keepAuthorization } from './actions.ts';
import { announce, type Draft, inSeconds, now } from './draft.ts';
import { contactDelaySeconds, retryDelaySeconds } from './retry.ts';
import type { OutgoingMessage } from './state.ts';

/** A verified answer, with its kind. */
export type Answer = {
  [Kind in DeviceMessageKind]: { to: Kind; value: DeviceAnswers[Kind] };
}[DeviceMessageKind];

/** A refusal. `proven` only when the proof was verified; nothing durable is given up without it. */
export interface Refusal {
  code: DeviceRefusalCode;
  detail: string;
  proven: boolean;
  lastSequence?: number | undefined;
  /** The installation's epoch; only from a proof. */
  epoch?: number | undefined;
  /** `clock-skew`: the server's clock. */
  serverTime?: string | undefined;
  retryAfterSeconds?: number | undefined;
}

/** No answer that could be believed. */
export interface Silence {
  reason: string;
  retryAfterSeconds?: number | undefined;
}

export function takeAnswer(draft: Draft, message: OutgoingMessage, answer: Answer): void {
  const { state } = draft;
  finishMessage(draft);
  state.lastSequence = Math.max(state.lastSequence, answer.value.lastSequence);
  const isNews = answer.to !== 'register' && hearEpoch(draft, answer.value.epoch);
  switch (answer.to) {
    case 'register':
      state.epoch = answer.value.epoch ?? null;
      state.epochWithheld = false;
      fire(draft, 'registration-answered', { registered: { answer: answer.value, message } });
      break;
    case 'authorize':
      keepAuthorization(draft, answer.value.authorization, message);
      break;
    case 'renew-certificate':
      fire(draft, 'renewal-answered', { renewed: { answer: answer.value, message } });
      // The restored server may know less of the use than it was told before.
      if (isNews) state.reportDue = true;
      break;
    case 'deregister':
      state.leaving = null;
      announce(
        draft,
        'deregistration-told',
        `The server confirmed the deregistration: ${answer.value.receipt}`,
      );
      break;
  }
}

export function takeRefusal(draft: Draft, message: OutgoingMessage, refusal: Refusal): void {
  const reason = `${refusal.code}: ${refusal.detail}`;
  const { after, proven } = refusalRule(refusal.code);
  const known = draft.state.epoch;
  const isLater = refusal.proven && known !== null && (refusal.epoch ?? 0) > known;
  if (refusal.proven) hearEpoch(draft, refusal.epoch);
  if (isEpochRefused(message, refusal)) {
    draft.state.epochWithheld = true;
    makeAnew(draft, message, refusal, reason);
    return;
  }
  // That it is not known is proven only to an instance which names its epoch, so the next message does.
  if (isNotKnown(refusal.code)) draft.state.epochWithheld = false;
  // Who claims what only the server may say, and doesn't prove it, has said nothing. Registering has nothing to lose yet.
  const isClaim = proven && !refusal.proven && message.kind !== 'register';
  // A renewal may have been done although this was said on the line: its key is kept until the server says itself.
  const isLostKey = message.kind === 'renew-certificate' && !refusal.proven;
  if (after === 'repeat' || isClaim || isLostKey) {
    takeSilence(draft, message, { reason, retryAfterSeconds: refusal.retryAfterSeconds });
  } else if (after === 'renew') {
    makeAnew(draft, message, refusal, reason);
  } else {
    stopMessage(draft, message, refusal, reason, isLater);
  }
}

/**
 * True when the epoch may be why the message could not be read: a server of the first release refuses members that it does
 * not know, and one may answer again while servers are replaced one by one, or when an upgrade was taken back.
 */
function isEpochRefused(message: OutgoingMessage, { code, proven }: Refusal): boolean {
  return message.namesEpoch === true && code === 'document-malformed' && !proven;
}

function isNotKnown(code: DeviceRefusalCode): boolean {
  return code === 'instance-unknown' || code === 'certificate-unknown';
}

/**
 * Takes the epoch that a signed document tells. Another one than before means that the server's data is not what it
 * was: it knows less than it was told, and must be told again. @returns whether it is another one
 */
function hearEpoch(draft: Draft, epoch: number | undefined): boolean {
  const { state } = draft;
  const before = state.epoch;
  if (epoch === undefined) return false;
  state.epochWithheld = false;
  if (epoch === before) return false;
  state.epoch = epoch;
  if (before === null) return false;
  announce(
    draft,
    'server-restored',
    epoch > before
      ? `The server was restored from a backup (epoch ${before} -> ${epoch}); what is in use is told again`
      : `The server's data was set back (epoch ${before} -> ${epoch}); what is in use is told again`,
  );
  return true;
}

/** The same bytes again, later. */
export function takeSilence(draft: Draft, message: OutgoingMessage, silence: Silence): void {
  const seconds = noteTrouble(draft, message.kind, silence.reason, silence.retryAfterSeconds);
  if (draft.state.outgoing !== null) draft.state.outgoing.nextAttemptAt = inSeconds(draft, seconds);
}

/** The server did nothing with this message; a new one takes its place, after a back-off. */
function makeAnew(draft: Draft, message: OutgoingMessage, refusal: Refusal, reason: string): void {
  const { state } = draft;
  if (refusal.code === 'clock-skew' && isClockWrong(draft, refusal)) {
    announce(draft, 'clock-differs', refusal.detail);
  }
  if (refusal.proven && refusal.lastSequence !== undefined) {
    state.lastSequence = Math.max(state.lastSequence, refusal.lastSequence);
  }
  const seconds = noteTrouble(draft, message.kind, reason, refusal.retryAfterSeconds);
  state.outgoing = null;
  state.trouble.notBefore = inSeconds(draft, seconds);
  // A registration and a farewell stay wanted until they are answered.
  if (message.kind === 'authorize') state.reportDue = true;
  if (message.kind === 'renew-certificate') state.renewalDue = true;
}

/** A message may only have waited too long; the clock is wrong when it differs from the server's in this moment. */
function isClockWrong({ at }: Draft, { serverTime }: Refusal): boolean {
  if (serverTime === undefined) return true;
  const milliseconds = at.epochMilliseconds - Temporal.Instant.from(serverTime).epochMilliseconds;
  return Math.abs(milliseconds) > timers.clockToleranceSeconds * 1000;
}

function stopMessage(
  draft: Draft,
  message: OutgoingMessage,
  refusal: Refusal,
  reason: string,
  isAfterRestore: boolean,
): void {
  const { state } = draft;
  if (message.kind === 'register') {
    finishMessage(draft);
    fire(draft, 'registration-refused', { failure: refusal });
    return;
  }
  if (message.kind === 'deregister') {
    // There is nothing left to give back: the instance is gone here, and unknown or refused there.
    finishMessage(draft);
    state.leaving = null;
    announce(draft, 'deregistration-refused', `The server refused the deregistration (${reason})`);
    return;
  }
  const isForgotten = isAfterRestore && isNotKnown(refusal.code);
  if (refusal.code === 'instance-removed' || isForgotten) {
    finishMessage(draft);
    fire(draft, 'instance-removed', { failure: refusal });
    return;
  }
  if (refusal.code === 'certificate-ended') {
    finishMessage(draft);
    fire(draft, 'certificate-ended');
    return;
  }
  noteTrouble(draft, message.kind, reason, refusal.retryAfterSeconds);
  announce(draft, 'message-refused', `The server refused ${message.kind} (${reason})`);
  state.outgoing = null;
  const seconds = contactDelaySeconds(timers.contactOutOfComplianceSeconds, draft.random());
  if (message.kind === 'authorize') state.contact.nextAt = inSeconds(draft, seconds);
  else state.renewal.nextAt = inSeconds(draft, seconds);
}

/** Counts a failure and says how many seconds to wait. */
function noteTrouble(
  draft: Draft,
  kind: DeviceMessageKind,
  reason: string,
  retryAfterSeconds?: number,
): number {
  const { state } = draft;
  if (state.trouble.failures === 0)
    announce(draft, 'communication-failed', `Communication failed: ${reason}`);
  state.trouble.failures += 1;
  state.trouble.reason = reason;
  state.trouble.at = now(draft);
  const attempt = { at: now(draft), succeeded: false, reason };
  if (kind === 'renew-certificate') state.renewal.last = attempt;
  else state.contact.last = attempt;
  return retryDelaySeconds(state.trouble.failures, draft.random(), retryAfterSeconds);
}
