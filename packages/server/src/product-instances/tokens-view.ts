import type { AnswerOf, createToken, listTokens } from '@estover/protocol';
import { type SqlBool, sql } from 'kysely';
import { chosenScope, requireVirtualAccount } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';

type Token = AnswerOf<typeof createToken>['token'];
type TokenPage = AnswerOf<typeof listTokens>;

interface Row {
  token_id: string;
  virtual_account_id: string;
  path: string[];
  description: string;
  state: Token['state'];
  prefix: string;
  export_controlled_allowed: boolean;
  address_range: string | null;
  created_at: Temporal.Instant;
  created_by: string;
  expires_at: Temporal.Instant;
  maximum_uses: number | null;
  uses: number;
  last_used_at: Temporal.Instant | null;
  revoked_at: Temporal.Instant | null;
}

const tokenOf = (row: Row): Token => ({
  tokenId: row.token_id,
  virtualAccountId: row.virtual_account_id,
  virtualAccountPath: row.path,
  description: row.description,
  state: row.state,
  prefix: row.prefix,
  exportControlledAllowed: row.export_controlled_allowed,
  addressRange: row.address_range,
  createdAt: row.created_at.toString(),
  createdBy: row.created_by,
  expiresAt: row.expires_at.toString(),
  maximumUses: row.maximum_uses,
  uses: row.uses,
  lastUsedAt: row.last_used_at?.toString() ?? null,
  revokedAt: row.revoked_at?.toString() ?? null,
});

/** The rule of `tokenStateAt` for filtering whole lists. */
const stateAt = (now: Temporal.Instant) => sql<Token['state']>`case
  when t.revoked_at is not null then 'revoked'
  when t.expires_at <= ${now} then 'expired'
  when t.uses >= t.maximum_uses then 'used-up'
  else 'active' end`;

const columns = (now: Temporal.Instant) => sql`t.token_id, t.virtual_account_id,
  virtual_account_path(t.account_id, t.virtual_account_id) as path, t.description, ${stateAt(now)} as state, t.prefix,
  t.export_controlled_allowed, t.address_range::text, t.created_at, t.created_by, t.expires_at, t.maximum_uses, t.uses,
  t.last_used_at, t.revoked_at`;

/** One token as the API shows it. */
export async function readToken(
  trx: Trx,
  accountId: string,
  tokenId: string,
  now: Temporal.Instant,
): Promise<Token> {
  const { rows } = await sql<Row>`
    select ${columns(now)} from registration_tokens t
     where t.account_id = ${accountId} and t.token_id = ${tokenId}`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new Error(`the token ${tokenId} is gone`);
  return tokenOf(row);
}

interface Page {
  limit: number;
  cursor?: string | undefined;
}

async function readPage(
  context: Context,
  list: string,
  accountId: string,
  page: Page,
  where: ReturnType<typeof sql<SqlBool>>,
): Promise<TokenPage> {
  const after = decodeCursor(list, page.cursor, 2);
  const later =
    after === null
      ? sql<SqlBool>`true`
      : sql<SqlBool>`(t.created_at, t.token_id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`;
  const { rows } = await sql<Row>`
    select ${columns(context.now)} from registration_tokens t
     where t.account_id = ${accountId} and ${where} and ${later}
     order by t.created_at desc, t.token_id desc
     limit ${page.limit + 1}`.execute(context.trx);
  return pageFrom(list, rows, page.limit, tokenOf, (row) => [row.created_at.toString(), row.token_id]);
}

/** Tokens of an account, newest first, where the caller may manage them. */
export async function listTokensView(
  context: Context,
  accountId: string,
  query: Page & {
    virtualAccountId?: string | undefined;
    nested: boolean;
    state?: Token['state'] | undefined;
    search?: string | undefined;
  },
): Promise<TokenPage> {
  const scope = await chosenScope(context, accountId, 'manage-tokens', query);
  const state = query.state === undefined ? sql`true` : sql`${stateAt(context.now)} = ${query.state}`;
  const search =
    query.search === undefined || query.search === ''
      ? sql`true`
      : sql`(position(lower(${query.search}) in lower(t.description)) > 0
             or position(lower(${query.search}) in lower(t.created_by)) > 0)`;
  const where = sql<SqlBool>`${scope.includes(sql.ref('t.virtual_account_id'))} and ${state} and ${search}`;
  return readPage(context, 'tokens', accountId, query, where);
}

/** Tokens of one virtual account alone, newest first. */
export async function listVirtualAccountTokensView(
  context: Context,
  accountId: string,
  virtualAccountId: string,
  query: Page,
): Promise<TokenPage> {
  await requireVirtualAccount(context, accountId, virtualAccountId, 'manage-tokens', { toRead: true });
  const where = sql<SqlBool>`t.virtual_account_id = ${virtualAccountId}`;
  return readPage(context, `tokens ${virtualAccountId}`, accountId, query, where);
}
