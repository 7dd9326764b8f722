-- An upgrade that waits for an operator expires like other requests. Those that wait now have their whole time from today.
update account_requests set ends_at = now() + interval '30 days'
 where purpose = 'upgrade' and state = 'under-review' and ends_at is null;

-- Whoever makes an account is told of a request for the same identifier.
create index account_requests_to_answer on account_requests (domain_identifier)
  where state in ('under-review', 'awaiting-acceptance');

-- What an operator asks the requester while a request is reviewed, and their answer. They go with the request's row.
alter table account_requests
  add column question text,
  add column question_at timestamptz,
  add column question_by text,
  add column answer text,
  add column answered_at timestamptz;

-- How long a review may take.
create table review_settings (
  only_row boolean primary key default true check (only_row),
  review_days int not null check (review_days between 1 and 90)
);
insert into review_settings (review_days) values (5);
