import { createHmac } from 'node:crypto';
import { type Operation, operations } from '@estover/protocol';
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Installation } from '../installation/index.ts';
import type { Context } from './context.ts';
import { Refused } from './refused.ts';

export interface StoredAnswer {
  status: number;
  answer: unknown;
}

/** How long an answer is kept for a repeated request. */
export const idempotencyDays = 30;

/** Keyed, because a request may hold a password, which a plain hash would let somebody with the database guess. */
const fingerprintOf = (installation: Installation, operation: Operation, request: unknown): Buffer =>
  createHmac('sha256', installation.derive(purpose))
    .update(JSON.stringify([operation.name, request]))
    .digest();

const purpose = 'idempotency';

/**
 * Runs `work` once for each key of a caller, in the caller's transaction: a repeat gets the first answer, a second
 * request at the same time waits for the first, and a key used for something else is refused.
 * (draft-ietf-httpapi-idempotency-key-header-07)
 */
export async function once(
  context: Context,
  operation: Operation,
  key: string,
  request: unknown,
  work: () => Promise<StoredAnswer>,
): Promise<StoredAnswer & { replayed: boolean }> {
  const { trx, installation } = context;
  const caller = `${context.actor.kind}:${context.actor.id ?? ''}`;
  const fingerprint = fingerprintOf(installation, operation, request);
  const place = { caller, key };
  // The row is taken before the work, so that the same key at the same time waits here for the first to end.
  const taken = await trx
    .insertInto('idempotency_keys')
    .values({
      ...place,
      operation: operation.name,
      fingerprint,
      status: 0,
      answer: '',
      created_at: context.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (taken.numInsertedOrUpdatedRows === 0n) {
    const stored = await trx
      .selectFrom('idempotency_keys')
      .select(['fingerprint', 'status', 'answer'])
      .where('caller', '=', caller)
      .where('key', '=', key)
      .executeTakeFirstOrThrow();
    if (!stored.fingerprint.equals(fingerprint)) {
      throw new Refused(
        'idempotency-key-reused',
        `The Idempotency-Key ${key} was used for another request before.`,
      );
    }
    const answer: unknown = JSON.parse(
      operation.secretAnswer ? installation.open(purpose, stored.answer) : stored.answer,
    );
    return { status: stored.status, answer, replayed: true };
  }
  const result = await work();
  const answer = JSON.stringify(result.answer);
  await trx
    .updateTable('idempotency_keys')
    .set({
      status: result.status,
      answer: operation.secretAnswer ? installation.seal(purpose, answer) : answer,
    })
    .where('caller', '=', caller)
    .where('key', '=', key)
    .execute();
  return { ...result, replayed: false };
}

/** Deletes answers that are older than 30 days, in batches of their own. Returns how many. */
export async function purgeIdempotencyKeys(db: Database, now: Temporal.Instant): Promise<number> {
  const before = now.subtract({ hours: 24 * idempotencyDays });
  const mostAtOnce = 5_000;
  for (let deleted = 0; ; ) {
    const result = await sql`
      delete from idempotency_keys where ctid = any(array(
        select ctid from idempotency_keys where created_at < ${before} limit ${mostAtOnce} for update skip locked))`.execute(
      db,
    );
    const count = Number(result.numAffectedRows ?? 0n);
    deleted += count;
    if (count < mostAtOnce) return deleted;
  }
}

const sealedOperations = [...operations.values()]
  .filter(({ secretAnswer }) => secretAnswer)
  .map(({ name }) => name);

/** Deletes answers that are kept sealed, up to an instant, of which `names` says that they name somebody. */
export async function forgetSealedAnswers(
  { db, installation }: { db: Database; installation: Installation },
  until: Temporal.Instant,
  names: (answer: string) => boolean,
): Promise<void> {
  const atOnce = 1_000;
  for (let after = { caller: '', key: '' }; ; ) {
    const { rows } = await sql<{ caller: string; key: string; answer: string }>`
      select caller, key, answer from idempotency_keys
       where (caller, key) > (${after.caller}, ${after.key}) and created_at <= ${until} and answer <> ''
         and operation = any(${sealedOperations}::text[])
       order by caller, key limit ${atOnce}`.execute(db);
    const naming = rows.filter(({ answer }) => names(installation.open(purpose, answer)));
    await sql`
      delete from idempotency_keys k
       using unnest(${naming.map(({ caller }) => caller)}::text[], ${naming.map(({ key }) => key)}::text[]) as named (caller, key)
       where k.caller = named.caller and k.key = named.key`.execute(db);
    const last = rows.at(-1);
    if (rows.length < atOnce || last === undefined) return;
    after = last;
  }
}
