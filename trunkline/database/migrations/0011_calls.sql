-- Call records: one row per call, one per leg.
--
-- The proxies report events as JSON (start, answer, end); every event carries what is known of its leg, so any one of
-- them makes the rows, in any order, and a repeated one changes nothing. Proxies never write the tables themselves.

create table live.call (
    id                 uuid primary key,        -- header X-TL-Call on the inside
    brand_id           uuid,                    -- ids and names as they were when the call began; null: nobody known
    brand              text,
    client_id          uuid,
    client             text,
    direction          text not null check (direction in ('internal')),
    caller             text,                    -- extension, or what the phone called itself if it has none
    callee             text,                    -- what was dialled
    started_at         timestamptz not null,
    answered_at        timestamptz,
    ended_at           timestamptz,
    code               integer check (code between 100 and 699),  -- final SIP status of the INVITE
    reason             text check (reason in
                           ('answered', 'refused', 'cancelled', 'no_answer', 'busy', 'failed', 'cut_off')),
    relay              text,                    -- that carried the caller's media
    application_server text,
    proxy              text not null,
    check ((ended_at is null) = (reason is null))
);
create index call_started_at on live.call (started_at);
create index call_client on live.call (client_id, started_at);
create index call_open on live.call (proxy) where ended_at is null;
comment on column live.call.reason is
    'answered: somebody hung up · refused: 4xx and 6xx not named below · cancelled: 487 · no_answer: 408, 480 · '
    'busy: 486, 600 · failed: 5xx · cut_off: it ended without anybody hanging up';

create table live.call_leg (
    id                 uuid primary key,        -- from SIP Call-ID, From tag and CSeq: an event twice is one leg
    call_id            uuid not null,
    side               text not null check (side in ('caller', 'callee')),
    endpoint_id        uuid,
    endpoint           text not null,           -- user@domain
    sip_call_id        text not null,
    sip_from_tag       text not null,
    address            text,                    -- where the INVITE came from: transport:address:port
    started_at         timestamptz not null,
    answered_at        timestamptz,
    ended_at           timestamptz,
    code               integer check (code between 100 and 699),
    reason             text check (reason in
                           ('answered', 'refused', 'cancelled', 'no_answer', 'busy', 'failed', 'cut_off')),
    ended_by           text check (ended_by in ('caller', 'callee', 'proxy')),
    relay              text,
    application_server text,
    proxy              text not null,
    check ((ended_at is null) = (reason is null))
);
create index call_leg_call on live.call_leg (call_id);
create index call_leg_sip_call_id on live.call_leg (sip_call_id);
create index call_leg_open on live.call_leg (proxy) where ended_at is null;

-- An event that cannot be understood must not stop those behind it, and must not be lost either.
create table live.rejected_event (
    id          bigint generated always as identity primary key,
    rejected_at timestamptz not null default now(),
    error       text not null,
    event       text not null
);

-- Why a call ended, from the final status of its INVITE.
create function live.reason_of(a_code integer) returns text
    language sql immutable parallel safe as $$
    select case
        when a_code < 300 then 'answered'
        when a_code in (486, 600) then 'busy'
        when a_code = 487 then 'cancelled'
        when a_code in (408, 480) then 'no_answer'
        when a_code between 500 and 599 then 'failed'
        else 'refused'
    end
$$;

-- The name of the server at `sip:ADDRESS:PORT`, or that text itself when the configuration does not know it (any more).
create function live.application_server_name(a_uri text) returns text
    language sql stable strict as $$
    select coalesce(
        (select name from config.application_server where format('sip:%s:%s', host(address), port) = a_uri), a_uri)
$$;

-- One event:
--   {"event": "start" | "answer" | "end", "at": SECONDS, "proxy": NAME, "code": N, "reason": REASON, "ended_by": SIDE,
--    "relay": NAME, "server": "sip:ADDRESS:PORT",
--    "leg": {"call": UUID, "side": "caller" | "callee", "brand": UUID, "client": UUID, "endpoint": UUID,
--            "account": "user@domain", "caller": TEXT, "callee": TEXT, "sip_call_id": TEXT, "from_tag": TEXT,
--            "cseq": N, "address": TEXT, "started": SECONDS}}
-- Times are seconds since 1970 in UTC, empty strings mean null; `code` and `reason` belong to "end" only.
create function live.record_event(a_event jsonb) returns void
    language plpgsql security definer set search_path = pg_catalog, live as $$
declare
    l_leg      jsonb := a_event -> 'leg';
    l_at       timestamptz := to_timestamp((a_event ->> 'at')::numeric);
    l_started  timestamptz := to_timestamp((l_leg ->> 'started')::numeric);
    l_answered timestamptz := case a_event ->> 'event' when 'answer' then l_at end;
    l_ended    timestamptz := case a_event ->> 'event' when 'end' then l_at end;
    l_code     integer := case a_event ->> 'event' when 'answer' then 200 when 'end' then (a_event ->> 'code')::integer end;
    l_reason   text := case a_event ->> 'event'
                       when 'end' then coalesce(nullif(a_event ->> 'reason', ''), live.reason_of(l_code)) end;
    l_server   text := live.application_server_name(nullif(a_event ->> 'server', ''));
    l_relay    text := nullif(a_event ->> 'relay', '');
    l_caller   boolean := l_leg ->> 'side' = 'caller';
    l_id       uuid := md5(concat_ws(E'\n', l_leg ->> 'sip_call_id', l_leg ->> 'from_tag', l_leg ->> 'cseq'))::uuid;
    l_call     uuid;
    l_main     call_leg;
begin
    insert into call_leg as known
        (id, call_id, side, endpoint_id, endpoint, sip_call_id, sip_from_tag, address, started_at, answered_at,
         ended_at, code, reason, ended_by, relay, application_server, proxy)
    values
        (l_id, (l_leg ->> 'call')::uuid, l_leg ->> 'side', nullif(l_leg ->> 'endpoint', '')::uuid,
         l_leg ->> 'account', l_leg ->> 'sip_call_id', l_leg ->> 'from_tag', nullif(l_leg ->> 'address', ''),
         l_started, l_answered, l_ended, l_code, l_reason, nullif(a_event ->> 'ended_by', ''), l_relay, l_server,
         a_event ->> 'proxy')
    on conflict (id) do update
        set answered_at        = coalesce(known.answered_at, excluded.answered_at),
            ended_at           = coalesce(known.ended_at, excluded.ended_at),
            code               = coalesce(known.code, excluded.code),
            reason             = coalesce(known.reason, excluded.reason),
            ended_by           = coalesce(known.ended_by, excluded.ended_by),
            relay              = coalesce(excluded.relay, known.relay),
            application_server = coalesce(excluded.application_server, known.application_server)
    returning call_id into l_call;

    insert into call as known
        (id, brand_id, brand, client_id, client, direction, caller, callee, started_at, proxy)
    select l_call, brand.id, brand.name, client.id, client.name, 'internal', nullif(l_leg ->> 'caller', ''),
           nullif(l_leg ->> 'callee', ''), l_started, a_event ->> 'proxy'
      from (select) as always
      left join config.client on client.id = nullif(l_leg ->> 'client', '')::uuid
      left join config.brand on brand.id = nullif(l_leg ->> 'brand', '')::uuid
    on conflict (id) do update
        set caller = excluded.caller,
            callee = excluded.callee
        where l_caller;

    -- When a callee's end is lost, call logic hangs up at the caller like at any other end of a call: that is one cause.
    if l_ended is not null then
        update call_leg leg
           set reason = 'cut_off'
          from call_leg other
         where leg.call_id = l_call and leg.side = 'caller' and leg.reason = 'answered' and leg.ended_by = 'callee'
           and other.call_id = l_call and other.side = 'callee' and other.reason = 'cut_off'
           and abs(extract(epoch from leg.ended_at - other.ended_at)) < 5;
    end if;

    -- The caller's leg is the call; a callee's leg is when it is alone, and only its end says that it stays alone.
    select * into l_main from call_leg where call_id = l_call order by side <> 'callee' desc, started_at limit 1;
    if l_main.side = 'caller' or l_main.ended_at is not null then
        update call
           set started_at = l_main.started_at, answered_at = l_main.answered_at, ended_at = l_main.ended_at,
               code = l_main.code, reason = l_main.reason, relay = l_main.relay,
               application_server = l_main.application_server, proxy = l_main.proxy
         where id = l_call;
    end if;
end
$$;

-- A list of events, in their order. Each stands alone: one that cannot be understood is put aside.
create function live.record_events(a_events text) returns integer
    language plpgsql security definer set search_path = pg_catalog, live as $$
declare
    l_event jsonb;
    l_count integer := 0;
begin
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

-- Called by a proxy that has just started, when it has read its calls in progress back: whatever else is open in its
-- name was lost with the process, or cannot be reported any more. A call that was not yet answered does not survive a
-- restart.
create function live.close_lost_calls(a_proxy text) returns integer
    language plpgsql security definer set search_path = pg_catalog, live as $$
declare
    l_count integer;
begin
    update call_leg leg
       set ended_at = now(), reason = 'cut_off', ended_by = 'proxy'
     where proxy = a_proxy and ended_at is null
       and (answered_at is null
            or not exists (select from dialog
                             join dialog_vars on dialog_vars.proxy = dialog.proxy
                                  and dialog_vars.hash_entry = dialog.hash_entry
                                  and dialog_vars.hash_id = dialog.hash_id and dialog_vars.dialog_key = 'leg'
                            where dialog.proxy = a_proxy and dialog.callid = leg.sip_call_id
                              and dialog.from_tag = leg.sip_from_tag));
    get diagnostics l_count = row_count;
    update call
       set ended_at = now(), reason = 'cut_off'
     where proxy = a_proxy and ended_at is null
       and not exists (select from call_leg where call_id = call.id and ended_at is null);
    return l_count;
end
$$;

revoke execute on function live.record_event, live.record_events, live.close_lost_calls, live.reason_of,
    live.application_server_name from public;
grant execute on function live.record_event, live.record_events, live.close_lost_calls to trunkline_proxy;
