import type { Trx } from '../database/database.ts';
import { hashSecret } from './api-keys-store.ts';

/** What the second request goes on with: a sign-in that needs a code, or something a passkey has to sign. */
export type ChallengeKind = 'code' | 'passkey-add' | 'passkey-sign-in' | 'passkey-step-up';

/** How long the second request may take. */
const challengeMinutes = 5;

/** After so many wrong codes a sign-in begins again with the password. */
const mostTries = 5;

/** Keeps a challenge. It is random, and only its hash is kept. */
export async function keepChallenge(
  trx: Trx,
  {
    challenge,
    kind,
    personId,
    now,
  }: { challenge: string; kind: ChallengeKind; personId: string | null; now: Temporal.Instant },
): Promise<void> {
  await trx
    .insertInto('sign_in_challenges')
    .values({
      challenge_hash: hashSecret(challenge),
      kind,
      person_id: personId,
      created_at: now,
      expires_at: now.add({ minutes: challengeMinutes }),
    })
    .execute();
}

/** Uses a challenge up: found for exactly one of those who try, and only by the person it was made for. */
export async function takeChallenge(
  trx: Trx,
  { challenge, kind, personId }: { challenge: string; kind: ChallengeKind; personId: string | null },
  now: Temporal.Instant,
): Promise<boolean> {
  const taken = await trx
    .deleteFrom('sign_in_challenges')
    .where('challenge_hash', '=', hashSecret(challenge))
    .where('kind', '=', kind)
    .where('person_id', 'is not distinct from', personId)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return taken.numDeletedRows === 1n;
}

/** Whose sign-in waits for a code; the row is taken for the rest of the transaction. */
export async function lockCodeChallenge(
  trx: Trx,
  challenge: string,
  now: Temporal.Instant,
): Promise<string | undefined> {
  const found = await trx
    .selectFrom('sign_in_challenges')
    .select('person_id as personId')
    .where('challenge_hash', '=', hashSecret(challenge))
    .where('kind', '=', 'code')
    .where('expires_at', '>', now)
    .forUpdate()
    .executeTakeFirst();
  return found?.personId ?? undefined;
}

/** Counts a wrong code; after too many the challenge is gone. */
export async function countWrongCode(trx: Trx, challenge: string): Promise<void> {
  const hash = hashSecret(challenge);
  await trx
    .updateTable('sign_in_challenges')
    .set((column) => ({ tries: column('tries', '+', 1) }))
    .where('challenge_hash', '=', hash)
    .execute();
  await trx
    .deleteFrom('sign_in_challenges')
    .where('challenge_hash', '=', hash)
    .where('tries', '>=', mostTries)
    .execute();
}

/** Ends what a person has begun, when the password it began with is not theirs any more. */
export async function endChallengesOf(trx: Trx, personId: string): Promise<void> {
  await trx.deleteFrom('sign_in_challenges').where('person_id', '=', personId).execute();
}

export async function purgeChallenges(trx: Trx, now: Temporal.Instant): Promise<void> {
  await trx.deleteFrom('sign_in_challenges').where('expires_at', '<', now).execute();
}
