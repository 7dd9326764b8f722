import { moveEverything as decide } from '@estover/domain/licenses';
import type { Ledger } from './ledger.ts';
import { licenseRefused } from './license-refused.ts';
import { holdingFacts, loadHoldings, lockHoldings, saveMovements } from './licenses-store.ts';

/** So many holdings go into one movement at most; each makes two entries. */
const holdingsPerMovement = 10_000;

/**
 * Moves everything that lies in a virtual account to another one of the account, in whatever state it is, because the
 * first is being deleted. The caller has locked both virtual accounts, so that nothing new arrives.
 *
 * @returns how many units moved that are owned or will be; those whose term is over move along uncounted.
 */
export async function moveEverything(
  ledger: Ledger,
  accountId: string,
  fromVirtualAccountId: string,
  toVirtualAccountId: string,
): Promise<number> {
  const seen = await loadHoldings(ledger.trx, accountId, fromVirtualAccountId, 'all');
  const licenses = new Map(seen.map((holding) => [holding.lotId, holding.licenseId]));
  const licenseOf = (lotId: string) => licenses.get(lotId) as string;
  const locked = await lockHoldings(
    ledger.trx,
    seen.flatMap(({ lotId, state }) =>
      [fromVirtualAccountId, toVirtualAccountId].map((virtualAccountId) => ({
        accountId,
        place: { virtualAccountId, lotId, state },
      })),
    ),
    licenseOf,
  );
  const moving = locked.filter(
    (holding) => holding.virtualAccountId === fromVirtualAccountId && holding.quantity > 0,
  );
  const movements = [];
  for (let first = 0; first < moving.length; first += holdingsPerMovement) {
    const decision = decide(
      holdingFacts(moving.slice(first, first + holdingsPerMovement)),
      { fromVirtualAccountId, toVirtualAccountId, reason: 'The virtual account was deleted.' },
      ledger.now,
    );
    if (!decision.ok) throw licenseRefused(decision);
    movements.push({ accountId, movementId: ledger.newId(), movement: decision.value, orderNumber: null });
  }
  await saveMovements(ledger, movements, licenseOf, 'locked');
  return moving.reduce((sum, { state, quantity }) => (state === 'expired' ? sum : sum + quantity), 0);
}
