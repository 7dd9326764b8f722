import { describe, expect, it } from 'vitest';
import { createCertificateRequest } from '../signing/certificates.ts';
import { exportPublicJwk, generateKeyPair } from '../signing/keys.ts';
import {
  checkRegistration,
  checkRequest,
  checkRequestWith,
  differingField,
  openRequest,
  signAnswer,
  signRefusal,
  signRequest,
  verifyAnswer,
  verifyRefusal,
} from './messages.ts';
import { deviceProblem, deviceProblemSchema, deviceRefusalCodes } from './refusals.ts';
import type { AuthorizeRequest, RegisterRequest } from './requests.ts';
import { type Trust, trustSchema } from './trust.ts';

const keys = generateKeyPair();
const signing = generateKeyPair();
const key = {
  accountId: '0193c5a0-0000-7000-8000-000000000001',
  instanceId: '0193c5a0-0000-7000-8000-0000000000aa',
  certificateSerial: '4f00',
};
const messageId = '0193c5a0-0000-7000-8000-00000000a001';
const common = { messageId, sequence: 1, sentAt: '2026-11-22T12:00:00Z' };
const authorize: AuthorizeRequest = { ...common, usage: [{ tag: 'regid.a', count: 2 }] };
const at = Temporal.Instant.from('2026-11-22T12:00:00Z');
const trust: Trust = {
  installationId: '0193c5a0-0000-7000-8000-000000000009',
  certificateAuthorities: ['-----BEGIN CERTIFICATE-----'],
  signingKeys: {
    keys: [
      {
        ...exportPublicJwk(signing.publicKey),
        kid: 's1',
        alg: 'ES256',
        use: 'sig',
        notAfter: '2027-11-22T12:00:00Z',
      },
    ],
  },
  serverTime: '2026-11-22T12:00:00Z',
};

describe('a request', () => {
  it('goes and comes', async () => {
    const opened = openRequest('authorize', signRequest('authorize', authorize, keys.privateKey, key));
    if (!opened.ok) throw new Error(opened.detail);
    expect(opened.key).toEqual(key);
    expect(checkRequest(opened, keys.publicKey)).toMatchObject({ ok: true, request: authorize });
    expect(checkRequest(opened, signing.publicKey)).toMatchObject({ code: 'signature-invalid' });
    expect(await checkRequestWith(opened, async () => true)).toEqual(checkRequest(opened, keys.publicKey));
    expect(await checkRequestWith(opened, async () => false)).toMatchObject({ code: 'signature-invalid' });
  });

  it('of one kind never passes for another', () => {
    const document = signRequest('deregister', common, keys.privateKey, key);
    expect(openRequest('authorize', document)).toMatchObject({ code: 'header-not-allowed' });
  });

  it.each<[string, object, string]>([
    ['an unknown member', { extra: 1 }, ''],
    ['a negative count', { usage: [{ tag: 'a', count: -1 }] }, '/usage/0/count'],
    ['a fraction', { usage: [{ tag: 'a', count: 0.5 }] }, '/usage/0/count'],
    [
      'a tag twice',
      {
        usage: [
          { tag: 'a', count: 1 },
          { tag: 'a', count: 2 },
        ],
      },
      '/usage/1/tag',
    ],
    [
      '201 tags',
      { usage: Array.from({ length: 201 }, (_, tag) => ({ tag: String(tag), count: 1 })) },
      '/usage',
    ],
    ['sequence 0', { sequence: 0 }, '/sequence'],
    ['a local time', { sentAt: '2026-11-22T12:00:00+01:00' }, '/sentAt'],
    ['12 digits of a fraction', { sentAt: '2026-11-22T12:00:00.123456789012Z' }, '/sentAt'],
    ['a small z', { sentAt: '2026-11-22T12:00:00z' }, '/sentAt'],
    ['no seconds', { sentAt: '2026-11-22T12:00Z' }, '/sentAt'],
    ['a 30th of February', { sentAt: '2026-02-30T12:00:00Z' }, '/sentAt'],
    ['a leap second', { sentAt: '2026-12-31T23:59:60Z' }, '/sentAt'],
    ['256 characters in a tag', { usage: [{ tag: '🌍'.repeat(256), count: 1 }] }, '/usage/0/tag'],
    ['a capital UUID', { messageId: messageId.toUpperCase() }, '/messageId'],
  ])('with %s is malformed, and says where', (_, members, pointer) => {
    const opened = openRequest(
      'authorize',
      signRequest('authorize', { ...authorize, ...members }, keys.privateKey, key),
    );
    if (!opened.ok) throw new Error(opened.detail);
    expect(checkRequest(opened, keys.publicKey)).toMatchObject({
      code: 'document-malformed',
      errors: [{ pointer }],
    });
  });
});

it('counts characters as code points, and takes up to 9 digits of a fraction', () => {
  const payload = {
    ...authorize,
    sentAt: '2026-11-22T12:00:00.123456789Z',
    usage: [{ tag: '🌍'.repeat(255), count: 1 }],
  };
  const opened = openRequest('authorize', signRequest('authorize', payload, keys.privateKey, key));
  expect(opened.ok && checkRequest(opened, keys.publicKey)).toMatchObject({ ok: true, request: payload });
});

it('tells a bounded number of errors of a payload, whatever was sent', () => {
  const many = { ...authorize, ['x'.repeat(9_000)]: 1, usage: Array.from({ length: 150 }, () => 1) };
  const opened = openRequest(
    'authorize',
    signRequest('authorize', many as unknown as AuthorizeRequest, keys.privateKey, key),
  );
  const checked = opened.ok ? checkRequest(opened, keys.publicKey) : opened;
  expect(checked).toMatchObject({ code: 'document-malformed' });
  expect(checked.ok ? [] : checked.errors).toHaveLength(20);
  expect(JSON.stringify(checked).length).toBeLessThan(10_000);
});

it('reads a trust with keys from later and skips them, but needs one that it can use', () => {
  const [usable] = trust.signingKeys.keys;
  const others = [
    { kty: 'OKP', crv: 'Ed25519', x: 'AA', kid: 'later', alg: 'EdDSA', use: 'sig' },
    { ...usable, kid: 'off-the-curve', x: 'A'.repeat(43) },
    'no key at all',
  ];
  const read = trustSchema.parse({ ...trust, signingKeys: { keys: [...others, usable] } });
  expect(read.signingKeys.keys).toEqual([usable]);
  expect(trustSchema.safeParse({ ...trust, signingKeys: { keys: others } }).success).toBe(false);
});

describe('a registration', () => {
  const registration = async (): Promise<RegisterRequest> => ({
    ...common,
    token: 'esrt_x',
    certificateRequest: Buffer.from(await createCertificateRequest(keys, 'SN1')).toString('base64'),
    instance: { productId: 'P', serialNumber: 'SN1' },
  });

  it('is taken when the certificate request and the message are signed by one key', async () => {
    const document = signRequest('register', await registration(), keys.privateKey);
    const checked = await checkRegistration(document);
    if (!checked.ok) throw new Error(checked.detail);
    expect(checked.publicKey.equals(keys.publicKey)).toBe(true);
  });

  it('is refused when somebody else signed the message', async () => {
    const document = signRequest('register', await registration(), signing.privateKey);
    expect(await checkRegistration(document)).toMatchObject({ code: 'signature-invalid' });
  });

  it('is refused when the certificate request is no request', async () => {
    const payload = { ...(await registration()), certificateRequest: 'AAAA' };
    const document = signRequest('register', payload, keys.privateKey);
    expect(await checkRegistration(document)).toMatchObject({ code: 'certificate-request-invalid' });
  });
});

describe('an answer', () => {
  const answer = {
    ...{ messageId, accountId: key.accountId, instanceId: key.instanceId },
    answeredAt: '2026-11-22T12:00:01Z',
    lastSequence: 1,
    receipt: 'r',
  };
  const signer = { keyId: 's1', privateKey: signing.privateKey };
  const { accountId, instanceId } = key;
  const awaited = { messageId, instance: key, trust, at };

  it('is believed only from a known key, for its own message and kind', () => {
    const document = signAnswer('deregister', answer, signer);
    expect(verifyAnswer('deregister', document, awaited)).toEqual({ ok: true, answer });
    const other = { ...awaited, messageId: key.accountId };
    expect(verifyAnswer('deregister', document, other)).toMatchObject({ code: 'wrong-message' });
    expect(verifyAnswer('authorize', document, awaited)).toMatchObject({
      code: 'header-not-allowed',
    });
    const forged = signAnswer('deregister', answer, { keyId: 's1', privateKey: keys.privateKey });
    expect(verifyAnswer('deregister', forged, awaited)).toMatchObject({
      code: 'signature-invalid',
    });
    const unknown = signAnswer('deregister', answer, { ...signer, keyId: 's2' });
    expect(verifyAnswer('deregister', unknown, awaited)).toMatchObject({
      code: 'key-unknown',
    });
    const later = at.add({ hours: 24 * 366 });
    expect(verifyAnswer('deregister', document, { ...awaited, at: later })).toMatchObject({
      code: 'key-unknown',
    });
  });

  it('or a proof for another instance is not believed; who registers has no ids yet', () => {
    const document = signAnswer('deregister', answer, signer);
    for (const other of [
      { ...key, instanceId: accountId },
      { ...key, accountId: instanceId },
    ]) {
      expect(verifyAnswer('deregister', document, { ...awaited, instance: other })).toMatchObject({
        code: 'wrong-message',
      });
    }
    expect(verifyAnswer('deregister', document, { ...awaited, instance: undefined })).toMatchObject({
      ok: true,
    });
  });

  it('may carry members that this reader does not know', () => {
    const document = signAnswer('deregister', { ...answer, ...{ mood: 'fine' } }, signer);
    expect(verifyAnswer('deregister', document, awaited)).toEqual({ ok: true, answer });
  });

  it.each([
    ['its own certificate', key.certificateSerial, true],
    ['another certificate', 'beef', false],
    ['no certificate at all', undefined, false],
  ])('that a certificate is not known is proven to who signed with it: %s', (_, certificateSerial, ok) => {
    const told = { messageId, accountId, instanceId, answeredAt: answer.answeredAt, detail: 'd' };
    const proof = signRefusal({ ...told, code: 'certificate-unknown', certificateSerial }, signer);
    expect(verifyRefusal(proof, awaited)).toMatchObject(ok ? { ok } : { ok, code: 'wrong-message' });
    expect(verifyRefusal(proof, { ...awaited, instance: undefined })).toMatchObject({ ok: false });
    const unknown = signRefusal({ ...told, code: 'instance-unknown' }, signer);
    expect(verifyRefusal(unknown, awaited)).toMatchObject({ ok: true });
  });

  it('or a refusal’s proof cannot stand in for each other', () => {
    const proof = signRefusal(
      {
        messageId,
        accountId: key.accountId,
        instanceId: key.instanceId,
        code: 'instance-removed',
        answeredAt: answer.answeredAt,
        detail: 'd',
      },
      signer,
    );
    expect(verifyRefusal(proof, awaited)).toMatchObject({
      ok: true,
      proof: { code: 'instance-removed' },
    });
    expect(verifyAnswer('deregister', proof, awaited)).toMatchObject({
      code: 'header-not-allowed',
    });
  });
});

it('makes a valid problem of every code', () => {
  for (const code of deviceRefusalCodes) {
    expect(deviceProblemSchema.safeParse(deviceProblem(code, 'why')).success).toBe(true);
  }
});

it.each([
  ['the same bytes', '{"a":1,"b":[{"c":1}]}', '{"a":1,"b":[{"c":1}]}', undefined],
  ['the same values in another order', '{"a":1,"b":{"c":1,"d":2}}', '{"b":{"d":2,"c":1},"a":1}', undefined],
  ['a changed value', '{"a":1,"usage":[{"count":1}]}', '{"a":1,"usage":[{"count":2}]}', 'usage'],
  ['a missing member', '{"a":1,"force":true}', '{"a":1}', 'force'],
  ['an order of a list', '{"usage":[1,2]}', '{"usage":[2,1]}', 'usage'],
])('names the field in which two messages differ: %s', (_, first, second, field) => {
  expect(differingField(Buffer.from(first), Buffer.from(second))).toBe(field);
});
