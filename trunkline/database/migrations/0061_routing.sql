-- Where calls to and from the outside go: carriers, DDI providers, patterns of numbers, routes, prices, presented DDIs.
--
-- Patterns and their groups may stand at the platform, where those of countries and continents are made, or at a brand:
-- they belong to a scope. Whatever refers to one holds its id; the compiler looks for the nearest of a name.

create schema if not exists routing;
grant usage on schema routing to trunkline_apply, trunkline_proxy, trunkline_callflow, trunkline_monitor;

alter table config.client
    add column media_set text not null default 'default',  -- of its side of every call
    add constraint client_brand_id_id_key unique (brand_id, id);

-- Prices of one carrier or of several, per prefix. Rating takes its prices from here too.
create table config.price_list (
    id          uuid primary key,
    brand_id    uuid not null references config.brand deferrable initially deferred,
    name        text not null,
    description text,
    currency    text,
    unique (brand_id, name),
    unique (brand_id, id)
);

create table config.price (
    id             uuid primary key,
    brand_id       uuid not null,
    price_list_id  uuid not null,
    prefix         text not null check (prefix ~ '^\+[0-9]{0,15}$'),
    name           text,
    connection_fee numeric not null check (connection_fee >= 0),
    rate           numeric not null check (rate >= 0),  -- per minute
    interval_s     integer not null check (interval_s > 0),  -- every started one is paid
    unique (price_list_id, prefix),
    foreign key (brand_id, price_list_id) references config.price_list (brand_id, id) deferrable initially deferred
);
create index price_brand_id on config.price (brand_id);

------------------------------------------------------------------------------------------------------------------------
-- Carriers: where calls go
------------------------------------------------------------------------------------------------------------------------

create table config.carrier (
    id                    uuid primary key,
    brand_id              uuid not null references config.brand deferrable initially deferred,
    name                  text not null,
    description           text,
    contract              text,                 -- name; of type peering
    transformation_set_id uuid,                 -- null: numbers stay as they are
    media_set             text,                 -- null: the client's
    socket                text,                 -- name of an address of the trunks proxies; null: the main one
    max_calls             integer not null check (max_calls >= 0),
    externally_rated      boolean not null,
    price_list_id         uuid,                 -- null: it has no price
    unique (brand_id, name),
    unique (brand_id, id),
    foreign key (brand_id, price_list_id) references config.price_list (brand_id, id) deferrable initially deferred
);
create index carrier_price_list_id on config.carrier (price_list_id) where price_list_id is not null;

create table config.carrier_server (
    id             uuid primary key,
    brand_id       uuid not null,
    carrier_id     uuid not null,
    name           text not null,
    host           text not null,               -- an address, or a name that DNS knows
    port           integer check (port between 1 and 65535),  -- null: what DNS or the transport says
    transport      text not null check (transport in ('udp', 'tcp', 'tls')),
    outbound_proxy text,                        -- host or host:port
    auth_user      text,
    auth_realm     text,
    auth_ha1       text check (auth_ha1 ~ '^[0-9a-f]{32}$'),  -- md5(user:realm:password)
    from_user      text,                        -- null: the caller's number
    from_domain    text,                        -- null: ours
    identity       text not null check (identity in ('from', 'pai', 'rpid', 'pai rpid')),
    health         boolean not null,            -- whether it is pinged
    unique (carrier_id, name),
    check (num_nulls(auth_user, auth_realm, auth_ha1) in (0, 3)),
    foreign key (brand_id, carrier_id) references config.carrier (brand_id, id) deferrable initially deferred
);
create index carrier_server_brand_id on config.carrier_server (brand_id);

------------------------------------------------------------------------------------------------------------------------
-- DDI providers: where calls come from
------------------------------------------------------------------------------------------------------------------------

create table config.ddi_provider (
    id                    uuid primary key,
    brand_id              uuid not null references config.brand deferrable initially deferred,
    name                  text not null,
    description           text,
    contract              text,
    transformation_set_id uuid,
    media_set             text,
    socket                text,
    max_calls             integer not null check (max_calls >= 0),
    plus                  boolean not null,     -- false: it writes +34911234567 as 34911234567
    auth_user             text,                 -- null: its address is enough
    auth_realm            text,
    auth_ha1              text check (auth_ha1 ~ '^[0-9a-f]{32}$'),
    unique (brand_id, name),
    unique (brand_id, id),
    check (num_nulls(auth_user, auth_realm, auth_ha1) in (0, 3))
);

-- Providers may share addresses, also those of different brands.
create table config.ddi_provider_source (
    id              uuid primary key,
    brand_id        uuid not null,
    ddi_provider_id uuid not null,
    network         inet not null,
    description     text,
    unique (ddi_provider_id, network),
    foreign key (brand_id, ddi_provider_id) references config.ddi_provider (brand_id, id) deferrable initially deferred
);
create index ddi_provider_source_brand_id on config.ddi_provider_source (brand_id);
create index ddi_provider_source_network on config.ddi_provider_source using gist (network inet_ops);

create table config.ddi_provider_registration (
    id              uuid primary key,
    brand_id        uuid not null,
    ddi_provider_id uuid not null,
    name            text not null,
    user_name       text not null,
    domain          text not null,
    auth_user       text not null,
    auth_realm      text not null,
    auth_ha1        text not null check (auth_ha1 ~ '^[0-9a-f]{32}$'),
    registrar       text,                       -- host or host:port; null: the domain
    transport       text not null check (transport in ('udp', 'tcp', 'tls')),
    contact_user    text,                       -- null: made from the id
    expires_s       integer not null check (expires_s > 0),
    unique (ddi_provider_id, name),
    foreign key (brand_id, ddi_provider_id) references config.ddi_provider (brand_id, id) deferrable initially deferred
);
create index ddi_provider_registration_brand_id on config.ddi_provider_registration (brand_id);

alter table config.ddi
    add column brand_id        uuid,
    add column ddi_provider_id uuid,            -- who provides the number
    add column extension_id    uuid,
    add column outside_number  text,
    add column max_calls       integer not null default 0 check (max_calls >= 0);
update config.ddi set brand_id = client.brand_id from config.client where client.id = ddi.client_id;
alter table config.ddi
    alter column brand_id set not null,
    add check (num_nonnulls(user_id, friends_number, device_id, account_id, extension_id, outside_number) <= 1),
    add foreign key (brand_id, client_id) references config.client (brand_id, id) deferrable initially deferred,
    add foreign key (brand_id, ddi_provider_id) references config.ddi_provider (brand_id, id)
        deferrable initially deferred,
    add foreign key (client_id, extension_id) references config.extension (client_id, id) deferrable initially deferred;
create index ddi_brand_id_ddi_provider_id on config.ddi (brand_id, ddi_provider_id);
create index ddi_extension_id on config.ddi (extension_id) where extension_id is not null;

------------------------------------------------------------------------------------------------------------------------
-- Patterns and routes
------------------------------------------------------------------------------------------------------------------------

create table config.routing_pattern (
    id          uuid primary key,
    scope_id    uuid not null references config.scope deferrable initially deferred,
    name        text not null,
    description text,
    generated   boolean not null,               -- there without being declared
    unique (scope_id, name),
    unique (scope_id, id)
);

create table config.routing_pattern_prefix (
    id         uuid primary key,
    scope_id   uuid not null,
    pattern_id uuid not null,
    prefix     text not null check (prefix ~ '^\+[0-9]{0,15}$'),
    generated  boolean not null,
    unique (pattern_id, prefix),
    foreign key (scope_id, pattern_id) references config.routing_pattern (scope_id, id) deferrable initially deferred
);
create index routing_pattern_prefix_scope_id_prefix on config.routing_pattern_prefix (scope_id, prefix);

create table config.routing_group (
    id          uuid primary key,
    scope_id    uuid not null references config.scope deferrable initially deferred,
    name        text not null,
    description text,
    generated   boolean not null,
    unique (scope_id, name),
    unique (scope_id, id)
);

-- A group of a brand may hold patterns of the platform.
create table config.routing_group_pattern (
    id         uuid primary key,
    scope_id   uuid not null,
    group_id   uuid not null,
    pattern_id uuid not null references config.routing_pattern deferrable initially deferred,
    generated  boolean not null,
    unique (group_id, pattern_id),
    foreign key (scope_id, group_id) references config.routing_group (scope_id, id) deferrable initially deferred
);
create index routing_group_pattern_scope_id on config.routing_group_pattern (scope_id);
create index routing_group_pattern_pattern_id on config.routing_group_pattern (pattern_id, group_id);

create table config.routing_tag (
    id          uuid primary key,
    brand_id    uuid not null references config.brand deferrable initially deferred,
    name        text not null,
    description text,
    tag         text not null check (tag ~ '^[0-9]{1,3}#$'),
    unique (brand_id, name),
    unique (brand_id, id),
    constraint routing_tag_brand_id_tag_key unique (brand_id, tag) deferrable
);

create table config.client_routing_tag (
    id        uuid primary key,
    client_id uuid not null,
    brand_id  uuid not null,
    tag_id    uuid not null,
    unique (client_id, tag_id),
    foreign key (brand_id, client_id) references config.client (brand_id, id) deferrable initially deferred,
    foreign key (brand_id, tag_id) references config.routing_tag (brand_id, id) deferrable initially deferred
);
create index client_routing_tag_tag_id on config.client_routing_tag (tag_id);

create table config.outgoing_route (
    id          uuid primary key,
    brand_id    uuid not null references config.brand deferrable initially deferred,
    name        text not null,
    description text,
    client_id   uuid,                           -- null: for all clients
    tag_id      uuid,                           -- null: for calls without a tag
    pattern_id  uuid references config.routing_pattern deferrable initially deferred,
    group_id    uuid references config.routing_group deferrable initially deferred,
    fax         boolean not null,
    type        text not null check (type in ('static', 'lcr', 'block')),
    priority    integer not null check (priority > 0),
    weight      integer not null check (weight > 0),
    stopper     boolean not null,
    unique (brand_id, name),
    unique (brand_id, id),
    check (num_nonnulls(pattern_id, group_id) <= 1),
    check (fax or num_nonnulls(pattern_id, group_id) = 1),  -- only fax may mean any number
    foreign key (brand_id, client_id) references config.client (brand_id, id) deferrable initially deferred,
    foreign key (brand_id, tag_id) references config.routing_tag (brand_id, id) deferrable initially deferred
);
-- Routes of one client, or of all of a brand, are found at once also where a thousand clients have their own.
create index outgoing_route_pattern_id on config.outgoing_route (pattern_id, coalesce(client_id, brand_id))
    where pattern_id is not null;
create index outgoing_route_group_id on config.outgoing_route (group_id, coalesce(client_id, brand_id))
    where group_id is not null;
create index outgoing_route_any on config.outgoing_route (coalesce(client_id, brand_id))
    where pattern_id is null and group_id is null;
create index outgoing_route_client_id on config.outgoing_route (client_id) where client_id is not null;
create index outgoing_route_tag_id on config.outgoing_route (tag_id) where tag_id is not null;

create table config.outgoing_route_carrier (
    id         uuid primary key,
    brand_id   uuid not null,
    route_id   uuid not null,
    carrier_id uuid not null,
    unique (route_id, carrier_id),
    foreign key (brand_id, route_id) references config.outgoing_route (brand_id, id) deferrable initially deferred,
    foreign key (brand_id, carrier_id) references config.carrier (brand_id, id) deferrable initially deferred
);
create index outgoing_route_carrier_brand_id on config.outgoing_route_carrier (brand_id);
create index outgoing_route_carrier_carrier_id on config.outgoing_route_carrier (carrier_id);

------------------------------------------------------------------------------------------------------------------------
-- Which DDI is presented, by destination or by a prefix that is dialled
------------------------------------------------------------------------------------------------------------------------

create table config.outgoing_ddi_rule (
    id          uuid primary key,
    client_id   uuid not null references config.client deferrable initially deferred,
    name        text not null,
    description text,
    ddi_id      uuid,                           -- where no entry fits; null: the caller's own
    unique (client_id, name),
    unique (client_id, id),
    foreign key (client_id, ddi_id) references config.ddi (client_id, id) deferrable initially deferred
);
create index outgoing_ddi_rule_ddi_id on config.outgoing_ddi_rule (ddi_id) where ddi_id is not null;

create table config.outgoing_ddi_rule_entry (
    id         uuid primary key,
    client_id  uuid not null,
    rule_id    uuid not null,
    position   integer not null check (position >= 0),
    match_list text,                            -- name; of the client, else of its brand, else of the platform
    prefix     text check (prefix ~ '^[0-9]{1,3}\*$'),
    ddi_id     uuid,                            -- null: the caller's own
    constraint outgoing_ddi_rule_entry_position_key unique (rule_id, position) deferrable,
    check (num_nonnulls(match_list, prefix) = 1),
    foreign key (client_id, rule_id) references config.outgoing_ddi_rule (client_id, id) deferrable initially deferred,
    foreign key (client_id, ddi_id) references config.ddi (client_id, id) deferrable initially deferred
);
create index outgoing_ddi_rule_entry_client_id on config.outgoing_ddi_rule_entry (client_id);
create index outgoing_ddi_rule_entry_ddi_id on config.outgoing_ddi_rule_entry (ddi_id) where ddi_id is not null;

alter table config.client add column outgoing_ddi_rule_id uuid,
    add foreign key (id, outgoing_ddi_rule_id) references config.outgoing_ddi_rule (client_id, id)
        deferrable initially deferred;
alter table config."user" add column outgoing_ddi_rule_id uuid,
    add foreign key (client_id, outgoing_ddi_rule_id) references config.outgoing_ddi_rule (client_id, id)
        deferrable initially deferred;
create index client_outgoing_ddi_rule_id on config.client (outgoing_ddi_rule_id) where outgoing_ddi_rule_id is not null;
create index user_outgoing_ddi_rule_id on config."user" (outgoing_ddi_rule_id) where outgoing_ddi_rule_id is not null;

-- And the same for what stands for more than one telephone; and how many calls an endpoint has at once. 0: no limit.
alter table config.terminal add column max_calls integer not null default 0 check (max_calls >= 0);
alter table config.friend
    add column max_calls integer not null default 0 check (max_calls >= 0),
    add column outgoing_ddi_rule_id uuid,
    add foreign key (client_id, outgoing_ddi_rule_id) references config.outgoing_ddi_rule (client_id, id)
        deferrable initially deferred;
alter table config.device
    add column max_calls integer not null default 0 check (max_calls >= 0),
    add column outgoing_ddi_rule_id uuid,
    add foreign key (client_id, outgoing_ddi_rule_id) references config.outgoing_ddi_rule (client_id, id)
        deferrable initially deferred;
alter table config.account
    add column max_calls integer not null default 0 check (max_calls >= 0),
    add column outgoing_ddi_rule_id uuid,
    add foreign key (client_id, outgoing_ddi_rule_id) references config.outgoing_ddi_rule (client_id, id)
        deferrable initially deferred;
create index friend_outgoing_ddi_rule_id on config.friend (outgoing_ddi_rule_id) where outgoing_ddi_rule_id is not null;
create index device_outgoing_ddi_rule_id on config.device (outgoing_ddi_rule_id) where outgoing_ddi_rule_id is not null;
create index account_outgoing_ddi_rule_id on config.account (outgoing_ddi_rule_id) where outgoing_ddi_rule_id is not null;

------------------------------------------------------------------------------------------------------------------------
-- What trunks proxies see of the servers of carriers
------------------------------------------------------------------------------------------------------------------------

create table live.carrier_server (
    server_id uuid not null,                    -- it may be gone from `config`
    proxy     text not null,
    active    boolean not null,
    code      integer,                          -- of the last answer
    since     timestamptz not null default now(),
    primary key (server_id, proxy)
);
comment on table live.carrier_server is 'Which servers of carriers answer, as each trunks proxy sees them';

create function live.carrier_server_seen(a_server uuid, a_active boolean, a_code integer) returns void
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    insert into live.carrier_server as known (server_id, proxy, active, code)
    values (a_server, current_setting('application_name'), a_active, a_code)
    on conflict (server_id, proxy) do update
        set since  = case when known.active = excluded.active then known.since else excluded.since end,
            active = excluded.active,
            code   = excluded.code
$$;
comment on function live.carrier_server_seen is 'A trunks proxy says whether a server of a carrier answers';
revoke execute on function live.carrier_server_seen from public;
grant execute on function live.carrier_server_seen to trunkline_proxy;

------------------------------------------------------------------------------------------------------------------------
-- Rights: as in 0035, nobody but the proxies sees a HA1
------------------------------------------------------------------------------------------------------------------------

grant select on config.price_list, config.price, config.carrier, config.carrier_server, config.ddi_provider,
    config.ddi_provider_source, config.ddi_provider_registration, config.routing_pattern, config.routing_pattern_prefix,
    config.routing_group, config.routing_group_pattern, config.routing_tag, config.client_routing_tag,
    config.outgoing_route, config.outgoing_route_carrier, config.outgoing_ddi_rule, config.outgoing_ddi_rule_entry
    to trunkline_proxy;
grant select on config.price_list, config.price, config.carrier, config.ddi_provider_source, config.routing_pattern,
    config.routing_pattern_prefix, config.routing_group, config.routing_group_pattern, config.routing_tag,
    config.client_routing_tag, config.outgoing_route, config.outgoing_route_carrier, config.outgoing_ddi_rule,
    config.outgoing_ddi_rule_entry
    to trunkline_callflow, trunkline_monitor;
grant select (id, brand_id, carrier_id, name, host, port, transport, outbound_proxy, auth_user, auth_realm, from_user,
              from_domain, identity, health)
    on config.carrier_server to trunkline_callflow, trunkline_monitor;
grant select (id, brand_id, name, description, contract, transformation_set_id, media_set, socket, max_calls, plus,
              auth_user, auth_realm)
    on config.ddi_provider to trunkline_callflow, trunkline_monitor;
grant select (id, brand_id, ddi_provider_id, name, user_name, domain, auth_user, auth_realm, registrar, transport,
              contact_user, expires_s)
    on config.ddi_provider_registration to trunkline_callflow, trunkline_monitor;
grant select (max_calls) on config.terminal to trunkline_callflow, trunkline_monitor;
grant select (max_calls, outgoing_ddi_rule_id) on config.friend to trunkline_callflow, trunkline_monitor;
grant select (max_calls, outgoing_ddi_rule_id) on config.device to trunkline_callflow, trunkline_monitor;
grant select (max_calls, outgoing_ddi_rule_id) on config.account to trunkline_callflow, trunkline_monitor;
