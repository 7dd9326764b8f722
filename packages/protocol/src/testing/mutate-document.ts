import { createHmac, type KeyObject, sign } from 'node:crypto';
import { generateKeyPair } from '../signing/keys.ts';
import type { Random } from './random.ts';

/** A document that was tampered with, one character for each byte on the line. */
export interface Mutant {
  /** What was done, so that a failure can be told. */
  what: string;
  document: string;
}

const base64urlLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Every byte, one at a time: all bits of header and signature, and two of each byte of the payload. */
export function* bitFlips(document: string): Generator<Mutant> {
  const [payloadFrom, payloadTo] = [document.indexOf('.'), document.lastIndexOf('.')];
  for (let at = 0; at < document.length; at += 1) {
    const isPayload = at > payloadFrom && at < payloadTo;
    for (const bit of isPayload ? [0, 1 + (at % 7)] : [0, 1, 2, 3, 4, 5, 6, 7]) {
      yield {
        what: `bit ${bit} of byte ${at}`,
        document: replaceAt(document, at, document.charCodeAt(at) ^ (1 << bit)),
      };
    }
  }
}

/** Cut at every length from either end, and with every byte left out or doubled. */
export function* cuts(document: string): Generator<Mutant> {
  for (let at = 0; at < document.length; at += 1) {
    yield { what: `the first ${at} bytes`, document: document.slice(0, at) };
    if (at > 0) yield { what: `without the first ${at} bytes`, document: document.slice(at) };
    yield { what: `without byte ${at}`, document: document.slice(0, at) + document.slice(at + 1) };
    yield { what: `byte ${at} twice`, document: document.slice(0, at + 1) + document.slice(at) };
  }
}

/** The last letter of each part exchanged for every other: among them are those that only the unused bits tell apart. */
export function* otherLastLetters(document: string): Generator<Mutant> {
  const parts = document.split('.');
  for (const [index, part] of parts.entries()) {
    for (const letter of base64urlLetters) {
      if (part.endsWith(letter)) continue;
      const other = part.slice(0, -1) + letter;
      yield { what: `part ${index} ends with ${letter}`, document: parts.with(index, other).join('.') };
    }
  }
}

/** What a lenient reader of base64 or of lines would overlook, around each part. */
const overlooked = [
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '=',
  '==',
  '%3D',
  '\ufeff',
  '\u200b',
  '\u00ad',
  '\u2024',
  '+',
  '/',
  '.',
  '"',
];

export function* insertions(document: string): Generator<Mutant> {
  const dots = [...document.matchAll(/\./g)].map(({ index }) => index);
  const places = [
    0,
    ...dots,
    ...dots.map((dot) => dot + 1),
    Math.floor(document.length / 2),
    document.length,
  ];
  for (const place of places) {
    for (const text of overlooked) {
      yield {
        what: `${JSON.stringify(text)} before byte ${place}`,
        document: document.slice(0, place) + text + document.slice(place),
      };
    }
  }
  // The other alphabet, padding as far as it goes, letters that look alike, and other forms of the same JWS.
  const parts = document.split('.') as [string, string, string];
  const standard = parts.map((part) => Buffer.from(part, 'base64url').toString('base64'));
  yield { what: 'the alphabet of base64, with padding', document: standard.join('.') };
  yield { what: 'full stops of another script', document: document.replaceAll('.', '\uff0e') };
  yield { what: 'a Cyrillic letter', document: document.replace('e', '\u0435') };
  yield { what: 'capitals for small letters', document: document.toUpperCase() };
  const [header, payload, signature] = parts;
  yield { what: 'the JSON form', document: JSON.stringify({ protected: header, payload, signature }) };
  yield {
    what: 'the general JSON form',
    document: JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
  };
  yield { what: 'a detached payload', document: `${header}..${signature}` };
  yield { what: 'five parts, as if encrypted', document: `${document}.${signature}.${signature}` };
  yield { what: 'quotes around it', document: JSON.stringify(document) };
}

/** Header, payload and signature of several genuine documents put together in every other way. */
export function* exchangedParts(documents: readonly string[]): Generator<Mutant> {
  const split = documents.map((document) => document.split('.'));
  for (const [a, [header]] of split.entries()) {
    for (const [b, [, payload]] of split.entries()) {
      for (const [c, [, , signature]] of split.entries()) {
        if (a === b && b === c) continue;
        const document = `${header}.${payload}.${signature}`;
        if (!documents.includes(document)) yield { what: `parts of documents ${a}, ${b}, ${c}`, document };
      }
    }
  }
}

/** A document of any texts with a genuine signature, as only the holder of the key can make it. */
export function signTexts(header: string, payload: string, key: KeyObject): string {
  const input = `${base64url(header)}.${base64url(payload)}`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/**
 * The same payload under other keys and algorithms, and with a genuine signature under headers that say where else a key
 * could be had. None may be taken.
 */
export function* forgeries(
  document: string,
  keys: { privateKey: KeyObject; publicKey: KeyObject },
): Generator<Mutant> {
  const [headerText, payload] = textsOf(document);
  const header: Record<string, unknown> = JSON.parse(headerText);
  const foreign = generateKeyPair();
  const withHeader = (members: Record<string, unknown>, key = keys.privateKey) =>
    signTexts(JSON.stringify({ ...header, ...members }), payload, key);

  yield { what: 'a foreign key', document: signTexts(headerText, payload, foreign.privateKey) };
  for (const alg of [
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    null,
    0,
    ['ES256'],
    'es256',
    'ES256 ',
    'ES384',
    'RS256',
    'EdDSA',
  ]) {
    yield { what: `alg ${JSON.stringify(alg)}, well signed`, document: withHeader({ alg }) };
    const unsigned = `${base64url(JSON.stringify({ ...header, alg }))}.${base64url(payload)}.`;
    yield { what: `alg ${JSON.stringify(alg)}, unsigned`, document: unsigned };
    yield { what: `alg ${JSON.stringify(alg)}, a byte for a signature`, document: `${unsigned}AA` };
  }
  const jwk = keys.publicKey.export({ format: 'jwk' });
  const secrets: [string, string | Buffer][] = [
    ['PEM', keys.publicKey.export({ type: 'spki', format: 'pem' })],
    ['DER', keys.publicKey.export({ type: 'spki', format: 'der' })],
    ['JWK', JSON.stringify(jwk)],
    ['x', Buffer.from(jwk.x ?? '', 'base64url')],
    ['nothing', ''],
  ];
  for (const [form, secret] of secrets) {
    for (const alg of ['HS256', 'ES256']) {
      const input = `${base64url(JSON.stringify({ ...header, alg }))}.${base64url(payload)}`;
      const mac = createHmac('sha256', secret).update(input).digest();
      const what = `${alg} with the public key (${form}) for a secret`;
      yield { what, document: `${input}.${mac.toString('base64url')}` };
      yield {
        what: `${what}, twice`,
        document: `${input}.${Buffer.concat([mac, mac]).toString('base64url')}`,
      };
    }
  }
  const foreignJwk = foreign.publicKey.export({ format: 'jwk' });
  const keySources: Record<string, unknown>[] = [
    { jwk: foreignJwk },
    { jku: 'https://evil.example/keys' },
    { x5u: 'https://evil.example/certificate' },
    { x5c: ['AAAA'] },
    { x5t: 'AAAA', 'x5t#S256': 'AAAA' },
    { crit: ['exp'], exp: 1 },
    { crit: [] },
    { b64: false, crit: ['b64'] },
    { zip: 'DEF' },
    { cty: 'JWT' },
    { iss: 'x' },
  ];
  for (const members of keySources) {
    const what = Object.keys(members).join(' and ');
    yield { what: `${what} in the header, by the own key`, document: withHeader(members) };
    yield {
      what: `${what} in the header, by a foreign key`,
      document: withHeader(members, foreign.privateKey),
    };
  }
  const again = headerText.slice(1);
  for (const text of [
    `{"alg":"ES256",${again}`,
    `{"alg":"none",${again}`,
    `{"\\u0061lg":"none",${again}`,
    `{"__proto__":{"alg":"ES256"},${again}`,
    `${headerText.slice(0, -1)},}`,
    `\ufeff${headerText}`,
    `${headerText}{}`,
    `[${headerText}]`,
    JSON.stringify(headerText),
    '{}',
    'null',
    '{'.repeat(40),
    `{"alg":${'['.repeat(20_000)}`,
  ]) {
    yield { what: `the header ${text.slice(0, 60)}`, document: signTexts(text, payload, keys.privateKey) };
  }
  const der = sign('sha256', Buffer.from(document.slice(0, document.lastIndexOf('.'))), keys.privateKey);
  yield { what: 'a signature in DER', document: withSignature(document, der) };
  const zero = Buffer.alloc(32);
  const order = Buffer.from(curveOrder.toString(16), 'hex');
  const largest = Buffer.alloc(32, 0xff);
  const one = Buffer.alloc(32);
  one.writeUInt8(1, 31);
  for (const r of [zero, one, order, largest]) {
    for (const s of [zero, one, order, largest]) {
      const what = `r = ${r.toString('hex')}, s = ${s.toString('hex')}`;
      yield { what, document: withSignature(document, Buffer.concat([r, s])) };
    }
  }
}

/** Number of points of P-256. */
const curveOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The second signature that every ECDSA signature comes with: (r, n − s) is as genuine as (r, s). */
export function withMirroredSignature(document: string): string {
  const [, , third = ''] = document.split('.');
  const signature = Buffer.from(third, 'base64url');
  const s = BigInt(`0x${signature.subarray(32, 64).toString('hex')}`);
  const mirrored = Buffer.from((curveOrder - s).toString(16).padStart(64, '0'), 'hex');
  return withSignature(
    document,
    Buffer.concat([signature.subarray(0, 32), mirrored, signature.subarray(64)]),
  );
}

/** The texts of header and payload. */
export function textsOf(document: string): [header: string, payload: string] {
  const [header = '', payload = ''] = document.split('.');
  return [Buffer.from(header, 'base64url').toString(), Buffer.from(payload, 'base64url').toString()];
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

const withSignature = (document: string, signature: Buffer): string =>
  `${document.slice(0, document.lastIndexOf('.'))}.${signature.toString('base64url')}`;

function replaceAt(text: string, at: number, code: number): string {
  return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
}

/** One to four changes at random, never none: of bytes, slices, parts of other documents, or values within the payload. */
export function randomMutant(document: string, others: readonly string[], random: Random): Mutant {
  for (;;) {
    let mutated = document;
    const changes = 1 + random.below(4);
    for (let change = 0; change < changes; change += 1)
      mutated = random.pick(mutations)(mutated, others, random);
    if (mutated !== document && !others.includes(mutated))
      return { what: `${changes} changes at random`, document: mutated };
  }
}

type Mutation = (document: string, others: readonly string[], random: Random) => string;

const anyLetter = (random: Random): string => random.pick([...base64urlLetters]);

const mutations: readonly Mutation[] = [
  (document, _, random) => {
    const at = random.below(document.length);
    return replaceAt(document, at, (document.charCodeAt(at) || 0) ^ (1 << random.below(8)));
  },
  (document, _, random) =>
    replaceAt(document, random.below(document.length), anyLetter(random).charCodeAt(0)),
  (document, _, random) => {
    const at = random.below(document.length + 1);
    return document.slice(0, at) + anyLetter(random).repeat(1 + random.below(8)) + document.slice(at);
  },
  (document, _, random) => {
    const at = random.below(document.length + 1);
    return document.slice(0, at) + document.slice(at + 1 + random.below(64));
  },
  (document, others, random) => {
    const parts = document.split('.');
    const part = random.below(3);
    return parts.with(Math.min(part, parts.length - 1), random.pick(others).split('.')[part] ?? '').join('.');
  },
  (document, others, random) => {
    const other = random.pick(others);
    const at = random.below(Math.min(document.length, other.length) + 1);
    return document.slice(0, at) + other.slice(at);
  },
  (document, _, random) => changedText(document, 0, random),
  (document, _, random) => changedText(document, 1, random),
  (document, _, random) => changedText(document, 1, random),
];

/** Header or payload with another digit, letter or member in its JSON, and the signature as it was. */
function changedText(document: string, part: number, random: Random): string {
  const parts = document.split('.');
  const text = Buffer.from(parts[part] ?? '', 'base64url').toString();
  const at = random.below(text.length + 1);
  const changed = random.pick([
    () => text.slice(0, at) + random.pick([...'0123456789abcdefTZ:.-{}[]",']) + text.slice(at + 1),
    () => text.replace(/\d+/g, (digits) => (random.chance(0.1) ? String(Number(digits) + 1) : digits)),
    () =>
      `{${random.pick(['"sequence":9,', '"kid":"x",', '"__proto__":{},', '"usage":[],'])}${text.slice(1)}`,
    () => text.replaceAll(/[0-9a-f]{12}/g, (id) => (random.chance(0.3) ? [...id].reverse().join('') : id)),
  ])();
  return parts.with(Math.min(part, parts.length - 1), Buffer.from(changed).toString('base64url')).join('.');
}
