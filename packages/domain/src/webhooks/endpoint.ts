import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/** How many webhooks an account has at most. */
export const maximumWebhooks = 20;

/** How long a secret that was rotated out goes on signing, at most. */
export const maximumOverlapHours = 168;

export type WebhookUrlRefusal = Refusal<'webhook-url', { readonly detail: string }>;

/**
 * Judges the address of a webhook and brings it into its one form. What its name resolves to is judged whenever something
 * is sent, because that may change; here it is only read.
 *
 * @param mayBePlain whether the configuration names networks, which alone are reached without TLS
 */
export function judgeWebhookUrl(
  text: string,
  { mayBePlain }: { mayBePlain: boolean },
): Decision<string, WebhookUrlRefusal> {
  const wrong = (detail: string) => refuse('webhook-url', { detail });
  if (!URL.canParse(text)) return wrong('This is no address, such as https://siem.example.com/estover.');
  const url = new URL(text);
  if (url.protocol === 'http:' && !mayBePlain) return wrong('The address must begin with https://.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return wrong('The address must begin with https://.');
  if (url.username !== '' || url.password !== '')
    return wrong('The address must hold no name and no password: whoever receives checks the signature.');
  if (url.hash !== '') return wrong('The address must have no part after #, which is never sent.');
  return accept(url.href);
}

/**
 * Whether a change of address takes a webhook to another server, by host and port. A secret that the server before knows
 * must not sign for the next one.
 */
export const isOtherHost = (before: string, after: string): boolean =>
  new URL(before).host !== new URL(after).host;
