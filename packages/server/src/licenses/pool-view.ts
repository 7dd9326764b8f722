import { substitute } from '@estover/domain/licenses';
import type { AnswerOf, getPool, lotHere } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { chosenScope, type VirtualAccountScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { holdingsAsOf, rowsAsOf } from './as-of.ts';
import { loadCatalogFacts } from './catalog-facts.ts';
import { explainPools } from './explain-pools.ts';
import { answerOf, type InventoryRow, presentRows } from './inventory-rows.ts';
import type { HoldingRow } from './lot-rows.ts';
import { termOf } from './lot-rows.ts';
import { loadNames, type Names } from './names.ts';

type PoolAnswer = AnswerOf<typeof getPool>;
type LotHere = z.output<typeof lotHere>;

const usersShown = 50;
const shortPoolsExplained = 10;

interface LicenseRow {
  licenseId: string;
  tag: string;
  name: string;
  description: string;
  family: string;
  enforcement: string;
}

/**
 * One license in the virtual accounts chosen: numbers, lots, substitution, who uses it, and why it is short. As of
 * another instant the numbers, lots and users are those of then; why it is short and who lends is told of the present.
 */
export async function pool(
  context: Context,
  { params: { accountId, tag }, query }: Input<typeof getPool>,
): Promise<PoolAnswer> {
  const { trx, now } = context;
  const scope = await chosenScope(context, accountId, 'view-inventory', query);
  const license = await findLicense(trx, tag);
  if (license === undefined) throw notFound('license');
  const { licenseId } = license;
  const at = query.asOf === undefined ? now : Temporal.Instant.from(query.asOf);
  const isPresent = query.asOf === undefined;
  const by = query.virtualAccountId !== undefined && !query.nested ? 'pool' : 'license';
  const order = { sort: 'license', descending: false } as const;
  const [row] = isPresent
    ? await presentRows(trx, accountId, scope, { by, licenseId }, { ...order, after: null, rows: 1 }, now)
    : await rowsAsOf(trx, accountId, scope, { by, licenseId }, order, at, now);
  const holdings = await holdingsAsOf(trx, accountId, scope, at, now, licenseId);
  const short = isPresent ? await shortPools(trx, accountId, scope, licenseId) : [];
  const explained = await explainPools(context, accountId, short);
  const substitutions = isPresent ? await loansOf(trx, accountId, scope, licenseId) : [];
  const names = await loadNames(
    trx,
    accountId,
    'everything',
    [...holdings, ...short, ...substitutions, { virtualAccountId: query.virtualAccountId ?? null }].map(
      (each) => each.virtualAccountId,
    ),
    [licenseId, ...substitutions.map((loan) => loan.otherLicenseId)],
  );
  const past = Temporal.Instant.compare(at, now) < 0 ? at : null;
  const users = await usersOf(trx, accountId, scope, licenseId, past);
  return {
    row:
      row === undefined
        ? emptyRow(license, by === 'pool' ? (query.virtualAccountId ?? null) : null, names)
        : answerOf(row),
    description: license.description,
    short: short.flatMap(({ virtualAccountId }) => {
      const explanation = explained.get(`${virtualAccountId}/${licenseId}`);
      return explanation === undefined
        ? []
        : [{ ...explanation, virtualAccountId, virtualAccountPath: names.pathOf(virtualAccountId) }];
    }),
    lots: lotsHere(holdings, names),
    substitutions: substitutions.map(({ otherLicenseId, virtualAccountId, ...loan }) => {
      const other = names.licenseOf(otherLicenseId);
      return {
        ...loan,
        virtualAccountId,
        virtualAccountPath: names.pathOf(virtualAccountId),
        tag: other.tag,
        licenseName: other.name,
      };
    }),
    ...users,
  };
}

async function findLicense(trx: Trx, tag: string): Promise<LicenseRow | undefined> {
  return trx
    .selectFrom('licenses')
    .select(['license_id as licenseId', 'tag', 'name', 'description', 'family', 'enforcement'])
    .where('tag', '=', tag)
    .executeTakeFirst();
}

async function shortPools(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  licenseId: string,
): Promise<{ virtualAccountId: string; licenseId: string }[]> {
  const { rows } = await sql<{ virtualAccountId: string; licenseId: string }>`
    select p.virtual_account_id as "virtualAccountId", p.license_id as "licenseId" from pools p
     where p.account_id = ${accountId} and p.license_id = ${licenseId} and p.state = 'out-of-compliance'
       and ${scope.includes(sql`p.virtual_account_id`)}
     order by p.available + p.borrowed - p.lent - p.in_use, p.virtual_account_id
     limit ${shortPoolsExplained}`.execute(trx);
  return rows;
}

interface LoanRow {
  virtualAccountId: string;
  otherLicenseId: string;
  direction: 'lends-to' | 'borrows-from';
  quantity: number;
  otherQuantity: number;
}

/** Who lends to whom, by the domain's rule, in the virtual accounts in which the license lends or borrows at all. */
async function loansOf(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  licenseId: string,
): Promise<LoanRow[]> {
  const catalog = await loadCatalogFacts(trx, [licenseId]);
  const { rows } = await sql<{ virtualAccountId: string; licenseId: string; usable: number; inUse: number }>`
    select p.virtual_account_id as "virtualAccountId", p.license_id as "licenseId", p.available as usable,
           p.in_use as "inUse"
      from pools self
      join pools p on p.account_id = self.account_id and p.virtual_account_id = self.virtual_account_id
                  and p.license_id = any(${[...catalog.connectedTo(licenseId)]}::uuid[])
     where self.account_id = ${accountId} and self.license_id = ${licenseId} and self.lent + self.borrowed > 0
       and ${scope.includes(sql`self.virtual_account_id`)}
     order by p.virtual_account_id`.execute(trx);
  return [...Map.groupBy(rows, (row) => row.virtualAccountId)].flatMap(([virtualAccountId, pools]) =>
    substitute(catalog.plan, pools).loans.flatMap((loan): LoanRow[] => {
      const { upperLicenseId, lowerLicenseId, lent, borrowed } = loan;
      if (upperLicenseId === licenseId) {
        return [
          {
            virtualAccountId,
            otherLicenseId: lowerLicenseId,
            direction: 'lends-to',
            quantity: lent,
            otherQuantity: borrowed,
          },
        ];
      }
      if (lowerLicenseId !== licenseId) return [];
      return [
        {
          virtualAccountId,
          otherLicenseId: upperLicenseId,
          direction: 'borrows-from',
          quantity: borrowed,
          otherQuantity: lent,
        },
      ];
    }),
  );
}

/** Who uses the license, at present from the counts, at a past instant from the history of use. */
async function usersOf(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  licenseId: string,
  past: Temporal.Instant | null,
): Promise<Pick<PoolAnswer, 'usedBy' | 'usedByTotal'>> {
  const here = sql`c.account_id = ${accountId} and c.license_id = ${licenseId}
    and ${scope.includes(sql`c.virtual_account_id`)}`;
  const uses =
    past === null
      ? sql`select c.instance_id, c.virtual_account_id, c.count from instance_usage c where ${here} and c.count > 0`
      : sql`select c.instance_id, c.virtual_account_id, sum(c.to_count - c.from_count)::bigint as count
              from usage_changes c where ${here} and c.at <= ${past}::timestamptz
             group by 1, 2 having sum(c.to_count - c.from_count) > 0`;
  const { rows } = await sql<{
    instanceId: string;
    displayName: string;
    virtualAccountId: string;
    virtualAccountPath: string[];
    count: number;
    lastContactAt: Temporal.Instant | null;
  }>`
    select u.instance_id as "instanceId", i.display_name as "displayName", u.virtual_account_id as "virtualAccountId",
           virtual_account_path(${accountId}, u.virtual_account_id) as "virtualAccountPath", u.count,
           c.last_contact_at as "lastContactAt"
      from (select u.* from (${uses}) u order by u.count desc, u.instance_id limit ${usersShown}) u
      join product_instances i on i.account_id = ${accountId} and i.instance_id = u.instance_id
      left join instance_contacts c on c.account_id = ${accountId} and c.instance_id = u.instance_id
     order by u.count desc, i.display_name, u.instance_id`.execute(trx);
  const total = await sql<{
    total: number;
  }>`select count(*) as total from (${uses}) u`.execute(trx);
  return {
    usedBy: rows.map((row) => ({ ...row, lastContactAt: row.lastContactAt?.toString() ?? null })),
    usedByTotal: total.rows[0]?.total ?? 0,
  };
}

/** Each lot in each virtual account once, with its quantities by state; what ends first comes first. */
function lotsHere(holdings: readonly HoldingRow[], names: Names): LotHere[] {
  const lots = new Map<string, LotHere>();
  for (const row of holdings) {
    const key = `${row.virtualAccountId}/${row.lotId}`;
    const term = termOf(row);
    const lot = lots.get(key) ?? {
      lotId: row.lotId,
      virtualAccountId: row.virtualAccountId,
      virtualAccountPath: names.pathOf(row.virtualAccountId),
      source: { kind: row.sourceKind, orderNumber: row.orderNumber, lineNumber: row.lineNumber },
      sku: row.sku,
      subscriptionId: row.subscriptionId,
      term:
        term.kind === 'perpetual'
          ? term
          : { kind: term.kind, startsAt: term.startsAt.toString(), endsAt: term.endsAt.toString() },
      billing: row.billing,
      delivered: row.delivered,
      pending: 0,
      available: 0,
      reserved: 0,
      held: 0,
      expired: 0,
    };
    lots.set(key, { ...lot, [row.state]: lot[row.state] + row.quantity });
  }
  const endOf = ({ term }: LotHere) => (term.kind === 'perpetual' ? '9999' : term.endsAt);
  const placeOf = (lot: LotHere) => [endOf(lot), lot.virtualAccountPath.join(' / '), lot.lotId].join('|');
  return [...lots.values()].sort((left, right) => (placeOf(left) < placeOf(right) ? -1 : 1));
}

function emptyRow(license: LicenseRow, virtualAccountId: string | null, names: Names): InventoryRow {
  return {
    owned: 0,
    pending: 0,
    available: 0,
    reserved: 0,
    held: 0,
    expired: 0,
    inUse: 0,
    lent: 0,
    borrowed: 0,
    balance: 0,
    state: 'in-compliance',
    tag: license.tag,
    licenseName: license.name,
    family: license.family,
    enforcement: license.enforcement,
    billing: [],
    virtualAccountId,
    virtualAccountPath: virtualAccountId === null ? [] : names.pathOf(virtualAccountId),
    pools: 0,
    poolsShort: 0,
    short: 0,
    shortSince: null,
    nextEnd: null,
    openAlerts: 0,
  };
}
