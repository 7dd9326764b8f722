import { createHmac, sign } from 'node:crypto';
import { createToken } from '@estover/protocol';
import { deviceMessages, documentMediaType, formatInstanceKeyId } from '@estover/protocol/device';
import { generateKeyPair } from '@estover/protocol/signing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOf,
  type SeededAccount,
  startTestServer,
  type TestDevice,
  type TestServer,
  testDevice,
} from '../testing/index.ts';

let server: TestServer;
let account: SeededAccount;
let device: TestDevice;

beforeAll(async () => {
  server = await startTestServer();
  account = await server.account();
  const { secret } = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: account.defaultVirtualAccountId },
    body: {},
  });
  device = await testDevice(server);
  answerOf(await device.register(secret));
});
afterAll(() => server.close());

const post = async (
  body: string | Buffer,
  { path = deviceMessages.authorize.path as string, type = documentMediaType as string } = {},
): Promise<{ status: number; code: unknown; proof: unknown; text: string }> => {
  const response = await fetch(new URL(path, server.address), {
    method: 'POST',
    headers: { 'content-type': type },
    body: new Uint8Array(Buffer.from(body)),
  });
  const text = await response.text();
  const { code, proof } = response.ok ? {} : JSON.parse(text);
  return { status: response.status, code, proof, text };
};

const header = () => ({
  alg: 'ES256',
  typ: deviceMessages.authorize.type,
  kid: formatInstanceKeyId(device.key as NonNullable<typeof device.key>),
});
const part = (text: string): string => Buffer.from(text).toString('base64url');
const payload = () => JSON.stringify({ ...device.common(), usage: [] });

/** A document with a genuine signature over any texts. */
const signed = (head: string, body: string, key = device.keys.privateKey): string => {
  const input = `${part(head)}.${part(body)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
};

/** What the server keeps of the device; no forgery may move it. */
const kept = async () =>
  JSON.stringify([
    await server.db.selectFrom('instance_contacts').selectAll().execute(),
    await server.db.selectFrom('device_messages').select('message_id').orderBy('message_id').execute(),
  ]);

describe('a forged message', () => {
  it.each<[string, () => string | Buffer, number, string]>([
    [
      'without algorithm',
      () => `${part(JSON.stringify({ ...header(), alg: 'none' }))}.${part(payload())}.`,
      400,
      'document-malformed',
    ],
    [
      'with alg none and a signature',
      () => signed(JSON.stringify({ ...header(), alg: 'none' }), payload()),
      400,
      'header-not-allowed',
    ],
    [
      'with the public key as an HMAC secret',
      () => {
        const input = `${part(JSON.stringify({ ...header(), alg: 'HS256' }))}.${part(payload())}`;
        const secret = device.keys.publicKey.export({ type: 'spki', format: 'pem' });
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      },
      400,
      'header-not-allowed',
    ],
    [
      'by a foreign key',
      () => signed(JSON.stringify(header()), payload(), generateKeyPair().privateKey),
      401,
      'signature-invalid',
    ],
    [
      'with a key of its own in the header',
      () =>
        signed(
          JSON.stringify({ ...header(), jwk: generateKeyPair().publicKey.export({ format: 'jwk' }) }),
          payload(),
        ),
      400,
      'header-not-allowed',
    ],
    [
      'with an address of keys',
      () => signed(JSON.stringify({ ...header(), jku: 'https://evil.example/keys' }), payload()),
      400,
      'header-not-allowed',
    ],
    [
      'with a certificate in the header',
      () => signed(JSON.stringify({ ...header(), x5c: ['AAAA'] }), payload()),
      400,
      'header-not-allowed',
    ],
    [
      'with critical extensions',
      () => signed(JSON.stringify({ ...header(), crit: ['b64'], b64: false }), payload()),
      400,
      'header-not-allowed',
    ],
    [
      'of another kind',
      () => signed(JSON.stringify({ ...header(), typ: deviceMessages.deregister.type }), payload()),
      400,
      'header-not-allowed',
    ],
    [
      'with a key id of another form',
      () => signed(JSON.stringify({ ...header(), kid: "' or 1=1 --" }), payload()),
      400,
      'header-not-allowed',
    ],
    [
      'from an instance nobody knows',
      () =>
        signed(
          JSON.stringify({
            ...header(),
            kid: header().kid.replace(/\/[^/]+\//, '/0193c5a0-0000-7000-8000-0000000000aa/'),
          }),
          payload(),
        ),
      404,
      'instance-unknown',
    ],
    [
      'from an instance of another account',
      () =>
        signed(
          JSON.stringify({
            ...header(),
            kid: header().kid.replace(/^[^/]+/, '0193c5a0-0000-7000-8000-0000000000aa'),
          }),
          payload(),
        ),
      404,
      'instance-unknown',
    ],
    [
      'with a certificate nobody knows',
      () => signed(JSON.stringify({ ...header(), kid: header().kid.replace(/[^/]+$/, '4f00') }), payload()),
      401,
      'certificate-unknown',
    ],
    [
      'with a member twice in the payload',
      () => signed(JSON.stringify(header()), payload().replace('"usage":[]', '"usage":[],"usage":[]')),
      400,
      'document-malformed',
    ],
    [
      'with a member twice in the header',
      () =>
        signed(JSON.stringify(header()).replace('"alg":"ES256"', '"alg":"ES256","alg":"ES256"'), payload()),
      400,
      'document-malformed',
    ],
    [
      'with a member nobody knows',
      () => signed(JSON.stringify(header()), payload().replace('"usage"', '"note":1,"usage"')),
      400,
      'document-malformed',
    ],
    [
      'with a fraction',
      () => signed(JSON.stringify(header()), payload().replace('[]', '[{"tag":"a","count":0.5}]')),
      400,
      'document-malformed',
    ],
    [
      'with a count beyond 2^53',
      () =>
        signed(JSON.stringify(header()), payload().replace('[]', '[{"tag":"a","count":9007199254740993}]')),
      400,
      'document-malformed',
    ],
    [
      'with __proto__',
      () => signed(JSON.stringify(header()), payload().replace('"usage"', '"__proto__":{},"usage"')),
      400,
      'document-malformed',
    ],
    ['that is empty', () => '', 400, 'document-malformed'],
    ['that is too large', () => 'A'.repeat(70_000), 400, 'document-malformed'],
    ['that is not text', () => Buffer.from([0xff, 0xfe, 0x00, 0x2e, 0x2e]), 400, 'document-malformed'],
    [
      'deeply nested',
      () => signed(JSON.stringify(header()), `{"usage":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
      400,
      'document-malformed',
    ],
  ])('%s is refused', async (_, document, status, code) => {
    const before = await kept();
    const reply = await post(document());
    expect({ status: reply.status, code: reply.code }).toEqual({ status, code });
    expect(reply.proof).toBeUndefined();
    expect(reply.text).not.toMatch(/node_modules|\.ts:|at .*\(/);
    expect(await kept()).toBe(before);
  });

  it('with another media type is refused', async () => {
    const document = signed(JSON.stringify(header()), payload());
    expect(await post(document, { type: 'application/json' })).toMatchObject({ code: 'document-malformed' });
    expect(await post(document, { type: 'text/plain' })).toMatchObject({ code: 'document-malformed' });
  });

  it('is refused at another address than its own', async () => {
    const document = signed(JSON.stringify(header()), payload());
    for (const kind of ['register', 'renew-certificate', 'deregister'] as const) {
      expect(await post(document, { path: deviceMessages[kind].path })).toMatchObject({
        status: 400,
        code: 'header-not-allowed',
      });
    }
  });

  it('in any one bit is refused', async () => {
    const good = Buffer.from(signed(JSON.stringify(header()), payload()));
    const before = await kept();
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(7), async (place, bit) => {
        const document = Buffer.from(good);
        document.writeUInt8(document.readUInt8(place) ^ (1 << bit), place);
        const reply = await post(document);
        expect(reply.status).toBeGreaterThanOrEqual(400);
        expect(reply.status).toBeLessThan(500);
        expect(reply.proof).toBeUndefined();
      }),
      { numRuns: 400 },
    );
    expect(await kept()).toBe(before);
    expect((await post(good)).status).toBe(200);
  });
});

it('an answer for one instance is not believed by another', async () => {
  const payloadOf = { ...device.common(), usage: [] };
  const document = device.write('authorize', payloadOf);
  const other = await testDevice(server);
  await expect(other.send('authorize', document, other.common().messageId)).rejects.toThrow(
    /not to be believed/,
  );
});
