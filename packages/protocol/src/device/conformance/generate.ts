/**
 * Writes the vectors in `conformance/`. ES256 signatures are random, so every run gives other bytes: run it only when the
 * protocol changes, and check the result in.
 *
 *     node packages/protocol/src/device/conformance/generate.ts
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { encodeBase62 } from '../../secrets/base62.ts';
import { formatSecret } from '../../secrets/secret.ts';
import { exportPrivatePem } from '../../signing/keys.ts';
import { answerMaterial } from './answer-vectors.ts';
import { protocolDocument, renderDocumentation } from './documentation.ts';
import { accountId, publicSecretKey } from './material.ts';
import { requestVectors } from './request-vectors.ts';
import { togetherVectors } from './together-vectors.ts';
import { type RepeatVector, type SecretVector, vectorFolder } from './vectors.ts';

const random = Uint8Array.from({ length: 20 }, (_, index) => index * 7);
const token = formatSecret('esrt_', accountId, random);
const apiKey = formatSecret('esak_', accountId, random);

const secrets: SecretVector[] = [
  {
    ...{ name: 'token', why: 'whole', text: token, expected: 'esrt_' },
    expect: { ok: true, accountId, randomHex: Buffer.from(random).toString('hex') },
  },
  {
    ...{
      name: 'token-with-blanks',
      why: 'blanks around it are dropped',
      text: ` ${token}\r\n`,
      expected: 'esrt_',
    },
    expect: { ok: true, accountId, randomHex: Buffer.from(random).toString('hex') },
  },
  refusedSecret(
    'token-changed',
    'one character changed',
    `${token.slice(0, 30)}!${token.slice(31)}`,
    'mistyped',
  ),
  refusedSecret('token-swapped', 'two neighbours swapped', swap(token, 12), 'mistyped'),
  refusedSecret('token-cut', 'the last character is missing', token.slice(0, -1), 'mistyped'),
  refusedSecret(
    'token-too-large',
    'its 49 digits say more than 36 bytes hold, though the checksum is right',
    beyond(),
    'mistyped',
  ),
  refusedSecret('token-foreign', 'something else', 'correct horse battery staple', 'foreign'),
  refusedSecret('token-other-kind', 'an API key where a token is wanted', apiKey, 'other-kind'),
  refusedSecret(
    'token-other-kind-cut',
    'the prefix tells the kind, whatever follows',
    apiKey.slice(0, -1),
    'other-kind',
  ),
];

const repeats: RepeatVector[] = [
  repeat(
    'repeat-same-bytes',
    'a repeat',
    '{"sequence":7,"usage":[{"tag":"A","count":1}]}',
    '{"sequence":7,"usage":[{"tag":"A","count":1}]}',
    null,
  ),
  repeat(
    'repeat-other-order',
    'members have no order',
    '{"sequence":7,"sentAt":"x"}',
    '{"sentAt":"x","sequence":7}',
    null,
  ),
  repeat(
    'repeat-other-count',
    'other content',
    '{"usage":[{"tag":"A","count":1}]}',
    '{"usage":[{"tag":"A","count":2}]}',
    'usage',
  ),
  repeat('repeat-list-order', 'lists have an order', '{"usage":["A","B"]}', '{"usage":["B","A"]}', 'usage'),
  repeat(
    'repeat-later',
    'sentAt is content, too',
    '{"sentAt":"2026-11-22T12:00:00Z"}',
    '{"sentAt":"2026-11-22T12:00:01Z"}',
    'sentAt',
  ),
  repeat('repeat-member-missing', 'absent differs from false', '{"force":false}', '{}', 'force'),
];

function refusedSecret(name: string, why: string, text: string, code: string): SecretVector {
  return { name, why, text, expected: 'esrt_', expect: { ok: false, code } };
}

function repeat(
  name: string,
  why: string,
  first: string,
  second: string,
  differs: string | null,
): RepeatVector {
  return { name, why, first, second, differs };
}

/** 2^288, the first number that 36 bytes do not hold, with its checksum. */
function beyond(): string {
  const number = Buffer.alloc(37);
  number.writeUInt8(1);
  const body = `esrt_${encodeBase62(number, 49)}`;
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return body + encodeBase62(checksum, 6);
}

/** Swaps a character with its right neighbour; the two must differ. */
function swap(text: string, index: number): string {
  if (text[index] === text[index + 1]) return swap(text, index + 1);
  return text.slice(0, index) + text.charAt(index + 1) + text.charAt(index) + text.slice(index + 2);
}

const { trust, answers, certificates } = await answerMaterial();
const keys = ['instance', 'stranger', 'authority', 'answers', 'answers, retired'].map((name) => ({
  name,
  privateKey: exportPrivatePem(publicSecretKey(name).privateKey),
}));
const requests = await requestVectors(token);

mkdirSync(vectorFolder, { recursive: true });
for (const [name, content] of Object.entries({
  keys,
  trust,
  requests,
  answers,
  'answers-signed-together': togetherVectors(),
  certificates,
  secrets,
  repeats,
})) {
  writeFileSync(new URL(`${name}.json`, vectorFolder), `${JSON.stringify(content, null, 2)}\n`);
}

writeFileSync(protocolDocument, renderDocumentation(readFileSync(protocolDocument, 'utf8')));
