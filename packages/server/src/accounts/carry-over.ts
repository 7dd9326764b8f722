import { sql } from 'kysely';
import { carryAlerts } from '../alerts/index.ts';
import type { Context } from '../edge/context.ts';
import { type CarriedLot, type Crossing, carryLicenses } from '../licenses/index.ts';
import { carryUndeliveredLines } from '../orders/index.ts';
import { carryInstances } from '../product-instances/index.ts';
import { type CarriedTags, carryTags } from './carry-tags.ts';
import { type ComingPlace, carryTree } from './carry-tree.ts';

/** What went over, beside the virtual accounts themselves. */
export interface CarriedOver {
  lots: CarriedLot[];
  licenses: number;
  productInstances: number;
  openOrderLines: number;
  openAlerts: number;
  tags: CarriedTags;
}

/** Instead of the minute that any other request may take with one statement. */
const longestStatement = '15min';

/**
 * Carries virtual accounts with all they hold from one account to another, under the ids they have, in one transaction and
 * in the order of all locks. The caller holds both accounts with their trees (`lockBoth`), and has judged that nothing
 * stands in the way. Roles are not carried: whose they are differs by direction.
 *
 * @param back what went the other way before, when this takes it back
 */
export async function carryOver(
  context: Context,
  sides: { fromAccountId: string; intoAccountId: string },
  places: readonly ComingPlace[],
  { moveId, reason, back }: { moveId: string; reason: string; back: readonly CarriedLot[] },
): Promise<CarriedOver> {
  const { trx, now } = context;
  const virtualAccountIds = places.map(({ virtualAccountId }) => virtualAccountId);
  const crossing: Crossing = { ...sides, virtualAccountIds };
  // One statement takes as long as there are product instances; all of them together happen or do not.
  await sql`set local statement_timeout = ${sql.lit(longestStatement)}`.execute(trx);
  await carryTree(trx, sides, places, now);
  const tags = await carryTags(context, crossing);
  const openOrderLines = await carryUndeliveredLines(trx, crossing);
  const { registered } = await carryInstances(context, crossing, moveId);
  const lots = await carryLicenses(context, crossing, { reason, back });
  const openAlerts = await carryAlerts(trx, crossing);
  return {
    lots,
    licenses: lots.reduce((sum, { quantity }) => sum + quantity, 0),
    productInstances: registered,
    openOrderLines,
    openAlerts,
    tags,
  };
}
