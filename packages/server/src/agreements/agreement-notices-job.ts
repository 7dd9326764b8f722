import { dueAtOf } from '@estover/domain/agreements';
import { sql } from 'kysely';
import { raiseAlerts } from '../alerts/index.ts';
import type { Database, Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Context } from '../edge/context.ts';
import { type QueueContext, queueMail } from '../notifications/index.ts';
import { lockVersionToTell, type Standing, saveTold, standingsOf } from './agreements-store.ts';

type Dependencies = Pick<Context, 'installation' | 'mailer' | 'newId'> & {
  db: Database;
  now(): Temporal.Instant;
};

const accountsAtOnce = 500;

/**
 * Tells active accounts of versions that were published: an alert in each, and a mail to everybody who may accept. By parts
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
  if (told > 0) dependencies.mailer.wake();
  return { told };
}

/** Tells the next part; undefined when everybody was told, or another server is at it. */
function tellSome({
  db,
  now: clock,
  newId,
  installation,
  mailer,
}: Dependencies): Promise<number | undefined> {
  return inTransaction(db, async (trx) => {
    const version = await lockVersionToTell(trx);
    if (version === undefined) return undefined;
    const now = clock();
    // The mailer is woken when all are told.
    const context: QueueContext = { trx, now, newId, installation, mailer, afterCommit: () => {} };
    const accounts = await lockNext(trx, version.toldUntil);
    const names = new Map(accounts.map(({ accountId, name }) => [accountId, name]));
    // Read after the accounts were taken: who accepted a moment ago is not told any more.
    const waiting = (await standingsOf(trx, [...names.keys()])).filter(
      (each) =>
        each.agreement === version.agreement &&
        each.version === version.version &&
        (each.acceptedVersion ?? 0) < each.version,
    );
    await raiseAlerts(context, waiting.map(alertOf));
    await mailAcceptors(context, waiting, names);
    const isDone = accounts.length < accountsAtOnce;
    const until = accounts.at(-1)?.accountId ?? version.toldUntil;
    await saveTold(trx, version, { until, at: isDone ? now : null });
    return waiting.length;
  });
}

/** Tells an account that is active again of all it has not accepted: while it was not, it was not asked. */
export async function tellOfOpenAgreements(
  context: QueueContext,
  { accountId, name }: { accountId: string; name: string },
): Promise<void> {
  const standings = await standingsOf(context.trx, [accountId]);
  const open = standings.filter(({ acceptedVersion, version }) => (acceptedVersion ?? 0) < version);
  await raiseAlerts(context, open.map(alertOf));
  const names = new Map([[accountId, name]]);
  for (const standing of open) await mailAcceptors(context, [standing], names);
}

async function lockNext(trx: Trx, after: string | null): Promise<{ accountId: string; name: string }[]> {
  const { rows } = await sql<{ accountId: string; name: string }>`
    select account_id as "accountId", name from accounts
     where status = 'active' and (${after}::uuid is null or account_id > ${after}::uuid)
     order by account_id limit ${accountsAtOnce} for share`.execute(trx);
  return rows;
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

/** Everybody who may accept for these accounts gets one mail for each of them; an account is there once. */
async function mailAcceptors(
  context: QueueContext,
  waiting: readonly Standing[],
  names: ReadonlyMap<string, string>,
): Promise<void> {
  const { trx, now, installation } = context;
  const byAccount = new Map(waiting.map((standing) => [standing.accountId, standing]));
  const { rows } = await sql<{ accountId: string; email: string }>`
    select distinct g.account_id as "accountId", p.email
      from held_grants g join people p on p.id = g.person_id
     where g.account_id = any(${[...byAccount.keys()]}::uuid[]) and g.scope_kind = 'account'
       and g.role in ('approver', 'account-administrator') and (g.until is null or g.until > ${now})
     order by 1, 2`.execute(trx);
  for (const { accountId, email } of rows) {
    const standing = byAccount.get(accountId);
    if (standing === undefined) continue;
    await queueMail(context, {
      to: email,
      accountId,
      content: {
        kind: 'agreement-published',
        accountName: names.get(accountId) ?? '',
        title: standing.title,
        version: standing.version,
        until: dueAtOf(standing, standing.createdAt).toString(),
        link: `${installation.publicUrl}/accounts/${accountId}/agreements`,
      },
    });
  }
}
