-- Texts that accounts accept. A version that was published never changes: who accepted it accepted these very words.
create table agreement_versions (
  -- Which text it is a version of, such as `terms`.
  agreement text not null check (agreement ~ '^[a-z][a-z0-9-]{0,39}$'),
  version integer not null check (version > 0),
  title text not null,
  -- The language it is written in, as a tag (RFC 5646); null where nobody said.
  language text,
  body text not null,
  -- SHA-256 of the body.
  body_hash bytea not null,
  -- How many days an account has from the publication, or from its own beginning if that is later.
  deadline_days smallint not null check (deadline_days between 1 and 365),
  published_at timestamptz not null,
  published_by text not null,
  -- How far the job that tells the accounts has come; `told_at` once it is done.
  told_until uuid,
  told_at timestamptz,
  primary key (agreement, version)
);
create index agreement_versions_to_tell on agreement_versions (agreement, version) where told_at is null;

-- Who accepted which version for an account. `person_id` names them; there is no row in `people` any more once they were
-- removed. Kept as long as the account is.
create table agreement_acceptances (
  account_id uuid not null,
  agreement text not null,
  version integer not null,
  -- `elsewhere`: the operator made the account and vouches for it; `before-records`: the account is older than the texts.
  how text not null check (how in ('person', 'elsewhere', 'before-records')),
  person_id text,
  -- The role that let them accept, at that time.
  role text,
  body_hash bytea not null,
  from_address text,
  accepted_at timestamptz not null,
  primary key (account_id, agreement, version),
  check ((how = 'person') = (person_id is not null and role is not null))
);
create index agreement_acceptances_by_person on agreement_acceptances (person_id) where person_id is not null;

-- What an account cannot do while it has not accepted in time.
create table agreement_settings (
  only_row boolean primary key default true check (only_row),
  blocked text[] not null
);
insert into agreement_settings (blocked) values ('{tokens,delivery}');

insert into agreement_versions (agreement, version, title, language, body, body_hash, deadline_days, published_at, published_by, told_at)
select 'terms', 1, 'Terms of the licensing account', 'en', text, sha256(convert_to(text, 'UTF8')), 30,
       '2026-01-01T00:00:00Z', 'Estover', '2026-01-01T00:00:00Z'
  from (values ('You accept for your company that this account holds its licenses, that its administrators answer for the people they let in, and that licenses are used within what was bought.')) as first (text);

insert into agreement_acceptances (account_id, agreement, version, how, body_hash, accepted_at)
select account_id, 'terms', 1, 'before-records', v.body_hash, a.created_at
  from accounts a, agreement_versions v where v.agreement = 'terms' and v.version = 1;

-- People who were removed: their id, and what they are called since. `names_sealed` holds what is still to be taken out of
-- texts; it is forgotten as soon as that is done. Rows are kept, so that a restore of a backup can be followed by the same
-- removals.
create table removed_people (
  person_id text primary key,
  pseudonym text not null unique,
  removed_at timestamptz not null,
  removed_by text not null check (removed_by in ('themselves', 'operator')),
  names_sealed text,
  -- The accounts they had a role in.
  account_ids uuid[] not null,
  texts_done_at timestamptz,
  check ((names_sealed is null) = (texts_done_at is not null))
);
create index removed_people_unfinished on removed_people (removed_at) where texts_done_at is null;
