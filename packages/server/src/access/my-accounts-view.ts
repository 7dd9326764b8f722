import type { AccountRole } from '@estover/domain/access';
import { listMyAccounts } from '@estover/protocol';
import { sql } from 'kysely';
import { likeText } from '../database/like-text.ts';
import { view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { Refused } from '../edge/refused.ts';
import { heldBy } from './grants-store.ts';

const list = 'my-accounts';

interface MyAccountRow {
  accountId: string;
  name: string;
  domainIdentifier: string;
  roles: AccountRole[];
}

/** The accounts of whoever asks, however many: a page of them by name. */
export const listMyAccountsHandler = view(listMyAccounts, async ({ trx, actor, now }, { query }) => {
  if (actor.kind !== 'person' && actor.kind !== 'api-key') {
    throw new Refused('sign-in-required', 'This needs a session or an API key.');
  }
  const after = decodeCursor(list, query.cursor, 2);
  const words = query.search?.trim() ?? '';
  const like = likeText(words);
  const { rows } = await sql<MyAccountRow>`
    select a.account_id as "accountId", a.name, a.domain_identifier as "domainIdentifier",
           jsonb_agg(distinct held.role) as roles
      from (${heldBy(actor, now)}) held join accounts a on a.account_id = held.account_id
     where ${words === '' ? sql`true` : sql`(a.name ilike ${like} or a.domain_identifier ilike ${like})`}
       and ${after === null ? sql`true` : sql`(lower(a.name), a.account_id) > (lower(${after[0]}::text), ${after[1]}::uuid)`}
     group by a.account_id
     order by lower(a.name), a.account_id
     limit ${query.limit + 1}`.execute(trx);
  return pageFrom(
    list,
    rows,
    query.limit,
    (row) => row,
    (row) => [row.name, row.accountId],
  );
});
