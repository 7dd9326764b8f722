import {
  defaultHours,
  readTimeZone,
  type SubscribedKindName,
  subscribedKind,
  subscribedKindNames,
} from '@estover/domain/notifications';
import {
  type AnswerOf,
  listMyNotifications,
  noteMyTimeZone,
  setMyNotificationHours,
  setMyNotifications,
  setMyStaffNotifications,
} from '@estover/protocol';
import { type RawBuilder, sql } from 'kysely';
import { lockPerson, requirePerson } from '../access/index.ts';
import { platformAccountId } from '../audit/record-event.ts';
import { likeText } from '../database/like-text.ts';
import type { Context } from '../edge/context.ts';
import { command, type Handler, view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { kindsInWords } from './kinds-in-words.ts';
import { rolesFor } from './readers.ts';
import { type Choice, findHours, knowsHours, saveChoices, saveHours } from './readers-store.ts';

type MyNotifications = AnswerOf<typeof setMyNotifications>['notifications'];

interface Row {
  accountId: string;
  accountName: string;
  roles: string[];
  choices: Record<string, MyNotifications['kinds'][number]['cadence']> | null;
}

/** The accounts in which a person has a role now, with their roles and choices. */
async function accountsOf(
  { trx, now }: Context,
  personId: string,
  where: RawBuilder<unknown>,
  limit: number,
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select a.account_id as "accountId", a.name as "accountName", g.roles,
           (select jsonb_object_agg(c.kind, c.cadence) from notification_choices c
             where c.account_id = a.account_id and c.reader_id = ${personId}) as choices
      from (select account_id, array_agg(distinct role) as roles from held_grants
             where person_id = ${personId} and (until is null or until > ${now}) group by account_id) g
      join accounts a on a.account_id = g.account_id
     where ${where}
     order by a.name, a.account_id limit ${limit}`.execute(trx);
  return rows;
}

/** Kinds that somebody with these roles hears of. */
const kindsFor = (roles: readonly string[]): SubscribedKindName[] =>
  subscribedKindNames.filter((kind) => rolesFor(kind).some((role) => roles.includes(role)));

const kindsOf = ({ roles, choices }: Pick<Row, 'roles' | 'choices'>): MyNotifications['kinds'] =>
  kindsFor(roles).map((kind) => {
    const chosen = choices?.[kind];
    return { kind, cadence: chosen ?? subscribedKind(kind).cadence, isDefault: chosen === undefined };
  });

const answerOf = ({ accountId, accountName, ...row }: Row): MyNotifications => ({
  accountId,
  accountName,
  kinds: kindsOf(row),
});

/** Platform roles of whoever asks, with what they chose; null for whoever is not of the publisher's staff. */
async function ofStaff({ trx, actor }: Context): Promise<Pick<Row, 'roles' | 'choices'> | null> {
  if (actor.kind !== 'person' || actor.platformRoles.length === 0) return null;
  const { rows } = await sql<Pick<Row, 'choices'>>`
    select jsonb_object_agg(kind, cadence) as choices from notification_choices
     where account_id = ${platformAccountId} and reader_id = ${actor.id}`.execute(trx);
  return { roles: actor.platformRoles, choices: rows[0]?.choices ?? null };
}

/** Refuses choices among kinds that nobody here would be told of. */
export function requireKinds(choices: readonly Choice[], allowed: readonly SubscribedKindName[]): void {
  const wrong = choices.find(({ kind }) => !allowed.includes(kind));
  if (wrong === undefined) return;
  const { name } = subscribedKind(wrong.kind);
  throw new Refused('notification-kind', `“${name}” is not told here.`, { kind: wrong.kind });
}

/** @throws Refused `time-zone-unknown` */
function requireTimeZone(given: string): string {
  const zone = readTimeZone(given);
  if (zone.ok) return zone.value;
  const errors = [{ pointer: 'body/timeZone', detail: zone.detail, code: zone.code }];
  throw new Refused(zone.code, zone.detail, { errors });
}

export const myNotificationHandlers: readonly Handler[] = [
  view(listMyNotifications, async (context, { query }) => {
    const { id } = requirePerson(context);
    const after = decodeCursor('my-notifications', query.cursor, 2);
    const search = query.search?.trim() ?? '';
    const rows = await accountsOf(
      context,
      id,
      sql`${search === '' ? sql`true` : sql`a.name ilike ${likeText(search)}`}
        and ${query.accountId === undefined ? sql`true` : sql`a.account_id = ${query.accountId}`}
        and ${after === null ? sql`true` : sql`(a.name, a.account_id) > (${after[0]}::text, ${after[1]}::uuid)`}`,
      query.limit + 1,
    );
    const page = pageFrom('my-notifications', rows, query.limit, answerOf, (row) => [
      row.accountName,
      row.accountId,
    ]);
    const staff = await ofStaff(context);
    return {
      ...page,
      hours: await findHours(context.trx, id),
      staff: staff === null ? null : { kinds: kindsOf(staff) },
    };
  }),

  command(setMyNotifications, async (context, { params: { accountId }, body }) => {
    const { trx, now } = context;
    const { id } = requirePerson(context);
    const only = sql`a.account_id = ${accountId}`;
    const [before] = await accountsOf(context, id, only, 1);
    if (before === undefined) throw notFound('account');
    requireKinds(body.choices, kindsFor(before.roles));
    await saveChoices(trx, { accountId, readerId: id, isAddress: false }, body.choices, now);
    const [after = before] = await accountsOf(context, id, only, 1);
    return {
      answer: { notifications: answerOf(after) },
      event: {
        accountId,
        objectKind: 'person',
        objectId: id,
        message: `changed how often they hear of ${kindsInWords(body.choices.map(({ kind }) => kind))}`,
        before: before.choices ?? {},
        after: after.choices ?? {},
      },
    };
  }),

  command(setMyStaffNotifications, async (context, { body: { choices } }) => {
    const { trx, now } = context;
    const { id } = requirePerson(context);
    const before = await ofStaff(context);
    if (before === null) throw notFound('platform role');
    requireKinds(choices, kindsFor(before.roles));
    await saveChoices(trx, { accountId: platformAccountId, readerId: id, isAddress: false }, choices, now);
    const after = (await ofStaff(context)) ?? before;
    return {
      answer: { notifications: { kinds: kindsOf(after) } },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: id,
        message: `changed how often they hear of ${kindsInWords(choices.map(({ kind }) => kind))}`,
        before: before.choices ?? {},
        after: after.choices ?? {},
      },
    };
  }),

  command(noteMyTimeZone, async (context, { body }) => {
    const { trx, now } = context;
    const { id } = requirePerson(context);
    const timeZone = requireTimeZone(body.timeZone);
    // Two tabs ask at once: the second one waits here, and finds what the first one noted.
    await lockPerson(trx, id);
    if (await knowsHours(trx, id)) {
      throw new Refused('time-zone-known', 'When digests come to you was said already.');
    }
    const hours = { ...defaultHours, timeZone };
    await saveHours(trx, id, hours, now);
    return {
      answer: { hours },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: id,
        message: `noted the time zone ${timeZone} of their browser, by which their digests come`,
        before: defaultHours,
        after: hours,
      },
    };
  }),

  command(setMyNotificationHours, async (context, { body }) => {
    const { trx, now } = context;
    const { id } = requirePerson(context);
    const timeZone = body.timeZone === null ? null : requireTimeZone(body.timeZone);
    const before = await findHours(trx, id);
    const hours = { timeZone, hour: body.hour, weekday: body.weekday };
    await saveHours(trx, id, hours, now);
    return {
      answer: { hours },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: id,
        message: 'changed when their digests come',
        before,
        after: hours,
      },
    };
  }),
];
