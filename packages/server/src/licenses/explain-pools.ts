import {
  type BalanceChange,
  explainShortage,
  type MovementKind,
  type ShortageCause,
  substitute,
} from '@estover/domain/licenses';
import type { cause, explanation } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { loadCatalogFacts } from './catalog-facts.ts';
import { fixesOf } from './fixes.ts';
import { distinctPools, poolText } from './ledger.ts';
import { loadNames, type Names, readableScope } from './names.ts';
import { balanceOf, loadPools, type StoredPool } from './pools-store.ts';

export type CauseAnswer = z.output<typeof cause>;
export type ExplanationAnswer = z.output<typeof explanation>;

/** So many changes since a pool fell short are looked at, the newest; more would say nothing new. */
const usageChangesLookedAt = 1_000;
const movementsLookedAt = 200;
const causesTold = 20;

interface UsageRow {
  pool: number;
  at: Temporal.Instant;
  instanceId: string;
  displayName: string;
  before: number;
  after: number;
}

interface MovementRow {
  pool: number;
  at: Temporal.Instant;
  movementId: string;
  kind: MovementKind;
  reason: string;
  by: string;
  change: number;
  lotIds: string[];
  orderNumber: string | null;
  toVirtualAccountId: string | null;
}

/**
 * Why pools are out of compliance: since when, through whom, and the shortest ways out; set-based, for up to about ten
 * pools. Pools that are not out of compliance are left out.
 *
 * @returns explanations by `virtual account/license`.
 */
export async function explainPools(
  context: Context,
  accountId: string,
  keys: readonly { virtualAccountId: string; licenseId: string }[],
): Promise<ReadonlyMap<string, ExplanationAnswer>> {
  const { trx } = context;
  const asked = keys.map(({ virtualAccountId, licenseId }) => ({ accountId, virtualAccountId, licenseId }));
  const short = (await loadPools(trx, asked)).filter((pool) => pool.state === 'out-of-compliance');
  if (short.length === 0) return new Map();
  const usage = await usageSince(trx, accountId, short);
  const movements = await movementsSince(trx, accountId, short);
  const substitutions = await substitutionSince(trx, accountId, short);
  const names = await loadNames(
    trx,
    accountId,
    readableScope(context, accountId),
    movements.map((row) => row.toVirtualAccountId),
    [...short.map((pool) => pool.licenseId), ...substitutions.flat().map((change) => change.otherLicenseId)],
  );
  const fixes = await fixesOf(
    context,
    accountId,
    short.map((pool) => ({ ...pool, shortBy: -balanceOf(pool) })),
    names.licenseOf,
  );
  return new Map(
    short.map((pool, index) => {
      const since = pool.shortSince ?? context.now;
      const found = {
        usage: usage.filter((row) => row.pool === index),
        movements: movements.filter((row) => row.pool === index),
      };
      const changes = [
        ...(substitutions[index] ?? []),
        ...found.movements.map(movementChange),
        ...found.usage.map(usageChange),
      ];
      const explained = explainShortage({
        balance: balanceOf(pool),
        changes: changes.sort((left, right) => Temporal.Instant.compare(left.at, right.at)),
      });
      const causes = (explained?.causes ?? []).map((each) => answerOf(each, found, names, since));
      return [
        `${pool.virtualAccountId}/${pool.licenseId}`,
        {
          shortBy: -balanceOf(pool),
          since: since.toString(),
          causes: causes
            .slice(0, causesTold)
            .sort((left, right) =>
              Temporal.Instant.compare(Temporal.Instant.from(right.at), Temporal.Instant.from(left.at)),
            ),
          fixes: fixes[index] ?? [],
        },
      ];
    }),
  );
}

const keysOf = (pools: readonly StoredPool[]) => sql`unnest(
  ${pools.map((pool) => pool.virtualAccountId)}::uuid[], ${pools.map((pool) => pool.licenseId)}::uuid[],
  ${pools.map((pool) => pool.shortSince?.toString() ?? null)}::timestamptz[]) with ordinality as key (v, l, since, number)`;

async function usageSince(trx: Trx, accountId: string, pools: readonly StoredPool[]): Promise<UsageRow[]> {
  const { rows } = await sql<UsageRow>`
    select key.number::int - 1 as pool, changes.* from ${keysOf(pools)} cross join lateral (
      select u.at, u.instance_id as "instanceId", i.display_name as "displayName", u.from_count as before, u.to_count as after
        from usage_changes u
        join product_instances i on i.account_id = u.account_id and i.instance_id = u.instance_id
       where u.account_id = ${accountId} and u.license_id = key.l and u.virtual_account_id = key.v and u.at >= key.since
       order by u.at desc, u.change_id desc limit ${usageChangesLookedAt}) changes
     order by changes.at`.execute(trx);
  return rows;
}

async function movementsSince(
  trx: Trx,
  accountId: string,
  pools: readonly StoredPool[],
): Promise<MovementRow[]> {
  const { rows } = await sql<MovementRow>`
    select key.number::int - 1 as pool, changes.* from ${keysOf(pools)} cross join lateral (
      select m.at, m.movement_id as "movementId", m.kind, m.reason, m.actor_name as by, sum(e.delta)::bigint as change,
             array_agg(distinct e.lot_id) as "lotIds",
             (select lot.order_number from lots lot where lot.account_id = ${accountId} and lot.lot_id = min(e.lot_id::text)::uuid)
               as "orderNumber",
             (select other.virtual_account_id from movement_entries other
               where other.account_id = ${accountId} and other.movement_id = m.movement_id and other.delta > 0
                 and other.virtual_account_id <> key.v limit 1) as "toVirtualAccountId"
        from movement_entries e
        join movements m on m.account_id = e.account_id and m.movement_id = e.movement_id
       where e.account_id = ${accountId} and e.license_id = key.l and e.virtual_account_id = key.v
         and e.state = 'available' and m.at >= key.since
       group by m.account_id, m.movement_id having sum(e.delta) <> 0
       order by m.at desc, m.movement_id desc limit ${movementsLookedAt}) changes
     order by changes.at`.execute(trx);
  return rows;
}

type SubstitutionChange = Extract<BalanceChange, { kind: 'substitution' }>;

/**
 * What substitution gives each pool now compared with before it fell short: the connected pools are taken back to then
 * by their own changes, and the domain lends anew. One change for each other license, dated at the fall.
 */
async function substitutionSince(
  trx: Trx,
  accountId: string,
  pools: readonly StoredPool[],
): Promise<SubstitutionChange[][]> {
  const catalog = await loadCatalogFacts(
    trx,
    pools.map((pool) => pool.licenseId),
  );
  const connected = distinctPools(
    pools.flatMap((pool) =>
      catalog
        .connectedTo(pool.licenseId)
        .map((licenseId) => ({ accountId, virtualAccountId: pool.virtualAccountId, licenseId })),
    ),
  );
  if (connected.length === distinctPools(pools).length) return pools.map(() => []);
  const now = new Map((await loadPools(trx, connected)).map((pool) => [poolText(pool), pool]));
  const { rows } = await sql<{ pool: number; licenseId: string; available: number; inUse: number }>`
    select key.number::int - 1 as pool, p.license_id as "licenseId",
           (select coalesce(sum(e.delta), 0) from movement_entries e
              join movements m on m.account_id = e.account_id and m.movement_id = e.movement_id
             where e.account_id = p.account_id and e.license_id = p.license_id
               and e.virtual_account_id = p.virtual_account_id and e.state = 'available' and m.at >= key.since) as available,
           (select coalesce(sum(u.to_count - u.from_count), 0) from usage_changes u
             where u.account_id = p.account_id and u.license_id = p.license_id
               and u.virtual_account_id = p.virtual_account_id and u.at >= key.since) as "inUse"
      from ${keysOf(pools)}
      join pools p on p.account_id = ${accountId} and p.virtual_account_id = key.v
       and p.license_id = any(${[...catalog.licenses.keys()]}::uuid[])`.execute(trx);
  return pools.map((pool, index) => {
    const group = catalog
      .connectedTo(pool.licenseId)
      .flatMap((licenseId) => now.get(poolText({ ...pool, licenseId })) ?? []);
    const changed = new Map(rows.filter((row) => row.pool === index).map((row) => [row.licenseId, row]));
    const loansOf = (uses: { licenseId: string; usable: number; inUse: number }[]) => {
      const given = new Map<string, number>();
      for (const { upperLicenseId, lowerLicenseId, lent, borrowed } of substitute(catalog.plan, uses).loans) {
        if (lowerLicenseId === pool.licenseId)
          given.set(upperLicenseId, (given.get(upperLicenseId) ?? 0) + borrowed);
        if (upperLicenseId === pool.licenseId)
          given.set(lowerLicenseId, (given.get(lowerLicenseId) ?? 0) - lent);
      }
      return given;
    };
    const after = loansOf(
      group.map(({ licenseId, available, inUse }) => ({ licenseId, usable: available, inUse })),
    );
    const before = loansOf(
      group.map(({ licenseId, available, inUse }) => ({
        licenseId,
        usable: available - (changed.get(licenseId)?.available ?? 0),
        inUse: inUse - (changed.get(licenseId)?.inUse ?? 0),
      })),
    );
    return [...new Set([...before.keys(), ...after.keys()])].flatMap(
      (otherLicenseId): SubstitutionChange[] => {
        const change = (after.get(otherLicenseId) ?? 0) - (before.get(otherLicenseId) ?? 0);
        if (change === 0 || pool.shortSince === null) return [];
        return [{ kind: 'substitution', at: pool.shortSince, otherLicenseId, change }];
      },
    );
  });
}

const usageChange = ({ at, instanceId, before, after }: UsageRow): BalanceChange => ({
  kind: 'usage',
  at,
  instanceId,
  before,
  after,
});

const movementChange = ({ at, movementId, kind, change, lotIds }: MovementRow): BalanceChange => ({
  kind: 'movement',
  at,
  movementId,
  movement: kind,
  change,
  lotIds,
});

function answerOf(
  each: ShortageCause,
  found: { usage: readonly UsageRow[]; movements: readonly MovementRow[] },
  names: Names,
  since: Temporal.Instant,
): CauseAnswer {
  if (each.kind === 'instance') {
    const changes = found.usage.filter((row) => row.instanceId === each.instanceId);
    const last = changes.findLast((row) => row.after > row.before) ?? changes.at(-1);
    return {
      kind: 'use-raised',
      at: (last?.at ?? since).toString(),
      instanceId: each.instanceId,
      displayName: last?.displayName ?? '',
      from: changes[0]?.before ?? 0,
      to: changes.at(-1)?.after ?? 0,
    };
  }
  if (each.kind === 'substitution') {
    const { tag, name } = names.licenseOf(each.otherLicenseId);
    return { kind: 'surplus-gone', at: since.toString(), tag, licenseName: name, quantity: each.tookAway };
  }
  const at = each.at.toString();
  const { movementId } = each;
  const movement = found.movements.find((row) => row.movementId === movementId);
  if (each.kind === 'expiry') {
    const lotId = each.lotIds[0] ?? '';
    return { kind: 'expired', at, lotId, quantity: each.expired, orderNumber: movement?.orderNumber ?? null };
  }
  const quantity = each.tookAway;
  if (each.movement === 'correct') {
    return { kind: 'corrected', at, movementId, quantity, reason: movement?.reason ?? '' };
  }
  if (each.movement === 'transfer') {
    const to = movement?.toVirtualAccountId ?? null;
    const toVirtualAccountPath = to === null ? [] : names.pathOf(to);
    return { kind: 'moved-away', at, movementId, quantity, toVirtualAccountPath, by: movement?.by ?? '' };
  }
  return { kind: 'held', at, movementId, quantity };
}
