-- Roles that end are looked for every minute.
create index grants_ending on grants (until) where until is not null;
