-- Orders for an account that was asked for and is not there yet wait in a pending account (decision 0019), one for each
-- identifier: whoever accepts first has the account. A row goes as soon as the lines have their account. The identifier of
-- an account for limited use is a mail address: it is forgotten with the person.
create table awaited_accounts (
  account_id uuid primary key,
  domain_identifier text not null unique
);
create index account_requests_by_identifier on account_requests (domain_identifier);

-- How the order itself named the virtual account of a line: the publisher's staff read this, and no restricted name that the
-- order did not name.
alter table order_lines add column named_place text;
