-- Whoever signs in is noted with the person.
create function note_sign_in() returns trigger language plpgsql as $$
begin
  update people set last_signed_in_at = greatest(last_signed_in_at, new.created_at) where id = new.person_id;
  return new;
end
$$;
create trigger sessions_noted after insert on sessions for each row execute function note_sign_in();

-- An administrator looks at an account as somebody else sees it, in one session and for a short time. Ends with the session;
-- who looked as whom stays in the events.
create table account_views (
  session_id text primary key references sessions (id) on delete cascade,
  account_id uuid not null,
  as_person_id text not null,
  begun_at timestamptz not null,
  ends_at timestamptz not null
);
