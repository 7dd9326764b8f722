/** The four messages of an instance, each with its path, its `typ` and the `typ` of its answer. */
export const deviceMessages = {
  register: {
    path: '/device/v1/registrations',
    type: 'estover-register+jws',
    answerType: 'estover-register-answer+jws',
  },
  authorize: {
    path: '/device/v1/authorizations',
    type: 'estover-authorize+jws',
    answerType: 'estover-authorize-answer+jws',
  },
  'renew-certificate': {
    path: '/device/v1/certificate-renewals',
    type: 'estover-renew-certificate+jws',
    answerType: 'estover-renew-certificate-answer+jws',
  },
  deregister: {
    path: '/device/v1/deregistrations',
    type: 'estover-deregister+jws',
    answerType: 'estover-deregister-answer+jws',
  },
} as const satisfies Record<string, { path: string; type: string; answerType: string }>;

export type DeviceMessageKind = keyof typeof deviceMessages;
export const deviceMessageKinds = Object.keys(deviceMessages) as DeviceMessageKind[];

export const refusalType = 'estover-refusal+jws';
export const trustPath = '/device/v1/trust';

/** Media types of requests and answers, and of refusals (RFC 7515 §9.2.1, RFC 9457 §6.1). */
export const documentMediaType = 'application/jose';
export const problemMediaType = 'application/problem+json';

/** What a reader who takes answers that were signed together says in `Accept`. */
export const signedTogetherMediaType = 'application/jose;alg=ES256-TREE';

/** Names the key of an instance's request: account, instance and the certificate that carries the public key. */
export interface InstanceKeyId {
  accountId: string;
  instanceId: string;
  /** Hexadecimal, small letters, two digits for each of its 1 to 20 bytes, without the sign byte of DER. */
  certificateSerial: string;
}

const id = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const instanceKeyId = new RegExp(`^(${id})/(${id})/((?:[0-9a-f]{2}){1,20})$`);

export function formatInstanceKeyId(key: InstanceKeyId): string {
  return `${key.accountId}/${key.instanceId}/${key.certificateSerial}`;
}

/** Undefined when the text is not a key id of an instance. */
export function parseInstanceKeyId(keyId: string): InstanceKeyId | undefined {
  const [, accountId, instanceId, certificateSerial] = instanceKeyId.exec(keyId) ?? [];
  if (accountId === undefined || instanceId === undefined || certificateSerial === undefined)
    return undefined;
  return { accountId, instanceId, certificateSerial };
}
