import { type Filling, seedId } from './filling.ts';

const kinds = ['Essentials', 'Advantage', 'Premier', 'Security', 'Analytics'];

/** Tag of a license of the filled catalog, by its rank: 0 is the one that most instances use. */
export const seededTag = (rank: number): string =>
  `regid.2026-01.example.estover.SEED_${String(rank).padStart(4, '0')},1.0_00000000-0000-4000-8000-${String(rank).padStart(12, '0')}`;

/**
 * Makes the catalog, or finds the one that an earlier fill of the database made: licenses, of each a perpetual product
 * and one for a year, and substitutions: of every ten licenses three stand in for one another in a line. Leaves the
 * temporary table `kinds (rank, license_id, tag)`.
 */
export async function fillCatalog({ run, licenses, now }: Filling): Promise<void> {
  const at = now.subtract({ hours: 24 * 500 });
  const ranks = Array.from({ length: licenses }, (_, rank) => rank);
  const idOf = (rank: number) =>
    seedId(`license/${rank}`, Temporal.Instant.fromEpochMilliseconds(1_700_000_000_000 + rank));
  await run(
    `create temporary table kinds as
     select rank, license_id, tag, name from unnest($1::int[], $2::uuid[], $3::text[], $4::text[]) as t (rank, license_id, tag, name)`,
    [
      ranks,
      ranks.map(idOf),
      ranks.map(seededTag),
      ranks.map((rank) => `${kinds[rank % kinds.length]} ${String(rank).padStart(4, '0')}`),
    ],
  );
  await run('alter table kinds add primary key (rank); analyze kinds');
  await run(
    `insert into licenses (license_id, tag, name, description, family, version, enforcement, metric, overage, created_at)
     select license_id, tag, name, 'Filled for measurements', 'Family ' || rank % 7, '1.0',
            case when rank % 25 = 24 then 'enforced' else 'unenforced' end, 'device',
            case when rank % 20 = 19 then '{"kind":"percent","percent":10}'::jsonb else '{"kind":"none"}'::jsonb end, $1::timestamptz
       from kinds on conflict do nothing`,
    [at.toString()],
  );
  await run(
    `insert into products (product_id, sku, name, term, billing, created_at)
     select pg_temp.seed_id('product/' || term, rank, 'epoch'::timestamptz + rank * interval '1 second'),
            'SEED-' || lpad(rank::text, 4, '0') || '-' || term, name || ', ' || term,
            case term when 'P' then '{"kind":"perpetual"}'::jsonb else '{"kind":"term","months":12}'::jsonb end, 'prepaid', $1::timestamptz
       from kinds cross join (values ('P'), ('T')) as terms (term) on conflict do nothing`,
    [at.toString()],
  );
  await run(
    `insert into product_grants (product_id, license_id, quantity_per_unit)
     select p.product_id, k.license_id, 1 from kinds k
       join products p on p.sku in ('SEED-' || lpad(k.rank::text, 4, '0') || '-P', 'SEED-' || lpad(k.rank::text, 4, '0') || '-T')
     on conflict do nothing`,
  );
  await run(
    `insert into substitutions (substitution_id, upper_license_id, lower_license_id, upper_quantity, lower_quantity, priority)
     select pg_temp.seed_id('substitution', upper.rank, 'epoch'::timestamptz + upper.rank * interval '1 second'),
            upper.license_id, lower.license_id, 1, 1 + (upper.rank % 10 = 6)::int, 1
       from kinds upper join kinds lower on lower.rank = upper.rank - 1
      where upper.rank % 10 in (6, 7) on conflict do nothing`,
  );
}
