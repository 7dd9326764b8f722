import { createHmac, randomBytes } from 'node:crypto';
import type { Trx } from '../../database/database.ts';
import type { Seal } from '../../installation/index.ts';
import { hashSecret } from '../api-keys-store.ts';

export type FlowPurpose = 'sign-in' | 'step-up' | 'link' | 'test';

/** Who somebody is, as their company's sign-in says; all signatures are checked. */
export interface Said {
  issuer: string;
  subject: string;
  /** In its one form. */
  email: string | null;
  emailVerified: boolean;
  name: string | null;
  /** When they proved there who they are, in RFC 3339; null where it is not said. */
  authenticatedAt: string | null;
}

/** A way to a company's sign-in and back. */
export interface Flow {
  accountId: string;
  mailDomainId: string;
  purpose: FlowPurpose;
  /** What the browser that began it holds in its cookie, hashed; null where a session says which one it is. */
  browserHash: Buffer | null;
  sessionId: string | null;
  personId: string | null;
  /** The address that was typed, or that of the person. */
  email: string | null;
  nextPath: string | null;
  outcome: Said | null;
  createdAt: Temporal.Instant;
}

/** How long somebody may take at their company's sign-in. */
export const flowMinutes = 10;

/** Keeps a new flow and answers its state: 256 random bits, of which only the hash is kept. */
export async function beginFlow(
  trx: Trx,
  flow: Omit<Flow, 'outcome' | 'createdAt'>,
  now: Temporal.Instant,
): Promise<string> {
  const state = randomBytes(32).toString('base64url');
  await trx
    .insertInto('single_sign_on_flows')
    .values({
      state_hash: hashSecret(state),
      account_id: flow.accountId,
      mail_domain_id: flow.mailDomainId,
      purpose: flow.purpose,
      browser_hash: flow.browserHash,
      session_id: flow.sessionId,
      person_id: flow.personId,
      email: flow.email,
      next_path: flow.nextPath,
      outcome: null,
      created_at: now,
      expires_at: now.add({ minutes: flowMinutes }),
    })
    .execute();
  return state;
}

/**
 * What the provider is told and must say again. Made of the state and the installation's key, so that it lies nowhere and
 * the provider, who sees the state, cannot make the others.
 */
export function secretsOf(seal: Pick<Seal, 'derive'>, state: string) {
  const of = (what: string) =>
    createHmac('sha256', seal.derive('single-sign-on')).update(`${what}:${state}`).digest();
  return {
    nonce: of('nonce').toString('base64url'),
    codeVerifier: of('code-verifier').toString('base64url'),
    /** An XML id begins with no digit. */
    requestId: `_${of('saml-request').toString('hex')}`,
  };
}

const columns = [
  'account_id as accountId',
  'mail_domain_id as mailDomainId',
  'purpose',
  'browser_hash as browserHash',
  'session_id as sessionId',
  'person_id as personId',
  'email',
  'next_path as nextPath',
  'outcome',
  'created_at as createdAt',
] as const;

/** A flow that is not over, as it is. */
export async function findFlow(
  db: Pick<Trx, 'selectFrom'>,
  state: string,
  now: Temporal.Instant,
): Promise<Flow | undefined> {
  return db
    .selectFrom('single_sign_on_flows')
    .select(columns)
    .where('state_hash', '=', hashSecret(state))
    .where('expires_at', '>', now)
    .$castTo<Flow>()
    .executeTakeFirst();
}

/** Ends a flow: found for exactly one of those who come with its state. */
export async function takeFlow(trx: Trx, state: string, now: Temporal.Instant): Promise<Flow | undefined> {
  return trx
    .deleteFrom('single_sign_on_flows')
    .where('state_hash', '=', hashSecret(state))
    .where('expires_at', '>', now)
    .returning(columns)
    .$castTo<Flow>()
    .executeTakeFirst();
}

/** Keeps what came by SAML until the browser comes for it; false where something came already. */
export async function keepOutcome(trx: Trx, state: string, said: Said): Promise<boolean> {
  const kept = await trx
    .updateTable('single_sign_on_flows')
    .set({ outcome: JSON.stringify(said) })
    .where('state_hash', '=', hashSecret(state))
    .where('outcome', 'is', null)
    .executeTakeFirst();
  return kept.numUpdatedRows === 1n;
}

/** Takes an assertion, once; false for one that was taken before. */
export async function takeAssertion(
  trx: Trx,
  { accountId, mailDomainId }: Pick<Flow, 'accountId' | 'mailDomainId'>,
  assertionId: string,
  now: Temporal.Instant,
): Promise<boolean> {
  const taken = await trx
    .insertInto('saml_assertions')
    .values({
      account_id: accountId,
      mail_domain_id: mailDomainId,
      assertion_id: assertionId,
      taken_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return taken.numInsertedOrUpdatedRows === 1n;
}

/** Forgets flows that nobody came back from, and assertions that are too old to be taken again. */
export async function purgeFlows(trx: Trx, now: Temporal.Instant): Promise<void> {
  await trx.deleteFrom('single_sign_on_flows').where('expires_at', '<', now).execute();
  await trx
    .deleteFrom('saml_assertions')
    .where('taken_at', '<', now.subtract({ hours: 24 }))
    .execute();
}
