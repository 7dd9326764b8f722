import { judgeProof } from '@estover/domain/access';
import type { Actor, Context, PersonSession } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';

/** A person with the session they act in. */
export type PersonInSession = Extract<Actor, { kind: 'person' }> & { session: PersonSession };

/**
 * The person who asks, for what only a person has: sessions, passkeys, codes.
 *
 * @throws Refused `person-required` for an API key
 */
export function requirePerson({ actor }: Pick<Context, 'actor'>): PersonInSession {
  if (actor.kind === 'person' && actor.session !== undefined) return { ...actor, session: actor.session };
  throw new Refused('person-required', 'An API key has no sign-in of its own.');
}

/**
 * Refuses something dangerous to a person whose session nobody has proved to be theirs for a while. API keys are not
 * asked: they have no session that could be left open.
 *
 * @throws Refused `step-up-required`
 */
export function requireRecentProof({ actor, now }: Pick<Context, 'actor' | 'now'>): void {
  if (actor.kind !== 'person') return;
  const judged = judgeProof(actor.session?.provedAt ?? null, now);
  if (!judged.ok) throw new Refused('step-up-required', judged.detail);
}
