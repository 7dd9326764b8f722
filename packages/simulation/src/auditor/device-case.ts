import { isDeepStrictEqual } from 'node:util';
import type { AuthorizeRequest, DeviceMessageKind, RegisterRequest } from '@estover/protocol/device';
import type { WireRequest } from '../wire.ts';
import type { Books } from './books.ts';
import type { Observation } from './judge.ts';

/** A message of a product instance and what came back, read off the wire. */
export interface DeviceCase {
  books: Books;
  kind: DeviceMessageKind;
  /** `account/instance/serial`, from the header. */
  keyId: string | undefined;
  request: Pick<AuthorizeRequest, 'messageId' | 'sequence' | 'sentAt'> | RegisterRequest;
  payload: string;
  /** The payload of the answer; undefined for a refusal. */
  answer: Record<string, unknown> | undefined;
  /** The code of a refusal. */
  code: string | undefined;
  /** The server's clock when the message came and when it was answered. */
  from: number;
  to: number;
  /** Instants at which it may have been decided. */
  moments: readonly number[];
  /** Where checks are put off to that hold only after more of a round was done; undefined outside of rounds. */
  others: (() => string | undefined)[] | undefined;
}

const kinds: Readonly<Record<string, DeviceMessageKind>> = {
  '/device/v1/registrations': 'register',
  '/device/v1/authorizations': 'authorize',
  '/device/v1/certificate-renewals': 'renew-certificate',
  '/device/v1/deregistrations': 'deregister',
};

export const kindOf = ({ path }: WireRequest): DeviceMessageKind | undefined => kinds[path];

/** A part of a compact JWS. Signatures are the agents' business: the auditor only reads. */
function part(document: string, index: number): string {
  return Buffer.from(document.split('.')[index] ?? '', 'base64url').toString();
}

export function readCase(
  books: Books,
  { request, reply, from, begun, to }: Pick<Observation, 'request' | 'reply' | 'from' | 'begun' | 'to'>,
  others: DeviceCase['others'],
): DeviceCase {
  const kind = kindOf(request);
  if (kind === undefined) throw new Error(`${request.path} takes no device message`);
  const document = request.body ?? '';
  const payload = part(document, 1);
  const isAnswer = reply.status === 200;
  return {
    books,
    kind,
    keyId: (JSON.parse(part(document, 0)) as { kid?: string }).kid,
    request: JSON.parse(payload) as DeviceCase['request'],
    payload,
    answer: isAnswer ? (JSON.parse(part(reply.body, 1)) as Record<string, unknown>) : undefined,
    code: isAnswer ? undefined : (JSON.parse(reply.body) as { code: string }).code,
    from,
    to,
    moments: [...new Set([from, begun, to])],
    others,
  };
}

export const foundCode = ({ answer, code }: DeviceCase): string =>
  answer === undefined ? (code ?? '?') : 'ok';

/** Whether two JSON texts are the same value. */
export const same = (left: string, right: string): boolean =>
  left === right || isDeepStrictEqual(JSON.parse(left), JSON.parse(right));
