import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { type Crossing, insertUsageChanges, type Ledger } from '../licenses/index.ts';
import { forwardInstances, forwardTokens } from './forwarding-store.ts';

/** So many rows of use are read and written as changes at once. */
const usageAtOnce = 5_000;

const inThem = ({ fromAccountId, virtualAccountIds }: Crossing) => sql`
  account_id = ${fromAccountId} and virtual_account_id = any(${[...virtualAccountIds]}::uuid[])`;

/**
 * Carries the tokens and the product instances of virtual accounts over into another account: with what they use, with
 * their sequence numbers, and with the messages that are kept for repeats. They keep the certificates they have, and are
 * found under the account these name. The caller holds both accounts and all their virtual accounts; pools are carried
 * by the licenses.
 *
 * @returns how many instances went that are registered
 */
export async function carryInstances(
  ledger: Ledger,
  crossing: Crossing,
  moveId: string,
): Promise<{ registered: number }> {
  const { trx } = ledger;
  await lockThem(trx, crossing);
  await forwardTokens(trx, crossing);
  await forwardInstances(trx, crossing, moveId);
  await recordCarriedUse(ledger, crossing);
  const to = sql`set account_id = ${crossing.intoAccountId}`;
  await sql`update registration_tokens ${to} where ${inThem(crossing)}`.execute(trx);
  const them = sql`account_id = ${crossing.fromAccountId}
    and instance_id in (select instance_id from product_instances where ${inThem(crossing)})`;
  // A message id may have been used on both sides; whoever repeats one is answered by the side that it is on.
  await sql`
    delete from device_messages d where d.kind = 'register' and ${them} and exists (
      select from device_messages other where other.account_id = ${crossing.intoAccountId}
         and other.message_id = d.message_id and other.kind = 'register')`.execute(trx);
  await sql`update device_messages ${to} where ${them}`.execute(trx);
  await sql`update instance_contacts ${to} where ${them}`.execute(trx);
  await sql`update instance_usage ${to} where ${them}`.execute(trx);
  const { rows } = await sql<{ registered: number }>`
    with gone as (update product_instances ${to} where ${inThem(crossing)} returning state)
    select count(*) filter (where state in ('registered', 'authorization-expired')) as registered from gone`.execute(
    trx,
  );
  return { registered: rows[0]?.registered ?? 0 };
}

/** Tokens and then instances, in the order of all locks. */
async function lockThem(trx: Trx, crossing: Crossing): Promise<void> {
  await sql`
    select from registration_tokens where ${inThem(crossing)} order by account_id, token_id for update`.execute(
    trx,
  );
  await sql`
    select from instance_contacts c join product_instances p using (account_id, instance_id)
     where account_id = ${crossing.fromAccountId}
       and p.virtual_account_id = any(${[...crossing.virtualAccountIds]}::uuid[])
     order by c.account_id, c.instance_id for update of c`.execute(trx);
}

/** What is in use ends here and begins there, as when an instance moves between virtual accounts. */
async function recordCarriedUse(ledger: Ledger, crossing: Crossing): Promise<void> {
  const { fromAccountId, intoAccountId } = crossing;
  let after: { instanceId: string; tag: string } | undefined;
  for (;;) {
    const { rows } = await sql<{
      instanceId: string;
      tag: string;
      licenseId: string;
      virtualAccountId: string;
      count: number;
    }>`
      select instance_id as "instanceId", tag, license_id as "licenseId", virtual_account_id as "virtualAccountId", count
        from instance_usage
       where ${inThem(crossing)} and license_id is not null and count > 0
         and ${after === undefined ? sql`true` : sql`(instance_id, tag) > (${after.instanceId}::uuid, ${after.tag})`}
       order by instance_id, tag limit ${usageAtOnce}`.execute(ledger.trx);
    const changes = rows.flatMap(({ instanceId, licenseId, virtualAccountId, count }) => {
      const change = { instanceId, licenseId, virtualAccountId, reason: 'transferred' as const };
      return [
        { ...change, accountId: fromAccountId, from: count, to: 0 },
        { ...change, accountId: intoAccountId, from: 0, to: count },
      ];
    });
    if (changes.length > 0) await insertUsageChanges(ledger, changes);
    after = rows.at(-1);
    if (rows.length < usageAtOnce) return;
  }
}

/** Names of product instances that are registered on both sides, at most `most`. */
export async function registeredOnBothSides(trx: Trx, crossing: Crossing, most: number): Promise<string[]> {
  const living = (alias: 'mine' | 'theirs') =>
    sql`${sql.ref(`${alias}.state`)} in ('registered', 'authorization-expired')`;
  const { rows } = await sql<{ name: string }>`
    select mine.display_name as name
      from product_instances mine
      join product_instances theirs
        on theirs.account_id = ${crossing.intoAccountId} and theirs.product_id = mine.product_id
       and theirs.serial_number = mine.serial_number and ${living('theirs')}
     where mine.account_id = ${crossing.fromAccountId}
       and mine.virtual_account_id = any(${[...crossing.virtualAccountIds]}::uuid[]) and ${living('mine')}
     order by mine.display_name, mine.instance_id limit ${most}`.execute(trx);
  return rows.map(({ name }) => name);
}

/** Product instances that lie in the way of taking a merge or split back, by name, with how many there are. */
export interface StrayInstances {
  /** Those that came with it and are elsewhere in the account. */
  outside: { count: number; names: string[] };
  /** Those that are in what came, and did not come with it nor register there since. */
  inside: { count: number; names: string[] };
}

/**
 * Finds registered instances that changed sides since a merge or split, at most `most` names of each.
 *
 * @param came the merge or split, with where what came is now
 */
export async function strayInstances(
  trx: Trx,
  came: { moveId: string; at: Temporal.Instant; intoAccountId: string; virtualAccountIds: readonly string[] },
  most: number,
): Promise<StrayInstances> {
  const inside = sql`i.virtual_account_id = any(${[...came.virtualAccountIds]}::uuid[])`;
  const cameWithIt = sql`exists (
    select from forwarded_instances f
     where f.to_account_id = i.account_id and f.instance_id = i.instance_id and f.move_id = ${came.moveId})`;
  const registeredElsewhere = sql`exists (
    select from registration_tokens t
     where t.account_id = i.account_id and t.token_id = i.token_id
       and t.virtual_account_id <> all(${[...came.virtualAccountIds]}::uuid[]))`;
  const those = (which: ReturnType<typeof sql>) => sql`(
    select jsonb_build_object('count', count(*), 'names', coalesce(jsonb_agg(name) filter (where place <= ${most}), '[]'))
      from (select i.display_name as name, row_number() over (order by i.display_name, i.instance_id) as place
              from product_instances i
             where i.account_id = ${came.intoAccountId} and i.state in ('registered', 'authorization-expired')
               and ${which}) stray)`;
  const { rows } = await sql<StrayInstances>`select
    ${those(sql`not ${inside} and ${cameWithIt}`)} as outside,
    ${those(
      sql`${inside} and not ${cameWithIt} and (i.registered_at < ${came.at} or ${registeredElsewhere})`,
    )} as inside`.execute(trx);
  return rows[0] as StrayInstances;
}
