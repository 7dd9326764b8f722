import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { columnsOf, type InstanceKey, type InstanceRow } from './instances-store.ts';

/*
 * The certificates of an instance: the newest, and the one before it until the newest has signed a message that was
 * accepted. The instances must be locked.
 */

/**
 * Gives a locked instance a new certificate. The one that signed for it stays good until the new one has signed, so that
 * lost answers, however many, lock nobody out: a certificate that was issued before and never used is overwritten.
 *
 * @param signedBy serial number of the certificate that signed the request for the new one
 */
export async function saveCertificate(
  trx: Trx,
  key: Pick<InstanceRow, 'accountId' | 'instanceId' | 'certificateSerial'>,
  signedBy: string,
  certificate: {
    serial: string;
    publicKey: Buffer;
    expiresAt: Temporal.Instant;
    renewAfter: Temporal.Instant;
  },
): Promise<void> {
  await trx
    .updateTable('product_instances')
    .$if(signedBy === key.certificateSerial, (update) =>
      update.set((row) => ({
        previous_certificate_serial: row.ref('certificate_serial'),
        previous_public_key: row.ref('public_key'),
        previous_certificate_expires_at: row.ref('certificate_expires_at'),
      })),
    )
    .set({
      certificate_serial: certificate.serial,
      public_key: certificate.publicKey,
      certificate_expires_at: certificate.expiresAt,
      renew_after: certificate.renewAfter,
    })
    .where('account_id', '=', key.accountId)
    .where('instance_id', '=', key.instanceId)
    .execute();
}

/** True when a message signed by this certificate is the first after a renewal: the certificate before has had its time. */
export function endsPrevious(
  row: Pick<InstanceRow, 'certificateSerial' | 'previousCertificateSerial'>,
  serial: string,
): boolean {
  return row.previousCertificateSerial !== null && serial === row.certificateSerial;
}

/** The certificates before the newest of locked instances end, because the newest has signed. */
export async function endPreviousCertificates(trx: Trx, keys: readonly InstanceKey[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    update product_instances p
       set previous_certificate_serial = null, previous_public_key = null, previous_certificate_expires_at = null
      from ${columnsOf(keys)} as n (account_id, instance_id)
     where p.account_id = n.account_id and p.instance_id = n.instance_id`.execute(trx);
}

/** The end of the certificate with this serial number; undefined when it is not one of the instance any more. */
export function certificateEndOf<End>(
  row: Pick<InstanceRow, 'certificateSerial' | 'previousCertificateSerial'> & {
    certificateExpiresAt: End;
    previousCertificateExpiresAt: End | null;
  },
  serial: string,
): End | undefined {
  if (serial === row.certificateSerial) return row.certificateExpiresAt;
  if (serial === row.previousCertificateSerial) return row.previousCertificateExpiresAt ?? undefined;
  return undefined;
}
