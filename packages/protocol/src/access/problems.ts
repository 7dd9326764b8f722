/** The problems of signing in, single sign-on, roles, groups and requests for access. */
export const accessProblems = {
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
  'invitation-expired': {
    status: 410,
    title: 'The invitation has expired',
    next: 'Ask whoever invited you to invite you again.',
  },
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
  'password-weak': {
    status: 422,
    title: 'The password is too short or too common',
    next: 'Choose at least 12 characters that are not a common password.',
  },
  'password-needed': {
    status: 422,
    title: 'There is no password for this mail address yet',
    next: 'Choose a name and a password.',
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
} as const;
