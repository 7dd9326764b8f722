import { describe, expect, test } from 'vitest';
import { runStory } from './testing/story.ts';

function story(name: string, text: string): void {
  test(name, () => runStory(text));
}

/** The lots most stories tell of: one without end, two that end, one that has not begun, one to try. */
const LOTS = `
  on 2026-11-22
  lot GOLD-EVER gold    perpetual
  lot GOLD-27   gold    2026-01-01..2027-01-01
  lot GOLD-28   gold    2026-01-01..2028-01-01
  lot GOLD-NEXT gold    2027-01-01..2028-01-01
  lot SILVER-27 silver  2026-01-01..2027-01-01
  lot TRIAL     gold    demo 2026-11-01..2026-12-01
`;

describe('deposit', () => {
  story(
    'goes into the state the term has at that moment',
    `${LOTS}
    deposit sales 10 GOLD-EVER
    deposit sales 20 GOLD-27
    deposit sales 30 GOLD-NEXT
    on 2026-12-01
    deposit sales 1 TRIAL
    has sales 10 available GOLD-EVER, 20 available GOLD-27, 30 pending GOLD-NEXT, 1 expired TRIAL
  `,
  );
  story(
    'may come in parts, up to what one lot may ever deliver',
    `${LOTS}
    deposit sales 999999999 GOLD-EVER
    deposit lab 2 GOLD-EVER
    refused lot-too-large: 999999999 were delivered of this lot and 2 more would exceed 1000000000. Use another lot for the rest.
    deposit lab 1 GOLD-EVER
    has lab 1 available GOLD-EVER
  `,
  );
  story(
    'refuses a term that ends before it starts',
    `
    lot WRONG gold 2027-01-01..2026-01-01
    deposit sales 1 WRONG
    refused term-invalid: The term would end (2026-01-01T00:00:00Z) before it starts (2027-01-01T00:00:00Z). Correct the dates.
  `,
  );
  for (const quantity of ['0', '-1', '0.5', '9007199254740992', 'NaN', '1000000001', 'Infinity']) {
    story(
      `refuses ${quantity} by name`,
      `${LOTS}
      deposit sales ${quantity} GOLD-EVER
      refused quantity-invalid: ${Number(quantity)} is not a quantity. Give a whole number from 1 to 1000000000.
      has sales nothing
    `,
    );
  }
});

describe('transfer', () => {
  story(
    'moves units and keeps their lot',
    `${LOTS}
    deposit sales 10 GOLD-27
    transfer sales to lab 4 gold
    has sales 6 available GOLD-27
    has lab   4 available GOLD-27
  `,
  );
  story(
    'takes the longest term first unless asked otherwise; perpetual is the longest',
    `${LOTS}
    deposit sales 2 GOLD-27
    deposit sales 2 GOLD-EVER
    deposit sales 2 GOLD-28
    transfer sales to lab 3 gold
    has lab 2 available GOLD-EVER, 1 available GOLD-28
  `,
  );
  story(
    'takes the shortest term first when asked',
    `${LOTS}
    deposit sales 2 GOLD-EVER
    deposit sales 2 GOLD-28
    deposit sales 2 GOLD-27
    transfer sales to lab 3 gold shortest first
    has lab 2 available GOLD-27, 1 available GOLD-28
  `,
  );
  story(
    'takes the lots named',
    `${LOTS}
    deposit sales 5 GOLD-EVER
    deposit sales 5 GOLD-27
    deposit sales 5 GOLD-28
    transfer sales to lab 4 gold from GOLD-27 1 + GOLD-28 3
    has lab 1 available GOLD-27, 3 available GOLD-28
  `,
  );
  story(
    'of lots that end together takes the one that started first, then by id',
    `
    on 2026-11-22
    lot C gold 2026-01-01..2027-01-01
    lot B gold 2026-01-01..2027-01-01
    lot A gold 2026-06-01..2027-01-01
    deposit sales 1 A
    deposit sales 1 B
    deposit sales 1 C
    transfer sales to lab 1 gold longest first
    has lab 1 available B
    transfer sales to lab 1 gold shortest first
    has lab 1 available B, 1 available C
  `,
  );
  story(
    'says what else is there when there is not enough',
    `${LOTS}
    deposit sales 7 GOLD-27
    deposit sales 12 GOLD-EVER
    deposit sales 4 GOLD-NEXT
    H: hold sales 8 gold from GOLD-EVER 8
    R: hold sales 4 gold from GOLD-EVER 4
    post R to reserved
    transfer sales to lab 9 gold
    refused not-enough-available: Line 1: asked 9, available 7 (pending 4, reserved 4, held 8). Ask for 7 or fewer.
    has lab nothing
  `,
  );
  story(
    'does not take units whose term is over, even before they are expired',
    `${LOTS}
    deposit sales 5 TRIAL
    on 2026-12-01
    transfer sales to lab 1 gold
    refused not-enough-available: Line 1: asked 1, available 0 (expired 5). Ask for another license or lot.
    on 2026-11-30T23:59:59.999Z
    transfer sales to lab 1 gold
    has lab 1 available TRIAL
  `,
  );
  story(
    'is all or nothing, and names every short line',
    `${LOTS}
    deposit sales 5 GOLD-27
    deposit sales 5 SILVER-27
    transfer sales to lab 5 gold and 6 silver and 1 bronze
    refused not-enough-available: Line 2: asked 6, available 5. Ask for 5 or fewer. Line 3: asked 1, available 0. Ask for another license or lot.
    has sales 5 available GOLD-27, 5 available SILVER-27
    transfer sales to lab 5 gold and 5 silver
    has sales nothing
    has lab 5 available GOLD-27, 5 available SILVER-27
  `,
  );
  story(
    'several lines of one license share what there is',
    `${LOTS}
    deposit sales 5 GOLD-27
    transfer sales to lab 3 gold and 3 gold
    refused not-enough-available: Line 2: asked 3, available 2. Ask for 2 or fewer.
  `,
  );
  story(
    'leaves a line the lots it names, wherever it stands',
    `${LOTS}
    deposit sales 2 GOLD-EVER
    deposit sales 2 GOLD-27
    transfer sales to lab 2 gold and 2 gold from GOLD-EVER 2
    has lab 2 available GOLD-EVER, 2 available GOLD-27
  `,
  );
  story(
    'refuses named lots that are short, foreign, twice, or do not add up',
    `${LOTS}
    deposit sales 2 GOLD-27
    deposit sales 9 SILVER-27
    transfer sales to lab 3 gold from GOLD-27 3
    refused not-enough-available: Line 1: asked 3 of lot GOLD-27, available 2. Ask for 2 or fewer.
    transfer sales to lab 1 gold from SILVER-27 1
    refused lot-not-in-pool: Line 1: lot SILVER-27 is not one of this license in this virtual account. Choose a lot that is listed there.
    transfer sales to lab 2 gold from GOLD-27 1 + GOLD-27 1
    refused lot-named-twice: Line 1: lot GOLD-27 is named twice. Name it once, with the whole quantity.
    transfer sales to lab 3 gold from GOLD-27 2
    refused lots-do-not-add-up: Line 1: 3 asked, but the lots named add up to 2. Make the two equal.
  `,
  );
  story(
    'refuses in order: the same virtual account, then quantities, then what is there',
    `${LOTS}
    transfer sales to sales 0 gold
    refused virtual-accounts-the-same: The licenses are already in that virtual account. Choose another one to transfer to.
    transfer sales to lab 99 gold and 0.5 gold
    refused quantity-invalid: Line 2: 0.5 is not a quantity. Give a whole number from 1 to 1000000000.
    transfer sales to lab 99 gold
    refused not-enough-available
  `,
  );
});

describe('undo of a transfer', () => {
  story(
    'takes back exactly the lots that went',
    `${LOTS}
    deposit sales 5 GOLD-27
    deposit sales 5 GOLD-28
    deposit lab   5 GOLD-EVER
    T: transfer sales to lab 7 gold
    has lab 5 available GOLD-EVER, 5 available GOLD-28, 2 available GOLD-27
    undo T
    has sales 5 available GOLD-27, 5 available GOLD-28
    has lab   5 available GOLD-EVER
  `,
  );
  story(
    'is possible for seven days, to the moment',
    `${LOTS}
    deposit sales 5 GOLD-EVER
    on 2026-11-22T12:00:00Z
    T: transfer sales to lab 5 gold
    U: transfer lab to sales 1 gold
    on 2026-11-29T12:00:00.001Z
    undo U
    refused undo-too-late: This transfer could be undone until 2026-11-29T12:00:00Z. Make a new transfer in the other direction.
    on 2026-11-29T12:00:00Z
    undo U
    undo T
    has lab nothing
  `,
  );
  story(
    'is possible once, and not for itself',
    `${LOTS}
    deposit sales 5 GOLD-EVER
    T: transfer sales to lab 5 gold
    U: undo T
    undo T
    refused already-undone: This transfer was already undone by movement U.
    undo U
    refused undo-of-undo: This movement is itself the undoing of a transfer. Make a new transfer to move the licenses again.
  `,
  );
  story(
    'is refused when units have moved on, are held or have expired',
    `${LOTS}
    deposit sales 9 TRIAL
    T: transfer sales to lab 9 gold
    transfer lab to shop 2 gold
    hold lab 3 gold
    undo T
    refused not-enough-available: Line 1: asked 9 of lot TRIAL, available 4 (held 3). Ask for 4 or fewer.
    transfer lab to shop 4 gold
    undo T
    refused not-enough-available: Line 1: asked 9 of lot TRIAL, available 0 (held 3). Ask for another license or lot.
  `,
  );
  story(
    'is refused when the units have left without a trace, or are over',
    `${LOTS}
    deposit sales 2 TRIAL
    T: transfer sales to lab 2 gold
    U: transfer lab to shop 2 gold
    undo T
    refused not-enough-available: Line 1: asked 2 of lot TRIAL, available 0. Ask for another license or lot.
    undo U
    on 2026-11-29
    expire
    refused nothing-to-expire
    undo T
    has sales 2 available TRIAL
  `,
  );
  story(
    'is refused for what is no transfer',
    `${LOTS}
    D: deposit sales 5 GOLD-EVER
    undo D
    refused not-a-transfer: Only transfers can be undone; this movement is of kind deposit.
  `,
  );
});

describe('terms', () => {
  story(
    'begin and end with the clock, used or not',
    `${LOTS}
    deposit sales 5 GOLD-NEXT
    start
    refused nothing-to-start: No pending term has begun, so there is nothing to start.
    on 2027-01-01
    start
    has sales 5 available GOLD-NEXT
    expire
    refused nothing-to-expire: No term is over, so there is nothing to expire.
    on 2028-01-01
    expire
    has sales 5 expired GOLD-NEXT
  `,
  );
  story(
    'that began and ended unseen are started, then expired',
    `${LOTS}
    deposit sales 5 GOLD-NEXT
    on 2030-01-01
    expire
    refused nothing-to-expire
    start
    expire
    has sales 5 expired GOLD-NEXT
  `,
  );
  story(
    'that end inside a hold or a reservation wait for it',
    `${LOTS}
    deposit sales 9 GOLD-27
    H: hold sales 3 gold
    R: hold sales 4 gold
    post R to reserved
    on 2027-01-01
    expire
    has sales 2 expired GOLD-27, 3 held GOLD-27, 4 reserved GOLD-27
    void H
    has sales 5 expired GOLD-27, 4 reserved GOLD-27
  `,
  );
});

describe('hold, post and void', () => {
  story(
    'a void hold leaves everything as it was',
    `${LOTS}
    deposit sales 5 GOLD-27
    deposit sales 5 GOLD-EVER
    H: hold sales 7 gold
    has sales 5 held GOLD-EVER, 2 held GOLD-27, 3 available GOLD-27
    void H
    has sales 5 available GOLD-27, 5 available GOLD-EVER
  `,
  );
  story(
    'a posted hold arrives where it was meant for',
    `${LOTS}
    deposit sales 9 GOLD-27
    A: hold sales 2 gold
    B: hold sales 3 gold
    C: hold sales 4 gold
    post A to lab
    post B to reserved
    post C to outside
    has sales 3 reserved GOLD-27
    has lab   2 available GOLD-27
  `,
  );
  story(
    'a hold ends once',
    `${LOTS}
    deposit sales 9 GOLD-27
    A: hold sales 2 gold
    B: hold sales 2 gold
    post A to lab
    void B
    void A
    refused hold-ended: Hold A has already been carried out. Nothing is left to do.
    post B to lab
    refused hold-ended: Hold B has already been given back. Nothing is left to do.
  `,
  );
  story(
    'what expired meanwhile arrives expired',
    `${LOTS}
    deposit sales 9 GOLD-27
    A: hold sales 2 gold
    B: hold sales 3 gold
    C: hold sales 4 gold
    on 2027-01-01
    post A to lab
    post B to reserved
    post C to outside
    has sales 3 expired GOLD-27
    has lab   2 expired GOLD-27
  `,
  );
  story(
    'what is held cannot be held, moved or withdrawn again',
    `${LOTS}
    deposit sales 5 GOLD-27
    hold sales 5 gold
    hold sales 1 gold
    refused not-enough-available: Line 1: asked 1, available 0 (held 5). Ask for another license or lot.
    withdraw sales 1 GOLD-27 returned by the customer
    refused not-enough-in-state: Asked 1, available 0 (held 5). Ask for another license or lot.
  `,
  );
});

describe('correct', () => {
  story(
    'adds and withdraws with a reason',
    `${LOTS}
    deposit sales 9 GOLD-27
    add sales 1 GOLD-27 ten were ordered
    withdraw sales 4 GOLD-27 four were sent back
    has sales 6 available GOLD-27
    withdraw sales 6 GOLD-27 the rest as well
    has sales nothing
  `,
  );
  story(
    'withdraws from the state named, or the one the term has',
    `${LOTS}
    deposit sales 9 GOLD-NEXT
    deposit sales 9 TRIAL
    withdraw sales 4 GOLD-NEXT cancelled before it began
    has sales 5 pending GOLD-NEXT, 9 available TRIAL
    on 2026-12-01
    withdraw sales 2 TRIAL available not yet expired
    expire
    withdraw sales 3 TRIAL tidied up
    has sales 5 pending GOLD-NEXT, 4 expired TRIAL
  `,
  );
  story(
    'refuses what cannot be, and changes nothing',
    `${LOTS}
    deposit sales 5 GOLD-27
    withdraw sales 1 GOLD-27
    refused reason-missing: A correction needs a reason. Say why the quantity is changed.
    withdraw sales 0 GOLD-27 nothing
    refused quantity-invalid: 0 is not a quantity. Give a whole number from 1 to 1000000000.
    withdraw sales 1 NOWHERE mistyped
    refused lot-unknown: There is no lot NOWHERE in this account. Check the lot.
    withdraw sales 6 GOLD-27 more than there is
    refused not-enough-in-state: Asked 6, available 5. Ask for 5 or fewer.
    add sales 1000000000 GOLD-27 far too many
    refused lot-too-large
    has sales 5 available GOLD-27
  `,
  );
});

test('a story that is not true fails, with its line', () => {
  const told = `${LOTS}\n deposit sales 5 GOLD-27\n has sales 6 available GOLD-27`;
  expect(() => runStory(told)).toThrow('"has sales 6 available GOLD-27": it has 5 available GOLD-27');
  expect(() => runStory(`${LOTS}\n deposit sales 0 GOLD-27`)).toThrow('quantity-invalid');
  expect(() => runStory(`${LOTS}\n deposit sales 1 GOLD-27\n refused lot-unknown`)).toThrow('not refused');
});
