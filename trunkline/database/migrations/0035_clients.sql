-- Clients of all four types, and what they have: DDIs, friends, residential devices, retail accounts, call forwards,
-- addresses that calls come from, and the rest of what a user may say. Lists of words (codecs) have spaces between them.

alter table config.client
    drop constraint client_type_check,
    alter column domain drop not null,          -- other types than vpbx use the domain of their brand
    add column time_zone           text not null default 'UTC',
    add column country             text,
    add column currency            text,
    add column contact             text,        -- name; of the brand, else of the platform
    add column corporation         text,        -- name
    add column max_calls           integer not null default 0 check (max_calls >= 0),
    add column outgoing_ddi_id     uuid,
    add column voice_notifications boolean not null default false,
    add column transcoding         text,
    add foreign key (brand_id, corporation) references config.corporation (brand_id, name) deferrable initially deferred,
    add constraint client_type_check check (type in ('vpbx', 'residential', 'retail', 'wholesale')),
    add constraint client_domain_of_type_check check ((type = 'vpbx') = (domain is not null));

-- Proxies know the domains of clients; those of brands come with the calls of their clients.
create or replace view kamailio.domain as
    select client.domain, client.id as client_id, client.brand_id, 'default'::text as media_set
      from config.client
     where client.domain is not null;

------------------------------------------------------------------------------------------------------------------------
-- Where calls come from
------------------------------------------------------------------------------------------------------------------------

-- What comes from here is the wholesale client's. Ranges never overlap, on the whole platform.
create table config.source (
    id          uuid primary key,
    client_id   uuid not null references config.client deferrable initially deferred,
    network     inet not null,
    description text,
    constraint source_network_excl exclude using gist (network inet_ops with &&) deferrable initially deferred
);
create index source_client_id on config.source (client_id);

-- The address filter of other clients; a client without rows has none.
create table config.allowed_source (
    id        uuid primary key,
    client_id uuid not null references config.client deferrable initially deferred,
    name      text not null,                    -- the network or the country as it is written
    network   inet,
    country   text,
    unique (client_id, name),
    check (num_nonnulls(network, country) = 1)
);

------------------------------------------------------------------------------------------------------------------------
-- Accounts
------------------------------------------------------------------------------------------------------------------------

alter table config.terminal
    add column codecs        text,
    add column model         text,              -- name
    add column mac           macaddr,
    add column update_method text not null default 'invite' check (update_method in ('invite', 'update')),
    add column encryption    boolean not null default false,
    add column t38           boolean not null default false,
    add foreign key (model) references config.terminal_model (name) deferrable initially deferred,
    add constraint terminal_mac_key unique (mac) deferrable;
create index terminal_model_name on config.terminal (model) where model is not null;
grant select (codecs, model, mac, update_method, encryption, t38) on config.terminal
    to trunkline_callflow, trunkline_monitor;

create table config.friend (
    id               uuid primary key,
    client_id        uuid not null references config.client deferrable initially deferred,
    name             text not null,
    description      text,
    ha1              text check (ha1 ~ '^[0-9a-f]{32}$'),  -- null for friends inside of the platform
    address          inet,                      -- null: it registers
    port             integer check (port between 1 and 65535),
    transport        text check (transport in ('udp', 'tcp', 'tls')),
    trusted          boolean,                   -- its address stands for a password
    outgoing_ddi_id  uuid,
    from_domain      text,
    country          text,
    multi_contact    boolean not null,
    encryption       boolean not null,
    t38              boolean not null,
    priority         integer not null check (priority > 0),
    brand_id         uuid not null,             -- of the client
    target_client    text,                      -- name of another client of the brand
    from_user        text,
    codecs           text,
    called_number    boolean not null,
    always_transform boolean not null,
    unique (client_id, name),
    unique (client_id, id),
    foreign key (brand_id, target_client) references config.client (brand_id, name) deferrable initially deferred,
    check ((target_client is null) = (ha1 is not null)),
    check (num_nulls(address, port, transport, trusted) in (0, 4))
);
create index friend_target_client on config.friend (brand_id, target_client) where target_client is not null;

create table config.friend_pattern (
    id        uuid primary key,
    client_id uuid not null references config.client deferrable initially deferred,
    friend_id uuid not null,
    pattern   text not null,
    unique (friend_id, pattern),
    foreign key (client_id, friend_id) references config.friend (client_id, id) deferrable initially deferred
);

create table config.device (
    id              uuid primary key,
    client_id       uuid not null references config.client deferrable initially deferred,
    name            text not null,
    description     text,
    ha1             text not null check (ha1 ~ '^[0-9a-f]{32}$'),  -- md5(name:domain of the brand:password)
    address         inet,
    port            integer check (port between 1 and 65535),
    transport       text check (transport in ('udp', 'tcp', 'tls')),
    trusted         boolean,
    outgoing_ddi_id uuid,
    from_domain     text,
    country         text,
    multi_contact   boolean not null,
    encryption      boolean not null,
    t38             boolean not null,
    language        text,
    codecs          text,
    called_number   boolean not null,
    call_waiting    integer not null check (call_waiting >= 0),
    unique (client_id, name),
    unique (client_id, id),
    check (num_nulls(address, port, transport, trusted) in (0, 4))
);
create index device_name on config.device (name);

create table config.account (
    id              uuid primary key,
    client_id       uuid not null references config.client deferrable initially deferred,
    name            text not null,
    description     text,
    ha1             text not null check (ha1 ~ '^[0-9a-f]{32}$'),
    address         inet,
    port            integer check (port between 1 and 65535),
    transport       text check (transport in ('udp', 'tcp', 'tls')),
    trusted         boolean,
    outgoing_ddi_id uuid,
    from_domain     text,
    country         text,
    multi_contact   boolean not null,
    encryption      boolean not null,
    t38             boolean not null,
    called_number   boolean not null,
    unique (client_id, name),
    unique (client_id, id),
    check (num_nulls(address, port, transport, trusted) in (0, 4))
);
create index account_name on config.account (name);

------------------------------------------------------------------------------------------------------------------------
-- Numbers
------------------------------------------------------------------------------------------------------------------------

create table config.ddi (
    id             uuid primary key,
    client_id      uuid not null references config.client deferrable initially deferred,
    number         text not null check (number ~ '^\+[1-9][0-9]{6,14}$'),
    description    text,
    direction      text not null check (direction in ('both', 'out')),
    user_id        uuid,
    friends_number text,                        -- the number that the friends are asked for
    device_id      uuid,
    account_id     uuid,
    unique (client_id, id),
    constraint ddi_number_key unique (number) deferrable,
    check (num_nonnulls(user_id, friends_number, device_id, account_id) <= 1),
    foreign key (client_id, user_id) references config."user" (client_id, id) deferrable initially deferred,
    foreign key (client_id, device_id) references config.device (client_id, id) deferrable initially deferred,
    foreign key (client_id, account_id) references config.account (client_id, id) deferrable initially deferred
);
create index ddi_user_id on config.ddi (user_id) where user_id is not null;
create index ddi_device_id on config.ddi (device_id) where device_id is not null;
create index ddi_account_id on config.ddi (account_id) where account_id is not null;

alter table config.client add foreign key (id, outgoing_ddi_id) references config.ddi (client_id, id)
    deferrable initially deferred;
alter table config.friend add foreign key (client_id, outgoing_ddi_id) references config.ddi (client_id, id)
    deferrable initially deferred;
alter table config.device add foreign key (client_id, outgoing_ddi_id) references config.ddi (client_id, id)
    deferrable initially deferred;
alter table config.account add foreign key (client_id, outgoing_ddi_id) references config.ddi (client_id, id)
    deferrable initially deferred;
create index client_outgoing_ddi_id on config.client (outgoing_ddi_id) where outgoing_ddi_id is not null;
create index friend_outgoing_ddi_id on config.friend (outgoing_ddi_id) where outgoing_ddi_id is not null;
create index device_outgoing_ddi_id on config.device (outgoing_ddi_id) where outgoing_ddi_id is not null;
create index account_outgoing_ddi_id on config.account (outgoing_ddi_id) where outgoing_ddi_id is not null;

alter table config.extension
    add column friends_number text,             -- the number that the friends are asked for
    add column outside_number text,
    add check (num_nonnulls(user_id, friends_number, outside_number) <= 1);

------------------------------------------------------------------------------------------------------------------------
-- Users
------------------------------------------------------------------------------------------------------------------------

-- Declared values are the defaults of what users set by phone. Null language, time zone, country: the client's.
alter table config."user"
    add column lastname             text,
    add column email                text,
    add column language             text,
    add column time_zone            text,
    add column country              text,
    add column location_id          uuid,
    add column outgoing_ddi_id      uuid,
    add column do_not_disturb       boolean not null default false,
    add column call_waiting         integer not null default 0 check (call_waiting >= 0),
    add column calls_from_elsewhere integer not null default 0 check (calls_from_elsewhere >= 0),
    add column multi_contact        boolean not null default true,
    add column rejection            text not null default 'code' check (rejection in ('code', 'device', 'all')),
    add column assistant_id         uuid,
    add foreign key (client_id, location_id) references config.location (client_id, id) deferrable initially deferred,
    add foreign key (client_id, outgoing_ddi_id) references config.ddi (client_id, id) deferrable initially deferred,
    add foreign key (client_id, assistant_id) references config."user" (client_id, id) deferrable initially deferred;
create index user_location_id on config."user" (location_id) where location_id is not null;
create index user_outgoing_ddi_id on config."user" (outgoing_ddi_id) where outgoing_ddi_id is not null;
create index user_assistant_id on config."user" (assistant_id) where assistant_id is not null;

-- The match lists of those who may call a boss directly, by name: of the client, else of its brand, else of the platform.
create table config.direct_caller (
    id         uuid primary key,
    client_id  uuid not null references config.client deferrable initially deferred,
    user_id    uuid not null,
    match_list text not null,
    unique (user_id, match_list),
    foreign key (client_id, user_id) references config."user" (client_id, id) deferrable initially deferred
);

create table config.forward (
    id              uuid primary key,
    client_id       uuid not null references config.client deferrable initially deferred,
    user_id         uuid,
    friend_id       uuid,
    device_id       uuid,
    account_id      uuid,
    reason          text not null check (reason in ('unconditional', 'no_answer', 'busy', 'not_registered')),
    calls           text not null check (calls in ('all', 'internal', 'external')),
    called_ddi_id   uuid,                       -- only calls to this DDI; null: to any
    after_seconds   integer check (after_seconds > 0),
    to_extension_id uuid,
    to_account_id   uuid,
    to_number       text,
    to_voicemail    boolean not null,
    check (num_nonnulls(user_id, friend_id, device_id, account_id) = 1),
    check (num_nonnulls(to_extension_id, to_account_id, to_number) + to_voicemail::integer = 1),
    check ((reason = 'no_answer') = (after_seconds is not null)),
    foreign key (client_id, user_id) references config."user" (client_id, id) deferrable initially deferred,
    foreign key (client_id, friend_id) references config.friend (client_id, id) deferrable initially deferred,
    foreign key (client_id, device_id) references config.device (client_id, id) deferrable initially deferred,
    foreign key (client_id, account_id) references config.account (client_id, id) deferrable initially deferred,
    foreign key (client_id, called_ddi_id) references config.ddi (client_id, id) deferrable initially deferred,
    foreign key (client_id, to_extension_id) references config.extension (client_id, id) deferrable initially deferred,
    foreign key (client_id, to_account_id) references config.account (client_id, id) deferrable initially deferred
);
create index forward_client_id on config.forward (client_id);
create index forward_user_id on config.forward (user_id) where user_id is not null;
create index forward_friend_id on config.forward (friend_id) where friend_id is not null;
create index forward_device_id on config.forward (device_id) where device_id is not null;
create index forward_account_id on config.forward (account_id) where account_id is not null;
create index forward_called_ddi_id on config.forward (called_ddi_id) where called_ddi_id is not null;
create index forward_to_extension_id on config.forward (to_extension_id) where to_extension_id is not null;
create index forward_to_account_id on config.forward (to_account_id) where to_account_id is not null;

------------------------------------------------------------------------------------------------------------------------
-- Rights: as in 0001, nobody but the proxies sees a HA1
------------------------------------------------------------------------------------------------------------------------

grant select on config.source, config.allowed_source, config.friend, config.friend_pattern, config.device,
    config.account, config.ddi, config.direct_caller, config.forward to trunkline_proxy;
grant select on config.source, config.allowed_source, config.friend_pattern, config.ddi, config.direct_caller,
    config.forward to trunkline_callflow, trunkline_monitor;
grant select (id, client_id, name, description, address, port, transport, trusted, outgoing_ddi_id, from_domain, country,
              multi_contact, encryption, t38, priority, brand_id, target_client, from_user, codecs, called_number,
              always_transform)
    on config.friend to trunkline_callflow, trunkline_monitor;
grant select (id, client_id, name, description, address, port, transport, trusted, outgoing_ddi_id, from_domain, country,
              multi_contact, encryption, t38, language, codecs, called_number, call_waiting)
    on config.device to trunkline_callflow, trunkline_monitor;
grant select (id, client_id, name, description, address, port, transport, trusted, outgoing_ddi_id, from_domain, country,
              multi_contact, encryption, t38, called_number)
    on config.account to trunkline_callflow, trunkline_monitor;
