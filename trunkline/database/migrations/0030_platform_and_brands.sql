-- What the platform and its brands declare: features, contacts, contracts, corporations, terminal models; and what may
-- stand at every level, down to the client: match lists and service codes. Lists of words have spaces between them.
--
-- A row that may stand at several levels belongs to a scope: its scope_id is the id of the client, of the brand, or of
-- the platform's own path. Such objects refer to each other by name, because the name may lead to a level further up:
-- the nearest object of the name counts.

-- Language, time zone, country and currency are those that count, wherever they were declared.
alter table config.brand
    add column language  text not null default 'en',
    add column time_zone text not null default 'UTC',
    add column country   text,
    add column currency  text,
    add column features  text,                  -- all that are on; null: none
    add column domain    text check (domain = lower(domain)),  -- of residential devices and retail accounts
    add column contract  text,                  -- name; of the platform
    add column max_calls integer not null default 0 check (max_calls >= 0),
    add constraint brand_domain_key unique (domain) deferrable;

alter table config.client add column features text;  -- all that are on; null: none

------------------------------------------------------------------------------------------------------------------------
-- Contacts and contracts
------------------------------------------------------------------------------------------------------------------------

create table config.contact (
    id           uuid primary key,
    scope_id     uuid not null references config.scope deferrable initially deferred,
    name         text not null,
    email        text not null,
    organisation text,
    person       text,
    street       text,
    postcode     text,
    city         text,
    country      text,
    phone        text,
    tax_number   text,
    external_id  text,
    unique (scope_id, name)
);

create table config.contract (
    id          uuid primary key,
    scope_id    uuid not null references config.scope deferrable initially deferred,
    name        text not null,
    type        text not null check (type in ('reseller', 'peering')),
    contact     text not null,                  -- name; of the same scope, else of the platform
    description text,
    external_id text,
    unique (scope_id, name)
);

create table config.corporation (
    id          uuid primary key,
    brand_id    uuid not null references config.brand deferrable initially deferred,
    name        text not null,
    description text,
    unique (brand_id, name)
);

------------------------------------------------------------------------------------------------------------------------
-- Telephones
------------------------------------------------------------------------------------------------------------------------

create table config.terminal_model (
    id            uuid primary key,
    name          text not null unique,
    manufacturer  text not null,
    display_name  text,
    description   text,
    generic_file  text,                         -- asked for by all telephones of the model
    specific_file text                          -- asked for by one; {mac} stands for its hardware address
);

-- What a level says about a service; the nearest level counts. The platform has a row for every service.
create table config.service_code (
    id       uuid primary key,
    scope_id uuid not null references config.scope deferrable initially deferred,
    service  text not null,
    code     text,                              -- null: the service is off
    unique (scope_id, service)
);

------------------------------------------------------------------------------------------------------------------------
-- Match lists
------------------------------------------------------------------------------------------------------------------------

create table config.match_list (
    id          uuid primary key,
    scope_id    uuid not null references config.scope deferrable initially deferred,
    name        text not null,
    description text,
    unique (scope_id, name),
    unique (scope_id, id)
);

create table config.match_list_entry (
    id            uuid primary key,
    scope_id      uuid not null,
    match_list_id uuid not null,
    number        text check (number ~ '^\+[1-9][0-9]{6,14}$'),
    pattern       text,                         -- found anywhere in the number; run by the call-flow service
    unique (match_list_id, number),
    unique (match_list_id, pattern),
    check (num_nonnulls(number, pattern) = 1),
    foreign key (scope_id, match_list_id) references config.match_list (scope_id, id) deferrable initially deferred
);
create index match_list_entry_scope_id on config.match_list_entry (scope_id);

------------------------------------------------------------------------------------------------------------------------
-- Information about clients that no call depends on
------------------------------------------------------------------------------------------------------------------------

create table config.location (
    id          uuid primary key,
    client_id   uuid not null references config.client deferrable initially deferred,
    name        text not null,
    description text,
    unique (client_id, name),
    unique (client_id, id)
);

create table config.address_book_entry (
    id           uuid primary key,
    client_id    uuid not null references config.client deferrable initially deferred,
    name         text not null,
    display_name text not null,
    lastname     text,
    email        text,
    work         text,
    mobile       text,
    other        text,
    unique (client_id, name)
);

grant select on config.contact, config.contract, config.corporation, config.terminal_model, config.service_code,
    config.match_list, config.match_list_entry, config.location, config.address_book_entry
    to trunkline_proxy, trunkline_callflow, trunkline_monitor;
