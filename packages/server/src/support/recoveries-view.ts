import { listRecoveries } from '@estover/protocol';
import { view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { listRecoveryRows } from './recoveries-store.ts';
import { recoveryAnswer } from './recovery-answer.ts';

const list = 'recoveries';

export const listRecoveriesHandler = view(listRecoveries, async ({ trx, now }, { query }) => {
  const after = decodeCursor(list, query.cursor, 2);
  const rows = await listRecoveryRows(trx, {}, { limit: query.limit + 1, after });
  return pageFrom(
    list,
    rows,
    query.limit,
    (row) => recoveryAnswer(row, now),
    ({ askedAt, recoveryId }) => [askedAt.toString(), recoveryId],
  );
});
