import { certificateTerm } from '@estover/domain/product-instances';
import { issueIdentityCertificate, newCertificateSerial } from '@estover/protocol/signing';
import type { Installation } from '../installation/index.ts';

export interface IssuedCertificate {
  serial: string;
  /** SPKI, DER. */
  publicKey: Buffer;
  expiresAt: Temporal.Instant;
  renewAfter: Temporal.Instant;
  /** What the answer says of it. */
  told: { certificate: string; chain: string[]; certificateExpiresAt: string; renewAfter: string };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/**
 * Issues an identity certificate for a year. It is made outside of the transaction and worth nothing until its serial
 * number is recorded: messages are believed by what the database knows, not by the certificate alone.
 */
export function issueCertificate(
  { certificateAuthority }: Pick<Installation, 'certificateAuthority'>,
  holder: { accountId: string; instanceId: string; spki: Buffer },
  now: Temporal.Instant,
): IssuedCertificate {
  const serial = newCertificateSerial();
  const term = certificateTerm(now);
  const certificate = issueIdentityCertificate({
    ca: certificateAuthority,
    request: holder,
    accountId: holder.accountId,
    instanceId: holder.instanceId,
    notBefore: term.notBefore,
    notAfter: term.notAfter,
    serial,
  });
  return {
    serial,
    publicKey: holder.spki,
    expiresAt: term.notAfter,
    renewAfter: term.renewAfter,
    told: {
      certificate: base64(certificate),
      chain: [base64(certificateAuthority.certificate)],
      certificateExpiresAt: term.notAfter.toString(),
      renewAfter: term.renewAfter.toString(),
    },
  };
}
