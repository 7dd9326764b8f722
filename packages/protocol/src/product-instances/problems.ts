/** The problems of tokens and product instances. */
export const productInstanceProblems = {
  'token-limit': { status: 422, title: 'The token cannot be made like this', next: 'See `errors`.' },
  'token-ended': { status: 409, title: 'The token has ended already', next: 'Make a new one.' },
  'instance-not-registered': {
    status: 409,
    title: 'The product instance is not registered any more',
    next: 'Look at the list again.',
  },
} as const;
