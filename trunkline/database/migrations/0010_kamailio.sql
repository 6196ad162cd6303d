-- What Kamailio reads of the configuration, in Kamailio's own table layout, and what it keeps itself.
--
-- Everything in schema `kamailio` is derived: views and functions over `config`. What phones and calls change lives in
-- schema `live`. The proxies' sessions run with search_path = kamailio, live, so that Kamailio's modules find their
-- tables by the names they know; column names, types and version numbers are those of Kamailio 6.0.

------------------------------------------------------------------------------------------------------------------------
-- Text that comes out of SIP messages
------------------------------------------------------------------------------------------------------------------------

-- Kamailio has no bound parameters. Whatever a phone may have written enters a statement in base64: no character of
-- that alphabet means anything to SQL, whatever the quoting rules of the day are.
create function kamailio.text(a_base64 text) returns text
    language sql immutable strict parallel safe as $$
    select convert_from(decode(a_base64, 'base64'), 'UTF8')
$$;

------------------------------------------------------------------------------------------------------------------------
-- Identity
------------------------------------------------------------------------------------------------------------------------

-- The clients' domains. There is one media set per platform so far: the one whose relays serve everybody.
create view kamailio.domain as
    select client.domain, client.id as client_id, client.brand_id, 'default'::text as media_set
      from config.client;

-- At most one row. Application servers are in the order in which this client's calls try them (rendezvous hashing).
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
        application_servers text
    )
    language sql stable as $$
    select terminal.id, client.id, brand.id, client.name, brand.name, terminal.name, client.domain, terminal.ha1,
           extension.number, person.display_name,
           (select string_agg(format('sip:%s:%s', host(server.address), server.port), ' ' order by placed.position)
              from config.client_application_server placed
              join config.application_server server on server.id = placed.application_server_id
             where placed.client_id = client.id)
      from config.terminal
      join config.client on client.id = terminal.client_id
      join config.brand on brand.id = client.brand_id
      left join config."user" person on person.terminal_id = terminal.id
      left join config.extension on extension.id = person.screen_extension_id
     where client.domain = lower(a_domain)
       and terminal.name = a_username
$$;

------------------------------------------------------------------------------------------------------------------------
-- Application servers and media relays
------------------------------------------------------------------------------------------------------------------------

create table kamailio.version (
    table_name    text primary key,
    table_version integer not null
);
insert into kamailio.version values
    ('dispatcher', 4), ('rtpengine', 1), ('relay', 2), ('location', 9), ('dialog', 7), ('dialog_vars', 1);

create view kamailio.dispatcher as
    select row_number() over (order by name)::integer as id, 1 as setid,
           format('sip:%s:%s', host(address), port) as destination, 0 as flags, 0 as priority, ''::text as attrs,
           name as description
      from config.application_server;

-- Kamailio numbers its sets of relays. A relay is a set of its own, with a number that follows from its id: so a call
-- in progress finds its relay whatever happens to the weights of the others, and after a restart too.
create function kamailio.relay_number(a_id uuid) returns integer
    language sql immutable strict parallel safe as $$
    select ('x' || substr(replace(a_id::text, '-', ''), 1, 7))::bit(28)::integer
$$;

-- Drained relays stay in this list: calls in progress need them to the end.
create view kamailio.rtpengine as
    select row_number() over (order by name)::integer as id, kamailio.relay_number(id) as setid,
           format('udp:%s:%s', host(address), port) as url, 1 as weight, 0 as disabled, now()::timestamp as stamp
      from config.media_relay;

-- Who gets the next call: per media set a sequence in which each relay stands as often as its weight says, spread
-- evenly ("c a b c" for weights 1:1:2). The proxy walks it in a circle, so shares are exact, not a matter of chance.
-- Rows are key and value of the proxy's hash table: `SET` -> length, `SET:POSITION` -> `NUMBER|NAME`.
-- Sequences longer than 1000 are scaled down; every active relay keeps at least one place.
create view kamailio.relay as
    with active as (
        select media_set, id, name, weight, sum(weight) over (partition by media_set) as total
          from config.media_relay
         where state = 'active' and weight > 0
    ), placed as (
        select media_set, id, name,
               case when total <= 1000 then weight else greatest(1, round(weight * 1000.0 / total)) end::integer as places
          from active
    ), sequence as (
        select media_set, id, name,
               row_number() over (partition by media_set order by (place + 0.5) / places, name) - 1 as position
          from placed, generate_series(0, places - 1) as place
    )
    select media_set || ':' || position as key_name, 0 as key_type, 0 as value_type,
           kamailio.relay_number(id) || '|' || name as key_value, 0 as expires
      from sequence
    union all
    select media_set, 0, 1, count(*)::text, 0
      from sequence
     group by media_set;

------------------------------------------------------------------------------------------------------------------------
-- What Kamailio keeps: registrations, and calls in progress
------------------------------------------------------------------------------------------------------------------------

create table live.location (
    id            bigint generated by default as identity primary key,
    ruid          text not null default '' unique,
    username      text not null default '',
    domain        text,
    contact       text not null default '',
    received      text,
    path          text,
    expires       timestamp not null default '2030-05-28 21:32:15',
    q             real not null default 1.0,
    callid        text not null default 'Default-Call-ID',
    cseq          integer not null default 1,
    last_modified timestamp not null default '2000-01-01 00:00:01',
    flags         integer not null default 0,
    cflags        integer not null default 0,
    user_agent    text not null default '',
    socket        text,
    methods       integer,
    instance      text,
    reg_id        integer not null default 0,
    server_id     integer not null default 0,
    connection_id integer not null default 0,
    keepalive     integer not null default 0,
    partition     integer not null default 0
);
create index location_account_contact on live.location (username, domain, contact);
create index location_expires on live.location (expires);
comment on table live.location is 'Registrations (Kamailio usrloc, table version 9)';

-- Two proxies number their calls independently. Each writes through a view that shows it only its own rows; it is known
-- by its session's application_name.
create table live.dialog (
    proxy            text not null default current_setting('application_name'),
    id               bigint generated by default as identity primary key,
    hash_entry       integer not null,
    hash_id          integer not null,
    callid           text not null,
    from_uri         text not null,
    from_tag         text not null,
    to_uri           text not null,
    to_tag           text not null,
    caller_cseq      text not null,
    callee_cseq      text not null,
    caller_route_set text,
    callee_route_set text,
    caller_contact   text not null,
    callee_contact   text not null,
    caller_sock      text not null,
    callee_sock      text not null,
    state            integer not null,
    start_time       integer not null,
    timeout          integer not null default 0,
    sflags           integer not null default 0,
    iflags           integer not null default 0,
    toroute_name     text,
    req_uri          text not null,
    xdata            text
);
create index dialog_hash on live.dialog (proxy, hash_entry, hash_id);
create index dialog_callid on live.dialog (callid);
comment on table live.dialog is 'Calls in progress per proxy (Kamailio dialog, table version 7)';

create table live.dialog_vars (
    proxy        text not null default current_setting('application_name'),
    id           bigint generated by default as identity primary key,
    hash_entry   integer not null,
    hash_id      integer not null,
    dialog_key   text not null,
    dialog_value text not null
);
create index dialog_vars_hash on live.dialog_vars (proxy, hash_entry, hash_id);
comment on table live.dialog_vars is 'What a proxy remembers of its calls in progress (Kamailio dialog, table version 1)';

create view kamailio.dialog as
    select id, hash_entry, hash_id, callid, from_uri, from_tag, to_uri, to_tag, caller_cseq, callee_cseq,
           caller_route_set, callee_route_set, caller_contact, callee_contact, caller_sock, callee_sock, state,
           start_time, timeout, sflags, iflags, toroute_name, req_uri, xdata
      from live.dialog
     where proxy = current_setting('application_name');

create view kamailio.dialog_vars as
    select id, hash_entry, hash_id, dialog_key, dialog_value
      from live.dialog_vars
     where proxy = current_setting('application_name');

grant select, insert, update, delete on live.location to trunkline_proxy;
grant select, insert, update, delete on kamailio.dialog, kamailio.dialog_vars to trunkline_proxy;
revoke execute on all functions in schema kamailio from public;
grant execute on all functions in schema kamailio to trunkline_proxy;
