import type { Holding } from './holding.ts';
import { applyToHoldings, type LedgerFacts } from './ledger.ts';
import { expire } from './movements/expire.ts';
import { start } from './movements/start.ts';

/**
 * Holdings as they will be at a future instant if nobody does anything: terms started and expired by the same
 * decisions that will really start and expire them. Reserved and held units stay as they are. For a past instant
 * replay the entries recorded up to it instead (see `replay`).
 */
export function holdingsAsOf(facts: LedgerFacts, at: Temporal.Instant): readonly Holding[] {
  const { lots } = facts;
  const started = start(facts, at);
  const holdings = applyToHoldings(facts.holdings, started.ok ? started.value.entries : []);
  const expired = expire({ lots, holdings }, at);
  return applyToHoldings(holdings, expired.ok ? expired.value.entries : []);
}
