-- Where the sentence of an event names virtual accounts: which one, and the letters that are its path. It is no part of what is
-- hashed, because it says nothing new; whoever may not read all of a path is told the sentence without the rest of it. Events
-- of before have none, and of those that name a path the sentence is told only to who may read every name.
alter table events add column places jsonb;

-- Whether the transaction hides restricted names from somebody. 'on' shows a mark in their place. 'marked' is for commands,
-- which need the names for what they write: they read each between two signs, by which it is taken out of what they answer.
create function hides_names() returns boolean language sql stable as $$
  select coalesce(current_setting('estover.hides_restricted', true), '') in ('on', 'marked')
$$;
create function hidden_name(name text) returns text language sql stable as $$
  select case when current_setting('estover.hides_restricted', true) = 'marked'
              then chr(64976) || translate(name, chr(64976) || chr(64977), '') || chr(64977) else '…' end
$$;

create or replace function told_name(account uuid, virtual_account uuid, name text, access_level text) returns text language sql stable as $$
  select case
    when not hides_names() or access_level <> 'restricted'
      or virtual_account = any (string_to_array(current_setting('estover.granted_alone', true), ',')::uuid[])
      or exists (select from virtual_account_ancestry over
                  where over.account_id = account and over.descendant_id = virtual_account
                    and over.ancestor_id = any (string_to_array(current_setting('estover.granted_nested', true), ',')::uuid[]))
    then name else hidden_name(name) end
$$;

create or replace function told_path(path text[]) returns text[] language sql stable as $$
  select case when not hides_names() or path is null or cardinality(path) < 2 then path
              when current_setting('estover.hides_restricted', true) = 'marked'
              then array(select hidden_name(each) from unnest(path[:cardinality(path) - 1]) with ordinality as up (each, level) order by level)
                   || path[cardinality(path)]
              else array['…', path[cardinality(path)]] end
$$;

-- Names from the top down to the virtual account, with none hidden.
create function whole_path(account uuid, virtual_account uuid) returns text[] language sql stable as $$
  select coalesce(
    v.deleted_path,
    (select array_agg(up.name order by a.distance desc)
       from virtual_account_ancestry a
       join virtual_accounts up on up.account_id = a.account_id and up.virtual_account_id = a.ancestor_id
      where a.account_id = account and a.descendant_id = virtual_account))
  from virtual_accounts v where v.account_id = account and v.virtual_account_id = virtual_account
$$;

-- A path that stands in a sentence, as it is told to whom names are hidden from. One that is still the path is told name by
-- name; of one of another time, whose names above nobody knows any more, only the end; and nothing of what they may not see.
create function told_place(account uuid, virtual_account uuid, words text) returns text language plpgsql stable as $$
declare
  found_one record;
begin
  select v.name, told_name(account, v.virtual_account_id, v.name, v.access_level) as told
    into found_one
    from virtual_accounts v where v.account_id = account and v.virtual_account_id = virtual_account;
  if not found or found_one.told <> found_one.name then return '…'; end if;
  if array_to_string(whole_path(account, virtual_account), ' / ') = words then
    return array_to_string(virtual_account_path(account, virtual_account), ' / ');
  end if;
  return regexp_replace(words, '^.* / ', '… / ');
end
$$;

-- The sentence of an event as it is told; null where a path may stand in it of which is not known where, which then nobody
-- reads to whom names are hidden.
create function told_sentence(account uuid, message text, places jsonb) returns text language plpgsql stable as $$
declare
  place record;
  told text := '';
  others text := '';
  done int := 0;
begin
  if not hides_names() then return message; end if;
  for place in
    select * from jsonb_to_recordset(coalesce(places, '[]')) as p ("virtualAccountId" uuid, "at" int, "length" int) order by "at"
  loop
    told := told || substr(message, done + 1, place."at" - done)
      || told_place(account, place."virtualAccountId", substr(message, place."at" + 1, place."length"));
    others := others || substr(message, done + 1, place."at" - done) || '…';
    done := place."at" + place."length";
  end loop;
  if strpos(others || substr(message, done + 1), ' / ') > 0 then return null; end if;
  return told || substr(message, done + 1);
end
$$;
