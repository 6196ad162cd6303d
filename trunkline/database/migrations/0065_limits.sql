-- Limits: how many calls with the outside there are at once (seed 004 section 12.5, docs/decisions/0026).
--
-- A call with the outside holds one place per limit that applies to it: of its brand, its client, its endpoint, its DDI
-- provider, its DDI, its carrier. Places are counted here, so that a limit holds across all proxies; who comes too late
-- by one is refused. A place is given back together with the record of the end of its leg, in one transaction: nothing
-- is forgotten while the database is away, and nothing is given back twice.

create schema if not exists routing;
grant usage on schema routing to trunkline_apply, trunkline_proxy, trunkline_callflow, trunkline_monitor;

-- How many places of a key are taken. Whoever changes places of several keys locks them in the order of the keys.
create table live.place_count (
    key  text primary key,                      -- brand:ID, client:ID, endpoint:ID, provider:ID, ddi:ID, carrier:ID
    used integer not null check (used >= 0)
) with (fillfactor = 50);

create table live.place (
    holder   uuid not null,                     -- one leg of a trunks proxy
    key      text not null,
    proxy    text not null,                     -- that holds it, by its session's application_name
    taken_at timestamptz not null default now(),
    primary key (holder, key)
);
create index place_key on live.place (key);
create index place_proxy on live.place (proxy);

-- When a proxy was heard of last. One that is gone and does not come back must not keep its places.
create table live.proxy (
    proxy   text primary key,
    seen_at timestamptz not null default now()
) with (fillfactor = 50);
comment on table live.proxy is 'Signs of life of the proxies, one a second';

create function live.alive() returns void
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    insert into live.proxy (proxy) values (current_setting('application_name'))
    on conflict (proxy) do update set seen_at = now()
$$;

-- Takes the places of a key away from those that cannot hold them any more: calls of proxies that have been silent for a
-- minute, unless it was this server that was away, and calls that are older than the longest one may be. Whoever asks
-- holds the lock of the key. Returns how many.
create function live.reclaim_places(a_key text) returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    l_count integer;
begin
    delete from live.place
     where key = a_key
       and (taken_at < now() - interval '4 hours'
            or (pg_postmaster_start_time() < now() - interval '1 minute'
                and exists (select from live.proxy
                             where proxy.proxy = place.proxy and seen_at < now() - interval '1 minute')));
    get diagnostics l_count = row_count;
    if l_count > 0 then
        update live.place_count set used = used - l_count where key = a_key;
    end if;
    return l_count;
end
$$;

-- All of the places or none. A limit of null counts without an end, 0 does not count. A holder that has a place already
-- keeps it. Returns the first key that has no place left, null when all is well.
create function routing.reserve(a_leg uuid, a_keys text[], a_limits integer[]) returns text
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    l_keys text[];
    l_one  record;
begin
    select array_agg(wanted.key) into l_keys
      from unnest(a_keys, a_limits) as wanted (key, places)
     where wanted.places is distinct from 0
       and not exists (select from live.place where place.holder = a_leg and place.key = wanted.key);
    if l_keys is null then
        return null;
    end if;
    insert into live.place_count (key, used)
    select wanted.key, 0 from unnest(l_keys) as wanted (key)
     where not exists (select from live.place_count known where known.key = wanted.key)
     order by wanted.key
        on conflict (key) do nothing;
    perform from live.place_count where key = any (l_keys) order by key for update;
    for l_one in
        select known.key, known.used, wanted.places
          from live.place_count known
          join unnest(a_keys, a_limits) as wanted (key, places) using (key)
         where known.key = any (l_keys)
         order by known.key
    loop
        if l_one.used >= l_one.places and l_one.used - live.reclaim_places(l_one.key) >= l_one.places then
            return l_one.key;
        end if;
    end loop;
    update live.place_count set used = used + 1 where key = any (l_keys);
    insert into live.place (holder, key, proxy)
    select a_leg, wanted.key, current_setting('application_name') from unnest(l_keys) as wanted (key);
    return null;
end
$$;

-- Gives back the places of legs; of some keys only, if they are named.
create function live.release_places(a_legs uuid[], a_keys text[] default null) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform from live.place_count
      where key in (select place.key from live.place
                     where holder = any (a_legs) and (a_keys is null or place.key = any (a_keys)))
      order by key for update;
    if not found then
        return;
    end if;
    with gone as (
        delete from live.place
         where holder = any (a_legs) and (a_keys is null or key = any (a_keys))
        returning key
    )
    update live.place_count
       set used = used - freed.places
      from (select key, count(*) as places from gone group by key) as freed
     where place_count.key = freed.key;
end
$$;

create function routing.release(a_leg uuid, a_keys text[] default null) returns void
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    select live.release_places(array[a_leg], a_keys)
$$;

-- May this leg of a trunks proxy be? Null: yes, and its places are held. Otherwise whose limit is reached: brand, client,
-- endpoint, provider or ddi. Limits of brand and client count both directions together (seed 004 section 12.5), those of
-- endpoints too; a provider and a DDI only see calls that come in.
create function routing.admit(
    a_leg uuid, a_client uuid, a_endpoint uuid default null, a_provider uuid default null, a_ddi uuid default null)
    returns text
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    l_keys   text[];
    l_limits integer[];
begin
    select array_agg(kind || ':' || id), array_agg(places) into l_keys, l_limits
      from (select 'brand' as kind, brand.id, brand.max_calls as places
              from config.client join config.brand on brand.id = client.brand_id
             where client.id = a_client
            union all select 'client', id, max_calls from config.client where id = a_client
            union all select 'endpoint', id, max_calls from config.terminal where id = a_endpoint
            union all select 'endpoint', id, max_calls from config.friend where id = a_endpoint
            union all select 'endpoint', id, max_calls from config.device where id = a_endpoint
            union all select 'endpoint', id, max_calls from config.account where id = a_endpoint
            union all select 'provider', id, max_calls from config.ddi_provider where id = a_provider
            union all select 'ddi', id, max_calls from config.ddi where id = a_ddi) as limits
     where places > 0;
    if l_keys is null then
        return null;
    end if;
    return split_part(routing.reserve(a_leg, l_keys, l_limits), ':', 1);
end
$$;

-- A place of this carrier for the leg, instead of the one that it held of the carrier before.
create function routing.admit_carrier(a_leg uuid, a_carrier uuid) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    l_key    text := 'carrier:' || a_carrier;
    l_others text[] := (select array_agg(key) from live.place
                         where holder = a_leg and key like 'carrier:%' and key <> 'carrier:' || a_carrier);
    l_places integer := (select max_calls from config.carrier where id = a_carrier);
begin
    if l_others is not null then
        perform live.release_places(array[a_leg], l_others);
    end if;
    return coalesce(l_places, 0) = 0 or routing.reserve(a_leg, array[l_key], array[l_places]) is null;
end
$$;

-- How full the limits are, for people and for monitoring.
create view live.place_in_use as
    select split_part(key, ':', 1) as kind, split_part(key, ':', 2)::uuid as id, used
      from live.place_count
     where used > 0;
grant select on live.place_in_use to trunkline_apply, trunkline_monitor;

revoke execute on function live.alive, live.reclaim_places, live.release_places, routing.reserve, routing.release,
    routing.admit, routing.admit_carrier from public;
grant execute on function live.alive, routing.reserve, routing.release, routing.admit, routing.admit_carrier
    to trunkline_proxy, trunkline_apply;
