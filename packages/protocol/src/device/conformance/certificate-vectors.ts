import { type CertificateAuthority, createCertificateAuthority } from '../../signing/certificates.ts';
import { issueIdentityCertificate } from '../../signing/identity-certificate.ts';
import type { KeyPair } from '../../signing/keys.ts';
import {
  accountId,
  certificateSerial,
  installationId,
  instanceId,
  publicPem,
  publicSecretKey,
} from './material.ts';
import type { CertificateVector } from './vectors.ts';

const stranger = publicSecretKey('stranger');
const instance = publicSecretKey('instance');
const notBefore = Temporal.Instant.from('2026-11-22T11:00:01Z');
/** The end of every certificate of the vectors. */
export const notAfter = Temporal.Instant.from('2027-11-22T12:00:01Z');

/** Certificates an instance takes, and those it must not. */
export async function certificateVectors(authority: CertificateAuthority): Promise<CertificateVector[]> {
  const other = await authorityOf('Estover conformance CA', 'stranger');
  const publicKey = publicPem(instance);
  const vector = async (
    name: string,
    why: string,
    {
      by = authority,
      serial = certificateSerial,
      own = true,
      ...more
    }: Partial<IssueOptions> & {
      own?: boolean;
    } = {},
  ): Promise<CertificateVector> => ({
    ...{ name, why, publicKey, accountId, instanceId },
    certificate: Buffer.from(await issueBy(by, serial, more)).toString('base64'),
    expect: { issued: by === authority, own, serial, notAfter: notAfter.toString() },
  });
  return [
    await vector('certificate', 'issued by the authority of the trust'),
    await vector('certificate-by-another-authority', 'the same name with another key', { by: other }),
    await vector('certificate-for-another-key', 'the instance asked for another key', {
      ...{ keys: stranger, own: false },
    }),
    await vector('certificate-for-another-instance', 'it names somebody else', {
      ...{ holder: installationId, own: false },
    }),
    await vector('certificate-serial-with-zero', 'two digits a byte, the zero in front too', {
      serial: '0f000000000000000000000000000001',
    }),
    await vector('certificate-serial-with-high-bit', 'the sign byte of DER is not told', {
      serial: '9f000000000000000000000000000001',
    }),
  ];
}

/** A certificate authority whose key is that of a public sentence. */
export async function authorityOf(commonName: string, key: string): Promise<CertificateAuthority> {
  return await createCertificateAuthority({
    ...{ commonName, keys: publicSecretKey(key), serial: '4f0000000000000000000000000000ca' },
    notBefore: Temporal.Instant.from('2026-01-01T00:00:00Z'),
    notAfter: Temporal.Instant.from('2046-01-01T00:00:00Z'),
  });
}

interface IssueOptions {
  by: CertificateAuthority;
  serial: string;
  /** Whose key the certificate carries, and which instance it names. */
  keys: KeyPair;
  holder: string;
}

/** An identity certificate, for the key and the ids of all vectors unless it is said otherwise. */
export async function issueBy(
  ca: CertificateAuthority,
  serial: string,
  { keys = instance, holder = instanceId }: Partial<IssueOptions> = {},
): Promise<Uint8Array> {
  const { publicKey } = keys;
  return issueIdentityCertificate({
    ...{
      ca,
      request: { spki: publicKey.export({ type: 'spki', format: 'der' }) },
      accountId,
      instanceId: holder,
      notBefore,
      notAfter,
      serial,
    },
  });
}
