import { createHmac, type KeyObject, sign } from 'node:crypto';
import { generateKeyPair } from '../signing/keys.ts';
import type { Mutant } from './mutate-document.ts';

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
  const otherMembers: Record<string, unknown>[] = [
    ...[
      'JWT',
      'JOSE',
      '',
      String(header.typ).toUpperCase(),
      `application/${header.typ}`,
      'estover-refusal+jws',
      undefined,
      null,
    ]
      .filter((typ) => typ !== header.typ)
      .map((typ) => ({ typ })),
    ...['register', 'authorize', 'renew-certificate', 'deregister']
      .flatMap((kind) => [`estover-${kind}+jws`, `estover-${kind}-answer+jws`])
      .filter((typ) => typ !== header.typ)
      .map((typ) => ({ typ })),
    ...(header.kid === undefined
      ? ['', 'k', 0, null]
      : [undefined, '', 0, null, [header.kid], `${header.kid} `]
    ).map((kid) => ({ kid })),
  ];
  for (const members of otherMembers) {
    yield { what: `${JSON.stringify(members)}, well signed`, document: withHeader(members) };
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
