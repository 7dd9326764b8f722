import { createHash, sign } from 'node:crypto';
import type { CertificateRequest } from './certificate-request.ts';
import type { CertificateAuthority } from './certificates.ts';
import {
  constructedTag,
  derTag,
  primitiveTag,
  readDer,
  readMembers,
  readWholeBits,
  writeBits,
  writeDer,
  writePositiveInteger,
  writeTime,
} from './der.ts';

/** What an identity certificate is issued from: `request` has been read by `readCertificateRequest`. */
export interface IdentityCertificateOptions {
  ca: CertificateAuthority;
  request: Pick<CertificateRequest, 'spki'>;
  accountId: string;
  instanceId: string;
  /** In whole seconds; fractions are cut off by the format. */
  notBefore: Temporal.Instant;
  notAfter: Temporal.Instant;
  /** Hexadecimal, small letters, from `newCertificateSerial`. */
  serial: string;
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** INTEGER 2 in [0]: a certificate of version 3. */
const versionThree = hex('a003 020102');
const ecdsaWithSha256 = hex('300a 06082a8648ce3d040302');
const commonName = hex('0603 550403');
const organizationName = hex('0603 55040a');

/** No authority (critical), digital signatures only (critical), client authentication: the same in every certificate. */
const purposes = Buffer.concat([
  hex('300c 0603551d13 0101ff 0402 3000'),
  hex('300e 0603551d0f 0101ff 0404 03020780'),
  hex('3013 0603551d25 040c 300a 06082b06010505070302'),
]);
const subjectAlternativeName = hex('0603 551d11');
const authorityKeyIdentifier = hex('0603 551d23');
const subjectKeyIdentifier = hex('0603 551d0e');

/**
 * Issues the identity certificate of a product instance: subject `CN=<instance id>, O=<account id>`, alternative name
 * `urn:uuid:<instance id>`, for signatures and client authentication only. Signed at once: handing it to a thread costs
 * about as much as the signature.
 *
 * @returns DER
 */
export function issueIdentityCertificate(options: IdentityCertificateOptions): Uint8Array {
  const { ca, instanceId, accountId } = options;
  const issuer = issuerOf(ca);
  const keyInfo = options.request.spki;
  const alternativeName = Buffer.from(`urn:uuid:${instanceId}`, 'latin1');
  const signed = writeDer(
    derTag.sequence,
    versionThree,
    writePositiveInteger(Buffer.from(options.serial, 'hex')),
    ecdsaWithSha256,
    issuer.name,
    writeDer(derTag.sequence, writeTime(options.notBefore), writeTime(options.notAfter)),
    writeDer(derTag.sequence, named(commonName, instanceId), named(organizationName, accountId)),
    keyInfo,
    writeDer(
      constructedTag(3),
      writeDer(
        derTag.sequence,
        purposes,
        extension(
          subjectAlternativeName,
          writeDer(derTag.sequence, writeDer(primitiveTag(6), alternativeName)),
        ),
        issuer.keyIdentifier,
        extension(subjectKeyIdentifier, writeDer(derTag.octetString, keyIdentifierOf(keyInfo))),
      ),
    ),
  );
  const signature = sign('sha256', signed, ca.keys.privateKey);
  return writeDer(derTag.sequence, signed, ecdsaWithSha256, writeBits(signature));
}

/** What all certificates of an authority say of it. */
interface Issuer {
  /** The subject of its own certificate, byte by byte, as RFC 5280 §4.1.2.4 wants it to be compared. */
  name: Uint8Array;
  /** The extension that names its key. */
  keyIdentifier: Uint8Array;
}

/** An authority issues many certificates, so its own is read once. */
const issuers = new WeakMap<CertificateAuthority, Issuer>();

function issuerOf(authority: CertificateAuthority): Issuer {
  const known = issuers.get(authority);
  if (known !== undefined) return known;
  const [signed] = readMembers(readDer(authority.certificate), derTag.sequence);
  // Version, serial number, algorithm, issuer, validity, subject, key, and more that is not needed.
  const [, , , , , subject, keyInfo] = readMembers(signed, derTag.sequence);
  if (subject === undefined || keyInfo === undefined)
    throw new TypeError('not a certificate of an authority');
  const keyIdentifier = extension(
    authorityKeyIdentifier,
    writeDer(derTag.sequence, writeDer(primitiveTag(0), keyIdentifierOf(keyInfo.bytes))),
  );
  const issuer = { name: Buffer.from(subject.bytes), keyIdentifier };
  issuers.set(authority, issuer);
  return issuer;
}

/** SHA-1 over the bits of the key: a name that is looked up, not a proof of anything (RFC 5280 §4.2.1.2, method 1). */
function keyIdentifierOf(keyInfo: Uint8Array): Buffer {
  const [, bits] = readMembers(readDer(keyInfo), derTag.sequence);
  return createHash('sha1').update(readWholeBits(bits)).digest();
}

/** A name of one part. An id is letters, digits and hyphens, all of which PrintableString can hold. */
function named(type: Uint8Array, value: string): Buffer {
  if (!/^[A-Za-z0-9-]+$/.test(value)) throw new TypeError(`not an id: ${JSON.stringify(value)}`);
  const text = writeDer(derTag.printableString, Buffer.from(value, 'latin1'));
  return writeDer(derTag.set, writeDer(derTag.sequence, type, text));
}

const extension = (type: Uint8Array, value: Uint8Array): Buffer =>
  writeDer(derTag.sequence, type, writeDer(derTag.octetString, value));
