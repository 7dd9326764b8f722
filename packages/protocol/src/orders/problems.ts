/** The problems of orders, their import and delivery rules. */
export const orderProblems = {
  'account-not-pending': {
    status: 409,
    title: 'The orders have their account already',
    next: 'Look at the orders again.',
  },
  'delivery-rule-limit': {
    status: 422,
    title: 'An account has at most 200 delivery rules',
    next: 'Remove one first, or make one pattern wider with a *.',
  },
  'delivery-rule-empty': {
    status: 422,
    title: 'A delivery rule asks for a SKU, a license tag or a buyer',
    next: 'Give at least one pattern; * alone matches everything.',
  },
  'delivery-rule-taken': {
    status: 409,
    title: 'Another delivery rule asks for the same',
    next: 'Change that one: of two alike the second never takes a line.',
  },
  'order-number-taken': {
    status: 409,
    title: 'An order with this number exists',
    next: 'Use another number.',
  },
  'order-state': {
    status: 409,
    title: 'The order line is not in a state that allows this',
    next: 'Look at the order again.',
  },
  'import-refused': {
    status: 422,
    title: 'The file has rows that cannot be taken',
    next: 'Mend the rows that `errors` names; nothing was imported.',
  },
} as const;
