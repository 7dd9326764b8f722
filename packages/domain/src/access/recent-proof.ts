import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/** For how long a session stands for the person without asking again, before something dangerous. */
export const proofMinutes = 15;

export type ProofRefusal = Refusal<'step-up-required', { readonly detail: string }>;

/**
 * Judges whether a person has proved lately enough who they are: a session may have been left open on a desk. `provedAt`
 * is null where it is not known (OWASP ASVS 5.0 §7.5.3).
 */
export function judgeProof(
  provedAt: Temporal.Instant | null,
  now: Temporal.Instant,
): Decision<Temporal.Instant, ProofRefusal> {
  if (provedAt !== null && Temporal.Instant.compare(provedAt.add({ minutes: proofMinutes }), now) >= 0) {
    return accept(provedAt);
  }
  return refuse('step-up-required', {
    detail: `Nobody has proved in the last ${proofMinutes} minutes that this is still the person who signed in.`,
  });
}
