-- Clients of all types and the outside: who calls, what it dials, what it shows, where calls to it go.

------------------------------------------------------------------------------------------------------------------------
-- Who calls
------------------------------------------------------------------------------------------------------------------------

-- A brand's domain is that of its residential devices and retail accounts; whose they are says the account.
create or replace view kamailio.domain as
    select client.domain, client.id as client_id, client.brand_id, client.media_set
      from config.client
     where client.domain is not null
    union all
    select brand.domain, null, brand.id, 'default'
      from config.brand
     where brand.domain is not null;

drop function kamailio.account(text, text);
drop function kamailio.identity(text, text);

-- Every SIP account, with what the users proxy has to know of it.
create view kamailio.account_of_domain as
    select 'terminal' as kind, terminal.id as endpoint_id, terminal.client_id, terminal.name as username, client.domain,
           terminal.ha1, null::inet as address, null::integer as port, null::text as transport, false as trusted,
           null::text as from_domain, coalesce(person.multi_contact, true) as multi_contact, person.id as user_id
      from config.terminal
      join config.client on client.id = terminal.client_id
      left join config."user" person on person.terminal_id = terminal.id
    union all
    select 'device', device.id, device.client_id, device.name, brand.domain, device.ha1, device.address, device.port,
           device.transport, coalesce(device.trusted, false), device.from_domain, device.multi_contact, null
      from config.device
      join config.client on client.id = device.client_id
      join config.brand on brand.id = client.brand_id
    union all
    select 'account', account.id, account.client_id, account.name, brand.domain, account.ha1, account.address,
           account.port, account.transport, coalesce(account.trusted, false), account.from_domain,
           account.multi_contact, null
      from config.account
      join config.client on client.id = account.client_id
      join config.brand on brand.id = client.brand_id;

-- At most one row. Application servers are in the order in which the client's calls try them; calls of retail clients
-- pass none. An address filter that names countries only lets nobody in.
create function kamailio.identity(a_username text, a_domain text)
    returns table (
        endpoint_id         uuid,
        client_id           uuid,
        brand_id            uuid,
        client_name         text,
        brand_name          text,
        username            text,
        domain              text,
        ha1                 text,
        extension           text,
        display_name        text,
        application_servers text,
        kind                text,               -- terminal, device, account
        media_set           text,
        filter              text,               -- networks with commas; null: calls may come from anywhere
        direct              text,               -- where it is reached without a registration; null: it registers
        trusted             text,               -- address:port whose word is enough; null: a password is asked for
        from_domain         text,
        multi_contact       boolean,
        codecs              text                -- that are added to its offer
    )
    language sql stable as $$
    select known.endpoint_id, client.id, brand.id, client.name, brand.name, known.username, known.domain, known.ha1,
           extension.number, person.display_name,
           (select string_agg(format('sip:%s:%s', host(server.address), server.port), ' ' order by placed.position)
              from config.client_application_server placed
              join config.application_server server on server.id = placed.application_server_id
             where placed.client_id = client.id),
           known.kind, client.media_set,
           (select coalesce(string_agg(text(network), ','), '192.0.2.0/32') from config.allowed_source
             where client_id = client.id having count(*) > 0),
           case when known.address is not null then
               format('sip:%s:%s;transport=%s', host(known.address), known.port, known.transport) end,
           case when known.trusted then format('%s:%s', host(known.address), known.port) end,
           known.from_domain, known.multi_contact, client.transcoding
      from kamailio.account_of_domain known
      join config.client on client.id = known.client_id
      join config.brand on brand.id = client.brand_id
      left join config."user" person on person.id = known.user_id
      left join config.extension on extension.id = person.screen_extension_id
     where known.domain = lower(a_domain)
       and known.username = a_username
$$;

create function kamailio.account(a_username text, a_domain text)
    returns table (
        endpoint_id         uuid,
        client_id           uuid,
        extension           text,
        application_servers text,
        kind                text,
        filter              text,
        direct              text,
        trusted             text,
        media_set           text
    )
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select endpoint_id, client_id, extension, application_servers, kind, filter, direct, trusted, media_set
      from kamailio.identity(a_username, a_domain)
$$;
comment on function kamailio.account is 'What the users proxy learns of an endpoint, without its HA1, for trunkline explain';

-- Addresses that mean something without a password: of wholesale clients, and of endpoints whose address is trusted. Key
-- and value of the proxy's hash table: a single address, and all ranges under one key.
create view kamailio.origin as
    select host(network) as key_name, 0 as key_type, 0 as value_type, '1' as key_value, 0 as expires
      from (select network from config.source where masklen(network) = case family(network) when 4 then 32 else 128 end
            union select address from config.device where trusted
            union select address from config.account where trusted
            union select address from config.friend where trusted) as single (network)
    union all
    select 'ranges', 0, 0, string_agg(text(network), ','), 0
      from config.source
     where masklen(network) < case family(network) when 4 then 32 else 128 end
    having count(*) > 0;

insert into kamailio.version values ('origin', 2);

create index device_trusted on config.device (address) where trusted;
create index account_trusted on config.account (address) where trusted;
create index friend_trusted on config.friend (address) where trusted;

-- Whose request it is that comes from this address: a wholesale client's, or that of the one endpoint that is trusted
-- there. Who says in From that it is a certain endpoint of this address is found by its name (kamailio.identity). At most
-- one row: endpoints that share an address are told apart by From only (seed 002 section 5.5.3).
create function kamailio.at_address(a_address inet, a_port integer)
    returns table (kind text, client_id uuid, brand_id uuid, media_set text, codecs text, username text, domain text)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select 'wholesale', client.id, client.brand_id, client.media_set, client.transcoding, null, null
      from config.source
      join config.client on client.id = source.client_id
     where source.network >>= a_address
    union all
    select min(known.kind), null, null, null, null, min(known.username), min(known.domain)
      from kamailio.account_of_domain known
     where known.trusted and known.address = a_address and known.port = a_port
    having count(*) = 1
     limit 1
$$;

------------------------------------------------------------------------------------------------------------------------
-- Calling the outside
------------------------------------------------------------------------------------------------------------------------

-- What a client's endpoint dials, as a call to the outside. One row: `code` null: it may be; otherwise why not.
--   tag     routing tag, of retail and wholesale clients (seed 004 section 9.3.4)
--   callee  E.164, by the endpoint's transformation set
--   caller  E.164: what the endpoint presents where that is a DDI of its client, else its outgoing DDI as rules say
--           (seed 004 sections 9.1.2, 9.1.3 and 10.1.7); wholesale clients present what they like
--   ddi     the DDI of the client that the call counts for
--   fax     whether routes for faxes come first: what a T.38 endpoint sends is one (seed 004 section 8.9.4)
create function routing.dial(a_client uuid, a_endpoint uuid, a_dialled text, a_presented text default null)
    returns table (code integer, reason text, tag text, caller text, callee text, ddi_id uuid, ddi text, fax boolean)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    l_client config.client;
    l_number text := a_dialled;
    l_prefix text := '';
    l_rule   uuid;
    l_own    uuid;
begin
    code := 404;
    tag := '';
    fax := false;
    select * into l_client from config.client where id = a_client;
    if not found then
        reason := 'no_client';
        return next;
        return;
    end if;

    if l_client.type in ('retail', 'wholesale') then
        select split.tag, split.number into tag, l_number from routing.split_tag(a_dialled) split;
        if tag <> '' and not routing.tag_enabled(a_client, tag) then
            code := 403;
            reason := 'tag';
            return next;
            return;
        end if;
    end if;

    select coalesce(person.outgoing_ddi_rule_id, device.outgoing_ddi_rule_id, account.outgoing_ddi_rule_id,
                    friend.outgoing_ddi_rule_id, l_client.outgoing_ddi_rule_id),
           coalesce(person.outgoing_ddi_id, device.outgoing_ddi_id, account.outgoing_ddi_id, friend.outgoing_ddi_id,
                    (select id from config.ddi
                      where client_id = a_client
                        and (ddi.user_id = person.id or ddi.device_id = device.id or ddi.account_id = account.id)
                      order by number limit 1),
                    l_client.outgoing_ddi_id),
           coalesce(terminal.t38, device.t38, account.t38, friend.t38, false)
      into l_rule, l_own, fax
      from (select) always
      left join config.terminal on terminal.id = a_endpoint and terminal.client_id = a_client
      left join config."user" person on person.terminal_id = a_endpoint and person.client_id = a_client
      left join config.device on device.id = a_endpoint and device.client_id = a_client
      left join config.account on account.id = a_endpoint and account.client_id = a_client
      left join config.friend on friend.id = a_endpoint and friend.client_id = a_client;

    if l_rule is not null then
        select split.prefix, split.number into l_prefix, l_number from routing.split_prefix(l_number) split
         where exists (select from config.outgoing_ddi_rule_entry entry
                        where entry.rule_id = l_rule and entry.prefix = split.prefix);
        if not found then
            l_prefix := '';
            l_number := coalesce(l_number, a_dialled);
        end if;
    end if;

    callee := routing.transform_for(a_client, a_endpoint, 'callee_in', l_number);
    if callee is null or callee !~ '^\+[1-9][0-9]{2,14}$' then
        callee := null;
        reason := 'no_number';
        return next;
        return;
    end if;

    caller := routing.transform_for(a_client, a_endpoint, 'caller_in', nullif(a_presented, ''));
    if l_client.type <> 'wholesale' then
        l_own := coalesce((select id from config.ddi where client_id = a_client and number = caller), l_own);
        select known.id, known.number into ddi_id, ddi
          from config.ddi known
         where known.id = case when l_rule is null then l_own
                               else routing.outgoing_ddi(a_client, l_rule, l_own, callee, l_prefix) end;
        caller := ddi;
        if ddi is null then
            code := 403;
            reason := 'no_outgoing_ddi';
            return next;
            return;
        end if;
    end if;
    code := null;
    return next;
end
$$;
comment on function routing.dial is 'What an endpoint dials, as a call to the outside: both numbers in E.164, tag, DDI';

-- How an endpoint wants to see a number outside, and how it wants to be called by one of its DDIs.
create function routing.shown(a_client uuid, a_endpoint uuid, a_number text) returns text
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select routing.transform(routing.transformation_set(a_client, a_endpoint), 'caller_out', a_number)
$$;
create function routing.called(a_client uuid, a_endpoint uuid, a_number text) returns text
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select routing.transform(routing.transformation_set(a_client, a_endpoint), 'callee_out', a_number)
$$;

-- A call from the outside to a retail account (seed 004 section 10.3.1): what the account is shown, and where the call
-- goes instead. Forwards for the called DDI come before those for any; accounts with T.38 have none.
create function kamailio.call_to_account(a_account uuid, a_ddi text, a_caller text)
    returns table (
        shown       text,                       -- the caller's number
        called      text,                       -- null: the user part that the account registered with
        always_to   text,                       -- number outside, or 'account:' and the name of another account
        missing_to  text                        -- the same, where the account cannot be reached
    )
    language sql stable as $$
    with forward as (
        select distinct on (forward.reason) forward.reason,
               coalesce(forward.to_number, 'account:' || target.name) as destination
          from config.forward
          join config.account on account.id = forward.account_id and not account.t38
          left join config.account target on target.id = forward.to_account_id
          left join config.ddi on ddi.id = forward.called_ddi_id
         where forward.account_id = a_account and (ddi.id is null or ddi.number = a_ddi)
         order by forward.reason, ddi.id is null
    )
    select routing.shown(account.client_id, account.id, a_caller),
           case when account.called_number then routing.called(account.client_id, account.id, a_ddi) end,
           (select destination from forward where reason = 'unconditional'),
           (select destination from forward where reason = 'not_registered')
      from config.account
     where account.id = a_account
$$;

------------------------------------------------------------------------------------------------------------------------
-- What the call-flow service reads
------------------------------------------------------------------------------------------------------------------------

-- Where calls go instead, of one object: [{"when", "calls", "after", "extension", "number", "ddi"}]. From one retail account
-- to another the users proxy goes by itself.
create function callflow.forwards(a_owner uuid) returns jsonb
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(jsonb_agg(jsonb_build_object(
                        'when', forward.reason, 'calls', forward.calls, 'after', forward.after_seconds,
                        'extension', extension.number, 'number', forward.to_number, 'ddi', ddi.number)
                        order by forward.reason, forward.calls, ddi.number), '[]')
      from config.forward
      left join config.extension on extension.id = forward.to_extension_id
      left join config.ddi on ddi.id = forward.called_ddi_id
     where a_owner in (forward.user_id, forward.device_id, forward.account_id)
       and not forward.to_voicemail and forward.to_account_id is null
$$;

-- As in 0051, for clients of all types that have calls coming in:
--   {"client":     {"id", "name", "type", "brand", "domain", "language"},
--    "users":      {"<id>": {"name", "display_name", "extension", "contact": {"endpoint", "address"} or null, "forwards"}},
--    "devices":    {"<id>": {"kind": "device" or "account", "name", "address", "called_number", "forwards"}},
--    "extensions": {"<number>": {"id", "kind": "user", "number" or "none", "user": "<id>" or null, "number"}},
--    "ddis":       {"<number>": {"direction", "kind": "user", "extension", "device", "account", "number" or "none",
--                                "target"}},
--    "moved_endpoints": {"<id of before>": "<id>"}}
create or replace function callflow.client_configuration(a_client_id uuid) returns jsonb
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select jsonb_build_object(
        'client', jsonb_build_object(
            'id', client.id, 'name', client.name, 'type', client.type, 'brand', brand.name,
            'brand_id', brand.id, 'domain', coalesce(client.domain, brand.domain), 'language', client.language),
        'users', coalesce((
            select jsonb_object_agg(person.id, jsonb_build_object(
                'name', person.name,
                'display_name', person.display_name,
                'extension', coalesce(screen.number, (
                    select min(own.number) from config.extension own
                    where own.client_id = client.id and own.user_id = person.id)),
                'contact', case when terminal.id is not null then jsonb_build_object(
                    'endpoint', terminal.id, 'address', terminal.name || '@' || client.domain) end,
                'forwards', case when forwarding.user_id is null then '[]' else callflow.forwards(person.id) end))
            from config."user" person
                left join config.extension screen on screen.id = person.screen_extension_id
                left join config.terminal terminal on terminal.id = person.terminal_id
                left join (select distinct user_id from config.forward where client_id = client.id) forwarding
                    on forwarding.user_id = person.id
            where person.client_id = client.id), '{}'),
        'devices', coalesce((
            select jsonb_object_agg(own.id, jsonb_build_object(
                'kind', own.kind, 'name', own.name, 'address', own.name || '@' || brand.domain,
                'called_number', own.called_number,
                'forwards', case when own.forwards then callflow.forwards(own.id) else '[]' end))
            from (select 'device' as kind, id, name, called_number, true as forwards
                    from config.device where device.client_id = client.id
                  union all
                  select 'account', id, name, called_number, not t38
                    from config.account where account.client_id = client.id) as own), '{}'),
        'extensions', coalesce((
            select jsonb_object_agg(extension.number, jsonb_build_object(
                'id', extension.id,
                'kind', case when extension.user_id is not null then 'user'
                             when extension.outside_number is not null then 'number' else 'none' end,
                'user', extension.user_id,
                'number', extension.outside_number))
            from config.extension
            where extension.client_id = client.id), '{}'),
        'ddis', coalesce((
            select jsonb_object_agg(ddi.number, jsonb_build_object(
                'direction', ddi.direction,
                'kind', case when ddi.user_id is not null then 'user' when ddi.extension_id is not null then 'extension'
                             when ddi.device_id is not null then 'device'
                             when ddi.account_id is not null then 'account'
                             when ddi.outside_number is not null then 'number' else 'none' end,
                'target', coalesce(ddi.user_id::text, ddi.device_id::text, ddi.account_id::text, ddi.outside_number, (
                    select extension.number from config.extension where extension.id = ddi.extension_id))))
            from config.ddi
            where ddi.client_id = client.id), '{}'),
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

revoke execute on function kamailio.identity, kamailio.account, kamailio.at_address, kamailio.call_to_account,
    routing.dial, routing.shown, routing.called, callflow.forwards from public;
revoke all on kamailio.account_of_domain from trunkline_monitor;  -- it shows HA1s
grant select on kamailio.origin to trunkline_proxy, trunkline_monitor, trunkline_apply;
grant execute on function kamailio.identity to trunkline_proxy;
grant execute on function kamailio.call_to_account to trunkline_proxy, trunkline_apply, trunkline_monitor;
grant execute on function kamailio.at_address to trunkline_proxy, trunkline_apply, trunkline_monitor;
grant execute on function kamailio.account to trunkline_proxy, trunkline_apply, trunkline_monitor;
grant execute on function routing.dial, routing.shown, routing.called
    to trunkline_proxy, trunkline_callflow, trunkline_apply, trunkline_monitor;

-- Codecs as the media relays know them, each with what makes a relay offer it: `alaw g729` -> ` transcode-PCMA
-- transcode-G729`. Video is never transcoded.
create function kamailio.transcode(a_codecs text) returns text
    language sql immutable parallel safe as $$
    select coalesce(string_agg(' transcode-' || known.name, '' order by wanted.place), '')
      from unnest(string_to_array(a_codecs, ' ')) with ordinality as wanted (codec, place)
      join (values ('alaw', 'PCMA'), ('ulaw', 'PCMU'), ('g722', 'G722'), ('opus', 'opus'), ('g729', 'G729'), ('gsm', 'GSM'),
                   ('ilbc', 'iLBC'), ('speex', 'speex')) as known (codec, name) using (codec)
$$;
revoke execute on function kamailio.transcode from public;
grant execute on function kamailio.transcode to trunkline_proxy;

------------------------------------------------------------------------------------------------------------------------
-- What `trunkline explain` asks: the same answers, without the secrets
------------------------------------------------------------------------------------------------------------------------

create function routing.attempts_shown(a_client uuid, a_number text, a_tag text, a_fax boolean, a_caller text)
    returns table (attempt integer, outcome text, code integer, reason text, route text, carrier text, server text,
                   uri text, callee text, caller text, media_set text, cost numeric, currency text)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select attempt, outcome, code, reason, route, carrier, server, uri, callee, caller, media_set, cost, currency
      from routing.attempts(a_client, a_number, a_tag, a_fax, random(), a_caller)
     order by attempt
$$;
comment on function routing.attempts_shown is 'routing.attempts without credentials, for trunkline explain';

create function routing.detected(a_source inet, a_number text)
    returns table (code integer, reason text, provider text, brand text, client_id uuid, client text, client_type text,
                   number text, kind text, target text, media_set text)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select code, reason, provider, brand, client_id, client, client_type, number, kind, target, media_set
      from routing.detect(a_source, a_number)
$$;
comment on function routing.detected is 'routing.detect without credentials, for trunkline explain';

-- Whose client: what the users proxy knows by the id, for people.
create function routing.client_path(a_client uuid) returns text
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select brand.name || '/' || client.name
      from config.client join config.brand on brand.id = client.brand_id
     where client.id = a_client
$$;

revoke execute on function routing.attempts_shown, routing.detected, routing.client_path from public;
grant execute on function routing.attempts_shown, routing.detected, routing.client_path
    to trunkline_apply, trunkline_monitor;
