import { type PlatformAction, platformAllows } from '@estover/domain/access';
import { reviewDueAt } from '@estover/domain/accounts';
import { type AnswerOf, getDesk } from '@estover/protocol';
import { sql } from 'kysely';
import { canSignIn, countStaff } from '../access/index.ts';
import { countOverdueReviews, readReviewDays } from '../accounts/index.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { listRecoveryRows } from './recoveries-store.ts';
import { recoveryAnswer } from './recovery-answer.ts';
import { countSupport, listSupportRows } from './support-accesses-store.ts';
import { supportAnswer } from './support-answer.ts';

type Desk = AnswerOf<typeof getDesk>;

/** So many rows of each queue; its page has the others. */
const shown = 5;
/** Accounts without an administrator are counted up to here, because each one is looked for. */
const countedTo = 100;

/** What waits for the publisher's staff, as far as each may see it. */
export const getDeskHandler = view(getDesk, async (context): Promise<Desk> => {
  const { trx, now, actor } = context;
  const roles = 'platformRoles' in actor ? actor.platformRoles : [];
  const forThose = <T>(action: PlatformAction, read: () => Promise<T>): Promise<T | null> =>
    platformAllows(roles, action) ? read() : Promise.resolve(null);
  return {
    roles,
    accountRequests: await forThose('review-accounts', () => requestsOf(context)),
    supportAccesses: await forThose('open-support-access', () => supportOf(context)),
    recoveries: await forThose('recover-access', async () => {
      const rows = await listRecoveryRows(trx, { living: true }, { limit: countedTo, after: null });
      return { count: rows.length, items: rows.slice(0, shown).map((row) => recoveryAnswer(row, now)) };
    }),
    failedMails: await forThose('manage-mails', () => failedMailsOf(trx)),
    accounts: { newest: await newestOf(trx), withoutAdministrator: await withoutAdministratorOf(trx, now) },
    staff: await forThose('manage-staff', () => countStaff(trx, now)),
  };
});

async function requestsOf({ trx, now }: Context): Promise<NonNullable<Desk['accountRequests']>> {
  const waiting = trx.selectFrom('account_requests').where('state', '=', 'under-review');
  const items = await waiting
    .select([
      'request_id as requestId',
      'company_name as companyName',
      'domain_identifier as domainIdentifier',
      'state',
      'state_since as stateSince',
      'question_at as questionAt',
      'answered_at as answeredAt',
    ])
    .$narrowType<{ state: 'under-review' }>()
    .orderBy('state_since')
    .limit(shown)
    .execute();
  const { count } = await waiting
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const reviewDays = await readReviewDays(trx);
  return {
    count,
    overdue: await countOverdueReviews(trx, now),
    items: items.map((item) => {
      const { requestId, companyName, domainIdentifier, stateSince } = item;
      const dueAt = reviewDueAt(item, reviewDays);
      const isOverdue = dueAt !== null && Temporal.Instant.compare(dueAt, now) <= 0;
      return { requestId, companyName, domainIdentifier, stateSince: stateSince.toString(), isOverdue };
    }),
  };
}

async function supportOf({ trx, now }: Context): Promise<NonNullable<Desk['supportAccesses']>> {
  const rows = await listSupportRows(trx, { states: ['asked', 'open'] }, { limit: countedTo, after: null });
  const items = rows
    .map((row) => supportAnswer(row, now))
    .filter(({ state }) => state === 'asked' || state === 'open')
    .slice(0, shown);
  return { ...(await countSupport(trx, now)), items };
}

async function failedMailsOf(trx: Trx): Promise<NonNullable<Desk['failedMails']>> {
  const failed = trx.selectFrom('mails').where('state', '=', 'failed');
  const items = await failed
    .select(['mail_id as mailId', 'subject', 'recipient', 'problem', 'created_at as createdAt'])
    .orderBy('created_at', 'desc')
    .limit(shown)
    .execute();
  const { count } = await failed
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return { count, items: items.map((item) => ({ ...item, createdAt: item.createdAt.toString() })) };
}

type DeskAccount = Desk['accounts']['newest'][number];
type DeskAccountRow = Omit<DeskAccount, 'createdAt'> & { createdAt: Temporal.Instant };

const accountColumns = sql`a.account_id as "accountId", a.name, a.domain_identifier as "domainIdentifier",
  a.created_at as "createdAt"`;
const accountAnswer = (row: DeskAccountRow): DeskAccount => ({
  ...row,
  createdAt: row.createdAt.toString(),
});

async function newestOf(trx: Trx): Promise<DeskAccount[]> {
  const { rows } = await sql<DeskAccountRow>`
    select ${accountColumns} from accounts a order by a.created_at desc, a.account_id desc limit ${shown}`.execute(
    trx,
  );
  return rows.map(accountAnswer);
}

async function withoutAdministratorOf(
  trx: Trx,
  now: Temporal.Instant,
): Promise<{ count: number; items: DeskAccount[] }> {
  const { rows } = await sql<DeskAccountRow>`
    select ${accountColumns} from accounts a
     where a.status = 'active' and not exists (
       select 1 from held_grants g
        where g.account_id = a.account_id and g.role = 'account-administrator' and ${canSignIn('g.person_id')}
          and (g.until is null or g.until > ${now}))
     order by a.created_at desc, a.account_id desc limit ${countedTo}`.execute(trx);
  return { count: rows.length, items: rows.slice(0, shown).map(accountAnswer) };
}
