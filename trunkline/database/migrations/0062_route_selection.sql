-- Which servers of which carriers get a call to the outside, in which order; and whether it goes outside at all.
--
-- Every rule stands here once (docs/reference/route-selection.md): routing.candidates says which routes match and why
-- each is dropped, routing.attempts puts in order what is left. Proxies ask for attempts, `trunkline explain` for both.
-- In PL/pgSQL, whose plans live as long as the session: to plan these queries takes longer than to run them. They look a
-- handful of rows up among very many, so they go by index, whatever the statistics of the tables are or are not yet.

-- Beginnings of a number, with its plus: what a prefix has to be equal to.
create function routing.beginnings(a_number text) returns text[]
    language plpgsql immutable parallel safe as $$
declare
    l_found text[] := '{}';
begin
    for length in 1 .. coalesce(least(length(a_number), 16), 0) loop
        l_found[length] := left(a_number, length);
    end loop;
    return l_found;
end
$$;

------------------------------------------------------------------------------------------------------------------------
-- What somebody dials before a number
------------------------------------------------------------------------------------------------------------------------

-- A routing tag: 1 to 3 digits and a hash (seed 004 section 9.3.4).
create function routing.split_tag(a_dialled text, out tag text, out number text)
    language sql immutable parallel safe as $$
    select coalesce(substring(a_dialled from '^[0-9]{1,3}#'), ''), regexp_replace(a_dialled, '^[0-9]{1,3}#', '')
$$;
comment on function routing.split_tag is 'What was dialled, in two: the routing tag or nothing, and the number';

-- What chooses another DDI: 1 to 3 digits and a star (seed 004 section 10.1.7).
create function routing.split_prefix(a_dialled text, out prefix text, out number text)
    language sql immutable parallel safe as $$
    select coalesce(substring(a_dialled from '^[0-9]{1,3}\*'), ''), regexp_replace(a_dialled, '^[0-9]{1,3}\*', '')
$$;
comment on function routing.split_prefix is 'What was dialled, in two: the prefix of an outgoing DDI rule or nothing, and the number';

create function routing.tag_enabled(a_client uuid, a_tag text) returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (select from config.client_routing_tag enabled
                     join config.routing_tag on routing_tag.id = enabled.tag_id
                    where enabled.client_id = a_client and routing_tag.tag = a_tag)
$$;
comment on function routing.tag_enabled is 'Whether a client may dial a routing tag';

------------------------------------------------------------------------------------------------------------------------
-- Prices
------------------------------------------------------------------------------------------------------------------------

-- Connection fee, and the rate for every interval that has begun; the longest prefix counts. No row: there is no price.
-- (Without rights of its own, so that the planner puts it into the queries of others.)
create function routing.prices(a_price_list uuid, a_beginnings text[], a_seconds integer)
    returns table (cost numeric)
    language sql stable parallel safe as $$
    select trim_scale(connection_fee + round(rate / 60 * interval_s * ceil(a_seconds::numeric / interval_s), 6))
      from config.price
     where price_list_id = a_price_list and prefix = any (a_beginnings)
     order by length(prefix) desc
     limit 1
$$;

create function routing.price(a_price_list uuid, a_number text, a_seconds integer default 300) returns numeric
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off
    set enable_mergejoin = off set jit = off as $$
declare
    l_beginnings text[] := routing.beginnings(a_number);
begin
    return (select cost from routing.prices(a_price_list, l_beginnings, a_seconds));
end
$$;
comment on function routing.price is 'What a call to a number costs by a price list; null: the list has no price';

------------------------------------------------------------------------------------------------------------------------
-- Candidates
------------------------------------------------------------------------------------------------------------------------

-- Every route whose pattern, or a pattern of whose group, is how the number begins; of the brand's for all clients and of
-- those for this one, with the routing tag of the call. A route has a row per server, or one when it has none.
create function routing.candidates(a_client uuid, a_number text, a_tag text default '', a_fax boolean default false)
    returns table (
        route_id    uuid,
        route       text,
        type        text,
        client      text,                       -- that it is for; null: all
        tag         text,
        matched     text,                       -- the pattern, or group/pattern
        prefix      text,                       -- the longest one that fits
        priority    integer,
        weight      integer,
        stopper     boolean,
        fax         boolean,
        carrier_id  uuid,
        carrier     text,
        server_id   uuid,
        server      text,
        cost        numeric,                    -- of five minutes
        currency    text,
        dropped     text                        -- null: it takes part
    )
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off
    set enable_mergejoin = off set jit = off as $$
#variable_conflict use_column
declare
    l_brand    uuid;
    l_client   text;
    l_tag      uuid;
    l_proxy    text := current_setting('application_name');
    l_prefixes text[] := routing.beginnings(a_number);
begin
    select brand_id, name into l_brand, l_client from config.client where id = a_client;
    if coalesce(a_tag, '') <> '' then
        select id into l_tag from config.routing_tag where brand_id = l_brand and routing_tag.tag = a_tag;
        if l_tag is null then
            return;  -- no route can be for it
        end if;
    end if;
    return query
    with pattern as materialized (
        select pattern_id, max(prefix) as prefix  -- all begin alike, so the greatest is the longest
          from config.routing_pattern_prefix
         where scope_id in (l_brand, config.platform_id()) and prefix = any (l_prefixes)
         group by pattern_id
    ), destination as materialized (
        select pattern_id, null::uuid as group_id, prefix, pattern_id as by_pattern from pattern
        union all
        select null, member.group_id, pattern.prefix, pattern.pattern_id
          from pattern
          join config.routing_group_pattern member on member.pattern_id = pattern.pattern_id
    ), found as materialized (
        select outgoing as route, destination.prefix, destination.by_pattern
          from destination
          join config.outgoing_route outgoing
            on outgoing.pattern_id = destination.pattern_id
           and coalesce(outgoing.client_id, outgoing.brand_id) in (l_brand, a_client)
        union all
        (select distinct on (outgoing.id) outgoing, destination.prefix, destination.by_pattern
           from destination
           join config.outgoing_route outgoing
             on outgoing.group_id = destination.group_id
            and coalesce(outgoing.client_id, outgoing.brand_id) in (l_brand, a_client)
          order by outgoing.id, destination.prefix desc)
        union all
        select outgoing, null, null
          from config.outgoing_route outgoing
         where outgoing.pattern_id is null and outgoing.group_id is null
           and coalesce(outgoing.client_id, outgoing.brand_id) in (l_brand, a_client)
    ), matching as materialized (
        select (found.route).*, found.prefix, found.by_pattern,
               -- faxes take the routes for faxes when there are any, else all others; nothing else takes those
               (found.route).fax = (a_fax and bool_or((found.route).fax) over ()) as of_kind
          from found
         where (found.route).tag_id is not distinct from l_tag
    ), judged as materialized (
        select matching.*,
               bool_or(of_kind and type = 'block') over () as blocked,
               min(priority) filter (where of_kind and stopper) over () as last_priority
          from matching
    ), offered as materialized (
        select judged.id as offered_id, link.carrier_id as offered_carrier,
               case when not judged.of_kind then case when judged.fax then 'fax' else 'normal' end
                    when judged.blocked and judged.type <> 'block' then 'blocked'
                    when judged.type <> 'block' and judged.priority > judged.last_priority then 'stopper'
               end as reason
          from judged
          left join config.outgoing_route_carrier link on link.route_id = judged.id
    ), priced as materialized (
        select known.id as priced_id, price.cost, price_list.currency
          from (select distinct offered_carrier from offered where reason is null) as asked
          join config.carrier known on known.id = asked.offered_carrier
          left join config.price_list on price_list.id = known.price_list_id
          left join lateral routing.prices(known.price_list_id, l_prefixes, 300) as price on true
    )
    select judged.id, judged.name, judged.type, case when judged.client_id is not null then l_client end,
           coalesce(a_tag, ''),
           case when routing_group.id is not null then routing_group.name || '/' || by_pattern.name
                else by_pattern.name end,
           judged.prefix, judged.priority, judged.weight, judged.stopper, judged.fax,
           carrier.id, carrier.name, server.id, server.name, priced.cost, priced.currency,
           case when offered.reason is not null then offered.reason
                when judged.type = 'block' then null
                when judged.type = 'lcr' and priced.cost is null then 'no_price'
                when server.id is null then 'no_server'
                -- as the pings of this proxy say, else those of the others; nobody has pinged it yet: it takes calls
                when server.health and not coalesce(seen.own, seen.anybodys, true) then 'inactive' end
      from judged
      join offered on offered.offered_id = judged.id
      left join config.carrier on carrier.id = offered.offered_carrier
      left join priced on priced.priced_id = carrier.id
      left join config.carrier_server server on server.carrier_id = carrier.id
      left join lateral (
          select bool_or(known.active) filter (where known.proxy = l_proxy) as own, bool_or(known.active) as anybodys
            from live.carrier_server known
           where known.server_id = server.id) as seen on server.health
      left join config.routing_pattern by_pattern on by_pattern.id = judged.by_pattern
      left join config.routing_group on routing_group.id = judged.group_id
     order by judged.priority, judged.name, case when judged.type = 'lcr' then priced.cost end, carrier.name, server.name;
end
$$;
comment on function routing.candidates is 'The routes that match a call, each with its carriers and servers, and why it is dropped';

------------------------------------------------------------------------------------------------------------------------
-- Numbers that live on the platform
------------------------------------------------------------------------------------------------------------------------

-- What a DDI leads to; numbers that are only presented lead nowhere, and have no row.
create function routing.ddi(a_number text)
    returns table (
        ddi_id              uuid,
        number              text,
        brand_id            uuid,
        brand               text,
        client_id           uuid,
        client              text,
        client_type         text,
        kind                text,               -- user, extension, friends, device, account, number, none
        target_id           uuid,
        target              text,
        target_domain       text,
        ddi_max_calls       integer,
        client_media_set    text,
        application_servers text                -- in the client's order; null for retail
    )
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off
    set enable_mergejoin = off set jit = off as $$
#variable_conflict use_column
begin
    return query
    select ddi.id, ddi.number, brand.id, brand.name, client.id, client.name, client.type,
           case when ddi.user_id is not null then 'user' when ddi.extension_id is not null then 'extension'
                when ddi.friends_number is not null then 'friends' when ddi.device_id is not null then 'device'
                when ddi.account_id is not null then 'account' when ddi.outside_number is not null then 'number'
                else 'none' end,
           coalesce(ddi.user_id, ddi.extension_id, ddi.device_id, ddi.account_id),
           coalesce(person.name, extension.number, ddi.friends_number, device.name, account.name, ddi.outside_number),
           coalesce(client.domain, brand.domain), ddi.max_calls, client.media_set,
           (select string_agg(format('sip:%s:%s', host(server.address), server.port), ' ' order by placed.position)
              from config.client_application_server placed
              join config.application_server server on server.id = placed.application_server_id
             where placed.client_id = client.id)
      from config.ddi
      join config.client on client.id = ddi.client_id
      join config.brand on brand.id = client.brand_id
      left join config."user" person on person.id = ddi.user_id
      left join config.extension on extension.id = ddi.extension_id
      left join config.device on device.id = ddi.device_id
      left join config.account on account.id = ddi.account_id
     where ddi.number = a_number and ddi.direction = 'both';
end
$$;
comment on function routing.ddi is 'The DDI of the platform that a number is, and where it leads; calls to it never reach a carrier';

------------------------------------------------------------------------------------------------------------------------
-- Attempts
------------------------------------------------------------------------------------------------------------------------

-- A SIP URI of a host, an IPv6 address in brackets (RFC 3261 section 19.1.1). The place may have a port of its own.
create function routing.uri(a_place text, a_port integer, a_transport text) returns text
    language sql stable parallel safe as $$
    select 'sip:' || case when a_place like '%:%:%' and a_place not like '[%' then '[' || a_place || ']' else a_place end
           || coalesce(':' || a_port, '') || ';transport=' || a_transport
$$;

-- Between 0 and 1, the same for the same draw.
create function routing.draw(a_seed bigint, a_what text) returns double precision
    language sql immutable strict parallel safe as $$
    select ((hashtextextended(a_what, a_seed) >> 11) & 9007199254740991 | 1)::double precision / 9007199254740992
$$;

-- The servers that get the call, one after the other; or a single row that says that it stays inside or is refused.
--   Routes by priority, within one by weight: the first of a priority is each with the probability of its weight, the
--   second likewise among the others, and so on (exponential keys, Efraimidis and Spirakis 2006). A route by cost has its
--   carriers in ascending order; servers of a carrier are drawn evenly. A server is tried once.
create function routing.attempts(
    a_client uuid, a_number text, a_tag text default '', a_fax boolean default false,
    a_seed double precision default random(), a_caller text default null)
    returns table (
        attempt             integer,            -- from 1; 0: this is none
        outcome             text,               -- carrier, inside, refused
        code                integer,
        reason              text,               -- of what is refused: no_client, tag, blocked, no_route, no_server
        route_id            uuid,
        route               text,
        carrier_id          uuid,
        carrier             text,
        server_id           uuid,
        server              text,
        uri                 text,
        outbound_proxy      text,
        transport           text,
        socket              text,               -- null: the main one
        auth_user           text,
        auth_realm          text,
        auth_ha1            text,
        from_user           text,
        from_domain         text,
        identity            text,               -- from, pai, rpid, pai rpid
        callee              text,
        caller              text,
        media_set           text,
        transformation_set  uuid,
        externally_rated    boolean,
        carrier_max_calls   integer,
        cost                numeric,
        currency            text
    )
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off
    set enable_mergejoin = off set jit = off as $$
#variable_conflict use_column
declare
    l_seed  bigint := (a_seed * 9007199254740992)::bigint;
    l_set   text;
    l_code  integer;
    l_why   text;
begin
    select media_set into l_set from config.client where id = a_client;
    if not found then
        l_code := 404;
        l_why := 'no_client';
    elsif coalesce(a_tag, '') <> '' and not routing.tag_enabled(a_client, a_tag) then
        l_code := 403;
        l_why := 'tag';
    elsif exists (select from config.ddi where number = a_number and direction = 'both') then
        attempt := 0;
        outcome := 'inside';
        return next;
        return;
    end if;
    if l_why is null then
        return query
        with candidate as materialized (
            select * from routing.candidates(a_client, a_number, a_tag, a_fax)
        ), taking as (
            select candidate.*,
                   row_number() over (
                       order by candidate.priority,
                                -ln(routing.draw(l_seed, candidate.route_id::text)) / candidate.weight,
                                candidate.route_id,
                                case when candidate.type = 'lcr' then candidate.cost end,
                                candidate.carrier,
                                routing.draw(l_seed, candidate.server_id::text)) as place
              from candidate
             where candidate.dropped is null and candidate.server_id is not null
               and not exists (select from candidate as other where other.type = 'block' and other.dropped is null)
        ), once as (
            select distinct on (taking.server_id) taking.* from taking order by taking.server_id, taking.place
        ), written as materialized (
            select used.transformation_set_id as by_set,
                   routing.transform(used.transformation_set_id, 'callee_out', a_number) as callee,
                   case when a_caller is not null
                        then routing.transform(used.transformation_set_id, 'caller_out', a_caller) end as caller
              from (select distinct carrier.transformation_set_id
                      from once
                      join config.carrier on carrier.id = once.carrier_id) as used
        )
        select (row_number() over (order by once.place))::integer, 'carrier', null::integer, null::text, once.route_id,
               once.route, carrier.id, carrier.name, server.id, server.name,
               routing.uri(server.host, server.port, server.transport),
               routing.uri(server.outbound_proxy, null, server.transport), server.transport, carrier.socket,
               server.auth_user, server.auth_realm, server.auth_ha1, server.from_user, server.from_domain,
               server.identity, written.callee, written.caller,
               coalesce(carrier.media_set, l_set), carrier.transformation_set_id, carrier.externally_rated,
               carrier.max_calls, once.cost, once.currency
          from once
          join config.carrier_server server on server.id = once.server_id
          join config.carrier on carrier.id = server.carrier_id
          join written on written.by_set is not distinct from carrier.transformation_set_id
         order by once.place;
        if found then
            return;
        end if;
        select case when bool_or(type = 'block' and dropped is null) then 403 else 503 end,
               case when bool_or(type = 'block' and dropped is null) then 'blocked'
                    when bool_or(dropped in ('no_price', 'no_server', 'inactive')) then 'no_server'
                    else 'no_route' end
          into l_code, l_why
          from routing.candidates(a_client, a_number, a_tag, a_fax);
    end if;
    attempt := 0;
    outcome := 'refused';
    code := l_code;
    reason := l_why;
    return next;
end
$$;
comment on function routing.attempts is 'The servers of carriers that get a call, in order; or why it gets none';

------------------------------------------------------------------------------------------------------------------------
-- The DDI that is presented
------------------------------------------------------------------------------------------------------------------------

-- Whether a number is in a match list: of the client, else of its brand, else of the platform.
create function routing.in_match_list(a_client uuid, a_name text, a_number text) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan as $$
declare
    l_list uuid;
begin
    select match_list.id into l_list
      from config.client
      join config.match_list on match_list.scope_id in (client.id, client.brand_id, config.platform_id())
     where client.id = a_client and match_list.name = a_name
     order by match_list.scope_id = client.id desc, match_list.scope_id = client.brand_id desc
     limit 1;
    return exists (select from config.match_list_entry entry
                    where entry.match_list_id = l_list and (entry.number = a_number or a_number ~ entry.pattern));
end
$$;
comment on function routing.in_match_list is 'Whether a number is in a match list that a client sees';

-- The DDI that a caller presents: the rule's, for the number or for what was dialled before it; else its own.
create function routing.outgoing_ddi(
    a_client uuid, a_rule uuid, a_own uuid, a_number text, a_prefix text default '') returns uuid
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan as $$
declare
    l_case record;
begin
    for l_case in select match_list, prefix, ddi_id from config.outgoing_ddi_rule_entry
                   where rule_id = a_rule and client_id = a_client order by position loop
        if l_case.prefix = a_prefix
           or l_case.match_list is not null and routing.in_match_list(a_client, l_case.match_list, a_number) then
            return coalesce(l_case.ddi_id, a_own);
        end if;
    end loop;
    return coalesce((select ddi_id from config.outgoing_ddi_rule where id = a_rule and client_id = a_client), a_own);
end
$$;
comment on function routing.outgoing_ddi is 'The DDI that is presented to a number';

revoke execute on function routing.beginnings, routing.split_tag, routing.split_prefix, routing.tag_enabled,
    routing.prices, routing.price, routing.candidates, routing.ddi, routing.uri, routing.draw, routing.attempts,
    routing.in_match_list, routing.outgoing_ddi from public;
grant execute on function routing.beginnings, routing.split_tag, routing.split_prefix, routing.tag_enabled,
    routing.prices, routing.price, routing.candidates, routing.ddi, routing.uri, routing.draw,
    routing.in_match_list, routing.outgoing_ddi
    to trunkline_proxy, trunkline_callflow, trunkline_apply, trunkline_monitor;
-- with the HA1 of carriers
grant execute on function routing.attempts to trunkline_proxy, trunkline_apply;
