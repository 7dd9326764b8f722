/** The problems of staff, support accesses and recoveries. */
export const supportProblems = {
  'own-role': {
    status: 403,
    title: 'Nobody changes their own platform roles',
    next: 'Ask another operator.',
  },
  'staff-already': {
    status: 409,
    title: 'Somebody with this mail address is staff already',
    next: 'Change their roles instead.',
  },
  'second-factor-needed': {
    status: 403,
    title: 'Staff sign in with a second factor',
    next: 'Turn codes of an authenticator app on, on the page "Security".',
  },
  'support-forbidden': {
    status: 403,
    title: 'The account does not let support in',
    next: 'Ask an administrator of the account to change its page "Support access".',
  },
  'support-too-long': {
    status: 422,
    title: 'Support accesses do not last that long here',
    next: 'Ask for less time, or have an operator change the setting on the page "Staff".',
  },
  'support-access-state': {
    status: 409,
    title: 'The support access is not in a state that allows this',
    next: 'Look at it again.',
  },
  'support-access-exists': {
    status: 409,
    title: 'You have this account open, or have asked to',
    next: 'Use that one, or end it first.',
  },
  'own-account': {
    status: 409,
    title: 'You have a role in this account yourself',
    next: 'Use your role, or have somebody else of support open it.',
  },
  'own-request': {
    status: 403,
    title: 'Nobody approves their own request',
    next: 'Ask somebody else.',
  },
  'recovery-state': {
    status: 409,
    title: 'The recovery is not in a state that allows this',
    next: 'Look at it again.',
  },
  'recovery-asker-gone': {
    status: 409,
    title: 'Whoever asked for the recovery is no operator any more',
    next: 'Decline it. If it is needed, ask for it yourself, and have another operator approve it.',
  },
  'recovery-not-needed': {
    status: 409,
    title: 'There is nothing to recover',
    next: 'Use the usual way: an administrator gives roles, and a person changes their own sign-in.',
  },
  'address-not-of-account': {
    status: 422,
    title: 'The address is not at the account’s mail domain',
    next: 'Name somebody who has an address at the company.',
  },
} as const;
