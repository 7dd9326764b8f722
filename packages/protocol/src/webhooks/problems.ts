/** The problems of webhooks. */
export const webhookProblems = {
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
} as const;
