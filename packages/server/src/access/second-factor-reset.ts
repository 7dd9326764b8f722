import type { Trx } from '../database/database.ts';
import { endChallengesOf } from './challenges-store.ts';
import { deletePasskeysOf } from './passkeys-store.ts';
import { removeTotp } from './second-factor-store.ts';
import { endSessionsOf } from './sessions-store.ts';

/** Forgets the authenticator app, recovery codes and passkeys of a person, and ends all their sessions. The password stays. */
export async function forgetSecondFactors(trx: Trx, personId: string): Promise<void> {
  await removeTotp(trx, personId);
  await deletePasskeysOf(trx, personId);
  await endChallengesOf(trx, personId);
  await endSessionsOf(trx, personId);
}
