import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { readCertificateRequest } from './certificate-request.ts';
import {
  certificateToPem,
  createCertificateAuthority,
  createCertificateRequest,
  isIssuedBy,
  newCertificateSerial,
  readCertificate,
} from './certificates.ts';
import { issueIdentityCertificate } from './identity-certificate.ts';
import {
  exportPrivatePem,
  exportPublicJwk,
  generateKeyPair,
  importKeyPair,
  importPublicJwk,
} from './keys.ts';

const accountId = '0193c5a0-0000-7000-8000-000000000001';
const instanceId = '0193c5a0-0000-7000-8000-0000000000aa';
const notBefore = Temporal.Instant.from('2026-11-22T12:00:00Z');
const notAfter = Temporal.Instant.from('2027-11-22T12:00:00Z');

async function authority() {
  return await createCertificateAuthority({
    commonName: 'Test',
    keys: generateKeyPair(),
    notBefore,
    notAfter,
  });
}

it('issues an identity certificate that a stock implementation accepts', async () => {
  const ca = await authority();
  const keys = generateKeyPair();
  const request = await readCertificateRequest(await createCertificateRequest(keys, 'SN1'));
  if (!request.ok) throw new Error(request.detail);
  const serial = newCertificateSerial();
  const certificate = issueIdentityCertificate({
    ca,
    request,
    accountId,
    instanceId,
    notBefore,
    notAfter,
    serial,
  });

  const read = new X509Certificate(certificate);
  expect(read.subject).toBe(`CN=${instanceId}\nO=${accountId}`);
  expect(read.subjectAltName).toBe(`URI:urn:uuid:${instanceId}`);
  expect(read.ca).toBe(false);
  expect(read.verify(ca.keys.publicKey)).toBe(true);
  expect(read.checkIssued(new X509Certificate(ca.certificate))).toBe(true);
  expect(read.publicKey.equals(keys.publicKey)).toBe(true);

  const facts = readCertificate(certificate);
  expect(facts.serial).toBe(serial);
  expect(facts.notAfter.equals(notAfter)).toBe(true);
  expect(isIssuedBy(certificate, [certificateToPem(ca.certificate)])).toBe(true);
  expect(isIssuedBy(certificate, [(await authority()).certificate])).toBe(false);
});

it('refuses a request whose signature is not by its key, and what is no request', async () => {
  const der = Buffer.from(await createCertificateRequest(generateKeyPair(), 'SN1'));
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
  expect(await readCertificateRequest(der)).toMatchObject({ ok: false, code: 'certificate-request-invalid' });
  expect(await readCertificateRequest(Buffer.from('nonsense'))).toMatchObject({ ok: false });
});

it('makes positive serials of fixed width', () => {
  for (let count = 0; count < 100; count += 1) expect(newCertificateSerial()).toMatch(/^[4-7][0-9a-f]{31}$/);
});

it('keeps and restores keys', () => {
  const keys = generateKeyPair();
  expect(importKeyPair(exportPrivatePem(keys.privateKey)).publicKey.equals(keys.publicKey)).toBe(true);
  expect(importPublicJwk(exportPublicJwk(keys.publicKey)).equals(keys.publicKey)).toBe(true);
});
