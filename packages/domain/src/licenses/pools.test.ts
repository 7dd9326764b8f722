import { describe, expect, test } from 'vitest';
import type { Holding, HoldingState } from './holding.ts';
import { applyToHoldings } from './ledger.ts';
import type { Lot } from './lot.ts';
import { hold } from './movements/hold.ts';
import { post } from './movements/post.ts';
import { canTransfer, transfer } from './movements/transfer.ts';
import { voidHold } from './movements/void.ts';
import { assessPools, type PoolsFacts } from './pools.ts';
import { previewMovements } from './preview.ts';
import { planSubstitution } from './substitution.ts';

const NOW = Temporal.Instant.from('2026-11-22T12:00:00Z');
const lot = (lotId: string, licenseId: string): Lot => ({
  lotId,
  licenseId,
  source: { kind: 'order', reference: 'order 1' },
  term: { kind: 'perpetual' },
  billing: 'prepaid',
});
const holding = (
  virtualAccountId: string,
  quantity: number,
  lotId: string,
  state: HoldingState = 'available',
): Holding => ({ virtualAccountId, lotId, state, quantity });

/** Sales has 100 gold with 10 in use, and no silver with 50 in use; lab has 5 gold with 4 in use and 3 silver. */
const FACTS: PoolsFacts = {
  lots: [lot('G', 'gold'), lot('S', 'silver')],
  holdings: [
    holding('sales', 90, 'G'),
    holding('sales', 10, 'G'),
    holding('sales', 7, 'G', 'reserved'),
    holding('lab', 5, 'G'),
    holding('lab', 3, 'S'),
  ],
  usage: [
    { virtualAccountId: 'sales', licenseId: 'gold', inUse: 10 },
    { virtualAccountId: 'sales', licenseId: 'silver', inUse: 50 },
    { virtualAccountId: 'lab', licenseId: 'gold', inUse: 4 },
  ],
  substitution: planSubstitution([
    { upperLicenseId: 'gold', lowerLicenseId: 'silver', upperQuantity: 1, lowerQuantity: 1, priority: 1 },
  ]),
};
const row = ({
  virtualAccountId,
  licenseId,
  usable,
  inUse,
  lent,
  borrowed,
  balance,
  compliance,
}: ReturnType<typeof assessPools>[number]) =>
  `${virtualAccountId} ${licenseId}: ${usable} usable, ${inUse} in use, -${lent} +${borrowed} = ${balance}, ${compliance.state}`;
const moving = (from: string, to: string, quantity: number, licenseId = 'gold') => {
  const request = { fromVirtualAccountId: from, toVirtualAccountId: to, lines: [{ licenseId, quantity }] };
  const made = transfer(FACTS, request, NOW);
  if (!made.ok) throw new Error(made.code);
  return made.value;
};

describe('the pools of an account', () => {
  test('are all that have a holding or a use, with substitution inside each virtual account only', () => {
    expect(assessPools(FACTS).map(row)).toEqual([
      'lab gold: 5 usable, 4 in use, -0 +0 = 1, in-compliance',
      'lab silver: 3 usable, 0 in use, -0 +0 = 3, in-compliance',
      'sales gold: 100 usable, 10 in use, -50 +0 = 40, in-compliance',
      'sales silver: 0 usable, 50 in use, -0 +50 = 0, in-compliance',
    ]);
  });
  test('count held units that stay usable, and know the overage allowed', () => {
    const pools = assessPools({
      ...FACTS,
      usage: [{ virtualAccountId: 'lab', licenseId: 'gold', inUse: 9, usableHeld: 2 }],
      allowances: new Map([['gold', { kind: 'quantity', quantity: 2 }]]),
    });
    expect(pools.map(row)[0]).toBe('lab gold: 7 usable, 9 in use, -0 +0 = -2, overage');
  });
  test('have their quantities by state', () => {
    const gold = assessPools(FACTS).find(
      (pool) => pool.virtualAccountId === 'sales' && pool.licenseId === 'gold',
    );
    expect(gold?.quantities).toEqual({ pending: 0, available: 100, reserved: 7, held: 0, expired: 0 });
  });
});

describe('whether anything can be transferred', () => {
  test('says how many at most, or what else is there', () => {
    const quantities = { pending: 0, available: 3, reserved: 1, held: 0, expired: 9 };
    expect(canTransfer({ licenseId: 'gold', quantities })).toEqual({ ok: true, value: 3 });
    expect(canTransfer({ licenseId: 'gold', quantities: { ...quantities, available: 0 } })).toMatchObject({
      code: 'not-enough-available',
      lines: [{ asked: 1, available: 0, elsewhere: { pending: 0, reserved: 1, held: 0, expired: 9 } }],
    });
  });
});

describe('a preview', () => {
  const shown = (previews: ReturnType<typeof previewMovements>) =>
    previews.map(({ before, after, fallsOutOfCompliance, comesIntoCompliance }) => {
      const [was, willBe] = [before, after].map((pool) => (pool ? row(pool) : 'nothing'));
      const note = fallsOutOfCompliance ? ' FALLS OUT' : comesIntoCompliance ? ' COMES IN' : '';
      return `${was} -> ${willBe}${note}`;
    });
  test('shows every pool that changes, also through substitution, and no other', () => {
    expect(shown(previewMovements(FACTS, [moving('sales', 'shop', 41)]))).toEqual([
      'sales gold: 100 usable, 10 in use, -50 +0 = 40, in-compliance -> sales gold: 59 usable, 10 in use, -49 +0 = 0, in-compliance',
      'sales silver: 0 usable, 50 in use, -0 +50 = 0, in-compliance -> sales silver: 0 usable, 50 in use, -0 +49 = -1, out-of-compliance FALLS OUT',
      'nothing -> shop gold: 41 usable, 0 in use, -0 +0 = 41, in-compliance',
    ]);
  });
  test('says who comes into compliance', () => {
    const short = { ...FACTS, usage: [{ virtualAccountId: 'lab', licenseId: 'gold', inUse: 7 }] };
    expect(shown(previewMovements(short, [moving('sales', 'lab', 2)]))[0]).toBe(
      'lab gold: 5 usable, 7 in use, -0 +0 = -2, out-of-compliance -> lab gold: 7 usable, 7 in use, -0 +0 = 0, in-compliance COMES IN',
    );
  });
  test('of an asset transfer held: units stay usable until it is carried out, and come back when not', () => {
    const lines = [{ licenseId: 'gold', quantity: 2 }];
    const held = hold(FACTS, { holdId: 'H', purpose: 'asset-transfer', virtualAccountId: 'lab', lines }, NOW);
    if (!held.ok) throw new Error(held.code);
    const [lab] = previewMovements(FACTS, [held.value]);
    expect(lab?.after?.quantities).toMatchObject({ available: 3, held: 2 });
    expect(lab?.after).toMatchObject({ usable: 5, balance: 1 });

    const whileHeld: PoolsFacts = {
      ...FACTS,
      holdings: applyToHoldings(FACTS.holdings, held.value.entries),
      usage: [{ virtualAccountId: 'lab', licenseId: 'gold', inUse: 4, usableHeld: 2 }],
    };
    const end = { hold: held.value.hold, lots: FACTS.lots, endedBy: null };
    const posted = post(end, { to: { kind: 'withdrawn' } }, NOW);
    const voided = voidHold(end, {}, NOW);
    if (!posted.ok || !voided.ok) throw new Error('refused');
    expect(shown(previewMovements(whileHeld, [posted.value]))).toEqual([
      'lab gold: 5 usable, 4 in use, -0 +0 = 1, in-compliance -> lab gold: 3 usable, 4 in use, -0 +0 = -1, out-of-compliance FALLS OUT',
    ]);
    expect(previewMovements(whileHeld, [voided.value])[0]?.after).toMatchObject({ usable: 5, balance: 1 });
  });
  test('of a reservation held: units are no longer usable for others', () => {
    const lines = [{ licenseId: 'gold', quantity: 2 }];
    const held = hold(FACTS, { holdId: 'H', purpose: 'reservation', virtualAccountId: 'lab', lines }, NOW);
    if (!held.ok) throw new Error(held.code);
    expect(previewMovements(FACTS, [held.value])[0]).toMatchObject({
      fallsOutOfCompliance: true,
      after: { usable: 3, balance: -1 },
    });
  });
});
