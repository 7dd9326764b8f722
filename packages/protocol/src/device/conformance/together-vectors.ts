import { signTogether } from '../../signing/document.ts';
import { deviceMessages } from '../kinds.ts';
import {
  accountId,
  answeredAt,
  certificateSerial,
  forge,
  instanceId,
  messageId,
  publicSecretKey,
  signingKeyId,
} from './material.ts';
import type { AnswerVector } from './vectors.ts';

const signing = publicSecretKey('answers');
const stranger = publicSecretKey('stranger');
const type = deviceMessages.deregister.answerType;

/** Each answer of a tree is to a message of its own; that of the vectors' instance is at `index`. */
const payloadAt = (at: number, index: number) => ({
  ...{ accountId, instanceId, answeredAt, lastSequence: 7, receipt: 'r' },
  messageId: at === index ? messageId : messageId.replace('a001', (0xb000 + at).toString(16)),
});

const tree = (size: number, index: number, keys = signing): string[] =>
  signTogether(
    Array.from({ length: size }, (_, at) => ({ payload: payloadAt(at, index), type })),
    signingKeyId,
    keys.privateKey,
  );

const answerOf = (size: number, index: number): string => tree(size, index)[index] as string;

/** A document with another third part, as `change` leaves it. */
function altered(document: string, change: (bytes: Buffer) => Buffer): string {
  const [header, payload, third] = document.split('.');
  return `${header}.${payload}.${change(Buffer.from(third ?? '', 'base64url')).toString('base64url')}`;
}

const common = {
  kind: 'deregister' as const,
  messageId,
  at: answeredAt,
  instance: { accountId, instanceId, certificateSerial },
};

const good = (size: number, index: number, why: string): AnswerVector => ({
  ...{ name: `answer-${index}-of-${size}`, why, ...common },
  document: answerOf(size, index),
  expect: { ok: true, payload: payloadAt(index, index) },
});

const bad = (name: string, why: string, document: string, code = 'signature-invalid'): AnswerVector => ({
  ...{ name, why, ...common, document },
  expect: { ok: false, code },
});

/** Answers that were signed together, for clients that ask for them. */
export function togetherVectors(): AnswerVector[] {
  const document = answerOf(5, 2);
  const [header, payload] = document.split('.');
  const place = (index: number, size: number) => (bytes: Buffer) => {
    bytes.writeUInt32BE(index, 64);
    bytes.writeUInt32BE(size, 68);
    return bytes;
  };
  return [
    good(2, 0, 'the hash beside it is on the right'),
    good(2, 1, 'the hash beside it is on the left'),
    good(5, 2, 'three steps'),
    good(5, 4, 'the last of an odd number goes up as it is: one step'),
    good(7, 6, 'goes up once as it is, then two steps'),
    good(1, 0, 'a tree of one: no step'),
    good(300, 257, 'a large one'),
    bad('together-other-place', 'the index is part of the way', altered(document, place(3, 5))),
    bad('together-other-size', 'the size is signed', altered(document, place(2, 6))),
    bad('together-index-beyond', 'the index is below the size', altered(document, place(5, 5))),
    bad(
      'together-step-missing',
      'the way ends below the root',
      altered(document, (bytes) => bytes.subarray(0, -32)),
    ),
    bad(
      'together-step-too-many',
      'the way goes on above the root',
      altered(document, (bytes) => Buffer.concat([bytes, Buffer.alloc(32)])),
    ),
    bad(
      'together-21-steps',
      '20 are the most',
      altered(document, (bytes) => Buffer.concat([bytes.subarray(0, 72), Buffer.alloc(21 * 32)])),
    ),
    bad(
      'together-cut',
      'whole hashes only',
      altered(document, (bytes) => bytes.subarray(0, -1)),
    ),
    bad(
      'together-signature-alone',
      'no place',
      altered(document, (bytes) => bytes.subarray(0, 64)),
    ),
    bad(
      'together-hash-changed',
      'one bit',
      altered(document, (bytes) => {
        bytes.writeUInt8(bytes.readUInt8(80) ^ 1, 80);
        return bytes;
      }),
    ),
    bad(
      'together-other-tree',
      'the way of an answer of another tree',
      `${header}.${payload}.${tree(4, 1)[2]?.split('.')[2]}`,
    ),
    bad('together-by-another-key', 'not by the key of kid', tree(5, 2, stranger)[2] as string),
    bad(
      'together-signed-alone',
      'alg says that it was signed together',
      forge(
        JSON.stringify({ alg: 'ES256-TREE', typ: type, kid: signingKeyId }),
        JSON.stringify(payloadAt(0, 0)),
        signing,
      ),
    ),
    bad(
      'together-called-alone',
      'alg says that it was signed alone',
      altered(
        forge(
          JSON.stringify({ alg: 'ES256', typ: type, kid: signingKeyId }),
          JSON.stringify(payloadAt(0, 0)),
          signing,
        ),
        (bytes) =>
          Buffer.concat([bytes, Buffer.from(answerOf(2, 0).split('.')[2] ?? '', 'base64url').subarray(64)]),
      ),
    ),
    bad(
      'together-for-another-message',
      'the answer to a neighbour',
      tree(5, 2)[3] as string,
      'wrong-message',
    ),
  ];
}
