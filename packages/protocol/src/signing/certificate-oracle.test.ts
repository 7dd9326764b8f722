import { createPublicKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import './reflection.ts';
import * as x509 from '@peculiar/x509';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../testing/index.ts';
import { readCertificateRequest } from './certificate-request.ts';
import {
  type CertificateAuthority,
  createCertificateAuthority,
  createCertificateRequest,
  newCertificateSerial,
} from './certificates.ts';
import { constructedTag, derTag, readDer, readMembers, readWholeBits, writeBits, writeDer } from './der.ts';
import { type IdentityCertificateOptions, issueIdentityCertificate } from './identity-certificate.ts';
import { generateKeyPair, type KeyPair, toWebKeys } from './keys.ts';

/*
 * What this package reads and writes of X.509 itself, held against the library that does it for everybody, and against
 * OpenSSL's requests. Certificates must be the library's to the byte, but for the signature, which is made of chance.
 */

const seed = Number(process.env.FUZZ_SEED ?? 20_261_122);
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' };
const toWebKey = (key: KeyObject) => key.toCryptoKey(ecdsa, true, ['verify']);

async function libraryCertificate(options: IdentityCertificateOptions): Promise<Uint8Array> {
  const authority = new x509.X509Certificate(new Uint8Array(options.ca.certificate));
  const publicKey = toWebKey(createPublicKey({ key: options.request.spki, format: 'der', type: 'spki' }));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: options.serial,
    subject: [{ CN: [options.instanceId] }, { O: [options.accountId] }],
    issuer: authority.subjectName,
    publicKey,
    signingKey: toWebKeys(options.ca.keys).privateKey,
    notBefore: new Date(options.notBefore.epochMilliseconds),
    notAfter: new Date(options.notAfter.epochMilliseconds),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: `urn:uuid:${options.instanceId}` }]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return new Uint8Array(certificate.rawData);
}

/** What is signed of a certificate or request, and the algorithm. */
const withoutSignature = (der: Uint8Array): string[] =>
  readMembers(readDer(der), derTag.sequence)
    .slice(0, 2)
    .map(({ bytes }) => Buffer.from(bytes).toString('hex'));

let authorities: CertificateAuthority[];
beforeAll(async () => {
  const notBefore = Temporal.Instant.from('2026-11-22T12:00:00Z');
  const notAfter = Temporal.Instant.from('2056-11-22T12:00:00Z');
  authorities = await Promise.all(
    ['Estover', 'Überlingen 許', 'a, b = c + "d"'].map((commonName) =>
      createCertificateAuthority({ commonName, keys: generateKeyPair(), notBefore, notAfter }),
    ),
  );
});

describe('an identity certificate', () => {
  const newKey = () => ({ spki: generateKeyPair().publicKey.export({ type: 'spki', format: 'der' }) });
  const key = newKey();
  // Seconds of a Date whose year has four digits; the library writes years before 1950 wrong.
  const instants = fc
    .integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(9999, 11, 31, 23, 59, 59) })
    .map((milliseconds) => Temporal.Instant.fromEpochMilliseconds(milliseconds));

  it('is the same to the byte as the library makes it, and its signature is the authority’s', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          authority: fc.nat(2),
          accountId: fc.uuid(),
          instanceId: fc.uuid(),
          notBefore: instants,
          notAfter: instants,
          serial: fc.oneof(
            fc.constant(undefined).map(newCertificateSerial),
            // Every width, with and without the bit that would be a sign.
            fc
              .uint8Array({ minLength: 1, maxLength: 20 })
              .filter((bytes) => (bytes[0] ?? 0) !== 0)
              .map((bytes) => Buffer.from(bytes).toString('hex')),
          ),
          request: fc.oneof(fc.constant(key), fc.constant(undefined).map(newKey)),
        }),
        async ({ authority, ...rest }) => {
          const ca = authorities[authority] as CertificateAuthority;
          const options = { ca, ...rest };
          const ours = issueIdentityCertificate(options);
          expect(withoutSignature(ours)).toEqual(withoutSignature(await libraryCertificate(options)));
          const read = new X509Certificate(ours);
          expect(read.verify(ca.keys.publicKey)).toBe(true);
          expect(read.checkIssued(new X509Certificate(ca.certificate))).toBe(true);
          expect(read.publicKey.export({ type: 'spki', format: 'der' })).toEqual(options.request.spki);
          const library = new x509.X509Certificate(new Uint8Array(ours));
          expect(await library.verify({ publicKey: toWebKey(ca.keys.publicKey), signatureOnly: true })).toBe(
            true,
          );
        },
      ),
      { numRuns: 100, seed },
    );
  });

  it('is made for ids alone', () => {
    const at = Temporal.Instant.from('2026-11-22T12:00:00Z');
    const ca = authorities[0] as CertificateAuthority;
    const options = {
      ca,
      request: key,
      accountId: 'a',
      instanceId: 'b',
      notBefore: at,
      notAfter: at,
      serial: '01',
    };
    expect(() => issueIdentityCertificate({ ...options, instanceId: 'b, O=c' })).toThrow('not an id');
    expect(() => issueIdentityCertificate({ ...options, accountId: 'é' })).toThrow('not an id');
  });
});

describe('a certificate request', () => {
  const readBy = async (der: Uint8Array, publicKey: KeyObject): Promise<void> => {
    const read = await readCertificateRequest(der);
    expect(read.ok ? undefined : read.detail).toBeUndefined();
    expect(read.ok && read.publicKey.equals(publicKey)).toBe(true);
  };

  it('of the library is read, whatever its subject and attributes', async () => {
    const extensions = [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'edge.example' }])];
    for (const name of ['CN=SN1', '', 'C=DE, O=Überlingen, CN=a+OU=b']) {
      for (const hash of ['SHA-256', 'SHA-384', 'SHA-512']) {
        const keys = generateKeyPair();
        const request = await x509.Pkcs10CertificateRequestGenerator.create({
          name,
          keys: toWebKeys(keys),
          signingAlgorithm: { name: 'ECDSA', hash },
          extensions: name === '' ? [] : extensions,
        });
        await readBy(new Uint8Array(request.rawData), keys.publicKey);
      }
    }
  });

  // openssl req -new -key … -subj '/CN=SN 1/O=Estover' -addext subjectAltName=DNS:edge.example -outform DER
  it.each([
    [
      '-sha256',
      'MIIBBTCBrQIBADAhMQ0wCwYDVQQDDARTTiAxMRAwDgYDVQQKDAdFc3RvdmVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVZYpM40Zl4SW5C/KqGNz2hxuO496Oa2CFQun+N0cEp53Psc7boFUMPqQgdk5J2N9d5O4sxp+Yn9CkO83/zJnq6AqMCgGCSqGSIb3DQEJDjEbMBkwFwYDVR0RBBAwDoIMZWRnZS5leGFtcGxlMAoGCCqGSM49BAMCA0cAMEQCIHvjxhVckTw5SOH28CLK5VGyQQdWmaWy70+03aeWdkuyAiBRExhwiapICIetJsgLXT01wvXEzZl5c5/w8bHPY9qs0A==',
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVZYpM40Zl4SW5C/KqGNz2hxuO496Oa2CFQun+N0cEp53Psc7boFUMPqQgdk5J2N9d5O4sxp+Yn9CkO83/zJnqw==',
    ],
    [
      '-sha384',
      'MIIBBjCBrQIBADAhMQ0wCwYDVQQDDARTTiAxMRAwDgYDVQQKDAdFc3RvdmVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEL22HttBx7eETy3MHNCux+gBvhIliV2b0c4JYfTrkqDz3o9Hpbd1b5m8yBnwJf/2TMjtZQT7pMxwWHpTrUVM6k6AqMCgGCSqGSIb3DQEJDjEbMBkwFwYDVR0RBBAwDoIMZWRnZS5leGFtcGxlMAoGCCqGSM49BAMDA0gAMEUCIAYatezbcPYsS7rkg6O0izXAmfJtgm6u4KiJDhKQzlFXAiEA8/AewyBvVGUeLjV1PI4wofw66OZZS4J4DH1B30McSUQ=',
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEL22HttBx7eETy3MHNCux+gBvhIliV2b0c4JYfTrkqDz3o9Hpbd1b5m8yBnwJf/2TMjtZQT7pMxwWHpTrUVM6kw==',
    ],
    [
      '-sha512',
      'MIIBBjCBrQIBADAhMQ0wCwYDVQQDDARTTiAxMRAwDgYDVQQKDAdFc3RvdmVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdKjq9rjFsH5V280JoXA56d8OnUziStWha8K+pjPg89D8A/zJLOjH52eMegrrgNK6CHqnEc8thz0m4ii+oT37UqAqMCgGCSqGSIb3DQEJDjEbMBkwFwYDVR0RBBAwDoIMZWRnZS5leGFtcGxlMAoGCCqGSM49BAMEA0gAMEUCIGyZ8GT60Lw/nzY3rDJnZ3qnsqhvHqmEBbOZnhAuycOfAiEA/WP0B1j+CROtRzH1WJVLT2DIjVZ66txHQjjXx0CsX0c=',
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdKjq9rjFsH5V280JoXA56d8OnUziStWha8K+pjPg89D8A/zJLOjH52eMegrrgNK6CHqnEc8thz0m4ii+oT37Ug==',
    ],
  ])('of OpenSSL with %s is read', async (_, der, key) => {
    const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
    await readBy(Buffer.from(der, 'base64'), publicKey);
  });

  /** A request of parts, signed by its key. */
  const requestOf = (keys: { privateKey: KeyObject }, ...parts: Uint8Array[]): Buffer => {
    const info = writeDer(derTag.sequence, ...parts);
    const algorithm = Buffer.from('300a06082a8648ce3d040302', 'hex');
    return writeDer(derTag.sequence, info, algorithm, writeBits(signed(info, keys)));
  };
  const signed = (info: Uint8Array, { privateKey }: { privateKey: KeyObject }): Buffer =>
    sign('sha256', info, privateKey);
  const version = Buffer.from('020100', 'hex');
  const subject = writeDer(derTag.sequence);
  const attributes = writeDer(constructedTag(0));
  const spki = ({ publicKey }: KeyPair): Buffer => publicKey.export({ type: 'spki', format: 'der' });

  it('is read without attributes, and with a compressed key', async () => {
    const keys = generateKeyPair();
    await readBy(requestOf(keys, version, subject, spki(keys), attributes), keys.publicKey);
    await readBy(requestOf(keys, version, subject, spki(keys)), keys.publicKey);
    const [algorithm, bits] = readMembers(readDer(spki(keys)), derTag.sequence);
    const point = Buffer.from(readWholeBits(bits));
    const compressed = Buffer.concat([Buffer.from([2 + ((point.at(-1) ?? 0) & 1)]), point.subarray(1, 33)]);
    const keyInfo = writeDer(derTag.sequence, algorithm?.bytes ?? version, writeBits(compressed));
    await readBy(requestOf(keys, version, subject, keyInfo, attributes), keys.publicKey);
  });

  it('with anything else is refused, though it is signed by its key', async () => {
    const keys = generateKeyPair();
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = spki(keys);
    const offCurve = Buffer.from(key);
    offCurve.writeUInt8(offCurve.readUInt8(90) ^ 1, 90);
    const hybrid = Buffer.from(key);
    hybrid.writeUInt8(6 + (hybrid.readUInt8(90) & 1), 26);
    const endless = Buffer.concat([Buffer.from('3080', 'hex'), Buffer.from('0000', 'hex')]);
    const good = requestOf(keys, version, subject, key, attributes);
    const wrong: Record<string, Uint8Array> = {
      'another version': requestOf(keys, Buffer.from('020101', 'hex'), subject, key, attributes),
      'a long version': requestOf(keys, Buffer.from('02020000', 'hex'), subject, key, attributes),
      'no subject': requestOf(keys, version, key, attributes),
      'a fifth member': requestOf(keys, version, subject, key, attributes, attributes),
      'attributes of another tag': requestOf(keys, version, subject, key, writeDer(derTag.set)),
      'a subject without end': requestOf(keys, version, endless, key, attributes),
      'a subject of no DER': requestOf(
        keys,
        version,
        writeDer(derTag.sequence, Buffer.from('3005', 'hex')),
        key,
      ),
      'P-384': requestOf(p384, version, subject, p384.publicKey.export({ type: 'spki', format: 'der' })),
      secp256k1: requestOf(k1, version, subject, k1.publicKey.export({ type: 'spki', format: 'der' })),
      RSA: requestOf(rsa, version, subject, rsa.publicKey.export({ type: 'spki', format: 'der' })),
      'a point off the curve': requestOf(keys, version, subject, offCurve, attributes),
      'a hybrid point': requestOf(keys, version, subject, hybrid, attributes),
      "another's signature": requestOf(generateKeyPair(), version, subject, key, attributes),
      'bytes behind it': Buffer.concat([good, Buffer.from('0500', 'hex')]),
      'one byte behind it': Buffer.concat([good, Buffer.alloc(1)]),
      nothing: Buffer.alloc(0),
    };
    const taken: string[] = [];
    for (const [what, der] of Object.entries(wrong)) {
      if ((await readCertificateRequest(der)).ok) taken.push(what);
    }
    expect(taken).toEqual([]);
  });

  it(`of 5,000 that were changed at random is never taken, nor breaks its reader (FUZZ_SEED=${seed})`, async () => {
    const random = randomFrom(seed);
    const genuine = Buffer.from(await createCertificateRequest(generateKeyPair(), 'SN1'));
    const other = Buffer.from(await createCertificateRequest(generateKeyPair(), 'SN2'));
    const faults: string[] = [];
    for (let made = 0; made < 5_000; made += 1) {
      let bytes: Buffer = Buffer.from(genuine);
      for (let change = 0; change <= random.below(3); change += 1) {
        const at = random.below(bytes.length);
        const till = at + random.below(8);
        bytes = random.pick<() => Buffer>([
          () =>
            Buffer.concat([bytes.subarray(0, at), Buffer.from([random.below(256)]), bytes.subarray(at + 1)]),
          () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(till)]),
          () => Buffer.concat([bytes.subarray(0, till), bytes.subarray(at)]),
          () =>
            Buffer.concat([
              bytes.subarray(0, at),
              Buffer.alloc(random.below(300), random.below(256)),
              bytes.subarray(at),
            ]),
          () => Buffer.concat([bytes.subarray(0, at), other.subarray(at)]),
          () => Buffer.concat([bytes.subarray(0, at), Buffer.from([0x30, 0x80]), bytes.subarray(at)]),
        ])();
        if (bytes.length === 0) break;
      }
      if (bytes.equals(genuine) || bytes.equals(other)) continue;
      const read = await readCertificateRequest(bytes).catch((error: unknown) => String(error));
      if (typeof read === 'string' || read.ok)
        faults.push(`${bytes.toString('hex')}: ${JSON.stringify(read)}`);
    }
    expect(faults).toEqual([]);
  });
});
