import { describe, expect, test } from 'vitest';
import { type BalanceChange, explainShortage } from './explain.ts';

/**
 * Changes as lines: `<hour> instance <id> <before> > <after>`, `<hour> <movement kind> <id> <change>`, or
 * `<hour> lent <license> <change>`.
 */
function changes(...lines: readonly string[]): BalanceChange[] {
  return lines.map((line): BalanceChange => {
    const [hour = '', kind, name = '', ...rest] = line.split(' ');
    const at = Temporal.Instant.from(`2026-11-22T${hour.padStart(2, '0')}:00:00Z`);
    const change = Number(rest.at(-1));
    if (kind === 'instance')
      return { kind: 'usage', at, instanceId: name, before: Number(rest[0]), after: change };
    if (kind === 'lent') return { kind: 'substitution', at, otherLicenseId: name, change };
    const movement = kind === 'expire' || kind === 'deposit' ? kind : 'transfer';
    return { kind: 'movement', at, movementId: name, movement, change, lotIds: ['L'] };
  });
}

function explained(balance: number, ...lines: readonly string[]) {
  const explanation = explainShortage({ balance, changes: changes(...lines) });
  if (!explanation) return null;
  const causes = explanation.causes.map((cause) => {
    if (cause.kind === 'instance') return `${cause.instanceId} raised by ${cause.raisedBy}`;
    if (cause.kind === 'expiry') return `${cause.expired} expired in ${cause.movementId}`;
    if (cause.kind === 'movement') return `${cause.movement} ${cause.movementId} took ${cause.tookAway}`;
    return `${cause.otherLicenseId} took ${cause.tookAway}`;
  });
  return [explanation.since?.toString() ?? 'before', ...causes];
}

describe('why a pool is short', () => {
  test('it is not', () => expect(explained(0, '1 instance a 0 > 5')).toBeNull());
  test('since the change that made it fall, through whom raised from then on', () => {
    // 5 units: a takes 5, b takes 2 (short by 2), c takes 1 (short by 3).
    expect(explained(-3, '1 instance a 0 > 5', '2 instance b 0 > 2', '3 instance c 0 > 1')).toEqual([
      '2026-11-22T02:00:00Z',
      'b raised by 2',
      'c raised by 1',
    ]);
  });
  test('since the last fall, not an earlier one', () => {
    expect(
      explained(-1, '1 instance a 0 > 9', '2 deposit D 10', '3 transfer T -10', '4 instance a 9 > 8'),
    ).toEqual(['2026-11-22T03:00:00Z', 'transfer T took 10']);
  });
  test('exactly even is not short', () => {
    expect(explained(-1, '1 instance a 0 > 9', '2 instance b 0 > 1')).toEqual([
      '2026-11-22T02:00:00Z',
      'b raised by 1',
    ]);
  });
  test('an instance that rose and fell again is no cause', () => {
    expect(
      explained(
        -2,
        '1 instance a 0 > 1',
        '2 instance b 0 > 3',
        '3 instance b 3 > 2',
        '4 instance a 1 > 4',
        '5 instance a 4 > 1',
      ),
    ).toEqual(['2026-11-22T02:00:00Z', 'b raised by 2']);
  });
  test('movements that took away, lots that expired, and what other licenses needed', () => {
    expect(explained(-9, '1 expire E -5', '2 transfer T -2', '3 deposit D 1', '4 lent gold -3')).toEqual([
      '2026-11-22T01:00:00Z',
      '5 expired in E',
      'gold took 3',
      'transfer T took 2',
    ]);
  });
  test('short for longer than the changes reach back', () => {
    expect(explained(-9, '1 instance a 0 > 5')).toEqual(['before', 'a raised by 5']);
    expect(explained(-9)).toEqual(['before']);
  });
});
