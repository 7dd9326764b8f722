-- Without a condition on the quantity, a change of it need not touch the index: only then can it stay on its page.
-- Dropped first, because a lock that grows would wait for readers who wait for it.
drop index holdings_by_license;
create index holdings_by_pool on holdings (account_id, license_id, virtual_account_id);
