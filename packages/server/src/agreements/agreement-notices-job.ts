import { dueAtOf } from '@estover/domain/agreements';
import { sql } from 'kysely';
import { raiseAlerts } from '../alerts/index.ts';
import type { Database, Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Context } from '../edge/context.ts';
import { lockVersionToTell, type Standing, saveTold, standingsOf } from './agreements-store.ts';

type Dependencies = Pick<Context, 'newId'> & {
  db: Database;
  now(): Temporal.Instant;
};

const accountsAtOnce = 500;

/**
 * Tells active accounts of versions that were published: an alert in each, which everybody hears of who may accept. By parts
 * of some hundred accounts, each in a transaction with how far it came, so that 100,000 accounts hold up neither the
 * operator nor each other, and nobody hears twice. Returns how many accounts were told.
 */
export async function tellOfAgreements(dependencies: Dependencies): Promise<{ told: number }> {
  let told = 0;
  for (;;) {
    const part = await tellSome(dependencies);
    if (part === undefined) break;
    told += part;
  }
  return { told };
}

/** Tells the next part; undefined when everybody was told, or another server is at it. */
function tellSome({ db, now: clock, newId }: Dependencies): Promise<number | undefined> {
  return inTransaction(db, async (trx) => {
    const version = await lockVersionToTell(trx);
    if (version === undefined) return undefined;
    const now = clock();
    const accounts = await lockNext(trx, version.toldUntil);
    // Read after the accounts were taken: who accepted a moment ago is not told any more.
    const waiting = (await standingsOf(trx, accounts)).filter(
      (each) =>
        each.agreement === version.agreement &&
        each.version === version.version &&
        (each.acceptedVersion ?? 0) < each.version,
    );
    await raiseAlerts({ trx, now, newId }, waiting.map(alertOf));
    const isDone = accounts.length < accountsAtOnce;
    const until = accounts.at(-1) ?? version.toldUntil;
    await saveTold(trx, version, { until, at: isDone ? now : null });
    return waiting.length;
  });
}

/** Tells an account that is active again of all it has not accepted: while it was not, it was not asked. */
export async function tellOfOpenAgreements(
  context: Pick<Context, 'trx' | 'now' | 'newId'>,
  accountId: string,
): Promise<void> {
  const standings = await standingsOf(context.trx, [accountId]);
  const open = standings.filter(({ acceptedVersion, version }) => (acceptedVersion ?? 0) < version);
  await raiseAlerts(context, open.map(alertOf));
}

async function lockNext(trx: Trx, after: string | null): Promise<string[]> {
  const { rows } = await sql<{ accountId: string }>`
    select account_id as "accountId" from accounts
     where status = 'active' and (${after}::uuid is null or account_id > ${after}::uuid)
     order by account_id limit ${accountsAtOnce} for share`.execute(trx);
  return rows.map(({ accountId }) => accountId);
}

const alertOf = (standing: Standing) => {
  const dueAt = dueAtOf(standing, standing.createdAt);
  return {
    accountId: standing.accountId,
    kind: 'agreement-open' as const,
    severity: 'minor' as const,
    cause: standing.agreement,
    virtualAccountId: null,
    licenseId: null,
    instanceId: null,
    lotId: null,
    quantity: null,
    facts: { title: standing.title, version: standing.version, dueAt: dueAt.toString() },
    actionDueAt: dueAt,
  };
};
