import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';

/**
 * Everything that lives in an account, in one value that is equal for equal accounts: what merging and undoing it must
 * leave as it was. The ledger's past is not in it, because it grows.
 */
export async function accountState(db: Database, accountId: string): Promise<Record<string, unknown[]>> {
  const mine = sql`account_id = ${accountId}`;
  const queries = {
    account: sql`select status, merged_into, name, domain_identifier from accounts where ${mine}`,
    tree: sql`select virtual_account_id, parent_id, name, description, access_level, is_default, depth
                from virtual_accounts where ${mine} and deleted_at is null order by 1`,
    ancestry: sql`select ancestor_id, descendant_id, distance from virtual_account_ancestry where ${mine} order by 1, 2`,
    holdings: sql`select virtual_account_id, lot_id, state, license_id, quantity from holdings
                   where ${mine} and quantity > 0 order by 1, 2, 3`,
    lots: sql`select lot_id, source_kind, order_number, delivered, turns_at, ends_at from lots l
               where ${mine} and exists (select from holdings h where h.account_id = l.account_id
                                            and h.lot_id = l.lot_id and h.quantity > 0) order by 1`,
    pools: sql`select virtual_account_id, license_id, pending, available, reserved, held, expired, in_use, lent, borrowed,
                      state, short_since from pools where ${mine} order by 1, 2`,
    instances: sql`select instance_id, virtual_account_id, state, certificate_serial, token_id from product_instances
                    where ${mine} order by 1`,
    contacts: sql`select instance_id, last_sequence, deadline_at from instance_contacts where ${mine} order by 1`,
    usage: sql`select instance_id, tag, license_id, virtual_account_id, count from instance_usage where ${mine} order by 1, 2`,
    messages: sql`select instance_id, message_id, kind from device_messages where ${mine} order by 1, 2`,
    tokens: sql`select token_id, virtual_account_id, uses, revoked_at from registration_tokens where ${mine} order by 1`,
    counts: sql`select virtual_account_id, state, sum(change)::int as there from product_instance_counts
                 where ${mine} group by 1, 2 having sum(change) <> 0 order by 1, 2`,
    alerts: sql`select alert_id, kind, cause, quantity, opened_at, snoozed_until from alerts
                 where ${mine} and resolved_at is null order by 1`,
    lines: sql`select order_id, line_number, virtual_account_id, state from order_lines
                where ${mine} and state in ('booked', 'on-hold', 'shipped') order by 1, 2`,
    keys: sql`select tag_key_id, name from tag_keys where ${mine} order by 1`,
    values: sql`select tag_value_id, tag_key_id, name from tag_values where ${mine} order by 1`,
    tags: sql`select virtual_account_id, tag_key_id, tag_value_id from virtual_account_tags where ${mine} order by 1, 2`,
    grants: sql`select grant_id, person_id, role, scope_kind, until from grants where ${mine} order by 1`,
    places: sql`select grant_id, virtual_account_id, nested from held_grant_virtual_accounts where ${mine} order by 1, 2`,
    groups: sql`select group_id, name, role, scope_kind from groups where ${mine} order by 1`,
    members: sql`select group_id, person_id from group_people where ${mine} order by 1, 2`,
  };
  const state: Record<string, unknown[]> = {};
  for (const [name, query] of Object.entries(queries)) {
    const { rows } = await query.execute(db);
    state[name] = JSON.parse(JSON.stringify(rows));
  }
  return state;
}
