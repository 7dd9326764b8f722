import { type FixFacts, type FixStep, shortestFixes } from '@estover/domain/licenses';
import type { fix } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { scopeOf } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import type { LicenseNames } from './names.ts';

export type FixAnswer = z.output<typeof fix>;

/** A pool of the account that is short. */
export interface ShortPool {
  readonly virtualAccountId: string;
  readonly licenseId: string;
  readonly shortBy: number;
}

/** Only instances silent for so long are proposed for release: those that report every month have had their turn. */
const silentDays = 30;
const sourcesPerPool = 20;
const instancesPerPool = 50;
const productsPerPool = 5;

interface SourceRow {
  pool: number;
  virtualAccountId: string;
  path: string[];
  available: number;
  balance: number;
}

interface InstanceRow {
  pool: number;
  instanceId: string;
  displayName: string;
  count: number;
  lastContactAt: Temporal.Instant;
}

/** A product that brings the license, and how many licenses a unit of it holds. */
interface ProductRow {
  pool: number;
  sku: string;
  name: string;
  quantityPerUnit: number;
}

/**
 * The shortest ways out for short pools, cheapest kind first, in four queries for all of them. Offers only transfers
 * the caller may make, at both ends, and releases where the caller may move inventory; what to order is always said.
 *
 * @param notFrom virtual accounts not to take from, because what they have just came from there.
 * @returns one list for each pool, in the order given.
 */
export async function fixesOf(
  context: Context,
  accountId: string,
  pools: readonly ShortPool[],
  licenseOf: (licenseId: string) => LicenseNames,
  notFrom: readonly string[] = [],
): Promise<FixAnswer[][]> {
  if (pools.length === 0) return [];
  const { trx, now } = context;
  const movable = scopeOf(context, accountId, 'move-inventory');
  const silentSince = now.subtract({ hours: silentDays * 24 });
  const keys = sql`unnest(${pools.map((pool) => pool.virtualAccountId)}::uuid[],
    ${pools.map((pool) => pool.licenseId)}::uuid[]) with ordinality as key (v, l, number)`;
  const sources = await sql<SourceRow>`
    select key.number::int - 1 as pool, source.* from ${keys} cross join lateral (
      select p.virtual_account_id as "virtualAccountId", virtual_account_path(p.account_id, p.virtual_account_id) as path,
             p.available, p.available + p.borrowed - p.lent - p.in_use as balance
        from pools p
       where p.account_id = ${accountId} and p.license_id = key.l and p.virtual_account_id <> key.v
         and p.available > 0 and p.available + p.borrowed - p.lent - p.in_use > 0
         and p.virtual_account_id <> all(${[...notFrom]}::uuid[])
         and ${movable.includes(sql`p.virtual_account_id`)}
       order by least(p.available, p.available + p.borrowed - p.lent - p.in_use) desc, p.virtual_account_id
       limit ${sourcesPerPool}) source
     where ${movable.includes(sql`key.v`)}`.execute(trx);
  const instances = await sql<InstanceRow>`
    select key.number::int - 1 as pool, silent.* from ${keys} cross join lateral (
      select u.instance_id as "instanceId", i.display_name as "displayName", sum(u.count)::bigint as count,
             c.last_contact_at as "lastContactAt"
        from instance_usage u
        join product_instances i on i.account_id = u.account_id and i.instance_id = u.instance_id
        join instance_contacts c on c.account_id = u.account_id and c.instance_id = u.instance_id
       where u.account_id = ${accountId} and u.license_id = key.l and u.virtual_account_id = key.v and u.count > 0
         and c.last_contact_at < ${silentSince}::timestamptz
       group by u.instance_id, i.display_name, c.last_contact_at
       order by c.last_contact_at limit ${instancesPerPool}) silent
     where ${movable.includes(sql`key.v`)}`.execute(trx);
  // What brings this license alone comes before bundles, and demos come last.
  const products = await sql<ProductRow>`
    select key.number::int - 1 as pool, product.* from ${keys} cross join lateral (
      select p.sku, p.name, g.quantity_per_unit as "quantityPerUnit"
        from product_grants g join products p using (product_id)
       where g.license_id = key.l
       order by p.term ->> 'kind' = 'demo',
                (select count(*) from product_grants other where other.product_id = p.product_id), p.sku
       limit ${productsPerPool}) product`.execute(trx);

  return pools.map((pool, index) => {
    const here = { sources: sources.rows, instances: instances.rows, products: products.rows };
    return fixesOfPool(pool, licenseOf(pool.licenseId).tag, silentSince, {
      sources: here.sources.filter((row) => row.pool === index),
      instances: here.instances.filter((row) => row.pool === index),
      products: here.products.filter((row) => row.pool === index),
    });
  });
}

function fixesOfPool(
  { shortBy }: ShortPool,
  tag: string,
  silentSince: Temporal.Instant,
  found: { sources: SourceRow[]; instances: InstanceRow[]; products: ProductRow[] },
): FixAnswer[] {
  const facts: FixFacts = { shortBy, sources: found.sources, instances: found.instances, silentSince };
  const fixes = shortestFixes(facts).flatMap(({ steps }) => answersOf(steps, { tag, shortBy, ...found }));
  // Ordering all that is missing ends the list; an order for a part of it, after other steps, says nothing more.
  return fixes.filter((each, index) => each.kind !== 'order' || index === fixes.length - 1);
}

function answersOf(
  steps: readonly FixStep[],
  about: {
    tag: string;
    shortBy: number;
    products: readonly ProductRow[];
    sources: readonly SourceRow[];
    instances: readonly InstanceRow[];
  },
): FixAnswer[] {
  const answers: FixAnswer[] = [];
  const released: InstanceRow[] = [];
  for (const step of steps) {
    if (step.kind === 'transfer') {
      const { fromVirtualAccountId, quantity, keepsSpare } = step;
      const source = about.sources.find((each) => each.virtualAccountId === fromVirtualAccountId);
      answers.push({
        kind: 'transfer',
        tag: about.tag,
        fromVirtualAccountId,
        fromVirtualAccountPath: source?.path ?? [],
        quantity,
        keeps: keepsSpare,
        complete: quantity >= about.shortBy,
      });
    } else if (step.kind === 'release') {
      released.push(...about.instances.filter((each) => each.instanceId === step.instanceId));
    } else {
      const { quantity } = step;
      const skus = about.products.map(({ sku, name, quantityPerUnit }) => ({
        sku,
        name,
        // A unit may be a pack; only whole units can be ordered.
        units: Math.ceil(quantity / quantityPerUnit),
      }));
      answers.push({ kind: 'order', quantity, skus });
    }
  }
  if (released.length > 0) {
    const quantity = released.reduce((sum, { count }) => sum + count, 0);
    const release: FixAnswer = {
      kind: 'release-instances',
      quantity,
      instances: released.map(({ instanceId, displayName, count, lastContactAt }) => ({
        instanceId,
        displayName,
        count,
        lastContactAt: lastContactAt.toString(),
      })),
      complete: quantity >= about.shortBy,
    };
    answers.splice(answers.findLastIndex((answer) => answer.kind === 'transfer') + 1, 0, release);
  }
  return answers;
}
