import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { purgeChallenges } from './challenges-store.ts';
import { purgeProofs } from './mail-proofs-store.ts';
import { purgeLinks } from './one-time-links-store.ts';
import { purgeUnconfirmed } from './second-factor-store.ts';
import { purgeSessions } from './sessions-store.ts';
import { purgeFlows } from './single-sign-on/flows-store.ts';

/**
 * Forgets what somebody began and did not end: sign-ins without their code, secrets without their first code. And what is
 * over: sessions, with where and in which browser they were, and links.
 */
export async function purgeSignIn(db: Database, now: Temporal.Instant): Promise<void> {
  await inTransaction(db, async (trx) => {
    await purgeChallenges(trx, now);
    await purgeUnconfirmed(trx, now);
    await purgeFlows(trx, now);
    await purgeProofs(trx, now);
    await purgeSessions(trx);
    await purgeLinks(trx, now);
  });
}
