import { supportProblems } from './support/problems.ts';

/**
 * Every problem the API answers, once: HTTP status, title, and what to do next (RFC 9457 §3). The `detail` of a
 * concrete problem adds the numbers; members beside it carry them for programs.
 *
 * Statuses: 400 what could not be read, 401 no or bad sign-in, 403 known but not allowed, 404 unknown or not to be
 * known, 409 conflicts of state, 422 refusals by a rule or by validation, 429 too many, 503 later.
 */
export const problems = {
  ...supportProblems,
  'invalid-request': {
    status: 422,
    title: 'The request is not valid',
    next: 'Mend what `errors` names and send it again.',
  },
  'malformed-body': {
    status: 400,
    title: 'The body could not be read',
    next: 'Send well-formed JSON, or the media type the operation names.',
  },
  'body-too-large': { status: 413, title: 'The body is too large', next: 'Send less at once.' },
  'unsupported-media-type': {
    status: 415,
    title: 'The media type is not supported',
    next: 'Send the media type the operation names.',
  },
  'sign-in-required': {
    status: 401,
    title: 'Sign in first',
    next: 'Sign in, or send an API key as `Authorization: Bearer …`.',
  },
  'sign-in-failed': {
    status: 401,
    title: 'The credentials are not valid',
    next: 'Check them, or make a new API key.',
  },
  'not-allowed': {
    status: 403,
    title: 'Your role does not allow this',
    next: 'Ask an administrator of the account.',
  },
  'cross-origin': {
    status: 403,
    title: 'The request came from another site',
    next: 'Use the console at its own address, or an API key.',
  },
  'not-found': { status: 404, title: 'Not found', next: 'Check the address and the ids.' },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not allowed here',
    next: 'See /openapi.json for the operations.',
  },
  'internal-error': {
    status: 500,
    title: 'Something went wrong on the server',
    next: 'Try again; if it stays, give the request id to the operator.',
  },
  'not-ready': {
    status: 503,
    title: 'The server is not ready',
    next: 'Try again after the time in `Retry-After`.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    next: 'Wait for the time in `Retry-After`.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for something else',
    next: 'Use a new key for a new request.',
  },
  'cursor-invalid': {
    status: 422,
    title: 'The cursor is not one of this list',
    next: 'Start from the first page.',
  },

  'step-up-required': {
    status: 403,
    title: 'Prove again who you are',
    next: 'Send the password, a code or a passkey to `/auth/step-up`, and then the same request again.',
  },
  'person-required': {
    status: 403,
    title: 'Only a person has this',
    next: 'Sign in as a person, without an API key.',
  },
  'sign-in-ended': {
    status: 409,
    title: 'This took too long, or too many tries',
    next: 'Begin again.',
  },
  'password-wrong': { status: 422, title: 'The password is wrong', next: 'Type it again.' },
  'code-wrong': {
    status: 422,
    title: 'The code is wrong or was used already',
    next: 'Wait for the next code of the app, or use another recovery code.',
  },
  'totp-state': {
    status: 409,
    title: 'Codes at sign-in are not in a state that allows this',
    next: 'Look at the page "Security" again.',
  },
  'passkey-refused': {
    status: 422,
    title: 'The passkey could not be checked',
    next: 'Try again, or use another way.',
  },

  'mail-domain-taken': {
    status: 409,
    title: 'Another account has proved this mail domain',
    next: 'Ask its administrators to remove it there, or the operator of this installation.',
  },
  'mail-domain-known': {
    status: 409,
    title: 'The account has this mail domain already',
    next: 'Look at the list again.',
  },
  'mail-domain-limit': {
    status: 422,
    title: 'The account has as many mail domains as it may have',
    next: 'Remove one first.',
  },
  'mail-domain-not-proved': {
    status: 409,
    title: 'The mail domain is not proved to be yours',
    next: 'Put the TXT record into the name servers of the domain, wait some minutes, and have it checked.',
  },
  'client-secret-needed': {
    status: 422,
    title: 'The client secret is needed again',
    next: 'Give the secret of the client at the address that is set now.',
  },
  'single-sign-on-not-set': {
    status: 409,
    title: 'Single sign-on is not set for this mail domain',
    next: 'Set it first.',
  },
  'single-sign-on-untested': {
    status: 409,
    title: 'Single sign-on was not tested with what is set',
    next: 'Run the test, and switch it on when it went well.',
  },
  'single-sign-on-off': {
    status: 409,
    title: 'Single sign-on is off',
    next: 'Switch it on first.',
  },
  'saml-off': {
    status: 409,
    title: 'SAML is off in this installation',
    next: 'Use OpenID Connect, or have the operator set ESTOVER_SAML=on.',
  },
  'saml-certificate-invalid': {
    status: 422,
    title: 'The certificate cannot be read',
    next: 'Paste the PEM text of the certificate with which your provider signs.',
  },
  'break-glass-needed': {
    status: 409,
    title: 'Nobody could get in without the company’s sign-in',
    next: 'Name an administrator without an end who has a password and codes at sign-in.',
  },
  'single-sign-on-required': {
    status: 403,
    title: 'People of this mail domain sign in at their company',
    next: 'Type your mail address on the page for signing in, without a password.',
  },
  'other-browser': {
    status: 409,
    title: 'The link belongs to another browser',
    next: 'Open it in the browser in which you signed in at your company.',
  },
  'only-way-in': {
    status: 409,
    title: 'Nothing else signs this person in',
    next: 'Choose a password first, with “Forgot your password?” on the page for signing in.',
  },
  'setup-done': { status: 409, title: 'The installation is set up already', next: 'Sign in.' },
  'link-invalid': { status: 404, title: 'The link is not valid any more', next: 'Ask for a new one.' },
  'person-exists': {
    status: 409,
    title: 'Somebody with this mail address has a password already',
    next: 'Sign in with it.',
  },
  'api-key-ended': {
    status: 409,
    title: 'The API key has ended',
    next: 'Make a new one.',
  },
  'mail-not-open': {
    status: 409,
    title: 'What the mail said is not kept any more, or it still waits to be sent',
    next: 'See its state in the outbox.',
  },
  'mail-not-configured': {
    status: 409,
    title: 'There is no mail server',
    next: 'Set `ESTOVER_SMTP_URL` and `ESTOVER_MAIL_FROM`, and start the server anew.',
  },
  'password-weak': {
    status: 422,
    title: 'The password is too short or too common',
    next: 'Choose at least 12 characters that are not a common password.',
  },

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
  'not-offered': {
    status: 422,
    title: 'This is offered with accounts for limited use alone',
    next: 'Accept the account first; then make tokens and invite people in it.',
  },
  'account-not-pending': {
    status: 409,
    title: 'The orders have their account already',
    next: 'Look at the orders again.',
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
  'agreement-unchanged': {
    status: 422,
    title: 'The newest version has this very text',
    next: 'Change the text; what was accepted already is not asked for again.',
  },
  'password-needed': {
    status: 422,
    title: 'There is no password for this mail address yet',
    next: 'Choose a name and a password.',
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

  'grant-exceeds-own': {
    status: 403,
    title: 'Nobody grants more than they hold',
    next: 'Ask an account administrator.',
  },
  'last-operator': {
    status: 409,
    title: 'The last operator cannot leave',
    next: 'Make somebody else operator first.',
  },
  'confirmation-wrong': {
    status: 422,
    title: 'The confirmation does not fit',
    next: 'Type the mail address exactly as it is shown.',
  },
  'access-request-state': {
    status: 409,
    title: 'The request waits for nobody any more',
    next: 'Look at it again.',
  },
  'access-requested-already': {
    status: 409,
    title: 'You asked for this already',
    next: 'Wait for the answer, or take the earlier request back.',
  },
  'access-requests-waiting': {
    status: 409,
    title: 'Too many of your requests wait for an answer',
    next: 'Take one back, or wait until one is answered.',
  },
  'own-access-request': {
    status: 403,
    title: 'Nobody answers their own request',
    next: 'Ask another administrator.',
  },
  'more-than-asked': {
    status: 422,
    title: 'This is more than was asked for',
    next: 'Give the role and place that were asked for or less, or give a role without the request.',
  },
  'limited-to-lots': {
    status: 403,
    title: 'Your roles are limited to the lots of one seller',
    next: 'Look at licenses, orders, movements, alerts and reports; an administrator of the account lifts the limit.',
  },
  'not-a-partner': {
    status: 422,
    title: 'Only a partner is limited to the lots of a seller',
    next: 'Choose a person whose mail address is not at the account’s own mail domain.',
  },
  'seller-limit-differs': {
    status: 409,
    title: 'The person has roles with another limit',
    next: 'Change the limit of the person first, which holds for all their roles.',
  },
  'viewing-as': {
    status: 403,
    title: 'Nothing is changed while you look as somebody else',
    next: 'End the look first.',
  },
  'own-review': {
    status: 403,
    title: 'Nobody reviews their own roles',
    next: 'Ask another administrator.',
  },
  'last-administrator': {
    status: 409,
    title: 'The last administrator cannot leave',
    next: 'Make somebody else administrator first.',
  },
  'group-ended': {
    status: 409,
    title: 'The role of the group has ended',
    next: 'Give the group a later end first.',
  },
  'person-deactivated': {
    status: 409,
    title: 'The identity provider has deactivated this person',
    next: 'Activate them at the identity provider; then they can have a role again.',
  },
  'scope-not-for-role': {
    status: 422,
    title: 'The role is not granted at this scope',
    next: 'See the table of roles.',
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

  'tag-taken': {
    status: 409,
    title: 'A license with this tag exists',
    next: 'Use that license, or another tag.',
  },
  'sku-taken': {
    status: 409,
    title: 'A product with this SKU exists',
    next: 'Use that product, or another SKU.',
  },
  'unknown-tag': {
    status: 422,
    title: 'There is no license with this tag',
    next: 'Check the tag; a publisher adds a license to the catalog first.',
  },
  'unknown-sku': {
    status: 422,
    title: 'There is no product with this SKU',
    next: 'Add it to the catalog first.',
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
  'substitution-cycle': {
    status: 422,
    title: 'The substitution would go in a circle',
    next: 'A license may never stand in for itself, through others either.',
  },
  'substitution-exists': {
    status: 409,
    title: 'This substitution exists',
    next: 'Remove it first to change the ratio.',
  },
  'substitution-export-class': {
    status: 422,
    title: 'Substitution never crosses export classes',
    next: 'Choose licenses of one enforcement class.',
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

  'token-limit': { status: 422, title: 'The token cannot be made like this', next: 'See `errors`.' },
  'token-ended': { status: 409, title: 'The token has ended already', next: 'Make a new one.' },
  'instance-not-registered': {
    status: 409,
    title: 'The product instance is not registered any more',
    next: 'Look at the list again.',
  },
  'webhook-url': {
    status: 422,
    title: 'Nothing can be sent to this address',
    next: 'Give an https address of the public Internet, without a name and password in it.',
  },
  'webhook-limit': {
    status: 409,
    title: 'An account has at most 20 webhooks',
    next: 'Delete one that is not needed any more.',
  },
  'webhook-host-changed': {
    status: 422,
    title: 'Another host needs a secret of its own',
    next: 'Send `newSecret: true`, and give the new secret to the server at the new address.',
  },
  'webhook-off': {
    status: 409,
    title: 'The webhook is switched off',
    next: 'Switch it on first.',
  },
  'notification-kind': {
    status: 422,
    title: 'You do not hear of this kind here',
    next: 'Choose among the kinds that are listed for the account.',
  },
  'time-zone-unknown': {
    status: 422,
    title: 'There is no such time zone',
    next: 'Write its name, like Europe/Madrid, or leave it out for UTC.',
  },
  'address-outside': {
    status: 422,
    title: 'The address is not inside the mail domain of the account',
    next: 'Take an address of the company, or invite its owner as a person.',
  },
  'address-added': {
    status: 409,
    title: 'The address was added already',
    next: 'Change what it hears of, or remove it first.',
  },
  'address-limit': {
    status: 409,
    title: 'An account adds at most 20 addresses',
    next: 'Remove one that is not needed any more.',
  },
  'alert-ended': { status: 409, title: 'The alert has ended', next: 'Look at the list again.' },
} as const satisfies Record<string, { status: number; title: string; next: string }>;

export type ProblemCode = keyof typeof problems;

/** One thing that is wrong, and where: `pointer` is a JSON pointer into body, query or params. */
export interface ProblemDetail {
  pointer: string;
  detail: string;
  code?: string;
  [fact: string]: unknown;
}

/** RFC 9457 problem details with our members. */
export interface Problem {
  type: string;
  code: ProblemCode;
  title: string;
  status: number;
  detail: string;
  next: string;
  requestId?: string;
  errors?: ProblemDetail[];
  [fact: string]: unknown;
}

/** Makes the problem document of a code with its facts. */
export function problemOf(
  code: ProblemCode,
  detail: string,
  facts: Record<string, unknown> = {},
  requestId?: string,
): Problem {
  const { status, title, next } = problems[code];
  return {
    // First, so that no fact can take the place of a member that clients rely on.
    ...facts,
    type: `/problems/${code}`,
    code,
    title,
    status,
    detail,
    next,
    ...(requestId === undefined ? {} : { requestId }),
  };
}
