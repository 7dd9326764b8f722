import { randomUUIDv7 } from 'node:crypto';
import { systemActor } from '../edge/context.ts';
import { licensesOfTags, recordUse } from '../licenses/index.ts';
import type { TestServer } from './test-server.ts';

/** A product instance to be there and to use licenses, without the messages it would really send. */
export interface UsingInstance {
  accountId: string;
  virtualAccountId: string;
  /** Counts by tag. */
  counts: Record<string, number>;
  displayName?: string;
  /** When it was last heard of; now if not given. */
  lastContactAt?: Temporal.Instant;
}

/**
 * Puts a product instance into a virtual account and lets it use licenses, by the same function that the messages of
 * devices lead to.
 *
 * @returns the instance's id
 */
export async function useLicenses(
  server: Pick<TestServer, 'db' | 'clock'>,
  { accountId, virtualAccountId, counts, displayName, lastContactAt }: UsingInstance,
): Promise<string> {
  const instanceId = randomUUIDv7();
  const now = server.clock.now();
  const later = now.add({ hours: 24 * 365 });
  await server.db.transaction().execute(async (trx) => {
    await trx
      .insertInto('product_instances')
      .values({
        account_id: accountId,
        instance_id: instanceId,
        virtual_account_id: virtualAccountId,
        state: 'registered',
        product_id: 'TEST-PRODUCT',
        serial_number: instanceId,
        version_id: null,
        uuid: null,
        host_name: null,
        software_tag: null,
        software_version: null,
        display_name: displayName ?? instanceId,
        token_id: null,
        export_controlled_allowed: false,
        registered_at: now,
        ended_at: null,
        certificate_serial: instanceId,
        public_key: Buffer.alloc(1),
        certificate_expires_at: later,
        renew_after: later,
        previous_certificate_serial: null,
        previous_public_key: null,
      })
      .execute();
    await trx
      .insertInto('instance_contacts')
      .values({
        account_id: accountId,
        instance_id: instanceId,
        last_sequence: 1,
        last_contact_at: lastContactAt ?? now,
        next_contact_by: later,
        deadline_at: later,
      })
      .execute();
  });
  await changeUse(server, { accountId, virtualAccountId, instanceId, counts });
  return instanceId;
}

/** Lets an instance of {@link useLicenses} use other counts from now on. */
export async function changeUse(
  server: Pick<TestServer, 'db' | 'clock'>,
  {
    accountId,
    virtualAccountId,
    instanceId,
    counts,
  }: { accountId: string; virtualAccountId: string; instanceId: string; counts: Record<string, number> },
): Promise<void> {
  const now = server.clock.now();
  await server.db.transaction().execute(async (trx) => {
    const licenses = await licensesOfTags(trx, Object.keys(counts));
    const changes = [];
    for (const [tag, to] of Object.entries(counts)) {
      const license = licenses.get(tag);
      if (license === undefined) throw new Error(`There is no license ${tag}.`);
      const { licenseId } = license;
      const before = await trx
        .selectFrom('instance_usage')
        .select('count')
        .where('account_id', '=', accountId)
        .where('instance_id', '=', instanceId)
        .where('tag', '=', tag)
        .executeTakeFirst();
      const usage = {
        license_id: licenseId,
        virtual_account_id: virtualAccountId,
        count: to,
        changed_at: now,
      };
      await trx
        .insertInto('instance_usage')
        .values({ account_id: accountId, instance_id: instanceId, tag, ...usage })
        .onConflict((conflict) => conflict.columns(['account_id', 'instance_id', 'tag']).doUpdateSet(usage))
        .execute();
      const from = before?.count ?? 0;
      changes.push({
        accountId,
        virtualAccountId,
        instanceId,
        licenseId,
        from,
        to,
        reason: 'reported' as const,
      });
    }
    await recordUse({ trx, now, newId: () => randomUUIDv7(), actor: systemActor, requestId: null }, changes);
  });
}
