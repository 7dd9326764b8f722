import { randomBytes } from 'node:crypto';
import { formatSecret, parseSecret } from '@estover/protocol/secrets';
import type { Trx } from '../database/database.ts';
import { Refused } from '../edge/refused.ts';
import { hashSecret } from './api-keys-store.ts';

/** A link that lets somebody in once: the set-up of the installation, an invitation, or a new password. */
export type LinkKind = 'set-up' | 'invitation' | 'password-reset';

const prefixes = { 'set-up': 'essu_', invitation: 'esin_', 'password-reset': 'espr_' } as const;
const pages = {
  'set-up': '/set-up',
  invitation: '/invitation',
  'password-reset': '/reset-password',
} as const;
const nilAccount = '00000000-0000-0000-0000-000000000000';

/** How long an invitation may be used. */
export const invitationDays = 14;

/** How long a link for a new password may be used: a mail is read soon, and may lie in the wrong box for long. */
export const resetMinutes = 60;

/** A set-up link is valid until it is used or replaced. */
const never = Temporal.Instant.from('9999-12-31T00:00:00Z');

const expiries: Record<LinkKind, (now: Temporal.Instant) => Temporal.Instant> = {
  'set-up': () => never,
  invitation: (now) => now.add({ hours: invitationDays * 24 }),
  'password-reset': (now) => now.add({ minutes: resetMinutes }),
};

/** When a link that is made now expires. */
export const expiryOf = (kind: LinkKind, now: Temporal.Instant): Temporal.Instant => expiries[kind](now);

/**
 * Makes a link; earlier unused links for the same person (or for the set-up) end, but for those for a new password: anybody
 * may ask for one, and must not end the one that the person is about to open. The secret stands behind `#`, where no server
 * and no log sees it.
 */
export async function makeLink(
  trx: Trx,
  link: {
    kind: LinkKind;
    /** Null for the set-up link, which makes its person. */
    personId: string | null;
    /** The account that invites; null for other links. */
    accountId: string | null;
    linkId: string;
    now: Temporal.Instant;
    publicUrl: string;
  },
): Promise<string> {
  const secret = formatSecret(prefixes[link.kind], link.accountId ?? nilAccount, randomBytes(20));
  if (link.kind !== 'password-reset') await endLinks(trx, link.kind, link.personId);
  await trx
    .insertInto('one_time_links')
    .values({
      link_id: link.linkId,
      kind: link.kind,
      person_id: link.personId,
      secret_hash: hashSecret(secret),
      created_at: link.now,
      expires_at: expiries[link.kind](link.now),
      used_at: null,
    })
    .execute();
  return `${link.publicUrl}${pages[link.kind]}#${secret}`;
}

/** Ends the unused links of a kind for a person. */
export async function endLinks(trx: Trx, kind: LinkKind, personId: string | null): Promise<void> {
  await trx
    .deleteFrom('one_time_links')
    .where('kind', '=', kind)
    .where('person_id', 'is not distinct from', personId)
    .where('used_at', 'is', null)
    .execute();
}

/** How long an invitation that has expired is known as one, to whoever finds it late. */
const lateDays = 90;

/** Forgets links that have expired, whether they were used or not; invitations a while later. */
export async function purgeLinks(trx: Trx, now: Temporal.Instant): Promise<void> {
  const late = now.subtract({ hours: 24 * lateDays });
  await trx
    .deleteFrom('one_time_links')
    .where('expires_at', '<', now)
    .where((eb) => eb.or([eb('kind', '<>', 'invitation'), eb('expires_at', '<', late)]))
    .execute();
}

export const linkInvalid = () => new Refused('link-invalid', 'The link was used, replaced or has expired.');

/** `token` is the secret, or the whole link as it was pasted. */
function secretIn(kind: LinkKind, token: string): string | null {
  const secret = parseSecret(token.slice(token.indexOf('#') + 1), prefixes[kind]);
  return secret.ok ? secret.text : null;
}

/** Whom a link is for, whether it may still be used or not; null when nobody or not known. */
export async function personOfLink(trx: Trx, kind: LinkKind, token: string): Promise<string | null> {
  const secret = secretIn(kind, token);
  if (secret === null) return null;
  const row = await trx
    .selectFrom('one_time_links')
    .select('person_id')
    .where('kind', '=', kind)
    .where('secret_hash', '=', hashSecret(secret))
    .executeTakeFirst();
  return row?.person_id ?? null;
}

/** Uses a link up: true for exactly one of those who try. */
export async function useLink(
  trx: Trx,
  kind: LinkKind,
  token: string,
  now: Temporal.Instant,
): Promise<{ personId: string | null } | undefined> {
  const secret = secretIn(kind, token);
  if (secret === null) return undefined;
  const used = await trx
    .updateTable('one_time_links')
    .set({ used_at: now })
    .where('kind', '=', kind)
    .where('secret_hash', '=', hashSecret(secret))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('person_id as personId')
    .executeTakeFirst();
  return used;
}

/** Why an invitation lets nobody in: its time is over, or it was used, or there is no such link. */
export async function refusedInvitation(trx: Trx, token: string): Promise<Refused> {
  const secret = secretIn('invitation', token);
  if (secret === null) return linkInvalid();
  const link = await trx
    .selectFrom('one_time_links')
    .select(['used_at as usedAt', 'expires_at as expiresAt'])
    .where('kind', '=', 'invitation')
    .where('secret_hash', '=', hashSecret(secret))
    .executeTakeFirst();
  if (link === undefined) return linkInvalid();
  if (link.usedAt !== null) return new Refused('link-invalid', 'The invitation was used.');
  const day = link.expiresAt.toString().slice(0, 10);
  return new Refused('invitation-expired', `The invitation could be used until ${day}.`);
}
