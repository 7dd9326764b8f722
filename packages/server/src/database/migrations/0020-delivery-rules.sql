-- Where order lines go that name no virtual account: rules of an account in their order, the first that matches takes a
-- line. Kept as long as the account; a buyer is a company.
create table delivery_rules (
  account_id uuid not null,
  rule_id uuid not null,
  position integer not null check (position between 1 and 200),
  sku text,
  tag text,
  buyer text,
  virtual_account_id uuid not null,
  primary key (account_id, rule_id),
  -- Rules change places with each other in one step.
  unique (account_id, position) deferrable initially deferred,
  check (sku is not null or tag is not null or buyer is not null),
  foreign key (account_id, virtual_account_id) references virtual_accounts (account_id, virtual_account_id)
);
