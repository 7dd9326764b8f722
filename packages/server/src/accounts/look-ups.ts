import { normalizeDomainIdentifier } from '@estover/domain/accounts';
import { type RawBuilder, sql } from 'kysely';
import { findVirtualAccount, type VirtualAccountRow } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import { type AccountRow, findAccount, findAccountByDomain } from './accounts-store.ts';

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An account as orders name it: by id, or by domain identifier in any of its forms. */
export async function accountByIdOrDomain(trx: Trx, text: string): Promise<AccountRow | undefined> {
  if (uuidPattern.test(text.trim())) return findAccount(trx, text.trim());
  const domain = normalizeDomainIdentifier(text);
  return domain.ok ? findAccountByDomain(trx, domain.value) : undefined;
}

/**
 * A virtual account as orders name it: by id, or by its path from the top, such as `Europe / Berlin`. Case and blanks
 * around the slashes make no difference. A path that fits two (a name may hold a slash) names none.
 */
export async function virtualAccountByPathOrId(
  trx: Trx,
  accountId: string,
  text: string,
): Promise<VirtualAccountRow | undefined> {
  if (uuidPattern.test(text.trim())) return findVirtualAccount(trx, accountId, text.trim());
  const path = text.trim().replaceAll(/\s*\/\s*/g, '/');
  // Only names the path ends with can be meant; that is cheaper to ask than the path of every virtual account.
  const fitting = await sql<{ id: string }>`
    select virtual_account_id as id from virtual_accounts
     where account_id = ${accountId} and deleted_at is null
       and right(lower(${path}::text), length(${slim(sql`name`)})) = lower(${slim(sql`name`)})
       and lower(${slim(sql`array_to_string(virtual_account_path(account_id, virtual_account_id), '/')`)}) = lower(${path}::text)
     limit 2`.execute(trx);
  const [only, second] = fitting.rows;
  if (only === undefined || second !== undefined) return undefined;
  return findVirtualAccount(trx, accountId, only.id);
}

const slim = (text: RawBuilder<unknown>) => sql`regexp_replace(${text}, '\\s*/\\s*', '/', 'g')`;

/** Where licenses go when nobody says where. Every account has one. */
export async function defaultVirtualAccount(trx: Trx, accountId: string): Promise<VirtualAccountRow> {
  const { id } = await trx
    .selectFrom('virtual_accounts')
    .select('virtual_account_id as id')
    .where('account_id', '=', accountId)
    .where('is_default', '=', true)
    .executeTakeFirstOrThrow();
  const found = await findVirtualAccount(trx, accountId, id);
  if (found === undefined) throw new Error(`the default virtual account of ${accountId} is deleted`);
  return found;
}
