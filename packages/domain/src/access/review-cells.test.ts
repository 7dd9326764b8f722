import { describe, expect, it } from 'vitest';
import { type ReviewedGrant, reviewCells } from './review-cells.ts';

const day = (date: string) => Temporal.Instant.from(`${date}T00:00:00Z`);
const place = (path: string, nested = false) => ({
  virtualAccountId: path.toLowerCase(),
  path: path.split('/'),
  nested,
});
const grant = (more: Partial<ReviewedGrant> & Pick<ReviewedGrant, 'grantId'>): ReviewedGrant => ({
  role: 'viewer',
  virtualAccounts: null,
  group: null,
  until: null,
  soldBy: null,
  kept: null,
  ...more,
});

describe('the cells of a person in an access review', () => {
  it('are one for each role held, in the order of the table of roles', () => {
    const cells = reviewCells([
      grant({ grantId: '1', role: 'viewer' }),
      grant({ grantId: '2', role: 'approver' }),
      grant({ grantId: '3', role: 'viewer', virtualAccounts: [place('Asia')] }),
    ]);
    expect(cells.map(({ role, grantIds }) => [role, grantIds])).toEqual([
      ['approver', ['2']],
      ['viewer', ['1', '3']],
    ]);
    expect(reviewCells([])).toEqual([]);
  });

  it('name each virtual account once, by name from the top down, as wide as its widest mention', () => {
    const [cell] = reviewCells([
      grant({ grantId: '1', virtualAccounts: [place('europe/Berlin'), place('Europe/Berlin/Mitte')] }),
      grant({ grantId: '2', virtualAccounts: [place('Asia'), place('Europe/Berlin', true)] }),
      grant({ grantId: '3', virtualAccounts: [place('Europe/Berlin'), place('Europe 2')] }),
    ]);
    expect(cell?.virtualAccounts.map(({ path, nested }) => [path.join('/'), nested])).toEqual([
      ['Asia', false],
      ['Europe/Berlin', true],
      ['Europe/Berlin/Mitte', false],
      ['Europe 2', false],
    ]);
    expect(cell?.wholeAccount).toBe(false);
  });

  it('tell of the first end, of groups, of the seller, and of the look that is longest ago', () => {
    const all = [
      grant({ grantId: '1', until: day('2027-03-01'), group: 'Night shift' }),
      grant({ grantId: '2', until: day('2026-12-24'), group: 'Day shift', soldBy: 'Partner' }),
      grant({ grantId: '3', kept: { by: 'Ana', at: day('2026-11-02') } }),
      grant({ grantId: '4', kept: { by: 'Bo', at: day('2026-10-02') }, group: 'Night shift' }),
    ];
    expect(reviewCells(all)).toEqual([
      {
        role: 'viewer',
        grantIds: ['1', '2', '3', '4'],
        wholeAccount: true,
        virtualAccounts: [],
        groups: ['Day shift', 'Night shift'],
        until: day('2026-12-24'),
        ending: 2,
        soldBy: 'Partner',
        neverKept: 2,
        kept: { by: 'Bo', at: day('2026-10-02') },
      },
    ]);
    expect(reviewCells([grant({ grantId: '5' })])[0]).toMatchObject({
      until: null,
      ending: 0,
      soldBy: null,
      neverKept: 1,
      kept: null,
      groups: [],
    });
  });
});
