import type { Filling } from './filling.ts';

/** So many instances are written by one statement, so that progress can be told and memory stays small. */
const instancesAtOnce = 100_000;

/**
 * Makes product instances with their contacts, what they use, and how that came about: each has registered with a use
 * that half of them changed later; who fell silent was set to zero, who left released everything.
 */
export async function fillInstances(filling: Filling, say: (line: string) => void): Promise<void> {
  const { accountId, now, instances, hotShare, seed, virtualAccounts, licenses, publicKey, run } = filling;
  const key = publicKey ?? Buffer.alloc(91, 4);
  await run(
    `create temporary table seeded (
       n bigint primary key, instance_id uuid not null, virtual_account_id uuid not null, place bigint not null,
       state text not null, registered_at timestamptz not null, contact_at timestamptz not null)`,
  );
  await run(
    `create temporary table uses (
       n bigint not null, slot int not null, instance_id uuid not null, virtual_account_id uuid not null,
       license_id uuid not null, tag text not null, first bigint not null, last bigint not null, state text not null,
       registered_at timestamptz not null, contact_at timestamptz not null)`,
  );
  for (let first = 0; first < instances; first += instancesAtOnce) {
    const end = Math.min(instances, first + instancesAtOnce);
    await run(
      `insert into seeded
       select n, pg_temp.seed_id('instance/' || $2, n, registered_at), p.virtual_account_id, p.rank, state, registered_at,
              case state when 'registered' then greatest(registered_at + interval '2 hours',
                                $1::timestamptz - pg_temp.chance('contact', n) * interval '20 days')
                         else $1::timestamptz - interval '100 days' end
         from (select n, case when pg_temp.chance('hot/' || $2, n) < $5::float8 then 0
                              else floor(power(pg_temp.chance('place/' || $2, n), 2.5) * $4::int)::int end as place,
                      case when n % 97 = 3 then 'removed' when n % 200 = 7 then 'authorization-expired' else 'registered' end as state,
                      $1::timestamptz - interval '360 days'
                        + (n::float8 / $3::int) * case when n % 97 = 3 or n % 200 = 7 then 250 else 350 end * interval '1 day' as registered_at
                 from generate_series($6::bigint, $7::bigint - 1) as n) drawn
         join places p on p.rank = drawn.place`,
      [now.toString(), seed, instances, virtualAccounts, hotShare, first, end],
    );
    await run(
      `insert into product_instances (account_id, instance_id, virtual_account_id, state, product_id, serial_number,
         version_id, uuid, host_name, software_tag, software_version, display_name, export_controlled_allowed,
         registered_at, ended_at, certificate_serial, public_key, certificate_expires_at, renew_after)
       select $1::uuid, instance_id, virtual_account_id, state, 'EST-ROUTER-' || n % 12, 'SN' || lpad(n::text, 9, '0'),
              'V0' || n % 4, null, 'edge-' || lpad(n::text, 7, '0') || '.site-' || place || '.example', null,
              '17.' || n % 9, 'edge-' || lpad(n::text, 7, '0'), false, registered_at,
              case when state = 'removed' then contact_at end, md5('certificate/' || n), $5::bytea,
              $2::timestamptz + interval '200 days', $2::timestamptz + interval '150 days'
         from seeded where n >= $3::bigint and n < $4::bigint`,
      [accountId, now.toString(), first, end, key],
    );
    await run(
      `insert into instance_contacts (account_id, instance_id, last_sequence, last_contact_at, next_contact_by, deadline_at)
       select $1::uuid, instance_id, 12, contact_at, contact_at + interval '30 days', contact_at + interval '90 days'
         from seeded where n >= $2::bigint and n < $3::bigint`,
      [accountId, first, end],
    );
    // Every virtual account has about six licenses of its own; seven of ten instances use the one that everybody has.
    await run(
      `insert into uses
       select s.n, slot, s.instance_id, s.virtual_account_id, k.license_id, k.tag, 1 + (s.n * 7 + slot) % 4,
              case s.state when 'registered' then 1 + (s.n * 11 + slot) % 5 else 0 end, s.state, s.registered_at, s.contact_at
         from seeded s
        cross join lateral (
          select min(slot) as slot, rank
            from (select slot, case when slot = 0 and (s.place = 0 or pg_temp.chance('common', s.n) < 0.7) then 0
                                    else ((s.place * 13 + floor(6 * power(pg_temp.chance('kind' || slot, s.n), 2))::int) % $3::int) end as rank
                    from generate_series(0, 2) as slot
                   where slot = 0 or pg_temp.chance('slot' || slot, s.n) < 0.55 - 0.2 * slot) drawn
           group by rank) chosen
         join kinds k using (rank)
        where s.n >= $1::bigint and s.n < $2::bigint`,
      [first, end, licenses],
    );
    say(`${end} product instances`);
  }
  await run('analyze seeded; analyze uses');
  await fillUsage(filling);
}

async function fillUsage({ accountId, seed, run }: Filling): Promise<void> {
  await run(
    `insert into instance_usage (account_id, instance_id, tag, license_id, virtual_account_id, count, changed_at)
     select $1::uuid, instance_id, tag, license_id, virtual_account_id, last,
            case state when 'registered' then registered_at + interval '1 hour' else contact_at + interval '91 days' end
       from uses where state <> 'removed'`,
    [accountId],
  );
  await run(
    `insert into usage_changes (account_id, change_id, at, instance_id, license_id, virtual_account_id, from_count, to_count, reason)
     select $1::uuid, pg_temp.seed_id('use/' || $2 || slot, n, registered_at), registered_at, instance_id, license_id,
            virtual_account_id, 0, first, 'reported'
       from uses order by n, slot`,
    [accountId, seed],
  );
  await run(
    `insert into usage_changes (account_id, change_id, at, instance_id, license_id, virtual_account_id, from_count, to_count, reason)
     select $1::uuid, pg_temp.seed_id('use-again/' || $2 || slot, n, at), at, instance_id, license_id, virtual_account_id,
            first, last, reason
       from (select uses.*,
                    case state when 'registered' then registered_at + interval '1 hour'
                               when 'removed' then contact_at else contact_at + interval '91 days' end as at,
                    case state when 'registered' then 'reported' when 'removed' then 'removed' else 'silent' end as reason
               from uses where first <> last) changed
      order by at`,
    [accountId, seed],
  );
}
