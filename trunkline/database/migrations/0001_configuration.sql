-- Schemas, the declared configuration, its revisions, and who confirmed them.
--
-- Runs as trunkline_owner. The roles named below are made before (Ansible role `postgresql`); this file only grants.
--   trunkline_apply      writes schema config (nothing else does), reads schema live
--   trunkline_proxy      Kamailio and its reloader
--   trunkline_callflow   the call-flow service: never sees a HA1
--   trunkline_monitor    reads everything except HA1s
--
-- Every id in `config` is a UUIDv5 of the object's natural path and is computed by `trunkline.compile`; no default here.
-- Foreign keys are checked at commit, unique constraints that an update may pass on (a domain that moves from one client
-- to another) at the end of a statement, so that `trunkline apply` may merge table by table.

create schema config;
create schema live;
create schema kamailio;
create schema callflow;

revoke all on schema public from public;
grant usage on schema config to trunkline_apply, trunkline_proxy, trunkline_callflow, trunkline_monitor;
grant usage on schema live to trunkline_apply, trunkline_proxy, trunkline_callflow, trunkline_monitor;
grant usage on schema kamailio to trunkline_proxy, trunkline_monitor;
grant usage on schema callflow to trunkline_callflow, trunkline_monitor;

-- Tables of later migrations get these without asking.
alter default privileges in schema config grant select, insert, update, delete on tables to trunkline_apply;
alter default privileges in schema live grant select on tables to trunkline_apply, trunkline_monitor;
alter default privileges in schema kamailio grant select on tables to trunkline_proxy, trunkline_monitor;
alter default privileges in schema callflow grant select on tables to trunkline_callflow, trunkline_monitor;

-- `trunkline apply` stages rows in temporary tables.
do $$
begin
    execute format('grant temporary on database %I to trunkline_apply', current_database());
end
$$;

------------------------------------------------------------------------------------------------------------------------
-- Revisions
------------------------------------------------------------------------------------------------------------------------

create table config.revision (
    id          bigint generated always as identity primary key,
    digest      text not null,                  -- of everything that was compiled
    git_commit  text,                           -- of the inventory; null when it is not in a git repository
    author      text not null,
    applied_at  timestamptz not null default now(),
    duration_ms integer not null check (duration_ms >= 0),
    counts      jsonb not null,                 -- {"terminal": {"added": 1, "changed": 0, "removed": 0}, ...}
    reload      jsonb not null                  -- what proxies and call-flow services have to read again
);
comment on column config.revision.reload is
    '{"identities": bool, "relays": bool, "application_servers": bool, "clients": [uuid, ...]}';

-- One place tells the world: whoever adds a revision notifies at commit.
create function config.announce_revision() returns trigger
    language plpgsql as $$
begin
    perform pg_notify('trunkline_revision', new.id::text);
    return null;
end
$$;
create trigger announce after insert on config.revision
    for each row execute function config.announce_revision();

-- What was compiled for a scope (a client, a brand, the platform): equal digest, equal rows, nothing to compare.
create table config.scope (
    id     uuid primary key,                    -- id of the client or the brand; of the platform's own path
    digest text not null
);

------------------------------------------------------------------------------------------------------------------------
-- Infrastructure the calls are spread over
------------------------------------------------------------------------------------------------------------------------

create table config.application_server (
    id      uuid primary key,
    name    text not null unique,
    address inet not null,
    port    integer not null check (port between 1 and 65535),
    unique (address, port) deferrable
);

create table config.media_relay (
    id        uuid primary key,
    name      text not null unique,
    media_set text not null,
    address   inet not null,                    -- of the control socket (ng protocol)
    port      integer not null check (port between 1 and 65535),
    weight    integer not null check (weight >= 0),
    state     text not null check (state in ('active', 'drained')),
    unique (address, port) deferrable
);

------------------------------------------------------------------------------------------------------------------------
-- Tenants
------------------------------------------------------------------------------------------------------------------------

create table config.brand (
    id   uuid primary key,
    name text not null unique
);

create table config.client (
    id       uuid primary key,
    brand_id uuid not null references config.brand deferrable initially deferred,
    name     text not null,
    type     text not null check (type in ('vpbx')),
    domain   text not null check (domain = lower(domain)),
    language text not null,
    unique (brand_id, name),
    unique (domain) deferrable
);

create table config.terminal (
    id        uuid primary key,
    client_id uuid not null references config.client deferrable initially deferred,
    name      text not null,                    -- the SIP user name
    ha1       text not null check (ha1 ~ '^[0-9a-f]{32}$'),  -- md5(name:domain of the client:password)
    unique (client_id, name),
    unique (client_id, id)
);

create table config.extension (
    id        uuid primary key,
    client_id uuid not null references config.client deferrable initially deferred,
    number    text not null check (number ~ '^[0-9]{2,}$'),
    user_id   uuid,                             -- null: unassigned, calls are hung up
    unique (client_id, number),
    unique (client_id, id)
);

create table config."user" (
    id                  uuid primary key,
    client_id           uuid not null references config.client deferrable initially deferred,
    name                text not null,
    display_name        text not null,
    terminal_id         uuid,
    screen_extension_id uuid,                   -- the one of its extensions that the user presents when it calls
    unique (client_id, name),
    unique (client_id, id),
    unique (terminal_id) deferrable,
    foreign key (client_id, terminal_id) references config.terminal (client_id, id) deferrable initially deferred,
    foreign key (client_id, screen_extension_id) references config.extension (client_id, id)
        deferrable initially deferred
);

-- References stay inside the client: the key carries the client's id on both sides.
alter table config.extension add foreign key (client_id, user_id) references config."user" (client_id, id)
    deferrable initially deferred;
create index extension_user_id on config.extension (user_id);
create index user_screen_extension_id on config."user" (screen_extension_id);

-- The order in which a client's calls try the application servers (rendezvous hashing; position 0 first).
create table config.client_application_server (
    id                    uuid primary key,
    client_id             uuid not null references config.client deferrable initially deferred,
    position              integer not null check (position >= 0),
    application_server_id uuid not null references config.application_server deferrable initially deferred,
    unique (client_id, position) deferrable,
    unique (client_id, application_server_id)
);
create index client_application_server_server_id on config.client_application_server (application_server_id);

grant select on all tables in schema config to trunkline_proxy;
grant select on config.revision, config.scope, config.application_server, config.media_relay, config.brand,
    config.client, config.extension, config."user", config.client_application_server
    to trunkline_callflow, trunkline_monitor;
grant select (id, client_id, name) on config.terminal to trunkline_callflow, trunkline_monitor;

------------------------------------------------------------------------------------------------------------------------
-- Confirmations
------------------------------------------------------------------------------------------------------------------------

-- Who works with which revision. A service calls live.confirm() when it starts, after every revision that it took over,
-- and at least every ten seconds as a sign of life; `trunkline apply` waits for those that were seen lately.
create table live.confirmation (
    host         text not null,
    service      text not null,
    revision     bigint not null,               -- 0: started before the first revision
    confirmed_at timestamptz not null default now(),
    heartbeat_at timestamptz not null default now(),
    primary key (host, service)
);

create function live.confirm(a_host text, a_service text, a_revision bigint) returns void
    language sql as $$
    insert into live.confirmation as known (host, service, revision)
    values (a_host, a_service, a_revision)
    on conflict (host, service) do update
        set confirmed_at = case when known.revision = excluded.revision then known.confirmed_at else now() end,
            revision     = excluded.revision,
            heartbeat_at = now()
$$;

grant select, insert, update on live.confirmation to trunkline_proxy, trunkline_callflow;
grant delete on live.confirmation to trunkline_apply;  -- forgets hosts that left the inventory
revoke execute on function live.confirm from public;
grant execute on function live.confirm to trunkline_proxy, trunkline_callflow;
