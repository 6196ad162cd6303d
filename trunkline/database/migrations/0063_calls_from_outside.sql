-- Whose call it is that came from outside: the DDI provider and the DDI (seed 004 section 9.6.3).

create function routing.is_provider(a_source inet) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan as $$
begin
    return exists (select from config.ddi_provider_source where network >>= a_source);
end
$$;
comment on function routing.is_provider is 'Whether anything from an address can come from a DDI provider';

-- A number as a provider writes it, in E.164. One that leaves out the plus means an international number by digits that
-- do not begin with 0; everything else is for its transformation set.
create function routing.from_provider(a_provider uuid, a_list text, a_number text) returns text
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan as $$
declare
    l_provider record;
begin
    select transformation_set_id, plus into l_provider from config.ddi_provider where id = a_provider;
    if not l_provider.plus and a_number ~ '^[1-9][0-9]{6,14}$' then
        return '+' || a_number;
    end if;
    return routing.transform(l_provider.transformation_set_id, a_list, a_number);
end
$$;
comment on function routing.from_provider is 'A number of a DDI provider in E.164; the list is caller_in or callee_in';

-- And back: one that leaves out the plus gets international numbers without it.
create function routing.to_provider(a_provider uuid, a_list text, a_number text) returns text
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan as $$
declare
    l_provider record;
begin
    select transformation_set_id, plus into l_provider from config.ddi_provider where id = a_provider;
    if not l_provider.plus then
        return ltrim(a_number, '+');
    end if;
    return routing.transform(l_provider.transformation_set_id, a_list, a_number);
end
$$;
comment on function routing.to_provider is 'A number in E.164 as a DDI provider writes it; the list is caller_out or callee_out';

-- Providers that share the address are asked in the order of brand and name, each with its way to write numbers. The
-- first whose reading of the number is a DDI of its own brand has it; a DDI that names another provider of that address
-- as its own is that one's call.
create function routing.detect(a_source inet, a_number text)
    returns table (
        code                integer,            -- null: the call is accepted
        reason              text,               -- no_provider, no_ddi, only_out
        provider_id         uuid,
        provider            text,
        provider_max_calls  integer,
        transformation_set  uuid,
        plus                boolean,
        socket              text,
        media_set           text,
        auth_user           text,
        auth_realm          text,
        auth_ha1            text,
        ddi_id              uuid,
        number              text,
        brand_id            uuid,
        brand               text,
        client_id           uuid,
        client              text,
        client_type         text,
        kind                text,
        target_id           uuid,
        target              text,
        target_domain       text,
        ddi_max_calls       integer,
        client_media_set    text,
        application_servers text
    )
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    l_providers uuid[];
    l_provider  uuid;
    l_number    text;
    l_ddi       record;
begin
    select array_agg(known.id order by of_brand.name, known.name) into l_providers
      from (select distinct ddi_provider_id from config.ddi_provider_source where network >>= a_source) as source
      join config.ddi_provider known on known.id = source.ddi_provider_id
      join config.brand of_brand on of_brand.id = known.brand_id;
    if l_providers is null then
        return query select 403, 'no_provider', null::uuid, null, null::integer, null::uuid, null::boolean, null, null,
            null, null, null, null::uuid, null, null::uuid, null, null::uuid, null, null, null, null::uuid, null, null,
            null::integer, null, null;
        return;
    end if;
    foreach l_provider in array l_providers loop
        l_number := routing.from_provider(l_provider, 'callee_in', a_number);
        select ddi.id, ddi.number, ddi.direction, ddi.ddi_provider_id as linked into l_ddi
          from config.ddi
          join config.ddi_provider known on known.id = l_provider and known.brand_id = ddi.brand_id
         where ddi.number = l_number;
        if found then
            if l_ddi.linked = any (l_providers) then
                l_provider := l_ddi.linked;
            end if;
            exit;
        end if;
    end loop;
    return query
    select case when l_ddi.id is null or l_ddi.direction <> 'both' then 404 end,
           case when l_ddi.id is null then 'no_ddi' when l_ddi.direction <> 'both' then 'only_out' end,
           known.id, known.name, known.max_calls, known.transformation_set_id, known.plus, known.socket,
           coalesce(known.media_set, reached.client_media_set), known.auth_user, known.auth_realm, known.auth_ha1,
           reached.ddi_id, reached.number, known.brand_id, of_brand.name, reached.client_id, reached.client,
           reached.client_type, reached.kind, reached.target_id, reached.target, reached.target_domain,
           reached.ddi_max_calls, reached.client_media_set, reached.application_servers
      from config.ddi_provider known
      join config.brand of_brand on of_brand.id = known.brand_id
      left join routing.ddi(l_ddi.number) as reached on true
     where known.id = case when l_ddi.id is null then l_providers[1] else l_provider end;
end
$$;
comment on function routing.detect is 'Which DDI provider a call comes from, and which DDI it is for; or why it is refused';

revoke execute on function routing.is_provider, routing.from_provider, routing.to_provider, routing.detect from public;
grant execute on function routing.is_provider, routing.from_provider, routing.to_provider
    to trunkline_proxy, trunkline_callflow, trunkline_apply, trunkline_monitor;
-- with the HA1 of providers
grant execute on function routing.detect to trunkline_proxy, trunkline_apply;

-- Clients say which relays are on their side of a call.
create or replace view kamailio.domain as
    select client.domain, client.id as client_id, client.brand_id, client.media_set
      from config.client
     where client.domain is not null;
