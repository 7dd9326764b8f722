import { kindOfAlert, type SubscribedKindName, subscribedKind } from '@estover/domain/notifications';
import { type RawBuilder, sql } from 'kysely';
import { platformAccountId } from '../audit/record-event.ts';
import type { Database, Trx } from '../database/database.ts';
import { cadenceOfReader, isSeenBy, kindsTable, seesWhole, slotOfReader, slotsTable } from './readers.ts';

/** In the sentence of a notice: the path of its virtual account, which is put in when it is told. */
export const placeMark = '{place}';

/** How long it is kept what was told. */
const keptDays = 60;

/** Something to tell that is no alert: in an account, or under `platformAccountId` to the publisher's staff. */
export interface NewNotice {
  accountId: string;
  /** What it is about, so that it is told once. */
  cause: string;
  kind: SubscribedKindName;
  /** Null: told to those who see the whole account. */
  virtualAccountId: string | null;
  /** Told to this person alone; null where its kind says who hears of it. */
  personId: string | null;
  /** A whole sentence without its stop; `placeMark` stands for where its virtual account is, as each reader may know it. */
  message: string;
  /** Where it leads, below the account's address: `/orders/4711`; on the platform, the whole path. */
  page: string;
}

/**
 * Notes things to be told, in the transaction of what they tell of. A cause that was noted before is not told again. Digests
 * and the bell show them after the next run of the job.
 */
export async function addNotices(
  { trx, now }: { trx: Trx; now: Temporal.Instant },
  notices: readonly NewNotice[],
): Promise<void> {
  for (let first = 0; first < notices.length; first += noticesAtOnce) {
    await trx
      .insertInto('notices')
      .values(
        notices.slice(first, first + noticesAtOnce).map((notice) => ({
          account_id: notice.accountId,
          cause: notice.cause,
          kind: notice.kind,
          state: 'new' as const,
          virtual_account_id: notice.virtualAccountId,
          person_id: notice.personId,
          subject: null,
          alert_id: null,
          message: notice.message,
          page: notice.page,
          at: now,
          position: null,
          began_position: null,
        })),
      )
      .onConflict((conflict) => conflict.columns(['account_id', 'cause']).doNothing())
      .execute();
  }
}

const noticesAtOnce = 1_000;

/** Takes out what was noted of a kind and is not so any more: all but the causes that a query names. */
export async function endNotices(
  trx: Trx,
  accountId: string,
  kind: SubscribedKindName,
  standing: RawBuilder<unknown>,
): Promise<void> {
  await sql`
    delete from notices where account_id = ${accountId} and kind = ${kind} and cause not in (${standing})`.execute(
    trx,
  );
}

/** Takes the end of the order for the rest of the transaction: whoever has it moves it, or tells what is before it. */
export async function lockHead(trx: Trx): Promise<number> {
  const { position } = await trx
    .selectFrom('notices_head')
    .select('position')
    .forUpdate()
    .executeTakeFirstOrThrow();
  return position;
}

interface ChangedAlert {
  accountId: string;
  alertId: string;
  alertKind: string;
  virtualAccountId: string | null;
  lotId: string | null;
  noticeDays: number | null;
  isEnded: boolean;
}

/** Notes alerts that say something else than what was told of them. Returns how many were looked at. */
export async function noteAlerts(trx: Trx, now: Temporal.Instant, most: number): Promise<number> {
  const { rows } = await sql<ChangedAlert>`
    update alerts a set noted = alert_news(a.resolved_at, a.severity, a.facts)
     where (a.account_id, a.alert_id) in (
       select account_id, alert_id from alerts
        where noted is distinct from alert_news(resolved_at, severity, facts)
        order by account_id, alert_id limit ${most} for update skip locked)
    returning a.account_id as "accountId", a.alert_id as "alertId", a.kind as "alertKind",
              a.virtual_account_id as "virtualAccountId", a.lot_id as "lotId",
              (a.facts->>'noticeDays')::int as "noticeDays", a.resolved_at is not null as "isEnded"`.execute(
    trx,
  );
  const notices = rows.flatMap((alert) => noticeOf(alert));
  const column = <K extends keyof AlertNotice>(name: K): AlertNotice[K][] =>
    notices.map((notice) => notice[name]);
  if (notices.length > 0) {
    await sql`
      insert into notices (account_id, cause, kind, state, virtual_account_id, subject, alert_id, at)
      select *, ${now}::timestamptz from unnest(${column('accountId')}::uuid[], ${column('cause')}::text[],
        ${column('kind')}::text[], ${column('state')}::text[], ${column('virtualAccountId')}::uuid[],
        ${column('subject')}::text[], ${column('alertId')}::uuid[]) as given
       order by 1, 2
      on conflict (account_id, cause) do update
        set state = excluded.state, virtual_account_id = excluded.virtual_account_id, at = excluded.at, position = null`.execute(
      trx,
    );
  }
  return rows.length;
}

interface AlertNotice {
  accountId: string;
  cause: string;
  kind: string;
  state: 'new' | 'ended';
  virtualAccountId: string | null;
  subject: string | null;
  alertId: string;
}

/** What is told of an alert; nothing of the end of one whose end nobody waits for. */
function noticeOf(alert: ChangedAlert): AlertNotice[] {
  const kind = kindOfAlert(alert.alertKind, alert.noticeDays);
  if (kind === undefined || (alert.isEnded && !subscribedKind(kind).tellsEnd)) return [];
  // An end is told at 90, 60 and 30 days, each once for a lot and reader, wherever it lies.
  const isOfEnding = alert.alertKind === 'licenses-expiring';
  return [
    {
      accountId: alert.accountId,
      cause: `alert/${alert.alertId}${isOfEnding ? `/${kind}` : ''}`,
      kind,
      state: alert.isEnded ? 'ended' : 'new',
      virtualAccountId: alert.virtualAccountId,
      subject: isOfEnding && alert.lotId !== null ? `${kind}/${alert.lotId}` : null,
      alertId: alert.alertId,
    },
  ];
}

/**
 * Puts what was noted at the end of the order, all at one position, and lets everybody wait for it who hears of its kind:
 * at their own next hour, and from where they waited already. The caller has the head. Returns how many notices.
 */
export async function orderNotices(
  trx: Trx,
  position: number,
  now: Temporal.Instant,
  most: number,
): Promise<number> {
  const { numAffectedRows } = await sql`
    update notices n
       set position = ${position},
           began_position = case when n.state = 'new' then ${position} else coalesce(n.began_position, ${position}) end
     where (n.account_id, n.cause) in (
       select account_id, cause from notices where position is null order by account_id, cause limit ${most})`.execute(
    trx,
  );
  const ordered = Number(numAffectedRows ?? 0);
  if (ordered === 0) return 0;
  const slots = await slotsTable(trx, now);
  await sql`
    with k as materialized ${kindsTable},
    changed as materialized (
      select distinct n.account_id, n.kind, n.person_id from notices n where n.position = ${position}),
    readers as (
      select x.account_id, x.kind, g.person_id as reader_id, false as is_address
        from changed x join k on k.kind = x.kind
        join notice_grants g on g.account_id = x.account_id and g.role = any(k.roles)
             and (g.until is null or g.until > ${now})
       where x.person_id is null
         -- Nobody has confirmed the address of somebody who never signed in.
         and exists (select from sign_in_accounts i where i.person_id = g.person_id)
      union
      select x.account_id, x.kind, x.person_id, false from changed x where x.person_id is not null
      union
      select x.account_id, x.kind, d.address_id::text, true
        from changed x join k on k.kind = x.kind and k.of_addresses
        join notification_addresses d on d.account_id = x.account_id and d.confirmed_at is not null
       where x.person_id is null)
    insert into notice_queue (account_id, reader_id, kind, since_position, due_at)
    select r.account_id, r.reader_id, r.kind, ${position - 1}, s.due_at
      from readers r join k on k.kind = r.kind
      left join notification_choices c
             on c.account_id = r.account_id and c.reader_id = r.reader_id and c.kind = r.kind
      left join notification_hours h on h.person_id = r.reader_id
      join ${slots} s on ${slotOfReader} and s.cadence = ${cadenceOfReader}
     order by 1, 2, 3
    on conflict do nothing`.execute(trx);
  await trx.updateTable('notices_head').set({ position }).execute();
  return ordered;
}

/** A kind that a reader is to hear of now, and from where on. */
export interface DueKind {
  accountId: string;
  readerId: string;
  kind: string;
  sincePosition: number;
}

/** Takes what is due for so many readers out of the queue. The caller has the head, and writes the mails with it. */
export async function takeDue(trx: Trx, now: Temporal.Instant, readers: number): Promise<DueKind[]> {
  const { rows } = await sql<DueKind>`
    delete from notice_queue q
     using (select account_id, reader_id from notice_queue where due_at <= ${now}
             group by account_id, reader_id order by account_id, reader_id limit ${readers}) d
     where q.account_id = d.account_id and q.reader_id = d.reader_id and q.due_at <= ${now}
    returning q.account_id as "accountId", q.reader_id as "readerId", q.kind, q.since_position as "sincePosition"`.execute(
    trx,
  );
  return rows;
}

/** A line of a digest before it is put into words. */
export interface DigestRow {
  /** `platformAccountId` for what waits for the publisher's staff, which has no name. */
  accountId: string;
  accountName: string | null;
  readerId: string;
  isAddress: boolean;
  email: string;
  kind: SubscribedKindName;
  /** It began, is over, or both since the last mail. */
  state: 'new' | 'ended' | 'began-and-ended';
  alertId: string | null;
  virtualAccountId: string | null;
  message: string | null;
  page: string | null;
  /** In how many places the reader would hear of the same. */
  places: number;
  /** How many lines the digest would have in all. */
  lines: number;
}

/**
 * The lines of everybody's digest, at most so many each: what came after they were told last, of what they may see now. One
 * statement for all readers; those who see a whole account and were told last at the same time share what is found, so that
 * its cost is that of what changed, and not of how many hear of it.
 */
export async function digestRows(
  trx: Trx,
  due: readonly DueKind[],
  now: Temporal.Instant,
  mostLines: number,
): Promise<DigestRow[]> {
  const reader = sql.ref('v.of_reader');
  const { rows } = await sql<DigestRow>`
    with k as materialized ${kindsTable},
    q as materialized (
      select given.*, k.rank,
             case when ${seesWhole(sql.ref('given.account_id'), sql.ref('given.reader_id'), now)}
                  then '' else given.reader_id end as of_reader
        from unnest(${due.map((each) => each.accountId)}::uuid[], ${due.map((each) => each.readerId)}::text[],
          ${due.map((each) => each.kind)}::text[], ${due.map((each) => each.sincePosition)}::bigint[])
          as given(account_id, reader_id, kind, since_position)
        join k on k.kind = given.kind),
    v as materialized (select distinct account_id, kind, since_position, of_reader from q),
    found as (
      select v.*, n.cause, n.state, n.position,
             row_number() over (partition by v.account_id, v.kind, v.since_position, v.of_reader,
                                             coalesce(n.subject, n.cause) order by n.position, n.cause) as which,
             count(*) over (partition by v.account_id, v.kind, v.since_position, v.of_reader,
                                         coalesce(n.subject, n.cause)) as places
        from v join k on k.kind = v.kind
        join notices n on n.account_id = v.account_id and n.kind = v.kind and n.position > v.since_position
        left join alerts a on not k.tells_end and a.account_id = n.account_id and a.alert_id = n.alert_id
       where a.resolved_at is null and (v.of_reader = '' or ${isSeenBy('n', reader, now)})
         and (n.subject is null or not exists (
           select from notices e
            where e.account_id = n.account_id and e.subject = n.subject and e.position <= v.since_position
              and (v.of_reader = '' or ${isSeenBy('e', reader, now)})))),
    ranked as (
      select f.*, row_number() over (partition by f.account_id, f.kind, f.since_position, f.of_reader
                                         order by f.state desc, f.position, f.cause) as line,
             count(*) over (partition by f.account_id, f.kind, f.since_position, f.of_reader) as lines
        from found f where f.which = 1),
    told as (
      select q.account_id, q.reader_id, q.since_position, f.cause, f.places,
             row_number() over (partition by q.account_id, q.reader_id order by q.rank, f.line) as line,
             sum(case f.line when 1 then f.lines else 0 end) over (partition by q.account_id, q.reader_id) as lines
        from q join ranked f on f.account_id = q.account_id and f.kind = q.kind
             and f.since_position = q.since_position and f.of_reader = q.of_reader
       where f.line <= ${mostLines})
    select t.account_id as "accountId", o.name as "accountName", t.reader_id as "readerId",
           p.id is null as "isAddress", coalesce(p.email, d.email) as email, n.kind,
           case when n.state = 'new' then 'new' when n.began_position > t.since_position then 'began-and-ended'
                else 'ended' end as state,
           n.alert_id as "alertId", n.message, n.page, n.virtual_account_id as "virtualAccountId", t.places, t.lines
      from told t
      join notices n on n.account_id = t.account_id and n.cause = t.cause
      left join accounts o on o.account_id = t.account_id
      left join people p on p.id = t.reader_id
      left join notification_addresses d on d.account_id = t.account_id and d.address_id::text = t.reader_id
     where t.line <= ${mostLines} and coalesce(p.email, d.email) is not null
       and (o.account_id is not null or t.account_id = ${platformAccountId})
     order by t.account_id, t.reader_id, t.line`.execute(trx);
  return rows;
}

/** Removes what was told more than 60 days ago. Returns how many. */
export async function purgeNotices(db: Database, now: Temporal.Instant): Promise<number> {
  const removed = await db
    .deleteFrom('notices')
    .where('at', '<', now.subtract({ hours: keptDays * 24 }))
    .where('position', 'is not', null)
    .executeTakeFirst();
  return Number(removed.numDeletedRows);
}
