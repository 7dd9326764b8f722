-- What every message writes stays off the indexes: PostgreSQL updates a row in place, within its page, only when no
-- column that an index knows has changed. An index on the instant of the deadline was changed by every message, and
-- one whose condition names the count by every report.

alter table instance_contacts
  add column deadline_day date not null
    generated always as ((deadline_at at time zone 'UTC')::date) stored;
create index instance_contacts_deadline_day on instance_contacts (deadline_day);
drop index instance_contacts_deadline;

-- Dropped first, because a lock that grows would wait for readers who wait for it.
drop index instance_usage_by_license;
create index instance_usage_by_pool on instance_usage (account_id, license_id, virtual_account_id);
