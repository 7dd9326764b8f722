import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { readCertificateRequest } from '../signing/certificate-request.ts';
import {
  checkDocument,
  checkDocumentWith,
  checkSignatureInPool,
  type DocumentRefusal,
  largestAnswer,
  largestRequest,
  openDocument,
  readPayload,
  type SignatureVerdict,
  signDocument,
  signTogether,
  type VerifiedDocument,
} from '../signing/document.ts';
import { answerSchemas, type DeviceAnswer } from './answers.ts';
import { epochField, idField } from './fields.ts';
import {
  type DeviceMessageKind,
  deviceMessages,
  formatInstanceKeyId,
  type InstanceKeyId,
  parseInstanceKeyId,
  refusalType,
} from './kinds.ts';
import { type RefusalProof, refusalProofSchema } from './refusals.ts';
import {
  type DeviceRequest,
  type RegisterRequest,
  registerRequestSchema,
  requestSchemas,
} from './requests.ts';
import { findSigningKey, type Trust } from './trust.ts';

/** Why a message was not taken, before any rule of licensing was asked. */
export interface MessageRefusal {
  ok: false;
  code: DocumentRefusal['code'] | 'certificate-unknown' | 'certificate-request-invalid';
  detail: string;
  errors?: { pointer: string; detail: string }[];
}

/** A request whose header is right; load the certificate of `key` and go on with `checkRequest`. */
export interface OpenedRequest<Kind extends DeviceMessageKind> {
  ok: true;
  kind: Kind;
  key: InstanceKeyId;
  opened: Extract<ReturnType<typeof openDocument>, { ok: true }>;
}

export interface CheckedRequest<Kind extends DeviceMessageKind> {
  ok: true;
  request: DeviceRequest<Kind>;
  /** The payload as signed, to be kept and compared when the message id comes again. */
  payloadBytes: Uint8Array;
}

export type SignedKind = Exclude<DeviceMessageKind, 'register'>;

/** Signs a request; `key` is absent exactly when registering. Returns the bytes to store before sending. */
export function signRequest<Kind extends DeviceMessageKind>(
  kind: Kind,
  payload: DeviceRequest<Kind>,
  privateKey: KeyObject,
  ...[key]: Kind extends 'register' ? [] : [InstanceKeyId]
): string {
  const keyId = key === undefined ? undefined : formatInstanceKeyId(key);
  return signDocument(
    payload,
    { type: deviceMessages[kind].type, ...(keyId === undefined ? {} : { keyId }) },
    privateKey,
  );
}

/** First half of taking a request of a registered instance: form, header and `kid`. No key is needed yet. */
export function openRequest<Kind extends SignedKind>(
  kind: Kind,
  document: string,
): OpenedRequest<Kind> | MessageRefusal {
  const { type } = deviceMessages[kind];
  const opened = openDocument(document, { type, keyId: 'required', largest: largestRequest });
  if (!opened.ok) return opened;
  const key = parseInstanceKeyId(opened.header.kid ?? '');
  if (key === undefined) {
    const detail = 'kid must be <account id>/<instance id>/<certificate serial in hex>, all in small letters';
    return { ok: false, code: 'header-not-allowed', detail };
  }
  return { ok: true, kind, key, opened };
}

/** Second half: the signature by the certificate's key, then the payload's shape. */
export function checkRequest<Kind extends SignedKind>(
  { kind, opened }: OpenedRequest<Kind>,
  publicKey: KeyObject,
): CheckedRequest<Kind> | MessageRefusal {
  return readVerified(kind, checkDocument(opened, publicKey));
}

const claimSchema = z.object({ messageId: idField, epoch: epochField });

/**
 * Which message this claims to be, and the epoch its sender was last answered in, without any check of the signature: for
 * the proof to an instance whose key the server does not have, that it does not know it (docs/protocol.md, section 8).
 * Undefined when it names no epoch.
 */
export function claimOf({
  opened,
}: OpenedRequest<SignedKind>): { messageId: string; epoch: number } | undefined {
  const read = readPayload(opened);
  return claimSchema.safeParse(read.ok ? read.payload : undefined).data;
}

/** The same as `checkRequest`, with the signature checked by somebody else: for servers that take many at once. */
export async function checkRequestWith<Kind extends SignedKind>(
  { kind, opened }: OpenedRequest<Kind>,
  isGenuine: SignatureVerdict,
): Promise<CheckedRequest<Kind> | MessageRefusal> {
  return readVerified(kind, await checkDocumentWith(opened, isGenuine));
}

function readVerified<Kind extends SignedKind>(
  kind: Kind,
  verified: VerifiedDocument | DocumentRefusal,
): CheckedRequest<Kind> | MessageRefusal {
  if (!verified.ok) return verified;
  const parsed = requestSchemas[kind].safeParse(verified.payload);
  if (!parsed.success) return payloadRefusal(parsed.error);
  return { ok: true, request: parsed.data, payloadBytes: verified.payloadBytes };
}

/** A registration that proved to hold its key. */
export interface CheckedRegistration extends CheckedRequest<'register'> {
  request: RegisterRequest;
  publicKey: KeyObject;
  /** The same key, SPKI, DER. */
  spki: Buffer;
}

/**
 * Takes a registration. The one exception to "verified before parsed": an instance that nobody knows yet brings its
 * key inside the payload, so the certificate request is read first, must be signed by its own key, and the whole
 * message must be signed by the same key. Nothing else of the payload is looked at before that. Both signatures are
 * checked in the thread pool.
 */
export async function checkRegistration(document: string): Promise<CheckedRegistration | MessageRefusal> {
  const { type } = deviceMessages.register;
  const opened = openDocument(document, { type, keyId: 'absent', largest: largestRequest });
  if (!opened.ok) return opened;
  const peeked = readPayload(opened);
  if (!peeked.ok) return peeked;
  const parsed = registerRequestSchema.safeParse(peeked.payload);
  if (!parsed.success) return payloadRefusal(parsed.error);
  const request = await readCertificateRequest(Buffer.from(parsed.data.certificateRequest, 'base64'));
  if (!request.ok) return request;
  const refusal = await checkSignatureInPool(opened, request.publicKey);
  if (refusal !== undefined) return refusal;
  return {
    ok: true,
    request: parsed.data,
    payloadBytes: peeked.payloadBytes,
    publicKey: request.publicKey,
    spki: request.spki,
  };
}

/** Signs an answer by an installation's signing key. */
export function signAnswer<Kind extends DeviceMessageKind>(
  kind: Kind,
  payload: DeviceAnswer<Kind>,
  signingKey: { keyId: string; privateKey: KeyObject },
): string {
  return signDocument(
    payload,
    { type: deviceMessages[kind].answerType, keyId: signingKey.keyId },
    signingKey.privateKey,
  );
}

/** Signs many answers with one signature, for readers who asked for it (docs/protocol.md, "Answers signed together"). */
export function signAnswersTogether(
  answers: readonly { kind: DeviceMessageKind; answer: DeviceAnswer<DeviceMessageKind> }[],
  signingKey: { keyId: string; privateKey: KeyObject },
): string[] {
  return signTogether(
    answers.map(({ kind, answer }) => ({ payload: answer, type: deviceMessages[kind].answerType })),
    signingKey.keyId,
    signingKey.privateKey,
  );
}

/** Signs the proof of a refusal. */
export function signRefusal(
  payload: RefusalProof,
  signingKey: { keyId: string; privateKey: KeyObject },
): string {
  return signDocument(payload, { type: refusalType, keyId: signingKey.keyId }, signingKey.privateKey);
}

export interface AnswerRefusal {
  ok: false;
  code: 'document-malformed' | 'header-not-allowed' | 'key-unknown' | 'signature-invalid' | 'wrong-message';
  detail: string;
}

/** What an instance waits for. */
export interface AwaitedReply {
  messageId: string;
  /** Whom the reply must be for: the key that signed the message, unless it registers and has no ids yet. */
  instance: InstanceKeyId | undefined;
  trust: Trust;
  /** The reader's instant when it received the reply, for the keys' end. */
  at: Temporal.Instant;
}

/**
 * Checks an answer as an instance does: signature by a key of the trust, type, shape, and that it answers this
 * message of this instance. `key-unknown` means that the trust should be fetched again, once.
 */
export function verifyAnswer<Kind extends DeviceMessageKind>(
  kind: Kind,
  document: string,
  expected: AwaitedReply,
): { ok: true; answer: DeviceAnswer<Kind> } | AnswerRefusal {
  const verified = verifySigned(document, deviceMessages[kind].answerType, answerSchemas[kind], expected);
  return verified.ok ? { ok: true, answer: verified.value } : verified;
}

/**
 * Checks the proof of a refusal in the same way. That a certificate is not known proves something only to whoever signed
 * with it: a server that was restored proves it to anybody who asks, of any serial number (docs/protocol.md, section 7).
 */
export function verifyRefusal(
  document: string,
  expected: AwaitedReply,
): { ok: true; proof: RefusalProof } | AnswerRefusal {
  const verified = verifySigned(document, refusalType, refusalProofSchema, expected);
  if (!verified.ok) return verified;
  const { code, certificateSerial } = verified.value;
  const { instance } = expected;
  if (
    code === 'certificate-unknown' &&
    (instance === undefined || certificateSerial !== instance.certificateSerial)
  ) {
    const detail = `it is for certificate ${certificateSerial ?? 'without a serial number'}`;
    return { ok: false, code: 'wrong-message', detail };
  }
  return { ok: true, proof: verified.value };
}

function verifySigned<Value extends { messageId: string; accountId: string; instanceId: string }>(
  document: string,
  type: string,
  schema: z.ZodType<Value>,
  expected: AwaitedReply,
): { ok: true; value: Value } | AnswerRefusal {
  const opened = openDocument(document, { type, keyId: 'required', largest: largestAnswer, together: true });
  if (!opened.ok) return opened;
  const keyId = opened.header.kid ?? '';
  const key = findSigningKey(expected.trust, keyId, expected.at);
  if (key === undefined)
    return { ok: false, code: 'key-unknown', detail: `no signing key is known as ${keyId}` };
  const verified = checkDocument(opened, key);
  if (!verified.ok) return verified;
  const parsed = schema.safeParse(verified.payload);
  if (!parsed.success)
    return { ok: false, code: 'document-malformed', detail: payloadRefusal(parsed.error).detail };
  if (parsed.data.messageId !== expected.messageId) {
    return { ok: false, code: 'wrong-message', detail: `it answers message ${parsed.data.messageId}` };
  }
  const { instance } = expected;
  const { accountId, instanceId } = parsed.data;
  if (instance !== undefined && (instance.accountId !== accountId || instance.instanceId !== instanceId)) {
    return { ok: false, code: 'wrong-message', detail: `it is for instance ${accountId}/${instanceId}` };
  }
  return { ok: true, value: parsed.data };
}

/**
 * The first payload member in which two messages with one id differ, or undefined when their contents are the same.
 * By name in alphabetical order, top level only. Compared by value, so that a repeat that was signed anew is still a
 * repeat; lists have an order, and an absent member differs from false.
 */
export function differingField(first: Uint8Array, second: Uint8Array): string | undefined {
  const one: Record<string, unknown> = JSON.parse(Buffer.from(first).toString());
  const two: Record<string, unknown> = JSON.parse(Buffer.from(second).toString());
  const names = new Set([...Object.keys(one), ...Object.keys(two)]);
  return [...names].sort().find((name) => canonical(one[name]) !== canonical(two[name]));
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'absent';
}

/** What is told of a malformed payload is bounded: it must fit into a problem, whatever was sent. */
const mostErrors = 20;
const longestError = 300;

function payloadRefusal(error: z.ZodError): MessageRefusal {
  const errors = error.issues.slice(0, mostErrors).map((issue) => ({
    pointer: issue.path
      .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
      .join(''),
    detail: issue.message.slice(0, longestError).toWellFormed(),
  }));
  const [first] = errors;
  return {
    ok: false,
    code: 'document-malformed',
    detail: `The payload is not valid at ${first?.pointer || 'its root'}: ${first?.detail ?? 'unknown'}`,
    errors,
  };
}
