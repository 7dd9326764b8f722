import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import type { InstanceKey } from './instances-store.ts';

/*
 * What the jobs over all instances look for. These only find candidates: whoever acts on one locks it and looks again,
 * so that an instance that is heard of meanwhile, or is taken by another server, is left alone.
 */

const keys = sql`c.account_id as "accountId", c.instance_id as "instanceId"`;

/** Registered instances whose deadline has passed. */
export async function findSilent(db: Database, now: Temporal.Instant, limit: number): Promise<InstanceKey[]> {
  const { rows } = await sql<InstanceKey>`
    select ${keys} from instance_contacts c
      join product_instances p using (account_id, instance_id)
     where c.deadline_day <= (${now}::timestamptz at time zone 'UTC')::date and c.deadline_at <= ${now}
       and p.state = 'registered'
     limit ${limit}`.execute(db);
  return rows;
}

/** Registered instances that were to report before this instant and did not, about which nobody was told yet. */
export async function findOverdue(
  db: Database,
  before: Temporal.Instant,
  limit: number,
): Promise<InstanceKey[]> {
  const { rows } = await sql<InstanceKey>`
    select ${keys} from instance_contacts c
      join product_instances p using (account_id, instance_id)
     where c.next_contact_by <= ${before} and p.state = 'registered'
       and not exists (select 1 from alerts a
                        where a.account_id = c.account_id and a.kind = 'instance-failed-to-connect'
                          and a.cause = c.instance_id::text and a.resolved_at is null)
     limit ${limit}`.execute(db);
  return rows;
}

/** Living instances whose certificate has ended. */
export async function findEnded(db: Database, now: Temporal.Instant, limit: number): Promise<InstanceKey[]> {
  const { rows } = await sql<InstanceKey>`
    select ${keys} from product_instances c
     where c.certificate_expires_at <= ${now} and c.state in ('registered', 'authorization-expired')
     limit ${limit}`.execute(db);
  return rows;
}

/** Registered instances that have not renewed in time, about which nobody was told as urgently yet. */
export async function findUnrenewed(
  db: Database,
  { renewBefore, endsBefore }: { renewBefore: Temporal.Instant; endsBefore: Temporal.Instant },
  limit: number,
): Promise<InstanceKey[]> {
  const { rows } = await sql<InstanceKey>`
    select ${keys} from product_instances c
     where (c.renew_after <= ${renewBefore} or c.certificate_expires_at <= ${endsBefore}) and c.state = 'registered'
       and not exists (select 1 from alerts a
                        where a.account_id = c.account_id and a.kind = 'instance-failed-to-renew'
                          and a.cause = c.instance_id::text and a.resolved_at is null
                          and (a.severity = 'major' or c.certificate_expires_at > ${endsBefore}))
     limit ${limit}`.execute(db);
  return rows;
}
