import { recoveryReminderHours, reviewReminderDays } from '@estover/domain/notifications';
import { type RawBuilder, sql } from 'kysely';
import { lastRequestFor } from '../accounts/index.ts';
import { platformAccountId } from '../audit/record-event.ts';
import type { Database, Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { addNotices, endNotices, type NewNotice } from '../notifications/index.ts';

const rowsAtOnce = 1_000;

/**
 * Lets the publisher's staff hear of what waits on the desk: requests for accounts that nobody has reviewed, orders whose
 * account nobody asks for any more, and recoveries that no second operator has answered. Each is told once, and again at its reminders; what does not wait any more, or is told
 * anew, leaves the bell. Support accesses that wait are their customers' to answer, who get a mail. Returns how many were noted.
 */
export async function noteDesk(db: Database, now: Temporal.Instant): Promise<{ noted: number }> {
  let noted = 0;
  for (const { kind, waiting, noticeOf } of queues) {
    for (;;) {
      const part = await inTransaction(db, async (trx) => {
        const rows = await untold(trx, waiting(now));
        await endNotices(trx, platformAccountId, kind, sql`select w.cause from (${waiting(now)}) w`);
        const notices = rows.map((row) => ({ ...common, kind, cause: row.cause, ...noticeOf(row) }));
        await addNotices({ trx, now }, notices);
        return rows.length;
      });
      noted += part;
      if (part < rowsAtOnce) break;
    }
  }
  return { noted };
}

const common = { accountId: platformAccountId, virtualAccountId: null, personId: null };

/** Something that waits: what it is told for, in which the reminder is, and whose it is. */
interface Waiting {
  cause: string;
  /** The company or account, or what became of a request; null for a person's second factors, who is not named where a removal would have to find it. */
  name: string | null;
  /** The identifier that is asked for. */
  identifier: string;
  /** Days it waits, or hours that are left; 0 the first time. */
  reminder: number;
}

interface Queue {
  kind: NewNotice['kind'];
  waiting(now: Temporal.Instant): RawBuilder<Waiting>;
  noticeOf(row: Waiting): Pick<NewNotice, 'message' | 'page'>;
}

const queues: readonly Queue[] = [
  {
    kind: 'account-requests',
    waiting: (now) => sql<Waiting>`
      select concat('account-request/', r.request_id, '/', d.days) as cause, r.company_name as name,
             r.domain_identifier as identifier, d.days as reminder
        from account_requests r
        cross join lateral (
          select max(days) as days from unnest(${[...reviewReminderDays]}::int[]) as of(days)
           where days = 0 or r.state_since <= ${now}::timestamptz - make_interval(hours => 24 * days)) d
       where r.state = 'under-review'`,
    noticeOf: ({ name, identifier, reminder }) => ({
      message:
        reminder === 0
          ? `${name} asks for the account ${identifier}, which waits for a review`
          : `${name} has waited ${reminder} days for the review of the account ${identifier}`,
      page: '/platform/account-requests?state=under-review',
    }),
  },
  {
    kind: 'order-desk',
    waiting: (now) => sql<Waiting>`
      select concat('order-desk/', awaited.account_id, '/', request.request_id) as cause,
             coalesce(request.state, 'forgotten') as name, awaited.domain_identifier as identifier, 0 as reminder
        from awaited_accounts awaited
        left join lateral (${lastRequestFor('awaited.domain_identifier', now)}) request on true
       where coalesce(request.state, '') not in ('requested', 'under-review', 'awaiting-acceptance')
         and not exists (select from accounts a where a.domain_identifier = awaited.domain_identifier)
         and not exists (select from order_contacts c where c.account_id = awaited.account_id and c.ends_at > ${now})
         and exists (select from order_lines l where l.account_id = awaited.account_id and l.state = 'on-hold')`,
    noticeOf: ({ name, identifier }) => ({
      message: `Orders wait for the account ${identifier}, and the request for it is ${name}: ask a contact for the account, or cancel the lines`,
      page: `/platform/orders?state=on-hold&search=${encodeURIComponent(identifier)}`,
    }),
  },
  {
    kind: 'recoveries',
    waiting: (now) => sql<Waiting>`
      select concat('recovery/', r.recovery_id, '/', h.hours) as cause,
             (select a.name from accounts a where a.account_id = r.account_id) as name, '' as identifier,
             h.hours as reminder
        from recoveries r
        cross join lateral (
          select case when r.ends_at <= ${now}::timestamptz + make_interval(hours => ${recoveryReminderHours})
                      then ${recoveryReminderHours}::int else 0 end as hours) h
       where r.state = 'asked' and r.ends_at > ${now}`,
    noticeOf: ({ name, reminder }) => {
      const what = name === null ? 'The end of somebody’s second factors' : `A way back into ${name}`;
      return {
        message:
          reminder === 0
            ? `${what} waits for a second operator`
            : `${what} still waits for a second operator, and expires within ${reminder} hours`,
        page: '/platform/recoveries',
      };
    },
  },
];

async function untold(trx: Trx, waiting: RawBuilder<Waiting>): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    select w.* from (${waiting}) w
     where not exists (
       select from notices n where n.account_id = ${platformAccountId} and n.cause = w.cause)
     order by w.cause limit ${rowsAtOnce}`.execute(trx);
  return rows;
}
