-- Where somebody has hidden the first steps, of an account or, under the nil UUID, of the platform. Kept until they show them
-- again or are removed.
create table hidden_guides (
  account_id uuid not null,
  person_id text not null references people (id) on delete cascade,
  primary key (account_id, person_id)
);
create index hidden_guides_by_person on hidden_guides (person_id);
