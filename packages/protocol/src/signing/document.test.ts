import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { compactVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { checkDocument, largestRequest, openDocument, signDocument } from './document.ts';
import { generateKeyPair } from './keys.ts';

const keys = generateKeyPair();
const type = 'estover-test+jws';
const good = signDocument({ a: 1 }, { type, keyId: 'k1' }, keys.privateKey);

/** Opens and checks a document, as every reader does. */
function read(document: string, key: KeyObject = keys.publicKey) {
  const opened = openDocument(document, { type, keyId: 'required', largest: largestRequest });
  return opened.ok ? checkDocument(opened, key) : opened;
}

/** A document with a genuine signature over any header and payload text. */
function forge(header: string, payload = '{"a":1}', algorithm: 'ieee-p1363' | 'der' = 'ieee-p1363'): string {
  const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(input), { key: keys.privateKey, dsaEncoding: algorithm });
  return `${input}.${signature.toString('base64url')}`;
}

const headerWith = (members: Record<string, unknown>) =>
  forge(JSON.stringify({ alg: 'ES256', typ: type, kid: 'k1', ...members }));

describe('a signed document', () => {
  it('is taken when form, header, key and signature are right', () => {
    expect(read(good)).toMatchObject({
      ok: true,
      header: { alg: 'ES256', typ: type, kid: 'k1' },
      payload: { a: 1 },
    });
  });

  it('is one that another implementation verifies', async () => {
    const verified = await compactVerify(good, keys.publicKey, { algorithms: ['ES256'] });
    expect(Buffer.from(verified.payload).toString()).toBe('{"a":1}');
  });

  it.each([
    ['jku', 'https://evil.example/keys'],
    ['jwk', { kty: 'EC' }],
    ['x5u', 'https://evil.example/'],
    ['x5c', ['AA']],
    ['crit', ['exp']],
    ['b64', false],
    ['zip', 'DEF'],
  ])('is refused with %s in the header, though its signature is genuine', (name, value) => {
    expect(read(headerWith({ [name]: value }))).toMatchObject({
      code: 'header-not-allowed',
      detail: expect.stringContaining(name),
    });
  });

  it.each([
    ['no algorithm', headerWith({ alg: 'none' })],
    ['another algorithm', headerWith({ alg: 'HS256' })],
    ['another type', headerWith({ typ: 'JWT' })],
    ['no type', headerWith({ typ: undefined })],
    ['no key id', headerWith({ kid: undefined })],
    ['a key id that is no text', headerWith({ kid: 7 })],
    ['an endless key id', headerWith({ kid: 'k'.repeat(256) })],
  ])('is refused with %s', (_, document) => {
    expect(read(document)).toMatchObject({ code: 'header-not-allowed' });
  });

  it.each([
    ['two parts', good.split('.').slice(0, 2).join('.')],
    ['four parts', `${good}.AA`],
    ['an empty signature', good.replace(/[^.]*$/, '')],
    ['padding', `${good}=`],
    ['a newline', `${good}\n`],
    ['a duplicate member in the header', forge(`{"alg":"ES256","alg":"ES256","typ":"${type}","kid":"k1"}`)],
    [
      'a duplicate member in the payload',
      forge(`{"alg":"ES256","typ":"${type}","kid":"k1"}`, '{"a":1,"a":2}'),
    ],
    ['a payload that is no object', forge(`{"alg":"ES256","typ":"${type}","kid":"k1"}`, '[1]')],
    ['a header that is no object', forge('"ES256"')],
    ['more than 64 KiB', signDocument({ a: 'x'.repeat(65_536) }, { type, keyId: 'k1' }, keys.privateKey)],
  ])('is malformed with %s', (_, document) => {
    expect(read(document)).toMatchObject({ code: 'document-malformed' });
  });

  it('is refused when the published key was used as a secret, whatever algorithm it names', () => {
    const published = [
      keys.publicKey.export({ format: 'der', type: 'spki' }),
      keys.publicKey.export({ format: 'pem', type: 'spki' }),
      JSON.stringify(keys.publicKey.export({ format: 'jwk' })),
    ];
    const codes = published.flatMap((secret) =>
      ['HS256', 'ES256'].map((alg) => {
        const [header = '', payload = ''] = headerWith({ alg }).split('.');
        // Twice, so that it is as long as a signature.
        const mac = createHmac('sha256', secret).update(`${header}.${payload}`).digest();
        const read64 = read(`${header}.${payload}.${Buffer.concat([mac, mac]).toString('base64url')}`);
        return read64.ok ? 'taken' : read64.code;
      }),
    );
    const refused = ['header-not-allowed', 'signature-invalid'];
    expect(codes).toEqual([...refused, ...refused, ...refused]);
  });

  it('is refused when a bit of the payload or of the signature changed', () => {
    const [header, , signature] = good.split('.');
    const other = Buffer.from('{"a":2}').toString('base64url');
    expect(read(`${header}.${other}.${signature}`)).toMatchObject({
      code: 'signature-invalid',
    });
    const zeros = Buffer.alloc(64).toString('base64url');
    expect(read(good.replace(/[^.]*$/, zeros))).toMatchObject({
      code: 'signature-invalid',
    });
  });

  it('is refused when its signature is in DER form', () => {
    const document = forge(`{"alg":"ES256","typ":"${type}","kid":"k1"}`, '{"a":1}', 'der');
    expect(read(document)).toMatchObject({ code: 'signature-invalid' });
  });

  it('is refused with a key of another curve, though its signature is genuine', async () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const document = signDocument({ a: 1 }, { type, keyId: 'k1' }, p384.privateKey);
    const refusal = { code: 'signature-invalid', detail: 'the key is not a P-256 key' };
    expect(read(document, p384.publicKey)).toMatchObject(refusal);
  });
});
