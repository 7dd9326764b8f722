import { listAccountSupport, listSupportAccesses } from '@estover/protocol';
import { readStaffSettings } from '../access/index.ts';
import { requireAccountReach } from '../access/scope.ts';
import { type Handler, view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { listRecoveryRows } from './recoveries-store.ts';
import { recoveryAnswer } from './recovery-answer.ts';
import { listSupportRows, readSupportRule, type SupportAccessRow } from './support-accesses-store.ts';
import { supportAnswer } from './support-answer.ts';

const cursorOf = ({ askedAt, accessId }: SupportAccessRow) => [askedAt.toString(), accessId];

const everyRecovery = 1_000;

export const supportViews: readonly Handler[] = [
  view(listSupportAccesses, async ({ trx, now, actor }, { query }) => {
    const list = 'support-accesses';
    const after = decodeCursor(list, query.cursor, 2);
    const filter = {
      accountId: query.accountId,
      states: query.state === undefined ? undefined : [query.state],
      personId: query.own === undefined ? undefined : (actor.id ?? ''),
    };
    const rows = await listSupportRows(trx, filter, { limit: query.limit + 1, after });
    const { supportMostMinutes: mostMinutes } = await readStaffSettings(trx);
    return { ...pageFrom(list, rows, query.limit, (row) => supportAnswer(row, now), cursorOf), mostMinutes };
  }),

  view(listAccountSupport, async (context, { params: { accountId }, query }) => {
    const { trx, now } = context;
    const list = 'account-support';
    requireAccountReach(context, 'view-events');
    const after = decodeCursor(list, query.cursor, 2);
    const rows = await listSupportRows(trx, { accountId }, { limit: query.limit + 1, after });
    const recoveries =
      after === null ? await listRecoveryRows(trx, { accountId }, { limit: everyRecovery, after: null }) : [];
    return {
      ...pageFrom(list, rows, query.limit, (row) => supportAnswer(row, now), cursorOf),
      rule: await readSupportRule(trx, accountId),
      recoveries: recoveries.map((row) => recoveryAnswer(row, now)),
    };
  }),
];
