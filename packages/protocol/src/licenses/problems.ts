/** The problems of licenses and their movements. */
export const licenseProblems = {
  'insufficient-licenses': {
    status: 422,
    title: 'There are not enough licenses',
    next: 'Ask for fewer, or free some first.',
  },
  'quantity-invalid': {
    status: 422,
    title: 'The quantity is not a whole number from 1 to 1,000,000,000',
    next: 'Correct the quantity.',
  },
  'same-virtual-account': {
    status: 422,
    title: 'From and to are the same virtual account',
    next: 'Choose two different ones.',
  },
  'unknown-lot': {
    status: 422,
    title: 'There is no such lot here',
    next: 'Choose one of the lots of the pool.',
  },
  'hold-ended': { status: 409, title: 'The hold has ended', next: 'Look at it again.' },
  'nothing-to-do': { status: 422, title: 'There is nothing to do', next: 'Name at least one line.' },
  'undo-too-late': {
    status: 409,
    title: 'A transfer can be undone for 7 days',
    next: 'Make an opposite transfer.',
  },
  'undo-done': { status: 409, title: 'The transfer was undone already', next: 'Nothing is left to do.' },
  'undo-impossible': {
    status: 409,
    title: 'The licenses are not where the transfer put them',
    next: 'Make a transfer of what is left.',
  },
  'not-undoable': { status: 409, title: 'This movement cannot be undone', next: 'Only transfers can.' },
} as const;
