import {
  type AnswerOf,
  downloadAgreementAccounts,
  listAgreementAccounts,
  listAgreementVersions,
} from '@estover/protocol';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { likeText } from '../database/like-text.ts';
import type { Context } from '../edge/context.ts';
import { fileView, type Handler, view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { notFound } from '../edge/refused.ts';
import { type ColumnOf, csvFile, rowsOf } from '../reports/index.ts';
import { versionAnswer } from './agreement-answers.ts';
import { allVersions, newestVersions, readGates, standingsTable } from './agreements-store.ts';

type Item = AnswerOf<typeof listAgreementAccounts>['items'][number];
type Row = Omit<Item, 'dueAt' | 'acceptedAt'> & {
  dueAt: Temporal.Instant;
  acceptedAt: Temporal.Instant | null;
};

/** How many accounts are asked to accept what is published. */
export async function countActiveAccounts(trx: Trx): Promise<number> {
  const { count } = await trx
    .selectFrom('accounts')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('status', '=', 'active')
    .executeTakeFirstOrThrow();
  return count;
}

async function countStandings({ trx, now }: Context, agreement: string) {
  const { rows } = await sql<{ standing: Item['standing']; count: number }>`
    select s.standing, count(*) as count from (${standingsTable(agreement, now)}) s group by s.standing`.execute(
    trx,
  );
  const counts = { accepted: 0, open: 0, overdue: 0 };
  for (const { standing, count } of rows) counts[standing] = count;
  return counts;
}

interface Filters {
  standing?: Item['standing'] | undefined;
  search?: string | undefined;
}

/** Active accounts by name, after the one that is named by a cursor. */
async function readAccounts(
  { trx, now }: Context,
  agreement: string,
  { standing, search }: Filters,
  page: { limit: number; after: readonly (string | number | null)[] | null },
): Promise<Row[]> {
  const like = likeText(search?.trim() ?? '');
  const { rows } = await sql<Row>`
    select s.account_id as "accountId", s.name, s.domain_identifier as "domainIdentifier", s.standing, s.due_at as "dueAt",
           s.accepted_version as "acceptedVersion", s.accepted_at as "acceptedAt"
      from (${standingsTable(agreement, now)}) s
     where (${standing ?? null}::text is null or s.standing = ${standing ?? null})
       and ${(search?.trim() ?? '') === '' ? sql`true` : sql`(s.name ilike ${like} or s.domain_identifier ilike ${like})`}
       and ${
         page.after === null
           ? sql`true`
           : sql`(lower(s.name), s.account_id) > (lower(${page.after[0]}::text), ${page.after[1]}::uuid)`
       }
     order by lower(s.name), s.account_id limit ${page.limit}`.execute(trx);
  return rows;
}

const itemOf = (row: Row): Item => ({
  ...row,
  dueAt: row.dueAt.toString(),
  acceptedAt: row.acceptedAt?.toString() ?? null,
});

async function requireAgreement(trx: Trx, name: string): Promise<void> {
  if ((await newestVersions(trx)).some(({ agreement }) => agreement === name)) return;
  throw notFound('agreement');
}

const columns: readonly ColumnOf<Item>[] = [
  { key: 'account', title: 'Account', width: 32, value: (item) => item.name },
  { key: 'domainIdentifier', title: 'Identifier', width: 28, value: (item) => item.domainIdentifier },
  { key: 'standing', title: 'State', width: 12, value: (item) => item.standing },
  { key: 'dueAt', title: 'Accept until (UTC)', width: 24, value: (item) => item.dueAt },
  { key: 'acceptedVersion', title: 'Accepted version', width: 12, value: (item) => item.acceptedVersion },
  { key: 'acceptedAt', title: 'Accepted (UTC)', width: 24, value: (item) => item.acceptedAt },
  { key: 'accountId', title: 'Account id', width: 38, value: (item) => item.accountId },
];

const accountsAtOnce = 1_000;

async function* accountBatches(
  context: Context,
  agreement: string,
  filters: Filters,
): AsyncGenerator<Item[]> {
  for (let after: readonly [string, string] | null = null; ; ) {
    const rows: Row[] = await readAccounts(context, agreement, filters, { limit: accountsAtOnce, after });
    yield rows.map(itemOf);
    const last = rows.at(-1);
    if (rows.length < accountsAtOnce || last === undefined) return;
    after = [last.name, last.accountId];
  }
}

export const platformAgreementViews: readonly Handler[] = [
  view(listAgreementVersions, async (context) => {
    const seen = new Set<string>();
    const versions = [];
    for (const version of await allVersions(context.trx)) {
      const isNewest = !seen.has(version.agreement);
      seen.add(version.agreement);
      versions.push({
        ...versionAnswer(version),
        accounts: isNewest ? await countStandings(context, version.agreement) : null,
        isTold: version.toldAt !== null,
      });
    }
    return { versions, blocked: await readGates(context.trx) };
  }),

  view(listAgreementAccounts, async (context, { params: { agreement }, query }) => {
    await requireAgreement(context.trx, agreement);
    const list = `agreement-accounts/${agreement}`;
    const after = decodeCursor(list, query.cursor, 2);
    const rows = await readAccounts(context, agreement, query, { limit: query.limit + 1, after });
    return pageFrom(list, rows, query.limit, itemOf, (row) => [row.name, row.accountId]);
  }),

  fileView(downloadAgreementAccounts, async (context, { params: { agreement }, query }) => {
    await requireAgreement(context.trx, agreement);
    const day = context.now.toZonedDateTimeISO('UTC').toPlainDate();
    return {
      contentType: 'text/csv; charset=utf-8; header=present',
      fileName: `estover-${agreement}-accounts-${day}.csv`,
      stream: csvFile({
        name: 'agreement-accounts',
        title: 'Agreement',
        columns,
        batches: rowsOf(columns, accountBatches(context, agreement, query)),
      }),
    };
  }),
];
