-- What every message writes stays off the indexes: PostgreSQL updates a row in place, within its page, only when no
-- column that an index knows has changed. An index on the instant of the deadline was changed by every message; its day
-- changes once a day.

-- Dropped first, so that writing the table anew does not build it again.
drop index instance_contacts_deadline;
alter table instance_contacts
  add column deadline_day date not null
    generated always as ((deadline_at at time zone 'UTC')::date) stored;
create index instance_contacts_deadline_day on instance_contacts (deadline_day);
