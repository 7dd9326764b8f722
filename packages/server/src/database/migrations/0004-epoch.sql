-- The installation's epoch rises with every restore of a backup. Each batch of events carries the epoch it was sealed in,
-- so that a chain that was continued after a restore shows where.
alter table event_batches add column epoch integer not null default 1;
