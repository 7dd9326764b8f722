import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { judge, loadCatalogFacts, type StoredPool } from '../licenses/index.ts';
import { type Broken, type Examination, type Finding, type Scope, sqlLaw } from './law.ts';

const standing = 'A pool lends, borrows and stands as the rules say.';

/** Pools read at a time. All pools of a virtual account are judged together, so the last one's are kept for the next. */
const poolsAtOnce = 5_000;

/** Laws of what follows from the numbers of pools: substitution, compliance, and the alerts about it. */
export const complianceLaws: [string, Examination][] = [
  [standing, examinePools],
  sqlLaw(
    'A pool has a date since when it is short while it is out of compliance, and no other.',
    (only) => sql`
      select account_id, jsonb_build_object('virtualAccountId', virtual_account_id, 'licenseId', license_id, 'state', state) as subject,
             to_jsonb(case state when 'out-of-compliance' then 'an instant' else 'none' end) as expected,
             to_jsonb(coalesce(short_since::text, 'none')) as found
        from pools where (state = 'out-of-compliance') <> (short_since is not null) and ${only('account_id')}`,
  ),
  sqlLaw(
    'A pool out of compliance, and no other, has one open alert with how many are missing.',
    (only) => sql`
      select account_id, jsonb_build_object('virtualAccountId', virtual_account_id, 'licenseId', license_id, 'alertId', alert_id) as subject,
             to_jsonb(missing) as expected, to_jsonb(quantity) as found
        from (
          select account_id, virtual_account_id, license_id, in_use + lent - available - borrowed as missing
            from pools where state = 'out-of-compliance' and ${only('account_id')}) p
        full join (
          select account_id, virtual_account_id, license_id, alert_id, quantity from alerts
           where kind = 'insufficient-licenses' and resolved_at is null and ${only('account_id')}) a
       using (account_id, virtual_account_id, license_id)
       where missing is distinct from quantity`,
  ),
];

/** Judges every pool anew by the rules of the domain, virtual account by virtual account. */
async function examinePools(trx: Trx, { accountId, most }: Scope): Promise<Broken> {
  const licenses = await trx.selectFrom('licenses').select('license_id as id').execute();
  const catalog = await loadCatalogFacts(
    trx,
    licenses.map(({ id }) => id),
  );
  const findings: Finding[] = [];
  let total = 0;
  let waiting: StoredPool[] = [];
  for (;;) {
    const pools = await poolsAfter(trx, waiting.at(-1), accountId);
    const last = pools.length < poolsAtOnce;
    waiting.push(...pools);
    const unfinished = last ? undefined : waiting.at(-1);
    const [finished, kept] = partition(waiting, (pool) => !isBeside(pool, unfinished));
    const judged = judge(finished, catalog, Temporal.Instant.fromEpochMilliseconds(0));
    for (const [index, pool] of finished.entries()) {
      const finding = findingOf(pool, judged[index]);
      if (finding === undefined) continue;
      total += 1;
      if (findings.length < most) findings.push(finding);
    }
    waiting = kept;
    if (last) return { findings, total };
  }
}

function findingOf(pool: StoredPool, should: StoredPool | undefined): Finding | undefined {
  if (
    should === undefined ||
    (pool.lent === should.lent && pool.borrowed === should.borrowed && pool.state === should.state)
  ) {
    return undefined;
  }
  const of = ({ lent, borrowed, state }: StoredPool) => ({ lent, borrowed, state });
  return {
    law: standing,
    accountId: pool.accountId,
    subject: { virtualAccountId: pool.virtualAccountId, licenseId: pool.licenseId },
    expected: of(should),
    found: of(pool),
  };
}

async function poolsAfter(
  trx: Trx,
  after: StoredPool | undefined,
  accountId: string | undefined,
): Promise<StoredPool[]> {
  const { rows } = await sql<StoredPool>`
    select account_id as "accountId", virtual_account_id as "virtualAccountId", license_id as "licenseId",
           pending, available, reserved, held, expired, in_use as "inUse", lent, borrowed, state,
           short_since as "shortSince"
      from pools
     where ${accountId === undefined ? sql`true` : sql`account_id = ${accountId}`}
       and ${
         after === undefined
           ? sql`true`
           : sql`(account_id, virtual_account_id, license_id)
                 > (${after.accountId}::uuid, ${after.virtualAccountId}::uuid, ${after.licenseId}::uuid)`
       }
     order by account_id, virtual_account_id, license_id limit ${poolsAtOnce}`.execute(trx);
  return rows;
}

const isBeside = (pool: StoredPool, other: StoredPool | undefined): boolean =>
  pool.accountId === other?.accountId && pool.virtualAccountId === other.virtualAccountId;

function partition<T>(all: readonly T[], first: (one: T) => boolean): [T[], T[]] {
  return [all.filter(first), all.filter((one) => !first(one))];
}
