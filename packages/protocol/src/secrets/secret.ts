import { crc32 } from 'node:zlib';
import { decodeBase62, encodeBase62 } from './base62.ts';

/**
 * What a secret is for, told by its prefix, so that people, mail filters and secret scanners recognise it:
 * `esrt_` registration tokens, `esak_` API keys, `essu_` set-up links, `esin_` invitations,
 * `espr_` links for a new password, `esat_` access tokens of API clients (with the client's id in place of the account's),
 * `esar_` links to one's request for an account, `esaa_` links for accepting one, `esoc_` links for choosing the account of
 * orders, `esmp_` links that prove a mail address, `esna_` links that confirm an address for notifications.
 */
export const secretPrefixes = [
  'esrt_',
  'esak_',
  'essu_',
  'esin_',
  'espr_',
  'esar_',
  'esaa_',
  'esat_',
  'esoc_',
  'esmp_',
  'esna_',
] as const;
export type SecretPrefix = (typeof secretPrefixes)[number];

/** Random bytes in every secret: 160 bits. */
export const secretRandomBytes = 20;

const accountIdBytes = 16;
const bodyBytes = accountIdBytes + secretRandomBytes;
const bodyWidth = 49;
const checksumWidth = 6;

/** Matches any secret of this installation's kinds, for scanners and for redaction in logs. */
export const secretPattern = new RegExp(`\\b(?:${secretPrefixes.join('|')})[0-9A-Za-z]{55}\\b`, 'g');

export interface Secret {
  ok: true;
  prefix: SecretPrefix;
  /** UUID in small letters; the shard that knows the secret is found by it without a look-up. */
  accountId: string;
  /** 20 bytes; only a hash of the whole text is ever stored. */
  random: Uint8Array;
  /** The secret without the blanks around it. */
  text: string;
}

export interface SecretRefusal {
  ok: false;
  /**
   * `foreign`: no prefix of ours, so something else was pasted; `other-kind`: a secret of ours for another purpose
   * (`prefix` says which), whatever follows its prefix; `mistyped`: the right prefix, but length, characters or checksum
   * are wrong, or the number is larger than 36 bytes hold.
   */
  code: 'foreign' | 'other-kind' | 'mistyped';
  prefix?: SecretPrefix;
  detail: string;
}

/**
 * Writes a secret: prefix, base62 of account id and random bytes in 49 digits, then 6 digits of CRC-32 over all
 * before it. The checksum finds typing errors without a look-up; it protects nothing.
 *
 * @param accountId UUID; installation-wide secrets use the nil UUID
 * @param random exactly 20 bytes from a cryptographic generator
 */
export function formatSecret(prefix: SecretPrefix, accountId: string, random: Uint8Array): string {
  if (random.length !== secretRandomBytes)
    throw new RangeError(`a secret takes ${secretRandomBytes} random bytes`);
  const account = Buffer.from(accountId.replaceAll('-', ''), 'hex');
  if (account.length !== accountIdBytes) throw new RangeError('a secret takes the account id as a UUID');
  const body = prefix + encodeBase62(Buffer.concat([account, random]), bodyWidth);
  return body + checksum(body);
}

/**
 * Reads a secret as somebody pasted it. Blanks around it are dropped.
 *
 * @param expected the kind that is wanted here; another kind of ours is refused as `other-kind`
 */
export function parseSecret(pasted: string, expected?: SecretPrefix): Secret | SecretRefusal {
  const text = pasted.trim();
  const prefix = secretPrefixes.find((candidate) => text.startsWith(candidate));
  if (prefix === undefined) {
    const wanted = expected ?? secretPrefixes.join(', ');
    return {
      ok: false,
      code: 'foreign',
      detail: `This does not begin with ${wanted}: it is something else.`,
    };
  }
  if (expected !== undefined && prefix !== expected) {
    return {
      ok: false,
      code: 'other-kind',
      prefix,
      detail: `This is ${names[prefix]}; here ${names[expected]} is needed.`,
    };
  }
  const length = prefix.length + bodyWidth + checksumWidth;
  if (text.length !== length) {
    return {
      ok: false,
      code: 'mistyped',
      prefix,
      detail: `It has ${text.length} characters and should have ${length}.`,
    };
  }
  const body = text.slice(0, -checksumWidth);
  const bytes = decodeBase62(body.slice(prefix.length), bodyBytes);
  if (bytes === undefined || checksum(body) !== text.slice(-checksumWidth)) {
    return {
      ok: false,
      code: 'mistyped',
      prefix,
      detail: 'Its checksum is wrong: a character is missing, changed or swapped.',
    };
  }
  const hex = Buffer.from(bytes.subarray(0, accountIdBytes)).toString('hex');
  const accountId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { ok: true, prefix, accountId, random: bytes.subarray(accountIdBytes), text };
}

/** Enough of a secret to recognise it in a list: all of an account begin alike, so the end is shown as well. */
export const recognizable = (secret: string): string => `${secret.slice(0, 9)}…${secret.slice(-4)}`;

const names: Record<SecretPrefix, string> = {
  esrt_: 'a registration token',
  esak_: 'an API key',
  essu_: 'a set-up link',
  esin_: 'an invitation',
  espr_: 'a link for a new password',
  esmp_: 'a link that proves a mail address',
  esar_: 'a link to a request for an account',
  esoc_: 'a link for choosing the account of orders',
  esaa_: 'a link for accepting an account',
  esat_: 'an access token',
  esna_: 'a link that confirms an address',
};

function checksum(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return encodeBase62(bytes, checksumWidth);
}
