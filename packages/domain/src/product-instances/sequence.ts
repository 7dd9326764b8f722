/** What an account wants when a sequence number goes back: answer, or refuse. It is alerted either way. */
export type SequencePolicy = 'flag' | 'refuse';

export type SequenceDecision =
  | { ok: true; lastSequence: number; alert: 'sequence-regressed' | undefined }
  | { ok: false; code: 'sequence-regressed'; lastSequence: number };

/**
 * Sequence numbers only rise. One that does not is a clone or a restored snapshot; a repeat of a known message id is
 * neither and must have been answered before this is asked.
 *
 * @param lastSequence the highest number seen of this instance, 0 before the first
 * @returns `lastSequence`, which never falls, for the answer: an instance restored from a snapshot goes on from there
 */
export function decideSequence(
  sequence: number,
  lastSequence: number,
  policy: SequencePolicy,
): SequenceDecision {
  if (sequence > lastSequence) return { ok: true, lastSequence: sequence, alert: undefined };
  if (policy === 'refuse') return { ok: false, code: 'sequence-regressed', lastSequence };
  return { ok: true, lastSequence, alert: 'sequence-regressed' };
}
