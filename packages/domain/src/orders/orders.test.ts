import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grantedUnits } from '../catalog/index.ts';
import {
  bookLine,
  can,
  checkHeader,
  closestOf,
  deliveryTerm,
  IMPORT_COLUMNS,
  nextState,
  ORDER_LINE_EVENTS,
  ORDER_LINE_STATES,
  readRows,
  releaseLine,
  shipLine,
  waitsFor,
} from './index.ts';

const instant = (text: string) => Temporal.Instant.from(text);

describe('the life of a line', () => {
  test('the whole table of states and events', () => {
    const table = ORDER_LINE_STATES.map((state) =>
      [
        state,
        ...ORDER_LINE_EVENTS.map((event) => {
          const next = nextState(state, event);
          expect(next.ok).toBe(can(state, event));
          return `${event}: ${next.ok ? next.value : '–'}`;
        }),
      ].join(' | '),
    );
    expect(table).toEqual([
      'booked | ship: shipped | hold: on-hold | release: – | deliver: – | cancel: cancelled | return: –',
      'on-hold | ship: shipped | hold: – | release: booked | deliver: – | cancel: cancelled | return: –',
      'shipped | ship: – | hold: on-hold | release: – | deliver: delivered | cancel: cancelled | return: –',
      'delivered | ship: – | hold: – | release: – | deliver: – | cancel: – | return: returned',
      'cancelled | ship: – | hold: – | release: – | deliver: – | cancel: – | return: –',
      'returned | ship: – | hold: – | release: – | deliver: – | cancel: – | return: –',
    ]);
  });

  test.each([
    [{ ship: true, account: 'delivers' }, ['booked', 'shipped', 'delivered']],
    [{ ship: false, account: 'delivers' }, ['booked']],
    [{ ship: true, account: 'holds' }, ['booked', 'shipped']],
    [{ ship: false, account: 'holds' }, ['booked']],
    [{ ship: true, account: 'waits' }, ['booked', 'shipped', 'on-hold']],
    [{ ship: false, account: 'waits' }, ['booked', 'on-hold']],
  ] as const)('booked with %j it goes %j', (facts, states) => {
    expect(bookLine(facts)).toEqual(states);
  });

  test('a held line is delivered, or booked again, once its account is active', () => {
    const line = { state: 'on-hold', hasShipped: true } as const;
    expect(releaseLine({ ...line, account: 'delivers' })).toBe('delivered');
    expect(releaseLine({ ...line, account: 'holds' })).toBe('shipped');
    for (const account of ['delivers', 'holds'] as const) {
      expect(releaseLine({ ...line, hasShipped: false, account })).toBe('booked');
    }
    for (const state of ORDER_LINE_STATES.filter((each) => each !== 'on-hold')) {
      expect(releaseLine({ state, hasShipped: true, account: 'delivers' }), state).toBeNull();
    }
  });

  test.each([
    [{ state: 'delivered' }, null],
    [{ state: 'booked' }, null],
    [{ state: 'shipped' }, null],
    [{ state: 'shipped', accountKind: 'holding' }, 'reassignment: Held at Acme for a customer.'],
    [{}, 'agreement: Acme has not accepted an agreement in time.'],
    [{ accountStatus: 'suspended' }, 'account: Acme is not active.'],
    [{ accountStatus: 'closed' }, 'account: Acme is not active.'],
    [
      { accountStatus: 'pending', isContactAsked: true },
      'contact: A contact at Acme was asked for the account.',
    ],
    [
      { accountStatus: 'pending' },
      'order-desk: Nobody is asked for the account of Acme any more. Ask a contact for the account, or cancel the line.',
    ],
    [
      {
        accountStatus: 'pending',
        awaited: 'acme.example',
        requestState: 'under-review',
        isContactAsked: true,
      },
      'account-request: The account acme.example was asked for, and is reviewed.',
    ],
    [
      { accountStatus: 'pending', awaited: 'acme.example', requestState: 'declined', isContactAsked: true },
      'contact: A contact at Acme was asked for the account.',
    ],
    [
      { accountStatus: 'pending', awaited: 'acme.example', requestState: 'expired' },
      'order-desk: The request for the account acme.example is expired. Ask a contact for the account, or cancel the line.',
    ],
    [
      { accountStatus: 'pending', awaited: 'acme.example' },
      'order-desk: Nobody asks for the account acme.example any more. Ask a contact for the account, or cancel the line.',
    ],
  ] as const)('a line with %j waits for: %s', (change, expected) => {
    const found = waitsFor({
      state: 'on-hold',
      accountName: 'Acme',
      accountKind: 'customer',
      accountStatus: 'active',
      awaited: null,
      requestState: null,
      isContactAsked: false,
      ...change,
    });
    expect(found && `${found.kind}: ${found.sentence}`).toBe(expected);
  });

  test('a held line ships when its account is active, and not before', () => {
    expect(shipLine({ state: 'on-hold', account: 'delivers' })).toEqual({
      ok: true,
      value: ['shipped', 'delivered'],
    });
    expect(shipLine({ state: 'on-hold', account: 'holds' })).toEqual({ ok: true, value: ['shipped'] });
    expect(shipLine({ state: 'on-hold', account: 'waits' })).toMatchObject({
      ok: false,
      state: 'on-hold',
    });
    expect(shipLine({ state: 'delivered', account: 'delivers' })).toMatchObject({
      ok: false,
      state: 'delivered',
    });
  });
});

describe('the term of a delivery', () => {
  test.each([
    ['2026-01-31', 1, '2026-01-31T00:00:00Z', '2026-02-28T00:00:00Z'],
    ['2028-01-31', 1, '2028-01-31T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['2024-02-29', 12, '2024-02-29T00:00:00Z', '2025-02-28T00:00:00Z'],
    ['2024-02-29', 48, '2024-02-29T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['2026-10-25', 36, '2026-10-25T00:00:00Z', '2029-10-25T00:00:00Z'],
    [null, 1, '2026-11-22T12:34:56.789Z', '2026-12-22T12:34:56.789Z'],
  ])('from %s for %d months: %s to %s', (startDate, months, startsAt, endsAt) => {
    const term = deliveryTerm(
      { kind: 'term', months },
      startDate === null ? null : Temporal.PlainDate.from(startDate),
      instant('2026-11-22T12:34:56.789Z'),
    );
    expect(JSON.parse(JSON.stringify(term))).toEqual({ kind: 'term', startsAt, endsAt });
  });

  test('a demo runs full days, and what is perpetual has no term whatever day is named', () => {
    const at = instant('2026-11-22T12:00:00Z');
    expect(JSON.parse(JSON.stringify(deliveryTerm({ kind: 'demo', days: 30 }, null, at)))).toEqual({
      kind: 'demo',
      startsAt: '2026-11-22T12:00:00Z',
      endsAt: '2026-12-22T12:00:00Z',
    });
    expect(deliveryTerm({ kind: 'perpetual' }, Temporal.PlainDate.from('2020-01-01'), at)).toEqual({
      kind: 'perpetual',
    });
  });

  test('law: a term is never empty, keeps the time of day, and a longer one never ends sooner', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }),
        fc.integer({ min: 1, max: 119 }),
        (date, months) => {
          const at = instant(date.toISOString());
          const shorter = deliveryTerm({ kind: 'term', months }, null, at);
          const longer = deliveryTerm({ kind: 'term', months: months + 1 }, null, at);
          if (shorter.kind === 'perpetual' || longer.kind === 'perpetual') throw new Error('terms end');
          expect(shorter.startsAt.equals(at)).toBe(true);
          expect(Temporal.Instant.compare(at, shorter.endsAt)).toBe(-1);
          expect(Temporal.Instant.compare(shorter.endsAt, longer.endsAt)).toBe(-1);
          const time = (end: Temporal.Instant) => end.toZonedDateTimeISO('UTC').toPlainTime().toString();
          expect(time(shorter.endsAt)).toBe(time(at));
        },
      ),
    );
  });
});

test('units are the quantity times the grant, unless no lot could hold them', () => {
  expect(grantedUnits(5, 20)).toBe(100);
  expect(grantedUnits(1, 1_000_000_000)).toBe(1_000_000_000);
  expect(grantedUnits(2, 500_000_001)).toBeNull();
});

test.each([
  ['NET-ADV-3Y', ['NET-ESS-3Y', 'NET-ADV-3Y-DEMO', 'NET-ADV-5Y'], 'NET-ADV-5Y'],
  ['net adv 3y', ['NET-ESS-3Y', 'NET-ADV-3Y'], 'NET-ADV-3Y'],
  ['Europe/Berlin', ['Europe', 'Europe / Berlin'], 'Europe / Berlin'],
  ['exampel.com', ['northwind.example', 'example.com'], 'example.com'],
  ['zzz', ['NET-ADV-3Y'], null],
  ['', ['NET-ADV-3Y'], null],
  ['x', [], null],
])('%s among %j most likely means %s', (given, candidates, meant) => {
  expect(closestOf(given, candidates)).toBe(meant);
});

describe('files of orders', () => {
  const rowsOf = (text: string) => {
    const [header = [], ...rows] = text
      .trim()
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()));
    return rows.map((cells, index) => ({
      row: index + 2,
      cells: new Map(header.map((name, column) => [name, cells[column] ?? ''])),
    }));
  };

  test('a header needs its columns, each once, and unknown ones are told with what was meant', () => {
    expect(checkHeader(IMPORT_COLUMNS)).toEqual([]);
    expect(checkHeader(['Order_Number ', 'buyer', 'sku', 'quantity', 'account'])).toEqual([]);
    expect(
      checkHeader(['order_number', 'order_number', 'buyer', 'sku', 'quanity', 'price']).map(
        ({ column, code, detail }) => `${column}: ${code}: ${detail}`,
      ),
    ).toEqual([
      'order_number: repeated-column: The column order_number is there twice. Leave one out.',
      'quanity: unknown-column: There is no column quanity. Did you mean quantity?',
      'price: unknown-column: There is no column price. The columns are order_number, buyer, ordered_at, line, sku, quantity, account, virtual_account, start_date, state.',
      'quantity: missing-column: The column quantity is missing. Add it to the header.',
      'account: missing-column: The column account is missing. Add it to the header.',
    ]);
  });

  test('rows of an order need not be adjacent, and lines without a number fill the gaps', () => {
    const { orders, errors } = readRows(
      rowsOf(`
        order_number | buyer     | line | sku | quantity | account     | state   | ordered_at
        A-1          | Northwind |      | S-1 | 10       | a.example   |         | 2026-11-01
        B-1          | =HYPERLINK("x") | 7 | S-1 | 1  | b.example   | BOOKED  |
        A-1          | Northwind | 1    | S-2 | 5        | a.example   | shipped | 2026-11-01T00:00:00Z
        A-1          | Northwind |      | S-3 | 1        | a.example   |         |
      `),
    );
    expect(errors).toEqual([]);
    expect(
      orders.map((order) => ({
        number: order.orderNumber,
        buyer: order.buyer,
        at: order.orderedAt?.toString() ?? null,
        lines: order.lines.map((line) => `${line.row}: ${line.lineNumber} ${line.sku} ${line.ship}`),
      })),
    ).toEqual([
      {
        number: 'A-1',
        buyer: 'Northwind',
        at: '2026-11-01T00:00:00Z',
        lines: ['2: 2 S-1 true', '4: 1 S-2 true', '5: 3 S-3 true'],
      },
      { number: 'B-1', buyer: '=HYPERLINK("x")', at: null, lines: ['3: 7 S-1 false'] },
    ]);
  });

  test('everything wrong is told at once, row by row, in words', () => {
    const { orders, badOrders, errors } = readRows(
      rowsOf(`
        order_number | buyer     | line | sku   | quantity | account   | state     | start_date | ordered_at
        A-1          | Northwind | 1    | S-1   | 1,000    | a.example |           | 2026-02-30 | 2026-11-01
        A-1          | Southwind | 1    | S 1   | 0        | a.example | delivered |            | 2026-11-02
                     | Northwind | x    | S-1   | 2.5      |           |           |            | yesterday
        A 2          |           |      | S-1   | 1e3      | a.example |           | 22.11.2026 |
        A-3          | Northwind |      | S-1   | 1000000001 | a.example |         |            |
        A-4          | Northwind |      | S-1   | 3        | a.example |           |            |
        A-5          | Northwind |      | S-1   | 3        | a.example |           | 9999-12-31 | 0000-01-01T00:00:00Z
      `),
    );
    expect(orders.map((order) => order.orderNumber)).toEqual(['A-1', '', 'A 2', 'A-3', 'A-4', 'A-5']);
    expect(badOrders).toEqual(['A-1', 'A 2', 'A-3', 'A-5']);
    expect(errors.map(({ row, column, code }) => `${row} ${column} ${code}`)).toEqual([
      '2 quantity quantity-invalid',
      '2 start_date start-date-invalid',
      '3 sku sku-invalid',
      '3 quantity quantity-invalid',
      '3 state state-invalid',
      '3 buyer buyer-differs',
      '3 ordered_at ordered-at-differs',
      '3 line line-repeated',
      '4 order_number value-missing',
      '4 ordered_at ordered-at-invalid',
      '4 line line-invalid',
      '4 quantity quantity-invalid',
      '4 account value-missing',
      '5 order_number order-number-invalid',
      '5 buyer value-missing',
      '5 quantity quantity-invalid',
      '5 start_date start-date-invalid',
      '6 quantity quantity-invalid',
      '8 ordered_at ordered-at-invalid',
      '8 start_date start-date-invalid',
    ]);
    expect(errors[0]?.detail).toBe(
      '1,000 is not a quantity: write a whole number from 1 to 1000000000, without separators.',
    );
  });

  test('texts that are too long or hold control characters are refused', () => {
    const { errors } = readRows([
      {
        row: 2,
        cells: new Map([
          ['order_number', 'A'.repeat(41)],
          ['buyer', 'North\nwind'],
          ['sku', 'S-1'],
          ['quantity', '1'],
          ['account', 'a.example'],
        ]),
      },
    ]);
    expect(errors.map(({ column, code }) => `${column} ${code}`)).toEqual([
      'order_number value-too-long',
      'buyer control-characters',
    ]);
  });
});
