-- What the call-flow service reads: one document per client, built from the declared rows.
--
--   {"client":     {"id", "name", "brand", "domain", "language"},
--    "users":      {"<id>": {"name", "display_name", "extension", "contact": {"endpoint", "address"} or null}},
--    "extensions": {"<number>": {"id", "kind": "user" or "none", "user": "<id>" or null}}}
--
-- A user's "extension" is the one it presents (screen extension); without one, its lowest number. Null for an unknown
-- client. Read by trunkline.callflow.configuration.

create function callflow.client_configuration(a_client_id uuid) returns jsonb
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select jsonb_build_object(
        'client', jsonb_build_object(
            'id', client.id, 'name', client.name, 'brand', brand.name, 'domain', client.domain,
            'language', client.language),
        'users', coalesce((
            select jsonb_object_agg(person.id, jsonb_build_object(
                'name', person.name,
                'display_name', person.display_name,
                'extension', coalesce(screen.number, (
                    select min(own.number) from config.extension own
                    where own.client_id = client.id and own.user_id = person.id)),
                'contact', case when terminal.id is not null then jsonb_build_object(
                    'endpoint', terminal.id, 'address', terminal.name || '@' || client.domain) end))
            from config."user" person
                left join config.extension screen on screen.id = person.screen_extension_id
                left join config.terminal terminal on terminal.id = person.terminal_id
            where person.client_id = client.id), '{}'),
        'extensions', coalesce((
            select jsonb_object_agg(extension.number, jsonb_build_object(
                'id', extension.id,
                'kind', case when extension.user_id is null then 'none' else 'user' end,
                'user', extension.user_id))
            from config.extension
            where extension.client_id = client.id), '{}'))
    from config.client
        join config.brand on brand.id = client.brand_id
    where client.id = a_client_id
$$;
comment on function callflow.client_configuration is 'The compiled configuration of one client, for the call-flow service';

revoke execute on function callflow.client_configuration from public;
grant execute on function callflow.client_configuration to trunkline_callflow, trunkline_monitor;
