import { randomUUID } from 'node:crypto';
import {
  type AnswerRefusal,
  type DeviceAnswer,
  type DeviceMessageKind,
  type DeviceProblem,
  type DeviceRequest,
  deviceMessages,
  deviceProblemSchema,
  documentMediaType,
  type InstanceKeyId,
  type RefusalProof,
  signRequest,
  type Trust,
  trustPath,
  trustSchema,
  verifyAnswer,
  verifyRefusal,
} from '@estover/protocol/device';
import {
  createCertificateRequest,
  generateKeyPair,
  isIssuedBy,
  type KeyPair,
  readCertificate,
} from '@estover/protocol/signing';
import type { TestClock, TestServer } from './test-server.ts';

/** What came back: a verified answer, or a refusal with its verified proof. */
export type DeviceReply<Kind extends DeviceMessageKind> =
  | { ok: true; status: number; answer: DeviceAnswer<Kind>; document: string }
  | {
      ok: false;
      status: number;
      problem: DeviceProblem;
      proof: RefusalProof | undefined;
      retryAfter: string | null;
    };

export interface TestDeviceOptions {
  productId?: string;
  serialNumber?: string;
  hostName?: string;
  /** Where it sends to; another server on the same database will do. */
  address?: string;
  /** What it says in `Accept`. */
  accept?: string;
}

type Usage = readonly { tag: string; count: number }[];

/** Members of a message that a test wants otherwise than they would be. */
type Other<Kind extends DeviceMessageKind> = Partial<DeviceRequest<Kind>>;

/** A product instance as a test plays it: it signs by itself and believes only what is signed. */
export interface TestDevice {
  readonly serialNumber: string;
  /** Set once it is registered. */
  key: InstanceKeyId | undefined;
  keys: KeyPair;
  sequence: number;
  register(token: string, other?: Other<'register'>): Promise<DeviceReply<'register'>>;
  authorize(usage: Usage, other?: Other<'authorize'>): Promise<DeviceReply<'authorize'>>;
  renew(other?: Other<'renew-certificate'>): Promise<DeviceReply<'renew-certificate'>>;
  deregister(other?: Other<'deregister'>): Promise<DeviceReply<'deregister'>>;
  /** The signed message, to be sent as often as a test likes. */
  write<Kind extends Exclude<DeviceMessageKind, 'register'>>(
    kind: Kind,
    payload: DeviceRequest<Kind>,
  ): string;
  writeRegistration(token: string, other?: Other<'register'>): Promise<string>;
  /** Sends a document as it is and verifies what comes back. */
  send<Kind extends DeviceMessageKind>(
    kind: Kind,
    document: string,
    messageId: string,
  ): Promise<DeviceReply<Kind>>;
  /** Members that every message has. */
  common(): { messageId: string; sequence: number; sentAt: string };
}

/** What a device needs of a server: where it is, and what time it is there. */
export type DeviceServer = Pick<TestServer, 'address'> & { clock: Pick<TestClock, 'now'> };

const trusts = new WeakMap<DeviceServer, Promise<Trust>>();

/** The trust as a device that starts now gets it. */
export async function fetchTrust(address: string): Promise<Trust> {
  const response = await fetch(new URL(trustPath, address));
  return trustSchema.parse(await response.json());
}

function trustOf(server: DeviceServer): Promise<Trust> {
  const trust = trusts.get(server) ?? fetchTrust(server.address);
  trusts.set(server, trust);
  return trust;
}

/** Verifies with the trust as it is known; a key that is not known is looked up once more, as an instance does. */
async function believe<T extends { ok: true }>(
  server: DeviceServer,
  verify: (trust: Trust) => T | AnswerRefusal,
): Promise<T> {
  const first = verify(await trustOf(server));
  if (first.ok) return first;
  if (first.code === 'key-unknown') trusts.delete(server);
  const second = first.code === 'key-unknown' ? verify(await trustOf(server)) : first;
  if (!second.ok) throw new Error(`what came back is not to be believed: ${second.detail}`);
  return second;
}

/** The message id in a document, without looking at the signature. */
export const messageIdOf = (document: string): string =>
  JSON.parse(Buffer.from(document.split('.')[1] ?? '', 'base64url').toString()).messageId;

export async function testDevice(server: DeviceServer, options: TestDeviceOptions = {}): Promise<TestDevice> {
  const { productId = 'RT-100', serialNumber = randomUUID().slice(0, 11).toUpperCase() } = options;
  const address = options.address ?? server.address;

  const device: TestDevice = {
    serialNumber,
    key: undefined,
    keys: generateKeyPair(),
    sequence: 0,
    common() {
      device.sequence += 1;
      return { messageId: randomUUID(), sequence: device.sequence, sentAt: server.clock.now().toString() };
    },
    write(kind, payload) {
      if (device.key === undefined) throw new Error('the device is not registered');
      return signRequest<Exclude<DeviceMessageKind, 'register'>>(
        kind,
        payload,
        device.keys.privateKey,
        device.key,
      );
    },
    async writeRegistration(token, other = {}) {
      const certificateRequest = Buffer.from(await createCertificateRequest(device.keys, serialNumber));
      const { hostName } = options;
      const payload = {
        ...device.common(),
        token,
        certificateRequest: certificateRequest.toString('base64'),
        instance: { productId, serialNumber, ...(hostName === undefined ? {} : { hostName }) },
        ...other,
      };
      return signRequest('register', payload, device.keys.privateKey);
    },
    async register(token, other) {
      const document = await device.writeRegistration(token, other);
      const reply = await device.send('register', document, messageIdOf(document));
      if (reply.ok) {
        const { accountId, instanceId, certificate } = reply.answer;
        const der = Buffer.from(certificate, 'base64');
        if (!isIssuedBy(der, (await trustOf(server)).certificateAuthorities))
          throw new Error('a foreign certificate');
        device.key = { accountId, instanceId, certificateSerial: readCertificate(der).serial };
      }
      return reply;
    },
    async authorize(usage, other = {}) {
      const payload = { ...device.common(), usage: [...usage], ...other };
      return device.send('authorize', device.write('authorize', payload), payload.messageId);
    },
    async renew(other = {}) {
      const next = generateKeyPair();
      const request = Buffer.from(await createCertificateRequest(next, serialNumber)).toString('base64');
      const payload = { ...device.common(), certificateRequest: request, ...other };
      const document = device.write('renew-certificate', payload);
      const reply = await device.send('renew-certificate', document, payload.messageId);
      if (reply.ok && device.key !== undefined) {
        const { serial } = readCertificate(Buffer.from(reply.answer.certificate, 'base64'));
        device.key = { ...device.key, certificateSerial: serial };
        device.keys = next;
      }
      return reply;
    },
    async deregister(other = {}) {
      const payload = { ...device.common(), ...other };
      return device.send('deregister', device.write('deregister', payload), payload.messageId);
    },
    async send(kind, document, messageId) {
      const instance = kind === 'register' ? undefined : device.key;
      const response = await fetch(new URL(deviceMessages[kind].path, address), {
        method: 'POST',
        headers: {
          'content-type': documentMediaType,
          ...(options.accept === undefined ? {} : { accept: options.accept }),
        },
        body: document,
      });
      const text = await response.text();
      if (response.ok) {
        const verified = await believe(server, (trust) =>
          verifyAnswer(kind, text, { messageId, instance, trust, at: server.clock.now() }),
        );
        return { ok: true, status: response.status, answer: verified.answer, document: text };
      }
      const problem = deviceProblemSchema.parse(JSON.parse(text));
      const { proof } = problem;
      const verified =
        proof === undefined
          ? undefined
          : await believe(server, (trust) =>
              verifyRefusal(proof, { messageId, instance, trust, at: server.clock.now() }),
            );
      const retryAfter = response.headers.get('retry-after');
      return { ok: false, status: response.status, problem, proof: verified?.proof, retryAfter };
    },
  };
  return device;
}

/** What a reply says, when it must be an answer. */
export function answerOf<Kind extends DeviceMessageKind>(reply: DeviceReply<Kind>): DeviceAnswer<Kind> {
  if (!reply.ok) throw new Error(`refused: ${reply.problem.code}: ${reply.problem.detail}`);
  return reply.answer;
}

/** The code of a refusal, or `answered`. */
export const codeOf = (reply: DeviceReply<DeviceMessageKind>): string =>
  reply.ok ? 'answered' : reply.problem.code;
