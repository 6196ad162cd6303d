-- Call records of calls with the outside: enough to rate them later without looking anything up, whatever became of the
-- client, its numbers, the routes and the carriers since (docs/reference/call-records.md).
--
-- What is rated is a leg of a trunks proxy: a call that comes in and goes on to a number outside has two. The call shows
-- the first of either direction.

alter table live.call_leg
    add column client_id       uuid,
    add column brand_id        uuid,
    add column endpoint_type   text,            -- user, friend, device, account; null: wholesale, or nobody known
    add column direction       text check (direction in ('outbound', 'inbound')),  -- null: a leg inside of the platform
    add column caller_number   text,            -- E.164, of a leg with a direction
    add column callee_number   text,
    add column ddi_id          uuid,            -- of the client: presented when calling out, called when coming in
    add column ddi             text,
    add column tag             text,            -- routing tag, as dialled
    add column fax             boolean not null default false,
    add column carrier_id      uuid,            -- of the last attempt
    add column carrier         text,
    add column carrier_server  text,
    add column ddi_provider_id uuid,
    add column ddi_provider    text,
    add column attempts        jsonb not null default '[]',
    add column media_set       text,
    add column rating          text check (rating in ('platform', 'external', 'none')),
    add column held            uuid;            -- what live.place calls it
comment on column live.call_leg.attempts is
    '[{"carrier_id", "carrier", "server", "code", "at"}], in the order in which they were made';
comment on column live.call_leg.rating is
    'platform: we set the price · external: the carrier tells it · none: nothing to pay (calls in, special numbers)';

alter table live.call
    drop constraint call_direction_check,
    add constraint call_direction_check check (direction in ('internal', 'outbound', 'inbound')),
    add column endpoint_id     uuid,
    add column endpoint_type   text,
    add column endpoint        text,
    add column caller_number   text,
    add column callee_number   text,
    add column ddi_id          uuid,
    add column ddi             text,
    add column tag             text,
    add column fax             boolean not null default false,
    add column carrier_id      uuid,
    add column carrier         text,
    add column ddi_provider_id uuid,
    add column ddi_provider    text,
    add column attempts        jsonb not null default '[]',
    add column media_set       text;
create index call_endpoint on live.call (endpoint_id, started_at) where endpoint_id is not null;
create index call_carrier on live.call (carrier_id, started_at) where carrier_id is not null;
create index call_leg_outside on live.call_leg (started_at) where direction is not null;
create index call_leg_client on live.call_leg (client_id) where client_id is not null;
create index call_leg_held on live.call_leg (held) where held is not null and ended_at is null;

-- Rows follow an object that moved (0040).
grant update (client_id, brand_id, ddi_id, carrier_id, ddi_provider_id) on live.call_leg to trunkline_apply;
grant update (endpoint_id, ddi_id, carrier_id, ddi_provider_id) on live.call to trunkline_apply;

-- Calls to numbers that are declared to leave no record (seed 004 section 8.9.1): only this, so that what is reported of
-- them later finds no new row. A day is longer than any call.
create table live.unrecorded_call (
    id uuid primary key,
    at timestamptz not null default now()
);

-- What kind of endpoint an id is.
create function live.endpoint_type(a_id uuid) returns text
    language sql stable strict security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce((select 'user' from config.terminal where id = a_id), (select 'device' from config.device where id = a_id),
                    (select 'account' from config.account where id = a_id), (select 'friend' from config.friend where id = a_id))
$$;

-- As in 0012, and of legs of trunks proxies:
--   in the leg:   "direction": "outbound" | "inbound", "from": E.164, "to": E.164, "ddi": E.164, "tag": TEXT, "fax": "1",
--                 "media_set": NAME, "held": UUID (live.place)
--   in the event: "carrier": UUID, "carrier_server": UUID, "provider": UUID, "media_set": NAME,
--                 "attempts": [{"carrier": UUID, "server": UUID, "code": N, "at": SECONDS}, ...]
-- and of legs of users proxies "way": "outbound", where the call goes straight to the trunks proxy. The longest list of
-- attempts counts. The end of a leg gives its places back.
create or replace function live.record_batch(a_events jsonb) returns void
    language plpgsql security definer set search_path = pg_catalog, live set plan_cache_mode = force_generic_plan as $$
declare
    l_calls      uuid[];
    l_held       uuid[];
    l_unrecorded uuid[];
    l_called     jsonb;
begin
    with event as materialized (
        select md5(concat_ws(E'\n', leg ->> 'sip_call_id', leg ->> 'from_tag', leg ->> 'cseq', leg ->> 'side',
                             nullif(leg ->> 'direction', '')))::uuid as id, place, leg,
               case kind when 'answer' then at end as answered_at,
               case kind when 'end' then at end as ended_at,
               case kind when 'answer' then 200 when 'end' then code end as code,
               case kind when 'end' then coalesce(reason, reason_of(code)) end as reason,
               ended_by, relay, server, proxy, carrier, carrier_server, provider, media_set, attempts
          from (select place, value -> 'leg' as leg, value ->> 'event' as kind,
                       to_timestamp((value ->> 'at')::numeric) as at, (value ->> 'code')::integer as code,
                       nullif(value ->> 'reason', '') as reason, nullif(value ->> 'ended_by', '') as ended_by,
                       nullif(value ->> 'relay', '') as relay, nullif(value ->> 'server', '') as server,
                       value ->> 'proxy' as proxy, nullif(value ->> 'carrier', '')::uuid as carrier,
                       nullif(value ->> 'carrier_server', '')::uuid as carrier_server,
                       nullif(value ->> 'provider', '')::uuid as provider,
                       coalesce(nullif(value ->> 'media_set', ''), nullif(value -> 'leg' ->> 'media_set', '')) as media_set,
                       value -> 'attempts' as attempts
                  from jsonb_array_elements(a_events) with ordinality as list (value, place)) as read
    ), leg as materialized (
        -- of what the events of a leg say, the first counts, but for what may change while a call is set up
        select id,
               (array_agg(leg order by place))[1] as leg,
               (array_agg(proxy order by place))[1] as proxy,
               (array_agg(answered_at order by place) filter (where answered_at is not null))[1] as answered_at,
               (array_agg(ended_at order by place) filter (where ended_at is not null))[1] as ended_at,
               (array_agg(code order by place) filter (where code is not null))[1] as code,
               (array_agg(reason order by place) filter (where reason is not null))[1] as reason,
               (array_agg(ended_by order by place) filter (where ended_by is not null))[1] as ended_by,
               (array_agg(relay order by place desc) filter (where relay is not null))[1] as relay,
               (array_agg(server order by place desc) filter (where server is not null))[1] as server,
               (array_agg(carrier order by place desc) filter (where carrier is not null))[1] as carrier,
               (array_agg(carrier_server order by place desc) filter (where carrier_server is not null))[1]
                   as carrier_server,
               (array_agg(provider order by place desc) filter (where provider is not null))[1] as provider,
               (array_agg(media_set order by place desc) filter (where media_set is not null))[1] as media_set,
               (array_agg(attempts order by jsonb_array_length(attempts) desc, place desc)
                    filter (where attempts is not null))[1] as attempts
          from event
         group by id
    ), known as materialized (
        select leg.*, nullif(leg.leg ->> 'client', '')::uuid as client_id, nullif(leg.leg ->> 'brand', '')::uuid as brand_id,
               nullif(leg.leg ->> 'endpoint', '')::uuid as endpoint_id, nullif(leg.leg ->> 'direction', '') as direction,
               (leg.leg ->> 'call')::uuid as call_id, nullif(leg.leg ->> 'to', '') as callee_number
          from leg
    ), written as (
        insert into call_leg as known
            (id, call_id, side, endpoint_id, endpoint_type, endpoint, sip_call_id, sip_from_tag, address, started_at,
             answered_at, ended_at, code, reason, ended_by, relay, application_server, proxy, client_id, brand_id,
             direction, caller_number, callee_number, ddi_id, ddi, tag, fax, carrier_id, carrier, carrier_server,
             ddi_provider_id, ddi_provider, attempts, media_set, rating, held)
        select known.id, known.call_id, known.leg ->> 'side', known.endpoint_id, endpoint_type(known.endpoint_id),
               known.leg ->> 'account', known.leg ->> 'sip_call_id', known.leg ->> 'from_tag',
               nullif(known.leg ->> 'address', ''), to_timestamp((known.leg ->> 'started')::numeric),
               known.answered_at, known.ended_at, known.code, known.reason, known.ended_by, known.relay,
               coalesce(known_server.name, known.server), known.proxy, known.client_id, known.brand_id,
               known.direction, nullif(known.leg ->> 'from', ''), known.callee_number, known_ddi.id,
               nullif(known.leg ->> 'ddi', ''), nullif(known.leg ->> 'tag', ''), coalesce(known.leg ->> 'fax', '') = '1',
               known.carrier, carrier.name, carrier_server.name, known.provider, provider.name,
               coalesce((select jsonb_agg(jsonb_build_object(
                                    'carrier_id', tried.value ->> 'carrier', 'carrier', tried_carrier.name,
                                    'server', tried_server.name, 'code', (tried.value ->> 'code')::integer,
                                    'at', to_timestamp((tried.value ->> 'at')::numeric)) order by tried.place)
                           from jsonb_array_elements(known.attempts) with ordinality as tried (value, place)
                           left join config.carrier tried_carrier
                             on tried_carrier.id = nullif(tried.value ->> 'carrier', '')::uuid
                           left join config.carrier_server tried_server
                             on tried_server.id = nullif(tried.value ->> 'server', '')::uuid), '[]'),
               known.media_set,
               case known.direction
                   when 'inbound' then 'none'
                   when 'outbound' then case
                       when not (select special.rating from routing.special(known.brand_id, known.callee_number) special)
                       then 'none'
                       when carrier.externally_rated then 'external'
                       else 'platform' end
               end,
               nullif(known.leg ->> 'held', '')::uuid
          from known
          left join config.application_server known_server
            on format('sip:%s:%s', host(known_server.address), known_server.port) = known.server
          left join config.ddi known_ddi on known_ddi.number = nullif(known.leg ->> 'ddi', '')
          left join config.carrier carrier on carrier.id = known.carrier
          left join config.carrier_server carrier_server on carrier_server.id = known.carrier_server
          left join config.ddi_provider provider on provider.id = known.provider
         order by known.id
        on conflict (id) do update
            set answered_at        = coalesce(known.answered_at, excluded.answered_at),
                ended_at           = coalesce(known.ended_at, excluded.ended_at),
                code               = coalesce(known.code, excluded.code),
                reason             = coalesce(known.reason, excluded.reason),
                ended_by           = coalesce(known.ended_by, excluded.ended_by),
                relay              = coalesce(excluded.relay, known.relay),
                application_server = coalesce(excluded.application_server, known.application_server),
                carrier_id         = coalesce(excluded.carrier_id, known.carrier_id),
                carrier            = case when excluded.carrier_id is null then known.carrier else excluded.carrier end,
                carrier_server     = coalesce(excluded.carrier_server, known.carrier_server),
                ddi_provider_id    = coalesce(excluded.ddi_provider_id, known.ddi_provider_id),
                ddi_provider       = coalesce(excluded.ddi_provider, known.ddi_provider),
                media_set          = coalesce(excluded.media_set, known.media_set),
                rating             = case when excluded.carrier_id is null then known.rating else excluded.rating end,
                attempts           = case when jsonb_array_length(excluded.attempts) < jsonb_array_length(known.attempts)
                                          then known.attempts else excluded.attempts end
        returning id, call_id
    ), side as materialized (
        select distinct on (written.call_id) written.call_id, leg.leg, leg.proxy, leg.leg ->> 'side' = 'caller' as caller
          from written
          join leg using (id)
         order by written.call_id, leg.leg ->> 'side' = 'caller' desc, leg.id
    ), called as materialized (
        select side.call_id as id, brand.id as brand_id, brand.name as brand, client.id as client_id,
               client.name as client, nullif(side.leg ->> 'caller', '') as caller,
               nullif(side.leg ->> 'callee', '') as callee, coalesce(nullif(side.leg ->> 'way', ''), 'internal') as way,
               to_timestamp((side.leg ->> 'started')::numeric) as started_at, side.proxy, side.caller as known
          from side
          left join config.client on client.id = nullif(side.leg ->> 'client', '')::uuid
          left join config.brand on brand.id = nullif(side.leg ->> 'brand', '')::uuid
    ), inserted as (
        -- Two proxies may write legs of one call: whatever one of them has to wait for is taken in one order, here and below.
        insert into call (id, brand_id, brand, client_id, client, direction, caller, callee, started_at, proxy)
        select id, brand_id, brand, client_id, client, way, caller, callee, started_at, proxy
          from called
         order by id
        on conflict (id) do nothing
    )
    select array_agg(distinct written.call_id),
           array_agg(distinct nullif(known.leg ->> 'held', '')::uuid)
               filter (where known.ended_at is not null and coalesce(known.leg ->> 'held', '') <> ''),
           array_agg(distinct written.call_id)
               filter (where known.direction = 'outbound'
                         and not (select special.call_record
                                    from routing.special(known.brand_id, known.callee_number) special)),
           (select jsonb_agg(to_jsonb(called)) from called)
      into l_calls, l_held, l_unrecorded, l_called
      from written
      join known using (id);

    -- When a callee's end is lost, call logic hangs up at the caller like at any other end of a call: that is one cause.
    update call_leg leg
       set reason = 'cut_off'
      from call_leg other
     where leg.call_id = any (l_calls) and leg.side = 'caller' and leg.reason = 'answered' and leg.ended_by = 'callee'
       and other.call_id = leg.call_id and other.side = 'callee' and other.reason = 'cut_off'
       and abs(extract(epoch from leg.ended_at - other.ended_at)) < 5;

    perform from call where id = any (l_calls) order by id for update;

    -- The caller's leg is the call, and knows best who called whom; a callee's leg is when it is alone, and only its end says
    -- that it stays alone. Whose call it is says the first that knows; a call that comes in and goes out again came in.
    update call
       set started_at = case when main.id is null then call.started_at else main.started_at end,
           answered_at = case when main.id is null then call.answered_at else main.answered_at end,
           ended_at = case when main.id is null then call.ended_at else main.ended_at end,
           code = case when main.id is null then call.code else main.code end,
           reason = case when main.id is null then call.reason else main.reason end,
           relay = case when main.id is null then call.relay else main.relay end,
           application_server = case when main.id is null then call.application_server else main.application_server end,
           proxy = case when main.id is null then call.proxy else main.proxy end,
           caller = case when leg.known then leg.caller else call.caller end,
           callee = case when leg.known then leg.callee else call.callee end,
           brand_id = coalesce(call.brand_id, leg.brand_id), brand = coalesce(call.brand, leg.brand),
           client_id = coalesce(call.client_id, leg.client_id), client = coalesce(call.client, leg.client),
           direction = case when way.directions @> '{inbound}' then 'inbound' when way.directions <> '{}' then 'outbound'
                            when call.direction = 'internal' and leg.known then leg.way else call.direction end,
           caller_number = (way.outside).caller_number, callee_number = (way.outside).callee_number,
           ddi_id = (way.outside).ddi_id, ddi = (way.outside).ddi, media_set = (way.outside).media_set, fax = way.fax,
           tag = (way.went).tag, carrier_id = (way.went).carrier_id, carrier = (way.went).carrier,
           attempts = coalesce((way.went).attempts, '[]'), ddi_provider_id = (way.came).ddi_provider_id,
           ddi_provider = (way.came).ddi_provider, endpoint_id = (way.own).endpoint_id,
           endpoint_type = (way.own).endpoint_type, endpoint = (way.own).endpoint
      from (select call_id,
                   coalesce(array_agg(distinct direction) filter (where direction is not null), '{}') as directions,
                   (array_agg(leg order by direction, started_at, id) filter (where direction is not null))[1] as outside,
                   (array_agg(leg order by started_at, id) filter (where direction = 'outbound'))[1] as went,
                   (array_agg(leg order by started_at, id) filter (where direction = 'inbound'))[1] as came,
                   -- the caller if it is ours, else who answered, else whoever was called last
                   (array_agg(leg order by side desc, answered_at is null, started_at desc, id)
                        filter (where direction is null))[1] as own,
                   bool_or(fax) as fax
              from call_leg leg
             where call_id = any (l_calls)
             group by call_id) as way
      left join (select distinct on (call_id) *
                   from call_leg
                  where call_id = any (l_calls)
                  order by call_id, side <> 'callee' desc, started_at, id) as main
        on main.call_id = way.call_id and (main.side = 'caller' or main.ended_at is not null)
      left join jsonb_to_recordset(l_called) as leg (id uuid, brand_id uuid, brand text, client_id uuid, client text,
                                                     caller text, callee text, way text, known boolean)
        on leg.id = way.call_id
     where call.id = way.call_id;

    if l_held is not null then
        perform release_places(l_held);
    end if;

    if l_unrecorded is not null then
        insert into unrecorded_call (id) select unnest(l_unrecorded) on conflict do nothing;
        delete from unrecorded_call where at < now() - interval '1 day';
    end if;
    if exists (select from unrecorded_call) then
        delete from call_leg where call_id in (select id from unrecorded_call where id = any (l_calls));
        delete from call where id in (select id from unrecorded_call where id = any (l_calls));
    end if;
end
$$;

-- One event is a batch of one.
create or replace function live.record_event(a_event jsonb) returns void
    language sql security definer set search_path = pg_catalog, live as $$
    select live.record_batch(jsonb_build_array(a_event))
$$;

-- As in 0011, and gives the places of what is lost back: those of legs that are closed now, and those that an earlier
-- process of the proxy held for calls which it never reported. `a_started`: when this process started, in seconds since
-- 1970; what was taken later is its own.
drop function live.close_lost_calls(text);
create function live.close_lost_calls(a_proxy text, a_started numeric default extract(epoch from now())) returns integer
    language plpgsql security definer set search_path = pg_catalog, live as $$
declare
    l_count integer;
    l_held  uuid[];
begin
    with closed as (
        update call_leg leg
           set ended_at = now(), reason = 'cut_off', ended_by = 'proxy'
         where proxy = a_proxy and ended_at is null
           and (answered_at is null
                or not exists (select from dialog
                                 join dialog_vars on dialog_vars.proxy = dialog.proxy
                                      and dialog_vars.hash_entry = dialog.hash_entry
                                      and dialog_vars.hash_id = dialog.hash_id and dialog_vars.dialog_key = 'leg'
                                where dialog.proxy = a_proxy and dialog.callid = leg.sip_call_id
                                  and dialog.from_tag = leg.sip_from_tag))
        returning held
    )
    select count(*), array_agg(held) filter (where held is not null) into l_count, l_held from closed;
    update call
       set ended_at = now(), reason = 'cut_off'
     where proxy = a_proxy and ended_at is null
       and not exists (select from call_leg where call_id = call.id and ended_at is null);
    select coalesce(l_held, '{}') || coalesce(array_agg(distinct holder), '{}') into l_held
      from place
     where place.proxy = a_proxy and taken_at < to_timestamp(a_started)
       and not exists (select from call_leg where held = place.holder and ended_at is null);
    perform release_places(l_held);
    return l_count;
end
$$;

revoke execute on function live.endpoint_type, live.close_lost_calls from public;
grant execute on function live.close_lost_calls to trunkline_proxy;
