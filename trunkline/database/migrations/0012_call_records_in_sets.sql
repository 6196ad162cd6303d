-- Call records, a batch at a time: what a batch of events says is written by a handful of statements, however many
-- events there are. One event after the other took the database more time than the proxy needs for a whole call.

-- All events of a list at once, with the outcome that live.record_event has event by event. Raises when a single one
-- cannot be understood. (To plan these statements takes longer than to run them, and no plan is better than another.)
create function live.record_batch(a_events jsonb) returns void
    language plpgsql security definer set search_path = pg_catalog, live set plan_cache_mode = force_generic_plan as $$
declare
    l_calls uuid[];
begin
    with event as materialized (
        select md5(concat_ws(E'\n', leg ->> 'sip_call_id', leg ->> 'from_tag', leg ->> 'cseq'))::uuid as id, place, leg,
               case kind when 'answer' then at end as answered_at,
               case kind when 'end' then at end as ended_at,
               case kind when 'answer' then 200 when 'end' then code end as code,
               case kind when 'end' then coalesce(reason, reason_of(code)) end as reason,
               ended_by, relay, server, proxy
          from (select place, value -> 'leg' as leg, value ->> 'event' as kind,
                       to_timestamp((value ->> 'at')::numeric) as at, (value ->> 'code')::integer as code,
                       nullif(value ->> 'reason', '') as reason, nullif(value ->> 'ended_by', '') as ended_by,
                       nullif(value ->> 'relay', '') as relay, nullif(value ->> 'server', '') as server,
                       value ->> 'proxy' as proxy
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
               (array_agg(server order by place desc) filter (where server is not null))[1] as server
          from event
         group by id
    ), written as (
        insert into call_leg as known
            (id, call_id, side, endpoint_id, endpoint, sip_call_id, sip_from_tag, address, started_at, answered_at,
             ended_at, code, reason, ended_by, relay, application_server, proxy)
        select leg.id, (leg.leg ->> 'call')::uuid, leg.leg ->> 'side', nullif(leg.leg ->> 'endpoint', '')::uuid,
               leg.leg ->> 'account', leg.leg ->> 'sip_call_id', leg.leg ->> 'from_tag',
               nullif(leg.leg ->> 'address', ''), to_timestamp((leg.leg ->> 'started')::numeric), answered_at,
               ended_at, code, reason, ended_by, relay, coalesce(known_server.name, leg.server), proxy
          from leg
          left join config.application_server known_server
            on format('sip:%s:%s', host(known_server.address), known_server.port) = leg.server
         order by leg.id
        on conflict (id) do update
            set answered_at        = coalesce(known.answered_at, excluded.answered_at),
                ended_at           = coalesce(known.ended_at, excluded.ended_at),
                code               = coalesce(known.code, excluded.code),
                reason             = coalesce(known.reason, excluded.reason),
                ended_by           = coalesce(known.ended_by, excluded.ended_by),
                relay              = coalesce(excluded.relay, known.relay),
                application_server = coalesce(excluded.application_server, known.application_server)
        returning id, call_id
    ), side as materialized (
        select distinct on (written.call_id) written.call_id, leg.leg, leg.proxy, leg.leg ->> 'side' = 'caller' as caller
          from written
          join leg using (id)
         order by written.call_id, leg.leg ->> 'side' = 'caller' desc, leg.id
    ), called as materialized (
        select side.call_id as id, brand.id as brand_id, brand.name as brand, client.id as client_id,
               client.name as client, nullif(side.leg ->> 'caller', '') as caller,
               nullif(side.leg ->> 'callee', '') as callee,
               to_timestamp((side.leg ->> 'started')::numeric) as started_at, side.proxy, side.caller as known
          from side
          left join config.client on client.id = nullif(side.leg ->> 'client', '')::uuid
          left join config.brand on brand.id = nullif(side.leg ->> 'brand', '')::uuid
    ), of_caller as (
        insert into call (id, brand_id, brand, client_id, client, direction, caller, callee, started_at, proxy)
        select id, brand_id, brand, client_id, client, 'internal', caller, callee, started_at, proxy
          from called
         where known
         order by id
        on conflict (id) do update
            set caller = excluded.caller,
                callee = excluded.callee
    ), of_callee as (
        insert into call (id, brand_id, brand, client_id, client, direction, caller, callee, started_at, proxy)
        select id, brand_id, brand, client_id, client, 'internal', caller, callee, started_at, proxy
          from called
         where not known
         order by id
        on conflict (id) do nothing
    )
    select array_agg(distinct call_id) into l_calls from written;

    -- When a callee's end is lost, call logic hangs up at the caller like at any other end of a call: that is one cause.
    update call_leg leg
       set reason = 'cut_off'
      from call_leg other
     where leg.call_id = any (l_calls) and leg.side = 'caller' and leg.reason = 'answered' and leg.ended_by = 'callee'
       and other.call_id = leg.call_id and other.side = 'callee' and other.reason = 'cut_off'
       and abs(extract(epoch from leg.ended_at - other.ended_at)) < 5;

    -- Two proxies may write legs of one call: always in one order.
    perform from call where id = any (l_calls) order by id for update;

    -- The caller's leg is the call; a callee's leg is when it is alone, and only its end says that it stays alone.
    update call
       set started_at = main.started_at, answered_at = main.answered_at, ended_at = main.ended_at, code = main.code,
           reason = main.reason, relay = main.relay, application_server = main.application_server, proxy = main.proxy
      from (select distinct on (call_id) *
              from call_leg
             where call_id = any (l_calls)
             order by call_id, side <> 'callee' desc, started_at) as main
     where call.id = main.call_id
       and (main.side = 'caller' or main.ended_at is not null);
end
$$;

-- As before, one event after the other only when a batch has one that cannot be understood. A proxy's session does not
-- wait for the disk (what else it writes is a copy of its memory), but here it does.
create or replace function live.record_events(a_events text) returns integer
    language plpgsql security definer set search_path = pg_catalog, live as $$
declare
    l_event jsonb;
    l_count integer := 0;
begin
    perform set_config('synchronous_commit', 'on', true);
    begin
        perform record_batch(a_events::jsonb);
        return jsonb_array_length(a_events::jsonb);
    exception when data_exception or integrity_constraint_violation then
        null;
    end;
    for l_event in select value from jsonb_array_elements(a_events::jsonb) loop
        begin
            perform record_event(l_event);
            l_count := l_count + 1;
        exception when data_exception or integrity_constraint_violation then
            insert into rejected_event (error, event) values (sqlerrm, l_event::text);
        end;
    end loop;
    return l_count;
exception when data_exception then
    insert into rejected_event (error, event) values (sqlerrm, a_events);
    return l_count;
end
$$;

revoke execute on function live.record_batch from public;
