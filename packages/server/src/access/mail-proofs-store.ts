import { randomBytes } from 'node:crypto';
import { formatSecret, parseSecret } from '@estover/protocol/secrets';
import type { Trx } from '../database/database.ts';
import { hashSecret } from './api-keys-store.ts';
import type { IdentityKey } from './single-sign-on/identities-store.ts';

/** What a link proves: a person's own address, the one they change to, or the address that an identity says. */
export type ProofPurpose = 'own' | 'change' | 'identity';

/** Somebody who signed in at their company and is to be linked when the link is opened. */
export interface ClaimedIdentity extends IdentityKey {
  domain: string;
  name: string | null;
}

export interface MailProof {
  purpose: ProofPurpose;
  /** Null where the person is made when the link is opened. */
  personId: string | null;
  email: string;
  identity: ClaimedIdentity | null;
  /** The browser in which somebody signed in, hashed; null for links that any browser may open. */
  browserHash: Buffer | null;
}

const lifeHours: Record<ProofPurpose, number> = { own: 24, change: 24, identity: 1 };
const prefix = 'esmp_';
const nilAccount = '00000000-0000-0000-0000-000000000000';

/** Until when a link that is made now may be used. */
export const proofEnd = (purpose: ProofPurpose, now: Temporal.Instant): Temporal.Instant =>
  now.add({ hours: lifeHours[purpose] });

/**
 * Makes a link; an earlier one of the same purpose for the same person ends. The secret stands behind `#`, where no
 * server and no log sees it.
 */
export async function makeProof(
  trx: Trx,
  proof: MailProof,
  { now, publicUrl }: { now: Temporal.Instant; publicUrl: string },
): Promise<string> {
  const secret = formatSecret(prefix, nilAccount, randomBytes(20));
  if (proof.personId !== null && proof.purpose !== 'identity') {
    await trx
      .deleteFrom('mail_proofs')
      .where('person_id', '=', proof.personId)
      .where('purpose', '=', proof.purpose)
      .execute();
  }
  await trx
    .insertInto('mail_proofs')
    .values({
      secret_hash: hashSecret(secret),
      purpose: proof.purpose,
      person_id: proof.personId,
      email: proof.email,
      identity: proof.identity === null ? null : JSON.stringify(proof.identity),
      browser_hash: proof.browserHash,
      created_at: now,
      expires_at: proofEnd(proof.purpose, now),
    })
    .execute();
  return `${publicUrl}/confirm-mail#${secret}`;
}

const columns = [
  'purpose',
  'person_id as personId',
  'email',
  'identity',
  'browser_hash as browserHash',
] as const;

/** `token` is the secret, or the whole link as it was pasted. */
function hashIn(token: string): Buffer | null {
  const secret = parseSecret(token.slice(token.indexOf('#') + 1), prefix);
  return secret.ok ? hashSecret(secret.text) : null;
}

/** What a link would prove, which may still be used. */
export async function findProof(
  trx: Trx,
  token: string,
  now: Temporal.Instant,
): Promise<MailProof | undefined> {
  const hash = hashIn(token);
  if (hash === null) return undefined;
  return trx
    .selectFrom('mail_proofs')
    .select(columns)
    .where('secret_hash', '=', hash)
    .where('expires_at', '>', now)
    .$castTo<MailProof>()
    .executeTakeFirst();
}

/** Uses a link up: true for exactly one of those who try. */
export async function useProof(trx: Trx, token: string, now: Temporal.Instant): Promise<boolean> {
  const hash = hashIn(token);
  if (hash === null) return false;
  const used = await trx
    .deleteFrom('mail_proofs')
    .where('secret_hash', '=', hash)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return used.numDeletedRows === 1n;
}

/** Ends the links of a person whose address has changed: they were for the old one. */
export async function endProofsOf(trx: Trx, personId: string): Promise<void> {
  await trx.deleteFrom('mail_proofs').where('person_id', '=', personId).execute();
}

export async function purgeProofs(trx: Trx, now: Temporal.Instant): Promise<void> {
  await trx.deleteFrom('mail_proofs').where('expires_at', '<', now).execute();
}
