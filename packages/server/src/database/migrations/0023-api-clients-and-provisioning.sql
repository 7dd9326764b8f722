-- From where an API client was used last. The next use takes its place; it goes with the client.
alter table api_keys add column last_used_from text;
