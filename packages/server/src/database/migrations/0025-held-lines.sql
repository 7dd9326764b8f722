-- What waits for the account to accept is found by account.
create index order_lines_held on order_lines (account_id) where state = 'on-hold' and shipped_at is not null;
