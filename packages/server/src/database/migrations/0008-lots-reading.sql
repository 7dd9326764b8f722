-- Lots that end soon, of one account.
create index lots_of_account_ending on lots (account_id, ends_at) where ends_at is not null;

-- Lots of a license, by what they are billed and in the order of their ends.
create index lots_by_license on lots (account_id, license_id, billing, ends_at);
