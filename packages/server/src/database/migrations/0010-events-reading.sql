-- Events of a virtual account, at either end, and of a person. What product instances do is most of all events; what
-- anybody else does is found by its operation.
create index events_by_place on events (account_id, virtual_account_id, at desc, event_id desc);
create index events_by_other_place on events (account_id, other_virtual_account_id, at desc, event_id desc)
  where other_virtual_account_id is not null;
create index events_by_actor on events (account_id, actor_id, at desc, event_id desc)
  where actor_id is not null;
create index events_by_operation on events (account_id, operation, at desc, event_id desc)
  where operation not in ('registerProductInstance', 'replaceProductInstance', 'authorizeProductInstance',
                          'renewCertificate', 'deregisterProductInstance', 'expireAuthorization');
