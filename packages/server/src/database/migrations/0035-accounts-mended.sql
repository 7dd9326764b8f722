-- An upgrade that waits for an operator expires like other requests. Those that wait now have their whole time from today.
update account_requests set ends_at = now() + interval '30 days'
 where purpose = 'upgrade' and state = 'under-review' and ends_at is null;

-- Whoever makes an account is told of a request for the same identifier.
create index account_requests_to_answer on account_requests (domain_identifier)
  where state in ('under-review', 'awaiting-acceptance');
