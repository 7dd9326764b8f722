import { type KeyObject, X509Certificate as NodeCertificate, randomBytes } from 'node:crypto';
import './reflection.ts';
import * as x509 from '@peculiar/x509';
import { type KeyPair, toWebKeys } from './keys.ts';

const ecdsaWithSha256 = { name: 'ECDSA', hash: 'SHA-256' };

/** A certificate authority of an installation: its certificate and its keys. */
export interface CertificateAuthority {
  /** DER. */
  certificate: Uint8Array;
  keys: KeyPair;
}

/**
 * Makes a PKCS#10 request (RFC 2986) signed by the key it is for. The subject is only a note: the authority names the
 * certificate after account and instance.
 *
 * @returns DER
 */
export async function createCertificateRequest(keys: KeyPair, commonName: string): Promise<Uint8Array> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [commonName] }],
    keys: toWebKeys(keys),
    signingAlgorithm: ecdsaWithSha256,
  });
  return new Uint8Array(request.rawData);
}

/**
 * Makes a self-signed certificate authority.
 *
 * @param notBefore and notAfter in whole seconds; fractions are cut off by the format
 */
export async function createCertificateAuthority(options: {
  commonName: string;
  keys: KeyPair;
  notBefore: Temporal.Instant;
  notAfter: Temporal.Instant;
  serial?: string;
}): Promise<CertificateAuthority> {
  const keys = toWebKeys(options.keys);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: options.serial ?? newCertificateSerial(),
    name: [{ CN: [options.commonName] }],
    keys,
    notBefore: toDate(options.notBefore),
    notAfter: toDate(options.notAfter),
    signingAlgorithm: ecdsaWithSha256,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: new Uint8Array(certificate.rawData), keys: options.keys };
}

/** 127 random bits as a positive number in 32 hexadecimal digits (RFC 5280 §4.1.2.2 allows 20 bytes). */
export function newCertificateSerial(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8() & 0x3f) | 0x40);
  return bytes.toString('hex');
}

/** What a certificate says, in the words of this protocol. */
export interface CertificateFacts {
  /** Hexadecimal, small letters, as in `kid`. */
  serial: string;
  /** Whom an identity certificate is for; undefined when it is not one. */
  holder: { accountId: string; instanceId: string } | undefined;
  notBefore: Temporal.Instant;
  notAfter: Temporal.Instant;
  publicKey: KeyObject;
}

/** @throws when the bytes are not an X.509 certificate in DER or PEM */
export function readCertificate(certificate: Uint8Array | string): CertificateFacts {
  const read = new NodeCertificate(certificate);
  return {
    serial: read.serialNumber.toLowerCase(),
    holder: holderOf(read),
    notBefore: Temporal.Instant.fromEpochMilliseconds(read.validFromDate.getTime()),
    notAfter: Temporal.Instant.fromEpochMilliseconds(read.validToDate.getTime()),
    publicKey: read.publicKey,
  };
}

/** The subject must be `CN=<instance id>, O=<account id>`, and the alternative name must tell of the same instance. */
function holderOf({ subject, subjectAltName }: NodeCertificate): CertificateFacts['holder'] {
  const [, instanceId, accountId] = /^CN=(\S+)\nO=(\S+)$/.exec(subject) ?? [];
  if (accountId === undefined || instanceId === undefined) return undefined;
  return subjectAltName === `URI:urn:uuid:${instanceId}` ? { accountId, instanceId } : undefined;
}

/** True when the certificate was issued by one of these authorities and its signature is genuine. Dates are not looked at. */
export function isIssuedBy(certificate: Uint8Array, authorities: readonly (Uint8Array | string)[]): boolean {
  const read = new NodeCertificate(certificate);
  return authorities.some((authority) => {
    const issuer = new NodeCertificate(authority);
    return issuer.ca && read.checkIssued(issuer) && read.verify(issuer.publicKey);
  });
}

/** DER as PEM, for files and for the trust document. */
export function certificateToPem(der: Uint8Array): string {
  return new NodeCertificate(der).toString();
}

function toDate(instant: Temporal.Instant): Date {
  return new Date(instant.epochMilliseconds);
}
