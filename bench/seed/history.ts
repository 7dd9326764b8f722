import type { Filling } from './filling.ts';

const eventsAtOnce = 200_000;
const eventsPerBatch = 1_000;

/**
 * Makes the events of the year before: mostly registrations of product instances, some movements. They are marked as
 * sealed, so that no job begins to seal them while something is measured; their hashes are no real ones.
 */
export async function fillEvents(filling: Filling, say: (line: string) => void): Promise<void> {
  const { accountId, seed, now, events, instances, run } = filling;
  await run(`select ensure_event_partitions($1::timestamptz - interval '365 days', 15)`, [now.toString()]);
  for (let first = 0; first < events; first += eventsAtOnce) {
    const end = Math.min(events, first + eventsAtOnce);
    await run(
      `insert into events (account_id, event_id, at, actor_kind, actor_id, actor_name, operation, message, object_kind,
                           object_id, virtual_account_id, before, after, request_id, batch_number, hash)
       select $1::uuid, pg_temp.seed_id('event/' || $3, drawn.n, at), at,
              case when moved then 'person' else 'product-instance' end,
              case when moved then 'person-' || drawn.n % 40 else s.instance_id::text end,
              case when moved then 'Person ' || drawn.n % 40 else 'edge-' || lpad(s.n::text, 7, '0') end,
              case when moved then 'transferLicenses' else 'registerInstance' end,
              case when moved then 'moved ' || drawn.n % 20 || ' licenses to Site ' || drawn.n % 900
                   else 'registered as edge-' || lpad(s.n::text, 7, '0') end,
              case when moved then 'movement' else 'product-instance' end,
              case when moved then md5(drawn.n::text) else s.instance_id::text end, s.virtual_account_id, null,
              jsonb_build_object('serialNumber', 'SN' || lpad(s.n::text, 9, '0'), 'productId', 'EST-ROUTER-' || s.n % 12),
              md5('request/' || drawn.n), drawn.n / $8::int + 1, sha256(drawn.n::text::bytea)
         from (select n, n % 5 = 0 as moved, (n * 7919) % $4::int as instance,
                      $2::timestamptz - interval '360 days' + (n::float8 / $5::int) * interval '359 days' as at
                 from generate_series($6::bigint, $7::bigint - 1) as n) drawn
         join seeded s on s.n = drawn.instance`,
      [accountId, now.toString(), seed, instances, events, first, end, eventsPerBatch],
    );
    say(`${end} events`);
  }
  await run(
    `insert into event_batches (account_id, batch_number, events, previous_hash, hash, sealed_at)
     select account_id, batch_number, count(*), sha256((batch_number - 1)::text::bytea), sha256(batch_number::text::bytea), max(at)
       from events where account_id = $1 and batch_number is not null group by 1, 2`,
    [accountId],
  );
}

/** Alerts beside those of short pools: of silent instances, open; and twice as many that were resolved. */
export async function fillAlerts({ accountId, seed, run }: Filling): Promise<void> {
  await run(
    `insert into alerts (account_id, alert_id, kind, severity, cause, virtual_account_id, instance_id, facts, opened_at,
                         action_due_at, resolved_at)
     select $1::uuid, pg_temp.seed_id('alert/' || $2 || age, n, opened_at), 'instance-failed-to-connect', 'major', instance_id::text,
            virtual_account_id, instance_id, '{}', opened_at, null, case when age > 0 then opened_at + interval '3 hours' end
       from (select seeded.*, age, contact_at + interval '90 days' - age * interval '30 days' as opened_at
               from seeded cross join generate_series(0, 2) as age where state = 'authorization-expired') silent`,
    [accountId, seed],
  );
}

/** Registration tokens: most used now and then, a third expired. */
export async function fillTokens({ accountId, seed, now, tokens, run }: Filling): Promise<void> {
  await run(
    `insert into registration_tokens (account_id, token_id, virtual_account_id, description, prefix, secret_hash,
       export_controlled_allowed, created_by, created_at, expires_at, maximum_uses, uses, last_used_at)
     select $1::uuid, pg_temp.seed_id('token/' || $3, n, made), p.virtual_account_id, 'Rollout ' || n, 'estk_' || n,
            sha256(($3 || n)::bytea), false, 'Ana Ruiz', made, made + interval '300 days', 1000, n % 400, made + interval '2 days'
       from (select n, $2::timestamptz - (n % 450) * interval '1 day' as made, n % (select count(*) from places) as place
               from generate_series(0, $4::bigint - 1) as n) drawn
       join places p on p.rank = drawn.place`,
    [accountId, now.toString(), seed, tokens],
  );
}
