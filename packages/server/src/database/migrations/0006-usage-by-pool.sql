-- An index whose condition names the count was changed by every report.
-- Dropped first, because a lock that grows would wait for readers who wait for it.
drop index instance_usage_by_license;
create index instance_usage_by_pool on instance_usage (account_id, license_id, virtual_account_id);
