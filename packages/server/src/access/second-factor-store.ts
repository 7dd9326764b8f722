import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { Seal } from '../installation/index.ts';
import { hashRecoveryCode } from './recovery-codes.ts';
import { stepOfCode } from './totp.ts';

/** For what the secret of an authenticator app is sealed. */
const purpose = 'totp';

/** How long somebody may take to confirm a new secret with its first code. */
const confirmMinutes = 60;

export interface SecondFactor {
  isOn: boolean;
  since: Temporal.Instant | null;
  recoveryCodesLeft: number;
}

/** Whether a person's sign-in asks for a code. */
export async function secondFactorOf(trx: Pick<Trx, 'selectFrom'>, personId: string): Promise<SecondFactor> {
  const found = await trx
    .selectFrom('totp_secrets')
    .select([
      'confirmed_at as since',
      sql<number>`(select count(*) from recovery_codes r
        where r.person_id = totp_secrets.person_id and r.used_at is null)::int`.as('left'),
    ])
    .where('person_id', '=', personId)
    .where('confirmed_at', 'is not', null)
    .executeTakeFirst();
  if (found === undefined) return { isOn: false, since: null, recoveryCodesLeft: 0 };
  return { isOn: true, since: found.since, recoveryCodesLeft: found.left };
}

/** Keeps a new secret until it is confirmed, in place of another unconfirmed one; false where codes are asked for already. */
export async function startTotp(
  trx: Trx,
  seal: Seal,
  { personId, secret, now }: { personId: string; secret: string; now: Temporal.Instant },
): Promise<boolean> {
  const secretSealed = seal.seal(purpose, secret);
  const started = await trx
    .insertInto('totp_secrets')
    .values({ person_id: personId, secret_sealed: secretSealed, started_at: now, confirmed_at: null })
    .onConflict((conflict) =>
      conflict
        .column('person_id')
        .doUpdateSet({ secret_sealed: secretSealed, started_at: now, last_step: 0 })
        .where('totp_secrets.confirmed_at', 'is', null),
    )
    .executeTakeFirst();
  return started.numInsertedOrUpdatedRows === 1n;
}

/** Takes the person's secret for the rest of the transaction, so that two of them never use one code. */
async function lockSecret(trx: Trx, seal: Seal, personId: string) {
  const found = await trx
    .selectFrom('totp_secrets')
    .select([
      'secret_sealed as secretSealed',
      'started_at as startedAt',
      'confirmed_at as confirmedAt',
      'last_step as lastStep',
    ])
    .where('person_id', '=', personId)
    .forUpdate()
    .executeTakeFirst();
  if (found === undefined) return undefined;
  const { secretSealed, ...rest } = found;
  return { ...rest, secret: seal.open(purpose, secretSealed) };
}

/** Turns codes at sign-in on with the first one. `nothing-started` also where that was too long ago. */
export async function confirmTotp(
  trx: Trx,
  seal: Seal,
  { personId, code, now }: { personId: string; code: string; now: Temporal.Instant },
): Promise<'done' | 'wrong' | 'nothing-started'> {
  const kept = await lockSecret(trx, seal, personId);
  if (kept === undefined || kept.confirmedAt !== null) return 'nothing-started';
  if (Temporal.Instant.compare(kept.startedAt.add({ minutes: confirmMinutes }), now) < 0) {
    return 'nothing-started';
  }
  const step = await stepOfCode(kept.secret, code, { now, lastStep: kept.lastStep });
  if (step === null) return 'wrong';
  await trx
    .updateTable('totp_secrets')
    .set({ confirmed_at: now, last_step: step })
    .where('person_id', '=', personId)
    .execute();
  return 'done';
}

/** Uses a code of the app, or a recovery code, up. Null where it is neither, or was used already. */
export async function useCode(
  trx: Trx,
  seal: Seal,
  { personId, code, now }: { personId: string; code: string; now: Temporal.Instant },
): Promise<'app' | 'recovery' | null> {
  const kept = await lockSecret(trx, seal, personId);
  if (kept === undefined || kept.confirmedAt === null) return null;
  const step = await stepOfCode(kept.secret, code.replaceAll(/\s/g, ''), { now, lastStep: kept.lastStep });
  if (step !== null) {
    await trx
      .updateTable('totp_secrets')
      .set({ last_step: step })
      .where('person_id', '=', personId)
      .execute();
    return 'app';
  }
  const hash = hashRecoveryCode(seal, personId, code);
  if (hash === null) return null;
  const used = await trx
    .updateTable('recovery_codes')
    .set({ used_at: now })
    .where('person_id', '=', personId)
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return used.numUpdatedRows === 1n ? 'recovery' : null;
}

/** Puts new recovery codes in place of all others. */
export async function replaceRecoveryCodes(
  trx: Trx,
  seal: Seal,
  personId: string,
  codes: readonly string[],
): Promise<void> {
  await trx.deleteFrom('recovery_codes').where('person_id', '=', personId).execute();
  await trx
    .insertInto('recovery_codes')
    .values(
      codes.map((code) => {
        const hash = hashRecoveryCode(seal, personId, code);
        if (hash === null) throw new Error('a new recovery code has another form');
        return { person_id: personId, code_hash: hash, used_at: null };
      }),
    )
    .execute();
}

/** Turns codes at sign-in off, and forgets secret and recovery codes. */
export async function removeTotp(trx: Trx, personId: string): Promise<void> {
  await trx.deleteFrom('recovery_codes').where('person_id', '=', personId).execute();
  await trx.deleteFrom('totp_secrets').where('person_id', '=', personId).execute();
}

/** Forgets secrets that nobody confirmed. */
export async function purgeUnconfirmed(trx: Trx, now: Temporal.Instant): Promise<void> {
  await trx
    .deleteFrom('totp_secrets')
    .where('confirmed_at', 'is', null)
    .where('started_at', '<', now.subtract({ minutes: confirmMinutes }))
    .execute();
}
