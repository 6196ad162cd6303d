-- A call in progress knows its client and its terminals by the ids of when it began. Where they moved since (a rename, a
-- rollback), these lead to what they are now: whoever transfers such a call notices nothing.

create function config.current_id(a_table text, a_id uuid) returns uuid
    language sql stable as $$
    with recursive moved (id, revision) as (
        select a_id, 0::bigint
        union all
        select later.new_id, later.revision
          from moved
          join config.revision_moved later on later.old_id = moved.id and later.revision > moved.revision
         where later.table_name = a_table
    )
    select id from moved order by revision desc limit 1
$$;
comment on function config.current_id is 'The id that an object has now, given one that it had';
revoke execute on function config.current_id from public;
create index revision_moved_new_id on config.revision_moved (new_id);

-- As in 0020, and "moved_endpoints": {"<id of before>": "<id>"} for terminals that moved in one revision.
create or replace function callflow.client_configuration(a_client_id uuid) returns jsonb
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
            where extension.client_id = client.id), '{}'),
        'moved_endpoints', coalesce((
            select jsonb_object_agg(moved.old_id, moved.new_id)
            from config.revision_moved moved
                join config.terminal on terminal.id = moved.new_id and terminal.client_id = client.id
            where moved.table_name = 'terminal'), '{}'))
    from config.client
        join config.brand on brand.id = client.brand_id
    where client.id = case when exists (select from config.client own where own.id = a_client_id) then a_client_id
                           else config.current_id('client', a_client_id) end
$$;
