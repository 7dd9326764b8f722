import { z } from 'zod';
import { epochField, idField, instantField } from './fields.ts';

/**
 * What an instance does with a message that was refused.
 *
 * `repeat`: the same bytes again, later. `renew`: nothing was done with this message; make a new one (new id, higher
 * sequence number, present time). `stop`: a new message of this kind would be refused too until a person or the server
 * changes something; report it and go on with the ordinary schedule.
 */
export type AfterRefusal = 'repeat' | 'renew' | 'stop';

interface RefusalRule {
  status: number;
  title: string;
  /** The next step, as a sentence for the person who reads it. */
  next: string;
  after: AfterRefusal;
  /** The sender is known when this is decided, so the problem carries a signed `proof`; never when registering. */
  proven: boolean;
  /** Proven to an instance that was last answered in an earlier epoch: the backup does not know it. */
  provenAfterRestore?: boolean;
  /** Members of problem and proof beside the common ones, in the words of docs/protocol.md. */
  members?: string;
}

/** Every refusal of the device protocol, in order of precedence. */
export const deviceRefusals = {
  'too-busy': {
    status: 503,
    title: 'The server is too busy',
    next: 'Send the same message again after the time in `Retry-After`.',
    after: 'repeat',
    proven: false,
  },
  'rate-limited': {
    status: 429,
    title: 'Too many messages',
    next: 'Send the same message again after the time in `Retry-After`.',
    after: 'repeat',
    proven: false,
  },
  'internal-error': {
    status: 500,
    title: 'Something went wrong on the server',
    next: 'Send the same message again later.',
    after: 'repeat',
    proven: false,
  },
  'document-malformed': {
    status: 400,
    title: 'The message could not be read',
    next: 'Send one compact JWS of at most 64 KiB whose payload is as docs/protocol.md says.',
    after: 'stop',
    proven: false,
    members: '`errors`: list of `{ "pointer", "detail" }`, 20 at most; in the problem',
  },
  'header-not-allowed': {
    status: 400,
    title: 'The header of the message is not allowed',
    next: 'Send exactly alg, typ and, except to register, kid.',
    after: 'stop',
    proven: false,
  },
  'instance-unknown': {
    status: 404,
    title: 'The server does not know this product instance',
    next: 'Check the server’s address; if it is right, register the instance again.',
    after: 'stop',
    proven: false,
    provenAfterRestore: true,
  },
  'certificate-unknown': {
    status: 401,
    title: 'The server does not know this certificate',
    next: 'Use the certificate of the last registration or renewal, or register the instance again.',
    after: 'stop',
    proven: false,
    provenAfterRestore: true,
    members: '`certificateSerial`: that of `kid`, in the same form; in the proof',
  },
  'certificate-request-invalid': {
    status: 400,
    title: 'The certificate request is not valid',
    next: 'Send a PKCS#10 request for a P-256 key, signed by that key.',
    after: 'stop',
    proven: true,
  },
  'signature-invalid': {
    status: 401,
    title: 'The signature is not valid',
    next: 'Sign with the key of the certificate named in kid, or of the certificate request when registering.',
    after: 'stop',
    proven: false,
  },
  'message-id-reused': {
    status: 409,
    title: 'The message id was used for another message',
    next: 'Use a new message id for every new message; repeat a message only as it was.',
    after: 'renew',
    proven: true,
    members: '`field`: text, the first member that differs; `kind` when it was a message of another kind',
  },
  'instance-removed': {
    status: 410,
    title: 'The product instance was removed',
    next: 'Register it again with a token.',
    after: 'stop',
    proven: true,
    members: '`instanceId`: id of the one that was removed',
  },
  'certificate-ended': {
    status: 401,
    title: 'The certificate has ended',
    next: 'Register the instance again with a token.',
    after: 'stop',
    proven: true,
  },
  'clock-skew': {
    status: 422,
    title: 'The clocks differ by more than an hour',
    next: 'Set the clock of the product instance; see serverTime and differenceSeconds.',
    after: 'renew',
    proven: true,
    members:
      '`serverTime`: instant; `differenceSeconds`: whole number, `sentAt` minus the server’s clock, negative when the instance is behind',
  },
  'sequence-regressed': {
    status: 409,
    title: 'The sequence number went back',
    next: 'Go on above lastSequence; if this instance was copied, register the copy by itself.',
    after: 'renew',
    proven: true,
    members: '`lastSequence`: whole number, 0 to 2^53 − 1',
  },
  'account-not-active': {
    status: 403,
    title: 'The account is not active',
    next: 'Ask an administrator of the account.',
    after: 'stop',
    proven: true,
  },
  'token-malformed': {
    status: 422,
    title: 'The token has a typing error',
    next: 'Copy the whole token again; its checksum is wrong.',
    after: 'stop',
    proven: false,
  },
  'token-unknown': {
    status: 422,
    title: 'The token is not known',
    next: 'Check that it was made on this server, or make a new one.',
    after: 'stop',
    proven: false,
  },
  'token-revoked': {
    status: 422,
    title: 'The token was revoked',
    next: 'Make a new one.',
    after: 'stop',
    proven: false,
  },
  'token-expired': {
    status: 422,
    title: 'The token has expired',
    next: 'Make a new one.',
    after: 'stop',
    proven: false,
  },
  'token-used-up': {
    status: 422,
    title: 'The token has no uses left',
    next: 'Make a new one with more uses.',
    after: 'stop',
    proven: false,
  },
  'token-elsewhere': {
    status: 422,
    title: 'The token is not for this address',
    next: 'Register from the address range of the token, or make a token without one.',
    after: 'stop',
    proven: false,
  },
  'already-registered': {
    status: 409,
    title: 'A product instance with this product id and serial number is registered',
    next: 'Register with force to replace it, or check the serial number.',
    after: 'stop',
    proven: false,
    members: '`instanceId`: id of the one that is registered',
  },
} as const satisfies Record<string, RefusalRule>;

export type DeviceRefusalCode = keyof typeof deviceRefusals;
export const deviceRefusalCodes = Object.keys(deviceRefusals) as [DeviceRefusalCode, ...DeviceRefusalCode[]];

/** The rule of a code with its literal types widened. */
export function refusalRule(code: DeviceRefusalCode): RefusalRule {
  return deviceRefusals[code];
}

/** The numbers of a refusal, beside its sentence. */
const facts = {
  /** `clock-skew`: the server's clock, and instance minus server in whole seconds. */
  serverTime: instantField.optional(),
  differenceSeconds: z.int().optional(),
  /** `sequence-regressed`. */
  lastSequence: z.int().min(0).optional(),
  /** `message-id-reused`: the payload member that differs. */
  field: z.string().optional(),
  /** `already-registered` and `instance-removed`. */
  instanceId: z.string().optional(),
};

/** Problem details (RFC 9457) of the device protocol. Readers ignore members they do not know. */
export const deviceProblemSchema = z.object({
  type: z.string(),
  code: z.enum(deviceRefusalCodes),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  next: z.string(),
  requestId: z.string().optional(),
  ...facts,
  /** What is wrong with the payload, each with a JSON pointer: `document-malformed`. */
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  /** Compact JWS of type `estover-refusal+jws`; only with it may an instance give up its registration. */
  proof: z.string().optional(),
});
export type DeviceProblem = z.output<typeof deviceProblemSchema>;
export type DeviceRefusalFacts = Pick<DeviceProblem, keyof typeof facts | 'errors'>;

/** Payload of a refusal's proof. */
export const refusalProofSchema = z.object({
  messageId: idField,
  accountId: idField,
  code: z.enum(deviceRefusalCodes),
  answeredAt: instantField,
  detail: z.string(),
  ...facts,
  instanceId: idField,
  /** `certificate-unknown`: the certificate that the server does not know. */
  certificateSerial: z.string().optional(),
  /** The installation's epoch, as in answers. */
  epoch: epochField.optional(),
});
export type RefusalProof = z.output<typeof refusalProofSchema>;

/** Makes the problem of a code; `proof` only where the rule says the sender is known. */
export function deviceProblem(
  code: DeviceRefusalCode,
  detail: string,
  facts: DeviceRefusalFacts & { requestId?: string; proof?: string } = {},
): DeviceProblem {
  const { status, title, next } = deviceRefusals[code];
  return { type: `/problems/device/${code}`, code, title, status, detail, next, ...facts };
}
