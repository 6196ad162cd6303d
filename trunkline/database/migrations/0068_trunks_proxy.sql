-- What the trunks proxy reads and keeps. Like everything in schema `kamailio` it is derived: the rules themselves are the
-- functions of schema `routing`. A column of a result is never null: a proxy that reads text finds text.

------------------------------------------------------------------------------------------------------------------------
-- Calls
------------------------------------------------------------------------------------------------------------------------

-- A number as the user part of a SIP URI.
create function kamailio.user_part(a_number text) returns text
    language sql immutable parallel safe as $$
    select replace(coalesce(a_number, ''), '#', '%23')
$$;

-- The name of a listening socket of the trunks proxy: that of the trunk address (null: the main one), and the transport.
create function kamailio.trunk_socket(a_address text, a_transport text) returns text
    language sql immutable parallel safe as $$
    select coalesce(replace(a_address, '-', '_') || '_', '') || a_transport
$$;

-- The servers of carriers that a call is tried at, in their order; or one row that says why there are none. Places of brand,
-- client and endpoint are taken for a_leg first, and given back with the end of that leg.
create function kamailio.outgoing(
        a_leg text, a_client text, a_endpoint text, a_callee text, a_tag text, a_fax text, a_caller text, a_diverted text)
    returns table (
        outcome    text,        -- carrier, inside, refused
        code       integer,
        reason     text,
        carrier_id text,
        server_id  text,
        label      text,        -- for people
        uri        text,        -- Request-URI
        callee_uri text,        -- To
        next_hop   text,        -- outbound proxy
        socket     text,
        ping       text,        -- whom to ask whether it lives: URI, outbound proxy, socket
        health     integer,
        auth_user  text,
        auth_realm text,
        auth_ha1   text,
        from_user  text,
        from_domain text,
        identity   text,
        caller     text,
        diverted   text,
        media_set  text,
        limited    integer
    )
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan as $$
declare
    l_client   uuid := nullif(a_client, '')::uuid;
    l_full     text := routing.admit(a_leg::uuid, l_client, nullif(a_endpoint, '')::uuid);
begin
    if l_full is not null then
        return query
        select 'refused', 403, 'Too Many Calls', '', '', '', '', '', '', '', '', 0, '', '', '', '', '', '', '', '', '', 0;
        return;
    end if;
    return query
    select attempt.outcome, coalesce(attempt.code, 0), coalesce(attempt.reason, ''),
           coalesce(attempt.carrier_id::text, ''), coalesce(attempt.server_id::text, ''),
           coalesce(attempt.carrier || '/' || attempt.server, ''),
           regexp_replace(coalesce(attempt.uri, ''), '^sip:', 'sip:' || kamailio.user_part(attempt.callee) || '@'),
           regexp_replace(split_part(coalesce(attempt.uri, ''), ';', 1), '^sip:',
                          'sip:' || kamailio.user_part(attempt.callee) || '@'),
           coalesce(attempt.outbound_proxy, ''),
           coalesce(kamailio.trunk_socket(attempt.socket, attempt.transport), ''),
           concat_ws('|', attempt.uri, coalesce(attempt.outbound_proxy, ''),
                     kamailio.trunk_socket(attempt.socket, attempt.transport)),
           coalesce(server.health, false)::integer,
           coalesce(attempt.auth_user, ''), coalesce(attempt.auth_realm, ''), coalesce(attempt.auth_ha1, ''),
           coalesce(attempt.from_user, ''), coalesce(attempt.from_domain, ''), coalesce(attempt.identity, ''),
           kamailio.user_part(attempt.caller),
           case when a_diverted = '' then ''
                else kamailio.user_part(routing.transform(attempt.transformation_set, 'caller_out', a_diverted)) end,
           coalesce(attempt.media_set, ''), (coalesce(attempt.carrier_max_calls, 0) > 0)::integer
      from routing.attempts(l_client, a_callee, a_tag, a_fax = '1', random(), nullif(a_caller, '')) as attempt
      left join config.carrier_server server on server.id = attempt.server_id
     order by attempt.attempt;
end
$$;
comment on function kamailio.outgoing is 'Where the trunks proxy sends a call of the inside';

-- What a DDI provider calls us by, when it registered us and says nothing else: a name of a registration of ours.
create function kamailio.contact_user(a_id uuid, a_contact_user text) returns text
    language sql immutable parallel safe as $$
    select coalesce(a_contact_user, 'r' || left(replace(a_id::text, '-', ''), 16))
$$;

-- Where a call goes that a DDI provider sends from a_source, or a call of the inside (a_source empty) to a number of the
-- platform; exactly one row. Numbers are in international form, as the provider's transformation set has them.
create function kamailio.incoming(
        a_source text, a_called text, a_to text, a_caller text, a_asserted text, a_diverted text)
    returns table (
        code          integer,  -- 0: there is a destination
        provider_id   text,
        auth_user     text,
        auth_realm    text,
        auth_ha1      text,
        client_id     text,
        brand_id      text,
        client_type   text,
        target_id     text,
        target        text,
        target_domain text,
        ddi_id        text,
        ddi           text,
        caller        text,
        asserted      text,
        diverted      text,
        media_set     text,
        servers       text
    )
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    l_found    record;
    l_provider uuid;
begin
    if a_source = '' then
        select 0 as code, own.*, own.client_media_set as media_set, '' as auth_user, '' as auth_realm, '' as auth_ha1
          into l_found
          from routing.ddi(a_called) own;
        if not found then
            return query select 404, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '';
            return;
        end if;
    else
        select * into l_found from routing.detect(a_source::inet, a_called);
        if l_found.code = 404 and a_to <> a_called
           and exists (select from config.ddi_provider_registration registration
                        where kamailio.contact_user(registration.id, registration.contact_user) = a_called) then
            select * into l_found from routing.detect(a_source::inet, a_to);
        end if;
        l_provider := l_found.provider_id;
    end if;
    return query
    select coalesce(l_found.code, 0), coalesce(l_provider::text, ''), coalesce(l_found.auth_user, ''),
           coalesce(l_found.auth_realm, ''), coalesce(l_found.auth_ha1, ''), coalesce(l_found.client_id::text, ''),
           coalesce(l_found.brand_id::text, ''), coalesce(l_found.client_type, ''),
           coalesce(l_found.target_id::text, ''), coalesce(l_found.target, ''), coalesce(l_found.target_domain, ''),
           coalesce(l_found.ddi_id::text, ''), coalesce(l_found.number, ''),
           case when l_provider is null then a_caller else known.caller end,
           case when l_provider is null then a_asserted else known.asserted end,
           case when l_provider is null then a_diverted else known.diverted end,
           coalesce(l_found.media_set, ''),
           coalesce(replace(l_found.application_servers, ' ', ';') || ';', '')
      from (select case when a_caller !~ '^[+0-9]' then a_caller
                        else coalesce(routing.from_provider(l_provider, 'caller_in', a_caller), '') end as caller,
                   coalesce(routing.from_provider(l_provider, 'caller_in', nullif(a_asserted, '')), '') as asserted,
                   coalesce(routing.from_provider(l_provider, 'caller_in', nullif(a_diverted, '')), '') as diverted) as known;
end
$$;
comment on function kamailio.incoming is 'Where the trunks proxy sends a call of a DDI provider, or one that turns inside';

------------------------------------------------------------------------------------------------------------------------
-- Servers of carriers that do not answer
------------------------------------------------------------------------------------------------------------------------

insert into kamailio.version values ('inactive_server', 2), ('uacreg', 5);

-- The proxy's own view of them, in the form of its hash table; a carrier's server that left the configuration is not in it.
create view kamailio.inactive_server as
    select seen.server_id::text as key_name, 0 as key_type, 0 as value_type,
           concat_ws('|', format('sip:%s%s;transport=%s', server.host, ':' || server.port, server.transport),
                     coalesce('sip:' || server.outbound_proxy || ';transport=' || server.transport, ''),
                     kamailio.trunk_socket(carrier.socket, server.transport)) as key_value,
           0 as expires
      from live.carrier_server seen
      join config.carrier_server server on server.id = seen.server_id and server.health
      join config.carrier on carrier.id = server.carrier_id
     where not seen.active and seen.proxy = current_setting('application_name');

------------------------------------------------------------------------------------------------------------------------
-- Registrations of ours towards DDI providers
------------------------------------------------------------------------------------------------------------------------

-- Where each trunks proxy can be reached, address by address, as it said itself.
create table live.trunk_address (
    proxy   text not null,
    name    text not null,      -- of the trunk address; empty: the main one
    address text not null,      -- ADDRESS:PORT, of UDP and TCP
    primary key (proxy, name)
);
comment on table live.trunk_address is 'Addresses at which each trunks proxy listens';

create table live.registration (
    registration_id uuid primary key,       -- it may be gone from `config`
    proxy           text not null,
    state           text not null check (state in ('registered', 'trying', 'failed')),
    since           timestamptz not null default now(),
    seen_at         timestamptz not null default now()
);
comment on table live.registration is 'How our registrations at DDI providers are, and which trunks proxy keeps them';
grant update (registration_id) on live.registration to trunkline_apply;  -- rows follow an object that moved (0040)

-- Who keeps a registration: of the proxies that are alive and have its address, the first in an order of its own.
create view live.registration_keeper as
    select distinct on (registration.id) registration.id as registration_id, place.proxy, place.address
      from config.ddi_provider_registration registration
      join config.ddi_provider provider on provider.id = registration.ddi_provider_id
      join live.trunk_address place on place.name = coalesce(provider.socket, '')
      join live.proxy alive on alive.proxy = place.proxy and alive.seen_at > now() - interval '20 seconds'
     order by registration.id, md5(registration.id::text || place.proxy);

-- Kamailio's own table of registrations (uac, table version 5), the rows of the proxy that asks. What it calls l_uuid is
-- the user of the Contact; of two registrations that want the same one, the second gets one of its own.
create view kamailio.uacreg as
    select row_number() over (order by registration.id)::integer as id,
           case when row_number() over (partition by registration.contact_user order by registration.id) = 1
                then kamailio.contact_user(registration.id, registration.contact_user)
                else kamailio.contact_user(registration.id, null) end as l_uuid,
           registration.id::text as l_username,
           registration.domain as l_domain,
           registration.user_name as r_username,
           registration.domain as r_domain,
           registration.auth_realm as realm,
           registration.auth_user as auth_username,
           ''::text as auth_password,
           registration.auth_ha1 as auth_ha1,
           format('sip:%s;transport=%s', coalesce(registration.registrar, registration.domain), registration.transport)
               as auth_proxy,
           registration.expires_s as expires,
           0 as flags,
           0 as reg_delay,
           case registration.transport when 'udp' then keeper.address
                else keeper.address || ';transport=' || registration.transport end as contact_addr,
           case registration.transport when 'udp' then 'udp:' || keeper.address else '' end as socket
      from config.ddi_provider_registration registration
      join live.registration_keeper keeper on keeper.registration_id = registration.id
     where keeper.proxy = current_setting('application_name');

-- Every few seconds, by each trunks proxy: its addresses ({"": "ADDRESS:PORT", NAME: ...}) and how its registrations are
-- ("ID=STATE,", the numbers of Kamailio's uac_reg_status); back comes which registrations it keeps from now on ("ID,"), and
-- a digest of all that is said of them; and one of relays and application servers, which the proxy keeps a list of.
create function kamailio.keep_registrations(a_addresses text, a_states text)
    returns table (list text, digest text, inside text)
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    l_proxy text := current_setting('application_name');
begin
    delete from live.trunk_address
     where proxy = l_proxy and name not in (select key from jsonb_each_text(a_addresses::jsonb));
    insert into live.trunk_address as known (proxy, name, address)
    select l_proxy, key, value from jsonb_each_text(a_addresses::jsonb)
        on conflict on constraint trunk_address_pkey do update set address = excluded.address
           where known.address <> excluded.address;
    insert into live.registration as known (registration_id, proxy, state)
    select mine.l_username::uuid, l_proxy,
           case split_part(one, '=', 2) when '1' then 'registered' when '-2' then 'trying' else 'failed' end
      from unnest(string_to_array(rtrim(a_states, ','), ',')) as one
      join kamailio.uacreg mine on mine.l_uuid = split_part(one, '=', 1)
        on conflict (registration_id) do update
        set proxy   = excluded.proxy,
            since   = case when known.state = excluded.state then known.since else excluded.since end,
            state   = excluded.state,
            seen_at = excluded.seen_at;
    delete from live.registration
     where registration_id not in (select id from config.ddi_provider_registration);
    return query
    select coalesce(string_agg(row.l_uuid || ',', '' order by row.l_uuid), ''),
           coalesce(md5(string_agg(row::text, E'\n' order by row.l_uuid)), 'none'),
           md5(concat_ws(E'\n',
               (select string_agg(destination, ' ' order by destination) from kamailio.dispatcher),
               (select string_agg(setid || url, ' ' order by setid) from kamailio.rtpengine),
               (select string_agg(key_name || '=' || key_value, ' ' order by key_name) from kamailio.relay)))
      from kamailio.uacreg as row;
end
$$;
comment on function kamailio.keep_registrations is 'Which registrations a trunks proxy keeps, and how they are';

------------------------------------------------------------------------------------------------------------------------
-- Rights
------------------------------------------------------------------------------------------------------------------------

grant select on kamailio.inactive_server, kamailio.uacreg to trunkline_proxy;
grant select on live.trunk_address, live.registration, live.registration_keeper to trunkline_proxy, trunkline_monitor, trunkline_apply;
revoke select on kamailio.uacreg from trunkline_monitor;     -- it has HA1s
revoke execute on function kamailio.user_part, kamailio.trunk_socket, kamailio.outgoing, kamailio.contact_user,
    kamailio.incoming, kamailio.keep_registrations from public;
grant execute on function kamailio.user_part, kamailio.trunk_socket, kamailio.outgoing, kamailio.contact_user,
    kamailio.incoming, kamailio.keep_registrations to trunkline_proxy;
