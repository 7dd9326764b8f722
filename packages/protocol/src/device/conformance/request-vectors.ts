import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import '../../signing/reflection.ts';
import * as x509 from '@peculiar/x509';
import { createCertificateRequest } from '../../signing/certificates.ts';
import type { KeyPair } from '../../signing/keys.ts';
import { type DeviceMessageKind, deviceMessages } from '../kinds.ts';
import { forge, keyId, messageId, publicPem, publicSecretKey, sentAt } from './material.ts';
import type { RequestVector } from './vectors.ts';

const instance = publicSecretKey('instance');
const stranger = publicSecretKey('stranger');
const tag = 'regid.2026-01.example.estover.NET_ADV,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const common = { messageId, sequence: 7, sentAt };
const authorize = {
  ...common,
  instance: { hostName: 'edge-1', softwareVersion: '3.2' },
  usage: [{ tag, count: 4 }],
};

const header = (kind: DeviceMessageKind, more: object = {}) =>
  JSON.stringify({
    alg: 'ES256',
    typ: deviceMessages[kind].type,
    ...(kind === 'register' ? {} : { kid: keyId }),
    ...more,
  });

/** Every way a request can be taken or refused before a rule of licensing is asked. */
export async function requestVectors(token: string): Promise<RequestVector[]> {
  return [
    ...(await goodRequests(token)),
    ...badHeaders(),
    ...badForms(),
    ...badPayloads(),
    ...instants(),
    ...badSignatures(),
    ...(await badRegistrations(token)),
  ];
}

function good(kind: DeviceMessageKind, name: string, payload: object): RequestVector {
  const publicKey = kind === 'register' ? null : publicPem(instance);
  const document = forge(header(kind), JSON.stringify(payload), instance);
  const read: Record<string, unknown> = { ...payload };
  return { name, why: 'taken', kind, document, publicKey, expect: { ok: true, payload: read } };
}

async function goodRequests(token: string): Promise<RequestVector[]> {
  const certificateRequest = await requestBy(instance);
  const identity = { productId: 'RT-100', serialNumber: 'SN0001' };
  const register = { ...common, sequence: 1, token, certificateRequest, instance: identity };
  const full = {
    ...{ ...register, force: true },
    instance: {
      ...identity,
      versionId: 'V02',
      uuid: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
      hostName: 'edge-1',
      softwareTag: 'regid.2026-01.example.estover.RT100,3.2_6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
      softwareVersion: '3.2',
    },
    usage: [{ tag, count: 4 }],
  };
  return [
    good('register', 'register-smallest', register),
    good('register', 'register-with-everything', full),
    good('authorize', 'authorize', authorize),
    good('authorize', 'authorize-nothing-in-use', { ...common, usage: [] }),
    good('authorize', 'authorize-with-epoch', { ...common, epoch: 29_852_040, usage: [] }),
    good('authorize', 'authorize-count-zero', { ...common, usage: [{ tag, count: 0 }] }),
    good('authorize', 'authorize-tag-of-another-form', {
      ...common,
      usage: [{ tag: 'not a regid: ÄÖ', count: 1 }],
    }),
    good('authorize', 'authorize-200-tags', {
      ...common,
      usage: Array.from({ length: 200 }, (_, index) => ({ tag: `T${index}`, count: 1_000_000_000 })),
    }),
    good('authorize', 'authorize-255-code-points', {
      ...common,
      usage: [{ tag: '🌍'.repeat(255), count: 1 }],
    }),
    good('renew-certificate', 'renew-certificate', { ...common, certificateRequest }),
    good('deregister', 'deregister', common),
  ];
}

function bad(name: string, code: string, why: string, document: string): RequestVector {
  return {
    name,
    why,
    kind: 'authorize',
    document,
    publicKey: publicPem(instance),
    expect: { ok: false, code },
  };
}

function badHeaders(): RequestVector[] {
  const body = JSON.stringify(authorize);
  const input = `${Buffer.from(header('authorize', { alg: 'HS256' })).toString('base64url')}.${Buffer.from(body).toString('base64url')}`;
  const hmac = createHmac('sha256', publicPem(instance)).update(input).digest('base64url');
  const refuse = (name: string, why: string, document: string) =>
    bad(name, 'header-not-allowed', why, document);
  const withHeader = (name: string, why: string, more: object) =>
    refuse(name, why, forge(header('authorize', more), body, instance));
  return [
    withHeader('header-alg-none', 'only ES256 is allowed', { alg: 'none' }),
    refuse('header-alg-hs256', 'a public key used as HMAC secret must not pass', `${input}.${hmac}`),
    withHeader('header-alg-es384', 'only ES256 is allowed', { alg: 'ES384' }),
    withHeader('header-alg-tree', 'only answers are signed together', { alg: 'ES256-TREE' }),
    withHeader('header-jku', 'keys are never fetched by the message’s wish', {
      jku: 'https://keys.example/',
    }),
    withHeader('header-jwk', 'a message brings no key in its header', { jwk: { kty: 'EC' } }),
    withHeader('header-x5u', 'certificates are never fetched by the message’s wish', {
      x5u: 'https://keys.example/',
    }),
    withHeader('header-x5c', 'a message brings no certificate in its header', { x5c: ['MIIB'] }),
    withHeader('header-crit', 'there are no critical extensions', { crit: ['exp'], exp: 1 }),
    withHeader('header-b64', 'the payload is always encoded', { b64: false }),
    withHeader('header-unknown-member', 'nothing beside alg, typ, kid', { note: 'x' }),
    withHeader('header-typ-missing', 'typ is required', { typ: undefined }),
    withHeader('header-typ-jwt', 'typ names the kind of document', { typ: 'JWT' }),
    withHeader('header-typ-of-another-kind', 'a deregistration is no authorization', {
      typ: deviceMessages.deregister.type,
    }),
    withHeader('header-kid-missing', 'kid is required', { kid: undefined }),
    withHeader('header-kid-of-another-form', 'kid is account/instance/serial', { kid: 'key-1' }),
    withHeader('header-kid-half-a-byte', 'the serial number has two digits a byte', {
      kid: keyId.slice(0, -1),
    }),
    withHeader('header-kid-in-capitals', 'ids are in small letters', { kid: keyId.toUpperCase() }),
    {
      ...refuse(
        'header-kid-when-registering',
        'a registration has no kid',
        forge(header('register', { kid: keyId }), body, instance),
      ),
      kind: 'register',
      publicKey: null,
    },
  ];
}

function badForms(): RequestVector[] {
  const body = JSON.stringify(authorize);
  const document = forge(header('authorize'), body, instance);
  const [one = '', two = '', three = ''] = document.split('.');
  const refuse = (name: string, why: string, text: string) => bad(name, 'document-malformed', why, text);
  const twice = header('authorize').replace('{', '{"alg":"ES256",');
  return [
    refuse('form-empty', 'no document', ''),
    refuse('form-two-parts', 'the signature is missing', `${one}.${two}`),
    refuse('form-empty-signature', 'no part is empty', `${one}.${two}.`),
    refuse('form-four-parts', 'one part too many', `${document}.${three}`),
    refuse('form-padding', 'base64url without padding', `${document}==`),
    refuse('form-plain-base64', 'base64url, not base64', `${one}.${two}.+/${three.slice(2)}`),
    refuse('form-newline', 'no white space', `${document}\n`),
    refuse(
      'form-loose-last-character',
      'unused bits of the last character must be zero',
      `${one}.${two}.${three.slice(0, -1)}${loosen(three.slice(-1))}`,
    ),
    refuse('form-header-no-json', 'the header is JSON', forge('alg=ES256', body, instance)),
    refuse('form-header-list', 'the header is an object', forge('["ES256"]', body, instance)),
    refuse('form-header-duplicate', 'no member twice', forge(twice, body, instance)),
    refuse('form-payload-no-json', 'the payload is JSON', forge(header('authorize'), 'usage=4', instance)),
    refuse('form-payload-list', 'the payload is an object', forge(header('authorize'), '[]', instance)),
    refuse(
      'form-payload-duplicate',
      'no member twice',
      forge(header('authorize'), body.replace('{', '{"sequence":9,'), instance),
    ),
    refuse(
      'form-payload-duplicate-escaped',
      'names are compared after unescaping',
      forge(header('authorize'), body.replace('{', String.raw`{"\u0073equence":9,`), instance),
    ),
    refuse(
      'form-payload-duplicate-inside',
      'at any depth',
      forge(header('authorize'), body.replace('"count":4', '"count":4,"count":5'), instance),
    ),
    refuse(
      'form-payload-no-utf8',
      'the payload is UTF-8',
      forge(
        header('authorize'),
        Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff), Buffer.from('"}')]),
        instance,
      ),
    ),
    refuse(
      'form-payload-byte-order-mark',
      'no byte order mark',
      forge(header('authorize'), `\uFEFF${body}`, instance),
    ),
    refuse(
      'form-too-long',
      '64 KiB are the most',
      forge(header('authorize'), JSON.stringify({ ...authorize, filler: 'x'.repeat(65_536) }), instance),
    ),
  ];
}

function badPayloads(): RequestVector[] {
  const refuse = (name: string, why: string, more: object) =>
    bad(
      name,
      'document-malformed',
      why,
      forge(header('authorize'), JSON.stringify({ ...authorize, ...more }), instance),
    );
  return [
    refuse('payload-unknown-member', 'an unknown member is refused, never ignored', { licenses: [] }),
    refuse('payload-message-id-missing', 'required', { messageId: undefined }),
    refuse('payload-message-id-capitals', 'UUIDs are in small letters', {
      messageId: messageId.toUpperCase(),
    }),
    refuse('payload-sequence-zero', 'from 1', { sequence: 0 }),
    refuse('payload-sequence-text', 'a number', { sequence: '7' }),
    refuse('payload-sequence-beyond-exact', 'at most 2^53 - 1', { sequence: 2 ** 53 }),
    refuse('payload-sent-at-with-offset', 'UTC with Z', { sentAt: '2026-11-22T13:00:00+01:00' }),
    refuse('payload-sent-at-no-date', 'a real date', { sentAt: '2026-02-30T12:00:00Z' }),
    refuse('payload-epoch-zero', 'from 1', { epoch: 0 }),
    refuse('payload-usage-missing', 'required; empty when nothing is in use', { usage: undefined }),
    refuse('payload-tag-twice', 'counts are absolute', {
      usage: [
        { tag, count: 1 },
        { tag, count: 2 },
      ],
    }),
    refuse('payload-tag-empty', '1 to 255 characters', { usage: [{ tag: '', count: 1 }] }),
    refuse('payload-tag-control-character', 'no control characters', { usage: [{ tag: 'a\nb', count: 1 }] }),
    refuse('payload-count-negative', 'from 0', { usage: [{ tag, count: -1 }] }),
    refuse('payload-256-code-points', 'a tag has 255 at most', {
      usage: [{ tag: '🌍'.repeat(256), count: 1 }],
    }),
    refuse('payload-lone-surrogate', 'no lone surrogates', { usage: [{ tag: 'A\uD800', count: 1 }] }),
    refuse('payload-control-character', 'no control characters', {
      usage: [{ tag: 'A\u0085', count: 1 }],
    }),
    refuse('payload-count-fraction', 'whole', { usage: [{ tag, count: 1.5 }] }),
    refuse('payload-count-too-large', 'at most 1,000,000,000', { usage: [{ tag, count: 1_000_000_001 }] }),
    refuse('payload-201-tags', 'at most 200', {
      usage: Array.from({ length: 201 }, (_, index) => ({ tag: `T${index}`, count: 1 })),
    }),
  ];
}

/** Instants that are taken and refused. */
function instants(): RequestVector[] {
  const taken = ['2026-11-22T12:00:00.1Z', '2026-11-22T12:00:00.123456789Z', '2028-02-29T23:59:59Z'];
  const refused = [
    ['12-digits', '1 to 9 digits of a fraction', '2026-11-22T12:00:00.123456789012Z'],
    ['10-digits', '1 to 9 digits of a fraction', '2026-11-22T12:00:00.1234567890Z'],
    ['no-digits', '1 to 9 digits of a fraction', '2026-11-22T12:00:00.Z'],
    ['small-letters', 'capital T and Z', '2026-11-22t12:00:00z'],
    ['offset', 'in UTC, ending in Z', '2026-11-22T12:00:00+00:00'],
    ['no-seconds', 'seconds are required', '2026-11-22T12:00Z'],
    ['leap-second', 'seconds from 00 to 59', '2026-12-31T23:59:60Z'],
    ['no-such-day', 'a day of the calendar', '2027-02-29T12:00:00Z'],
  ] as const;
  return [
    ...taken.map((sentAt, index) => good('authorize', `instant-${index + 1}`, { ...authorize, sentAt })),
    ...refused.map(([name, why, sentAt]) =>
      bad(
        `instant-${name}`,
        'document-malformed',
        why,
        forge(header('authorize'), JSON.stringify({ ...authorize, sentAt }), instance),
      ),
    ),
  ];
}

function badSignatures(): RequestVector[] {
  const body = JSON.stringify(authorize);
  const document = forge(header('authorize'), body, instance);
  const [one = '', two = '', three = ''] = document.split('.');
  const changed = Buffer.from(body.replace('"count":4', '"count":5')).toString('base64url');
  const der = sign('sha256', Buffer.from(`${one}.${two}`), instance.privateKey).toString('base64url');
  const refuse = (name: string, why: string, text: string) => bad(name, 'signature-invalid', why, text);
  return [
    refuse('signature-payload-changed', 'the text was changed after signing', `${one}.${changed}.${three}`),
    refuse(
      'signature-by-another-key',
      'not by the certificate’s key',
      forge(header('authorize'), body, stranger),
    ),
    refuse('signature-zeros', 'r and s are zero', `${one}.${two}.${Buffer.alloc(64).toString('base64url')}`),
    refuse('signature-der', 'r and s are 32 bytes each, not DER', `${one}.${two}.${der}`),
    refuse(
      'signature-cut',
      '64 bytes',
      `${one}.${two}.${Buffer.from(three, 'base64url').subarray(0, 63).toString('base64url')}`,
    ),
  ];
}

async function badRegistrations(token: string): Promise<RequestVector[]> {
  const certificateRequest = await requestBy(instance);
  const identity = { productId: 'RT-100', serialNumber: 'SN0001' };
  const register = { ...common, sequence: 1, token, certificateRequest, instance: identity };
  const broken = Buffer.from(certificateRequest, 'base64');
  broken.writeUInt8(broken.readUInt8(broken.length - 1) ^ 1, broken.length - 1);
  const refuse = (
    name: string,
    code: string,
    why: string,
    more: object,
    signer = instance,
  ): RequestVector => ({
    ...bad(name, code, why, forge(header('register'), JSON.stringify({ ...register, ...more }), signer)),
    kind: 'register',
    publicKey: null,
  });
  const invalid = 'certificate-request-invalid';
  return [
    refuse(
      'register-signed-by-another-key',
      'signature-invalid',
      'message and certificate request: one key',
      {},
      stranger,
    ),
    refuse('register-request-no-pkcs10', invalid, 'PKCS#10 in DER', { certificateRequest: 'AAAA' }),
    refuse('register-request-broken-signature', invalid, 'the request is signed by its key', {
      certificateRequest: broken.toString('base64'),
    }),
    {
      ...bad(
        'renew-certificate-request-broken-signature',
        invalid,
        'the request is signed by its key',
        forge(
          header('renew-certificate'),
          JSON.stringify({ ...common, certificateRequest: broken.toString('base64') }),
          instance,
        ),
      ),
      kind: 'renew-certificate',
    },
    refuse('register-request-p384', invalid, 'only P-256 keys', { certificateRequest: await p384Request() }),
    refuse('register-without-identity', 'document-malformed', 'required', { instance: undefined }),
    refuse('register-without-serial-number', 'document-malformed', 'required', {
      instance: { productId: 'RT-100' },
    }),
  ];
}

/** Sets one of the bits of the last base64url character that carry nothing. */
function loosen(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet.charAt(alphabet.indexOf(character) | 1);
}

async function requestBy(keys: KeyPair): Promise<string> {
  return Buffer.from(await createCertificateRequest(keys, 'SN0001')).toString('base64');
}

async function p384Request(): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const curve = { name: 'ECDSA', namedCurve: 'P-384' };
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: ['SN0001'] }],
    keys: {
      privateKey: privateKey.toCryptoKey(curve, true, ['sign']),
      publicKey: publicKey.toCryptoKey(curve, true, ['verify']),
    },
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-384' },
  });
  return Buffer.from(request.rawData).toString('base64');
}
