import { expect, test } from 'vitest';
import type { Holding } from './holding.ts';
import { applyToHoldings } from './ledger.ts';
import { moveEverything } from './movements/move-everything.ts';

const at = Temporal.Instant.from('2026-11-22T12:00:00Z');
const lot = (lotId: string) => ({
  lotId,
  licenseId: 'license',
  source: { kind: 'order' as const, reference: 'order/1' },
  term: { kind: 'perpetual' as const },
  billing: 'prepaid' as const,
});
const holding = (
  virtualAccountId: string,
  lotId: string,
  state: Holding['state'],
  quantity: number,
): Holding => ({
  virtualAccountId,
  lotId,
  state,
  quantity,
});
const facts = {
  lots: [lot('one'), lot('two')],
  holdings: [
    holding('from', 'one', 'pending', 1),
    holding('from', 'one', 'available', 2),
    holding('from', 'two', 'reserved', 3),
    holding('from', 'two', 'held', 4),
    holding('from', 'two', 'expired', 5),
    holding('to', 'two', 'available', 6),
    holding('elsewhere', 'one', 'available', 7),
  ],
};
const request = { fromVirtualAccountId: 'from', toVirtualAccountId: 'to', reason: 'deleted' };

test('everything moves and keeps its state; what lies elsewhere stays', () => {
  const decision = moveEverything(facts, request, at);
  if (!decision.ok) throw new Error(decision.code);
  expect(decision.value).toMatchObject({ kind: 'transfer', reason: 'deleted', undoes: null });
  expect(applyToHoldings(facts.holdings, decision.value.entries)).toEqual([
    holding('elsewhere', 'one', 'available', 7),
    holding('to', 'one', 'pending', 1),
    holding('to', 'one', 'available', 2),
    holding('to', 'two', 'available', 6),
    holding('to', 'two', 'reserved', 3),
    holding('to', 'two', 'held', 4),
    holding('to', 'two', 'expired', 5),
  ]);
});

test('nothing moves into itself', () => {
  expect(moveEverything(facts, { ...request, toVirtualAccountId: 'from' }, at)).toMatchObject({
    ok: false,
    code: 'virtual-accounts-the-same',
  });
});
