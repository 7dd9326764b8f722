/** The problems of mails and of what people hear of. */
export const notificationProblems = {
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
  'time-zone-known': {
    status: 409,
    title: 'It is known already when digests come to you',
    next: 'Change it in your notifications.',
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
} as const;
