import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { Finding } from './law.ts';

/** Names of the accounts, virtual accounts (as paths), licenses and product instances that findings are about, by id. */
export async function namesIn(trx: Trx, findings: readonly Finding[]): Promise<Map<string, string>> {
  const ids = new Set<string>();
  for (const { accountId, subject } of findings) {
    for (const value of [accountId, ...Object.values(subject)]) {
      if (typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value))
        ids.add(value);
    }
  }
  if (ids.size === 0) return new Map();
  const given = sql`any(${[...ids]}::uuid[])`;
  const { rows } = await sql<{ id: string; name: string }>`
    select account_id as id, name from accounts where account_id = ${given}
    union all
    select license_id, name from licenses where license_id = ${given}
    union all
    select virtual_account_id, coalesce(array_to_string(virtual_account_path(account_id, virtual_account_id), ' / '), name)
      from virtual_accounts where virtual_account_id = ${given}
    union all
    select instance_id, display_name from product_instances where instance_id = ${given}`.execute(trx);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
