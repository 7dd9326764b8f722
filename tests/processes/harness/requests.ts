import { randomUUID } from 'node:crypto';
import type { BodyOf, transferLicenses } from '@estover/protocol';
import { type DeviceMessageKind, deviceMessages, documentMediaType } from '@estover/protocol/device';
import type { Definite, Request } from './insistent.ts';
import type { Customer } from './world.ts';

/** A transfer as it goes over the line, under a key of its own. */
export function transferRequest(
  { accountId, key }: Pick<Customer, 'accountId' | 'key'>,
  from: string,
  to: string,
  lines: BodyOf<typeof transferLicenses>['lines'],
): Request {
  return changeRequest({ key }, `/api/v1/accounts/${accountId}/license-transfers`, {
    fromVirtualAccountId: from,
    toVirtualAccountId: to,
    lines,
  });
}

/** A change by an account's administrator, with a body or without one. */
export const changeRequest = ({ key }: Pick<Customer, 'key'>, path: string, body?: object): Request => ({
  method: 'POST',
  path,
  headers: {
    authorization: `Bearer ${key}`,
    'idempotency-key': randomUUID(),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  },
  body: body === undefined ? null : JSON.stringify(body),
});

/** A signed message of a product instance. */
export const deviceRequest = (kind: DeviceMessageKind, document: string): Request => ({
  method: 'POST',
  path: deviceMessages[kind].path,
  headers: { 'content-type': documentMediaType },
  body: document,
});

/** The code of a refusal, or `done`. */
export function codeOfReply({ status, body }: Definite): string {
  return status < 300 ? 'done' : JSON.parse(body).code;
}

/** What a signed answer says. Its signature is what other tests are for. */
export function payloadOf<Payload>(document: string): Payload {
  return JSON.parse(Buffer.from(document.split('.')[1] ?? '', 'base64url').toString());
}

/** How often each came. */
export function countOf(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
