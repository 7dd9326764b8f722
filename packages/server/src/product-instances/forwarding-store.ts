import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { Crossing } from '../licenses/index.ts';

/*
 * The only SQL that writes forwarded_instances and forwarded_tokens: under which account somebody outside knows what is
 * in another account by now. Called before what it is about changes accounts.
 */

const inThem = ({ fromAccountId, virtualAccountIds }: Crossing) => sql`
  account_id = ${fromAccountId} and virtual_account_id = any(${[...virtualAccountIds]}::uuid[])`;

/** Product instances go on being found under the account that their certificates name, wherever they go. */
export async function forwardInstances(trx: Trx, crossing: Crossing, moveId: string): Promise<void> {
  const { fromAccountId, intoAccountId } = crossing;
  await sql`
    insert into forwarded_instances (account_id, instance_id, to_account_id, move_id)
    select coalesce(known.account_id, ${fromAccountId}::uuid), i.instance_id, ${intoAccountId}::uuid, ${moveId}::uuid
      from (select instance_id from product_instances where ${inThem(crossing)}) i
      left join forwarded_instances known on known.to_account_id = ${fromAccountId} and known.instance_id = i.instance_id
    on conflict (account_id, instance_id)
      do update set to_account_id = excluded.to_account_id, move_id = excluded.move_id`.execute(trx);
  // Those that are home again are found without help.
  await sql`
    delete from forwarded_instances where to_account_id = ${intoAccountId} and account_id = to_account_id`.execute(
    trx,
  );
}

/** The same for registration tokens, by the account in their secrets. */
export async function forwardTokens(trx: Trx, crossing: Crossing): Promise<void> {
  const { fromAccountId, intoAccountId } = crossing;
  await sql`
    insert into forwarded_tokens (account_id, secret_hash, to_account_id)
    select coalesce(known.account_id, ${fromAccountId}::uuid), t.secret_hash, ${intoAccountId}::uuid
      from (select secret_hash from registration_tokens where ${inThem(crossing)}) t
      left join forwarded_tokens known on known.to_account_id = ${fromAccountId} and known.secret_hash = t.secret_hash
    on conflict (account_id, secret_hash) do update set to_account_id = excluded.to_account_id`.execute(trx);
  await sql`
    delete from forwarded_tokens where to_account_id = ${intoAccountId} and account_id = to_account_id`.execute(
    trx,
  );
}
