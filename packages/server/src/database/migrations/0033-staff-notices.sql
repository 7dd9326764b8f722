-- Whose roles let them hear of notices: people in accounts, and the publisher's staff under the nil UUID, which stands for the
-- platform. A platform role that waits for a second factor hears of nothing.
create view notice_grants as
  select account_id, grant_id, person_id, role, scope_kind, until from held_grants
  union all
  select '00000000-0000-0000-0000-000000000000'::uuid, null::uuid, g.person_id, g.role, 'account', g.until
    from platform_grants g
   where not (select second_factor_required from staff_settings)
      or exists (select from totp_secrets t where t.person_id = g.person_id and t.confirmed_at is not null);
