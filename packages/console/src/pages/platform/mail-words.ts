import type { AnswerOf, getMailDelivery, mail } from '@estover/protocol';
import type { z } from 'zod';
import { count } from '../../format.ts';
import type { Tone } from '../../parts/figures.tsx';

export type Mail = z.infer<typeof mail>;
type Delivery = AnswerOf<typeof getMailDelivery>;

export const mailStates: Record<Mail['state'], { label: string; tone: Tone }> = {
  waiting: { label: 'Waiting', tone: 'info' },
  sent: { label: 'Sent', tone: 'ok' },
  kept: { label: 'Kept here', tone: 'neutral' },
  failed: { label: 'Failed', tone: 'bad' },
};

export const kindNames: Record<Mail['kind'], string> = {
  invitation: 'Invitation',
  'role-given': 'Role given',
  'password-reset': 'Link for a new password',
  'password-changed': 'Password changed',
  'account-requested': 'Request for an account',
  'account-acceptance': 'Account to accept',
  'account-request-closed': 'Request for an account closed',
  'account-request-question': 'Question about a request',
  'account-request-approved': 'Request for an account approved',
  'account-request-withdrawn': 'Request for an account taken back',
  'account-active': 'Account active',
  'account-status': 'Status of an account',
  'account-exists': 'Account exists already',
  'account-upgraded': 'Account upgraded',
  'order-account': 'Account for orders',
  'access-requested': 'Request for access',
  'access-request-closed': 'Request for access answered',
  'role-ending': 'Role ends',
  'roles-ending': 'Roles end',
  'account-move': 'Merge or split of accounts',
  'sign-in-changed': 'Sign-in changed',
  'mail-address-proof': 'Link that proves a mail address',
  'mail-address-in-use': 'Mail address in use already',
  'mail-address-changed': 'Mail address changed',
  'identity-proof': 'Company’s sign-in to confirm',
  'staff-role': 'Platform role given',
  'support-asked': 'Support access to approve',
  'support-begun': 'Support access begun',
  'support-answered': 'Support access answered',
  'recovery-waits': 'Second factors about to end',
  'recovery-done': 'Second factors ended',
  digest: 'What changed',
  'address-confirmation': 'Address to confirm',
};

/** The sentence above the outbox: where mails go, and what is not there yet. */
export function deliveryInWords({ configured, from, waiting, kept, failed }: Delivery): string {
  if (!configured) {
    const others = failed === 0 ? '' : `, ${count(failed, 'mail')} failed before`;
    return `No mail server is set, so mails are kept here to be handed out: ${count(kept + waiting, 'mail')}${others}. ESTOVER_SMTP_URL sends them.`;
  }
  const parts = [
    waiting === 0 ? null : `${count(waiting, 'mail')} waiting`,
    failed === 0 ? null : `${count(failed, 'mail')} failed`,
    kept === 0 ? null : `${count(kept, 'mail')} kept from before there was a mail server`,
  ].filter((part) => part !== null);
  return `Mails come from ${from}. ${parts.length === 0 ? 'All are sent.' : `${parts.join(', ')}.`}`;
}

/** Why a mail cannot be sent again now, or null. */
export const reasonAgainstSending = (delivery: Delivery | undefined): string | null =>
  delivery?.configured === false ? 'No mail server is set: ESTOVER_SMTP_URL.' : null;
