import { describe, expect, it } from 'vitest';
import { createCertificateRequest } from '../signing/certificates.ts';
import { exportPublicJwk, generateKeyPair } from '../signing/keys.ts';
import {
  checkRegistration,
  checkRequest,
  checkRequestInPool,
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
import type { Trust } from './trust.ts';

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
    expect(await checkRequestInPool(opened, keys.publicKey)).toEqual(checkRequest(opened, keys.publicKey));
    expect(await checkRequestInPool(opened, signing.publicKey)).toMatchObject({ code: 'signature-invalid' });
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

  it('is believed only from a known key, for its own message and kind', () => {
    const document = signAnswer('deregister', answer, signer);
    expect(verifyAnswer('deregister', document, { messageId, trust, at })).toEqual({ ok: true, answer });
    const other = { messageId: key.accountId, trust, at };
    expect(verifyAnswer('deregister', document, other)).toMatchObject({ code: 'wrong-message' });
    expect(verifyAnswer('authorize', document, { messageId, trust, at })).toMatchObject({
      code: 'header-not-allowed',
    });
    const forged = signAnswer('deregister', answer, { keyId: 's1', privateKey: keys.privateKey });
    expect(verifyAnswer('deregister', forged, { messageId, trust, at })).toMatchObject({
      code: 'signature-invalid',
    });
    const unknown = signAnswer('deregister', answer, { ...signer, keyId: 's2' });
    expect(verifyAnswer('deregister', unknown, { messageId, trust, at })).toMatchObject({
      code: 'key-unknown',
    });
    const later = at.add({ hours: 24 * 366 });
    expect(verifyAnswer('deregister', document, { messageId, trust, at: later })).toMatchObject({
      code: 'key-unknown',
    });
  });

  it('may carry members that this reader does not know', () => {
    const document = signAnswer('deregister', { ...answer, ...{ mood: 'fine' } }, signer);
    expect(verifyAnswer('deregister', document, { messageId, trust, at })).toEqual({ ok: true, answer });
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
    expect(verifyRefusal(proof, { messageId, trust, at })).toMatchObject({
      ok: true,
      proof: { code: 'instance-removed' },
    });
    expect(verifyAnswer('deregister', proof, { messageId, trust, at })).toMatchObject({
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
