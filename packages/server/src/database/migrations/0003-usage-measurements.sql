-- What product instances in policy mode measured, by month: from starts_at on, for so many samples of 15 minutes, count
-- of the license was in use. The key makes a repeat harmless, and keeps what one report brings together. Rows are kept
-- as long as the account.

create table usage_measurements (
  account_id uuid not null,
  instance_id uuid not null,
  license_id uuid not null,
  starts_at timestamptz not null,
  count integer not null check (count between 0 and 1000000000),
  samples smallint not null check (samples > 0),
  primary key (account_id, instance_id, license_id, starts_at)
) partition by range (starts_at);

create table usage_measurements_other partition of usage_measurements default;

-- Makes the monthly partitions of a table from the month of the given instant on. Rows that waited in its default
-- partition (<table>_other) move along. Several servers may ask at once: they take turns. The default partition is
-- locked before its rows move, so that none comes in behind them. Whoever holds it, as a backup does for minutes, is waited
-- for only shortly, because readers of the whole table wait behind: then it fails, changes nothing and is to be asked again.
create function ensure_month_partitions(parent text, instant_column text, from_instant timestamptz, months integer)
returns void language plpgsql set lock_timeout = '2s' as $$
declare
  month_start timestamptz;
  month_end timestamptz;
  partition_name text;
begin
  perform pg_advisory_xact_lock(hashtext('estover month partitions'));
  for i in 0..months - 1 loop
    month_start := (date_trunc('month', from_instant at time zone 'UTC') + make_interval(months => i)) at time zone 'UTC';
    month_end := (date_trunc('month', from_instant at time zone 'UTC') + make_interval(months => i + 1)) at time zone 'UTC';
    partition_name := parent || '_' || to_char(month_start at time zone 'UTC', 'YYYY_MM');
    if to_regclass(partition_name) is null then
      execute format('lock table %I in access exclusive mode', parent || '_other');
      execute format('create table %I (like %I including defaults including constraints)', partition_name, parent);
      execute format('with moved as (delete from %I where %I >= %L and %I < %L returning *) insert into %I select * from moved',
        parent || '_other', instant_column, month_start, instant_column, month_end, partition_name);
      execute format('alter table %I attach partition %I for values from (%L) to (%L)',
        parent, partition_name, month_start, month_end);
    end if;
  end loop;
end $$;

create or replace function ensure_event_partitions(from_instant timestamptz, months integer) returns void language sql as
$$ select ensure_month_partitions('events', 'at', from_instant, months) $$;

create function ensure_usage_measurement_partitions(from_instant timestamptz, months integer) returns void language sql as
$$ select ensure_month_partitions('usage_measurements', 'starts_at', from_instant, months) $$;
