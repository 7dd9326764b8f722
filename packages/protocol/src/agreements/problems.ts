/** The problems of agreements. */
export const agreementProblems = {
  'agreement-version': {
    status: 409,
    title: 'The agreement has another version by now',
    next: 'Read it again and accept that version.',
  },
  'agreement-overdue': {
    status: 409,
    title: 'An agreement waits to be accepted',
    next: 'Ask an approver or administrator of the account to accept it, on its page "Agreements".',
  },
  'agreement-accepted': {
    status: 409,
    title: 'This version was accepted already',
    next: 'There is nothing more to do; the page "Agreements" shows by whom.',
  },
  'partner-accepts-nothing': {
    status: 403,
    title: 'A partner accepts nothing for an account for limited use',
    next: 'Ask whoever the account belongs to, as the refusal names them.',
  },
  'agreement-unchanged': {
    status: 422,
    title: 'The newest version has this very text',
    next: 'Change the text; what was accepted already is not asked for again.',
  },
} as const;
