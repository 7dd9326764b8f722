import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { constructedTag, derTag, isDer, readDer, readMembers, readWholeBits } from './der.ts';

/** A PKCS#10 request that proved to hold its key. */
export interface CertificateRequest {
  ok: true;
  publicKey: KeyObject;
  /** The same key as it was sent, and as it is certified: SPKI, DER. Writing it anew costs as much as a signature. */
  spki: Buffer;
}

export interface CertificateRequestRefusal {
  ok: false;
  code: 'certificate-request-invalid';
  detail: string;
}

/** INTEGER 0: a request of version 1. */
const versionOne = Buffer.from('020100', 'hex');

/** AlgorithmIdentifier of a P-256 key (RFC 5480 §2.1). */
const p256 = Buffer.from('301306072a8648ce3d020106082a8648ce3d030107', 'hex');

/** AlgorithmIdentifiers of ECDSA, without parameters (RFC 5758 §3.2), and the hash of each. */
const hashes = new Map([
  ['300a06082a8648ce3d040302', 'sha256'],
  ['300a06082a8648ce3d040303', 'sha384'],
  ['300a06082a8648ce3d040304', 'sha512'],
]);

/** Bytes of a point of the curve, by the first of them: compressed, or both coordinates (RFC 5480 §2.2). */
const pointLengths = new Map([
  [2, 33],
  [3, 33],
  [4, 65],
]);

const verifyInPool = promisify(verify);

/**
 * Reads a PKCS#10 request (RFC 2986) in DER, and checks that its key is P-256 and that the request is signed by it. The
 * subject and the attributes are part of what is signed, and are not looked at. Never throws; the signature is checked
 * in the thread pool.
 */
export async function readCertificateRequest(
  der: Uint8Array,
): Promise<CertificateRequest | CertificateRequestRefusal> {
  try {
    const [info, algorithm, signature, ...more] = readMembers(readDer(der), derTag.sequence);
    const [version, subject, keyInfo, attributes, ...others] = readMembers(info, derTag.sequence);
    if (info === undefined || algorithm === undefined || keyInfo === undefined) return notARequest;
    if (more.length > 0 || others.length > 0 || !isDer(version, versionOne)) return notARequest;
    readMembers(subject, derTag.sequence);
    // RFC 2986 always has attributes, be there none; requests without have been in use for as long.
    if (attributes !== undefined) readMembers(attributes, constructedTag(0));
    const hash = hashes.get(Buffer.from(algorithm.bytes).toString('hex'));
    if (hash === undefined) return refuseRequest('it is not signed with ECDSA');
    const [keyAlgorithm, point, ...rest] = readMembers(keyInfo, derTag.sequence);
    const bits = readWholeBits(point);
    const isPoint = pointLengths.get(bits[0] ?? 0) === bits.length;
    if (!isDer(keyAlgorithm, p256) || rest.length > 0 || !isPoint) return notP256;
    const spki = Buffer.from(keyInfo.bytes);
    const publicKey = readKey(spki);
    if (publicKey === undefined) return notP256;
    const isGenuine = await verifyInPool(hash, info.bytes, publicKey, readWholeBits(signature));
    return isGenuine
      ? { ok: true, publicKey, spki }
      : refuseRequest('its signature does not belong to its key');
  } catch {
    return notARequest;
  }
}

/** Undefined when the coordinates are not a point of the curve. */
function readKey(spki: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function refuseRequest(detail: string): CertificateRequestRefusal {
  return { ok: false, code: 'certificate-request-invalid', detail };
}

const notARequest = refuseRequest('it is not a PKCS#10 request in DER');
const notP256 = refuseRequest('its key is not a P-256 key');
