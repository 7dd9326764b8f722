import { formatInstanceKeyId, type InstanceKeyId } from '@estover/protocol/device';
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { createGatherer } from './gather.ts';

/**
 * Keys of the instances heard last; a key belongs to its serial number forever, so none of them can grow stale. Where the
 * instance is may: whoever does not find it there forgets it and asks again.
 */
const mostRemembered = 20_000;

const mostAtOnce = 500;

export interface InstancePublicKey {
  /** SPKI, DER, in base64. */
  spki: string;
  /** The account the instance is in now; another one than its certificate names after a merge or split. */
  accountId: string;
}

export type FoundKey = InstancePublicKey | 'instance-unknown' | 'certificate-unknown';

/** Finds the public keys of certificates. Whether one may still be used is decided with the message. */
export interface InstanceKeys {
  find(key: InstanceKeyId): Promise<FoundKey>;
  /** What was found is to be looked up anew. */
  forget(key: InstanceKeyId): void;
}

/** Keys out of the database, many at once, and those used last out of memory. */
export function createInstanceKeys(db: Database): InstanceKeys {
  const remembered = new Map<string, InstancePublicKey>();
  const gatherer = createGatherer<InstanceKeyId, FoundKey>(
    async (keys) => {
      try {
        return (await readKeys(db, keys)).map((value) => ({ status: 'fulfilled', value }));
      } catch (reason) {
        return keys.map(() => ({ status: 'rejected', reason }));
      }
    },
    (waiting) => Math.min(waiting.length, mostAtOnce),
  );
  return {
    async find(key) {
      const text = formatInstanceKeyId(key);
      const known = remembered.get(text);
      const found = known ?? (await gatherer.submit(key));
      if (typeof found === 'string') return found;
      // Put back at the end: the first in the map is the one used longest ago.
      remembered.delete(text);
      remembered.set(text, found);
      if (remembered.size > mostRemembered) remembered.delete(remembered.keys().next().value ?? text);
      return found;
    },
    forget: (key) => void remembered.delete(formatInstanceKeyId(key)),
  };
}

async function readKeys(db: Database, keys: readonly InstanceKeyId[]): Promise<FoundKey[]> {
  const { rows } = await sql<{
    instance_id: string;
    account_id: string;
    known_as: string;
    certificate_serial: string;
    public_key: Buffer;
    previous_certificate_serial: string | null;
    previous_public_key: Buffer | null;
  }>`
    /* prepared: instance-keys */
    select p.account_id, wanted.account_id as known_as, p.instance_id, p.certificate_serial, p.public_key, p.previous_certificate_serial,
           p.previous_public_key
      from (select distinct * from unnest(
              ${keys.map((key) => key.accountId)}::uuid[], ${keys.map((key) => key.instanceId)}::uuid[]))
        as wanted (account_id, instance_id)
      left join forwarded_instances f on f.account_id = wanted.account_id and f.instance_id = wanted.instance_id
      join product_instances p on p.account_id = coalesce(f.to_account_id, wanted.account_id)
                              and p.instance_id = wanted.instance_id`.execute(db);
  const byInstance = new Map(rows.map((row) => [`${row.known_as}/${row.instance_id}`, row]));
  return keys.map(({ accountId, instanceId, certificateSerial }) => {
    const row = byInstance.get(`${accountId}/${instanceId}`);
    if (row === undefined) return 'instance-unknown';
    const key =
      row.certificate_serial === certificateSerial
        ? row.public_key
        : row.previous_certificate_serial === certificateSerial
          ? row.previous_public_key
          : null;
    return key === null ? 'certificate-unknown' : { spki: key.toString('base64'), accountId: row.account_id };
  });
}
