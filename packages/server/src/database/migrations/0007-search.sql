-- Parts of names and numbers of product instances. Where the database does not bring the extension, or does not let
-- this role make or use it, searching reads every instance of the account and is right all the same. The extension may
-- be there already, in a schema where names are not looked for.
do $$
declare
  place text;
begin
  create extension if not exists pg_trgm;
  select nspname into place from pg_extension e join pg_namespace n on n.oid = e.extnamespace where extname = 'pg_trgm';
  execute format(
    'create index product_instances_search on product_instances using gin (
       lower(display_name || E''\n'' || coalesce(host_name, '''') || E''\n'' || serial_number || E''\n'' || product_id)
         %I.gin_trgm_ops)', place);
exception when undefined_file or undefined_object or insufficient_privilege or feature_not_supported then
  raise notice 'pg_trgm is not available: searching product instances will be slower';
end $$;
