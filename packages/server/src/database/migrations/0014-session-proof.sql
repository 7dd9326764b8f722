-- When whoever holds the session last proved who they are: at sign-in, or when they were asked again. Sessions of before
-- this migration have not, so they are asked.
alter table sessions add column proved_at timestamptz;
