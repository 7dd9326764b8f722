import { reachOf } from '@estover/domain/access';
import type { account } from '@estover/protocol';
import { getAccount, listAccounts } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { likeText } from '../database/like-text.ts';
import { type Handler, view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { notFound } from '../edge/refused.ts';
import { type AccountRow, findAccount, findCreator, selectAccounts } from './accounts-store.ts';

export const accountAnswer = (row: AccountRow): z.output<typeof account> => ({
  accountId: row.accountId,
  kind: row.kind,
  name: row.name,
  domainIdentifier: row.domainIdentifier,
  status: row.status,
  statusSince: row.statusSince?.toString() ?? null,
  statusReason: row.statusReason,
  exportCategory: row.exportCategory,
  sequencePolicy: row.sequencePolicy,
  createdAt: row.createdAt.toString(),
});

const list = 'accounts';

export const accountViews: readonly Handler[] = [
  view(getAccount, async ({ trx, grants }, { params }) => {
    const found = await findAccount(trx, params.accountId);
    if (found === undefined) throw notFound('account');
    const into = found.mergedInto === null ? undefined : await findAccount(trx, found.mergedInto);
    const mergedInto =
      into === undefined
        ? null
        : { accountId: into.accountId, name: into.name, domainIdentifier: into.domainIdentifier };
    const seesPeople = reachOf(grants, 'view-people').kind !== 'nothing';
    const creator = seesPeople ? await findCreator(trx, params.accountId) : null;
    return { account: accountAnswer(found), mergedInto, creator };
  }),

  view(listAccounts, async ({ trx }, { query }) => {
    const after = decodeCursor(list, query.cursor, 2);
    let rows = selectAccounts(trx)
      .orderBy(sql`lower(name)`)
      .orderBy('account_id')
      .limit(query.limit + 1);
    if (after !== null) {
      rows = rows.where(
        sql<boolean>`(lower(name), account_id) > (lower(${after[0]}::text), ${after[1]}::uuid)`,
      );
    }
    if (query.search !== undefined && query.search.trim() !== '') {
      const like = likeText(query.search.trim());
      rows = rows.where((where) =>
        where.or([where('name', 'ilike', like), where('domain_identifier', 'ilike', like)]),
      );
    }
    return pageFrom(list, await rows.execute(), query.limit, accountAnswer, (row) => [
      row.name,
      row.accountId,
    ]);
  }),
];
