import type { KeyPair } from '@estover/protocol/signing';
import type { BenchDatabase } from '../harness/scenario.ts';
import { keyPairs } from './key-stock.ts';

/** An installation with one account whose instances all use one license, evenly spread over its virtual accounts. */
export interface SeedOptions {
  readonly instances: number;
  /** Virtual accounts, and so pools. */
  readonly pools: number;
  /** How many of the instances have keys to send with, evenly spread; all of them when not given. */
  readonly senders?: number;
}

/** An instance that can send: what it signs with, and where it stands. */
export interface Sender {
  readonly instanceId: string;
  readonly certificateSerial: string;
  readonly keys: KeyPair;
  /** The sequence number of its last message. */
  sequence: number;
  /** What it reported last. */
  count: number;
}

export interface Seeded {
  readonly accountId: string;
  readonly virtualAccountIds: readonly string[];
  readonly tag: string;
  readonly licenseId: string;
  readonly instances: number;
  readonly pools: number;
  /** In an order that has nothing to do with their ids, as devices come in. */
  readonly senders: readonly Sender[];
}

/** Every id says what it is and counts from 1, so that pgbench can make the same ones. */
const accountId = '0193c5a0-000a-7000-8000-000000000001';
const licenseId = '0193c5a0-000b-7000-8000-000000000001';
const prefixes = {
  virtualAccount: '0193c5a0-000c-7000-8000-',
  instance: '0193c5a0-000d-7000-8000-',
  lot: '0193c5a0-000e-7000-8000-',
  movement: '0193c5a0-000f-7000-8000-',
  change: '0193c5a0-0010-7000-8000-',
} as const;
const idOf = (kind: keyof typeof prefixes, number: number): string =>
  prefixes[kind] + number.toString(16).padStart(12, '0');
/** The same in SQL; `number` is an expression of type integer or bigint. */
export const idSql = (kind: keyof typeof prefixes, number: string): string =>
  `('${prefixes[kind]}' || lpad(to_hex(${number}), 12, '0'))::uuid`;
const serialOf = (number: number): string => number.toString(16).padStart(16, '0');
const tag = 'regid.2026-01.example.estover.BENCH,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff';

/** Which virtual account an instance is in; both count from 1. */
export const placeSql = (number: string, pools: number): string => `(${number} % ${pools} + 1)`;

/**
 * Fills a fresh database set-based: minutes for a million instances. Each instance has reported 1 in its first
 * message, and every virtual account has licenses for three times its instances, so that no pool is ever short. The
 * laws of the ledger hold.
 */
export async function seedInstances(database: BenchDatabase, options: SeedOptions): Promise<Seeded> {
  const { instances, pools, senders = instances } = options;
  const keys = keyPairs(senders);
  const numbers = keys.map((_, index) => Math.floor((index * instances) / senders) + 1);
  const publicKeys = keys.map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' }));
  const client = await database.pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query('begin');
    for (const statement of foundations(pools)) await client.query(statement);
    await client.query(
      `insert into product_instances (account_id, instance_id, virtual_account_id, state, product_id, serial_number,
              display_name, export_controlled_allowed, registered_at, certificate_serial, public_key,
              certificate_expires_at, renew_after)
       select '${accountId}'::uuid, ${idSql('instance', 'n')}, ${idSql('virtualAccount', placeSql('n', pools))}, 'registered',
              'BENCH', 'SN' || n, 'bench-' || n, false, now(), lpad(to_hex(n), 16, '0'), coalesce(key, '\\x00'),
              now() + interval '1 year', now() + interval '6 months'
         from generate_series(1, $1::int) n
         left join unnest($2::int[], $3::bytea[]) as sender (n, key) using (n)`,
      [instances, numbers, publicKeys],
    );
    for (const statement of uses(instances, pools)) await client.query(statement);
    await client.query('commit');
    await client.query('vacuum (analyze)');
  } finally {
    client.release(true);
  }
  return {
    accountId,
    virtualAccountIds: [...Array(pools).keys()].map((index) => idOf('virtualAccount', index + 1)),
    tag,
    licenseId,
    instances,
    pools,
    senders: shuffled(
      keys.map((pair, index): Sender => {
        const number = numbers[index] ?? 0;
        return {
          instanceId: idOf('instance', number),
          certificateSerial: serialOf(number),
          keys: pair,
          sequence: 1,
          count: 1,
        };
      }),
    ),
  };
}

/** The account, its virtual accounts and one license, before anything lies in them. */
const foundations = (pools: number): string[] => [
  `insert into accounts (account_id, name, domain_identifier, status, export_category, created_at)
   values ('${accountId}', 'Bench', 'bench.example', 'active', 'A', now())`,
  `insert into virtual_accounts (account_id, virtual_account_id, name, is_default, depth, created_at)
   select '${accountId}'::uuid, ${idSql('virtualAccount', 'v')}, 'Place ' || v, v = 1, 1, now()
     from generate_series(1, ${pools}) v`,
  `insert into virtual_account_ancestry (account_id, ancestor_id, descendant_id, distance)
   select account_id, virtual_account_id, virtual_account_id, 0 from virtual_accounts`,
  `insert into licenses (license_id, tag, name, description, family, version, enforcement, metric, overage, created_at)
   values ('${licenseId}', '${tag}', 'Bench license', '', 'Bench', '1.0', 'unenforced', 'instances',
           '{"kind":"none"}', now())`,
];

/** What each instance uses, the licenses for it, and the counters. */
const uses = (instances: number, pools: number): string[] => {
  const licensesEach = 3 * Math.ceil(instances / pools);
  return [
    `insert into instance_contacts (account_id, instance_id, last_sequence, last_contact_at, next_contact_by, deadline_at)
     select account_id, instance_id, 1, now(), now() + interval '30 days', now() + interval '90 days'
       from product_instances`,
    `insert into instance_usage (account_id, instance_id, tag, license_id, virtual_account_id, count, changed_at)
     select account_id, instance_id, '${tag}', '${licenseId}'::uuid, virtual_account_id, 1, now() from product_instances`,
    `insert into usage_changes (account_id, change_id, at, instance_id, license_id, virtual_account_id, from_count,
                                to_count, reason)
     select '${accountId}'::uuid, ${idSql('change', 'n')}, now(), ${idSql('instance', 'n')}, '${licenseId}'::uuid,
            ${idSql('virtualAccount', placeSql('n', pools))}, 0, 1, 'registered'
       from generate_series(1, ${instances}) n`,
    `insert into lots (account_id, lot_id, license_id, source_kind, billing, term_kind, delivered, created_at)
     select '${accountId}'::uuid, ${idSql('lot', 'v')}, '${licenseId}'::uuid, 'correction', 'prepaid', 'perpetual',
            ${licensesEach}, now() from generate_series(1, ${pools}) v`,
    `insert into holdings (account_id, virtual_account_id, lot_id, state, license_id, quantity)
     select '${accountId}'::uuid, ${idSql('virtualAccount', 'v')}, ${idSql('lot', 'v')}, 'available', '${licenseId}'::uuid,
            ${licensesEach} from generate_series(1, ${pools}) v`,
    `insert into movements (account_id, movement_id, kind, at, reason, actor_kind, actor_name)
     select '${accountId}'::uuid, ${idSql('movement', 'v')}, 'deposit', now(), 'bench', 'system', 'Estover'
       from generate_series(1, ${pools}) v`,
    `insert into movement_entries (account_id, movement_id, entry_number, lot_id, license_id, virtual_account_id, state, delta)
     select '${accountId}'::uuid, ${idSql('movement', 'v')}, 1, ${idSql('lot', 'v')}, '${licenseId}'::uuid, null, 'delivered',
            -${licensesEach} from generate_series(1, ${pools}) v
     union all
     select '${accountId}'::uuid, ${idSql('movement', 'v')}, 2, ${idSql('lot', 'v')}, '${licenseId}'::uuid,
            ${idSql('virtualAccount', 'v')}, 'available', ${licensesEach} from generate_series(1, ${pools}) v`,
    `insert into pools (account_id, virtual_account_id, license_id, available, in_use)
     select account_id, virtual_account_id, license_id, ${licensesEach}, sum(count) from instance_usage group by 1, 2, 3`,
  ];
};

/** The same order in every run: a linear congruential generator (Numerical Recipes) drives a Fisher-Yates shuffle. */
function shuffled<T>(items: readonly T[]): T[] {
  const mixed = [...items];
  let state = 20_261_122;
  for (let last = mixed.length - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (last + 1);
    const [a, b] = [mixed[last], mixed[other]];
    if (a === undefined || b === undefined) throw new Error('the shuffle left the list');
    [mixed[last], mixed[other]] = [b, a];
  }
  return mixed;
}
