-- What was told of an alert last; one that says something else by now is noted again. Alerts of before are not told.
create function alert_news(resolved_at timestamptz, severity text, facts jsonb) returns text
  language sql immutable parallel safe
  return case when resolved_at is not null then 'ended'
              else 'open/' || severity || '/' || coalesce(facts->>'noticeDays', facts->>'version', '') end;
alter table alerts add column noted text;
update alerts set noted = alert_news(resolved_at, severity, facts);
create index alerts_to_note on alerts (account_id, alert_id)
  where noted is distinct from alert_news(resolved_at, severity, facts);
