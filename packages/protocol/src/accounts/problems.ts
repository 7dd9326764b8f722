/** The problems of accounts: asking for them, their status, merges and splits, virtual accounts and tags. */
export const accountProblems = {
  'domain-identifier-taken': {
    status: 409,
    title: 'An account with this domain identifier exists',
    next: 'Use that account, or another identifier.',
  },
  'domain-identifier-invalid': {
    status: 422,
    title: 'This is no domain identifier',
    next: 'Write the company’s mail domain, like example.com.',
  },
  'public-mail-domain': {
    status: 422,
    title: 'No company is known by a public mail domain',
    next: 'Use the company’s own mail domain, or ask for an account for limited use.',
  },
  'public-mail-domain-needed': {
    status: 422,
    title: 'Limited use is for those without a mail domain of their own',
    next: 'Ask for a customer account with the company’s mail domain.',
  },
  'approver-domain-differs': {
    status: 422,
    title: 'The approver’s address is not at the company’s mail domain',
    next: 'Name somebody who has an address at the company, without the prefix.',
  },
  'self-approval': {
    status: 422,
    title: 'Nobody accepts for a customer but the customer',
    next: 'Name somebody who has an address at the customer.',
  },
  'account-not-holding': {
    status: 409,
    title: 'Only partners ask for their customers',
    next: 'Do it in the holding account of the partner.',
  },
  'account-request-own': {
    status: 403,
    title: 'Nobody approves their own request',
    next: 'Let another operator look at it.',
  },
  'account-request-open': {
    status: 409,
    title: 'There is an open request already',
    next: 'Wait until it is answered, or take it back first.',
  },
  'account-request-to-answer': {
    status: 409,
    title: 'Somebody asks for an account with this identifier',
    next: 'Answer that request on the page "Account requests" instead: approve it, or decline it first.',
  },
  'requester-not-administrator': {
    status: 409,
    title: 'Whoever asked for the upgrade administers the account no more',
    next: 'Decline it; another administrator may ask anew.',
  },
  'upgrade-not-needed': {
    status: 409,
    title: 'Only accounts for limited use are upgraded',
    next: 'There is nothing to do: the account has no limits.',
  },
  'no-upgrade-waits': {
    status: 409,
    title: 'No upgrade of the account waits for an operator',
    next: 'There is nothing to withdraw; the settings show what the account is.',
  },
  'not-offered': {
    status: 422,
    title: 'This is offered with accounts for limited use alone',
    next: 'Accept the account first; then make tokens and invite people in it.',
  },
  'justification-needed': {
    status: 422,
    title: 'A prefix needs a reason',
    next: 'Say why, or ask without the prefix.',
  },
  'account-request-state': {
    status: 409,
    title: 'The request is not in a state that allows this',
    next: 'Look at it again.',
  },
  'nothing-asked': {
    status: 409,
    title: 'No question about the request waits for an answer',
    next: 'There is nothing to do: you hear by mail what becomes of the request.',
  },
  'account-merged': {
    status: 409,
    title: 'The account was merged into another one and is read-only',
    next: 'Go to the account it was merged into.',
  },
  'same-account': {
    status: 422,
    title: 'An account is not merged into itself',
    next: 'Name the other account.',
  },
  'account-move-open': {
    status: 409,
    title: 'Such a merge or split waits for consent already',
    next: 'Wait for it, or take it back first.',
  },
  'account-move-state': {
    status: 409,
    title: 'The merge or split is not in a state that allows this',
    next: 'Look at it again.',
  },
  'account-move-blocked': {
    status: 409,
    title: 'Something stands in the way',
    next: 'Mend what stands in the way first, and try again.',
  },
  'account-move-undo-over': {
    status: 409,
    title: 'A merge or split can be undone for 7 days',
    next: 'Propose the opposite.',
  },
  'own-proposal': {
    status: 403,
    title: 'Nobody consents to their own proposal alone',
    next: 'Ask an administrator of the other side.',
  },
  'not-for-limited-use': {
    status: 409,
    title: 'Accounts for limited use do not have this',
    next: 'Ask for a customer account with the company’s mail domain.',
  },
  'limited-use-people': {
    status: 422,
    title: 'An account for limited use has at most 3 people',
    next: 'Take the role of somebody else back first, or ask for a customer account.',
  },
  'limited-use-virtual-accounts': {
    status: 422,
    title: 'An account for limited use has at most 3 virtual accounts',
    next: 'Delete one first, or ask for a customer account.',
  },
  'holding-account': {
    status: 409,
    title: 'Nothing can be used in a holding account',
    next: 'Make the token in the account of whoever uses the licenses.',
  },
  'account-not-active': {
    status: 409,
    title: 'The account is not active',
    next: 'Ask the operator why, and to reactivate it if it is suspended.',
  },
  'account-status': {
    status: 409,
    title: 'The account is not in a status that allows this',
    next: 'Look at it again.',
  },
  'account-not-empty': {
    status: 409,
    title: 'The account is not empty',
    next: 'Move, end or hand over what is named first.',
  },
  'account-closed': {
    status: 409,
    title: 'The account is closed',
    next: 'Book the order for another account.',
  },
  'name-taken': { status: 409, title: 'The name is taken among its siblings', next: 'Choose another name.' },
  'nested-too-deep': {
    status: 422,
    title: 'Virtual accounts nest to 10 levels',
    next: 'Choose a parent nearer to the top.',
  },
  'nested-in-itself': {
    status: 422,
    title: 'A virtual account cannot be nested in itself',
    next: 'Choose a parent outside of it.',
  },
  'virtual-account-not-empty': {
    status: 409,
    title: 'The virtual account is not empty',
    next: 'Say where its contents go, or move them first.',
  },
  'default-virtual-account': {
    status: 409,
    title: 'The default virtual account cannot be deleted or restricted',
    next: 'Make another one the default first.',
  },
  'tag-name-taken': {
    status: 409,
    title: 'A tag key or value has this name',
    next: 'Use that one, or choose another name.',
  },
  'tag-limit': {
    status: 422,
    title: 'An account has at most 20 tag keys, each with 1 to 100 values',
    next: 'Remove what is not needed, or delete the whole key.',
  },
  'tag-in-use': {
    status: 409,
    title: 'Virtual accounts carry this tag',
    next: 'Look at a dry run, and send the number it tells as `confirmedVirtualAccounts`.',
  },
  'unknown-tag-value': {
    status: 422,
    title: 'There is no such tag key or value',
    next: 'See the tag keys of the account.',
  },
  'unknown-account': {
    status: 422,
    title: 'There is no such account',
    next: 'Check the id or the domain identifier.',
  },
  'unknown-virtual-account': {
    status: 422,
    title: 'There is no such virtual account',
    next: 'Check the id or the path.',
  },
} as const;
