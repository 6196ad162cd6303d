-- Numbers: numeric transformation sets, special numbers, and what decides about a number that somebody dialled
-- (seed 004 sections 8.9, 9.7.2, 9.7.3; docs/decisions/0022). The rules are applied here and nowhere else.

create schema if not exists routing;
grant usage on schema routing to trunkline_apply, trunkline_proxy, trunkline_callflow, trunkline_monitor;

-- The scope of the platform itself: what `trunkline.compile` makes of the path "platform".
create function config.platform_id() returns uuid
    language sql immutable parallel safe as $$ select '9dc62ca8-2f72-5a30-8d05-24f0f2a95d48'::uuid $$;
comment on function config.platform_id is 'The scope_id of what the platform itself declares';
revoke execute on function config.platform_id from public;
grant execute on function config.platform_id to trunkline_apply, trunkline_proxy, trunkline_callflow, trunkline_monitor;

------------------------------------------------------------------------------------------------------------------------
-- Transformation sets
------------------------------------------------------------------------------------------------------------------------

create table config.transformation_set (
    id          uuid primary key,
    scope_id    uuid not null references config.scope deferrable initially deferred,
    brand_id    uuid references config.brand deferrable initially deferred,  -- null: of the platform
    name        text not null,                  -- of a country: its code in lower case
    description text,
    generated   boolean not null,               -- from public numbering metadata; no file declares it
    unique (scope_id, name),
    unique (scope_id, id)
);
create index transformation_set_brand_id on config.transformation_set (brand_id) where brand_id is not null;

create table config.transformation_rule (
    id          uuid primary key,
    scope_id    uuid not null,
    set_id      uuid not null,
    list        text not null check (list in ('caller_in', 'callee_in', 'caller_out', 'callee_out')),
    metric      integer not null check (metric > 0),
    pattern     text not null,
    replacement text not null,
    begins      text not null,                  -- what the pattern needs: how a number begins, how long it is
    shortest    integer not null,
    longest     integer,                        -- null: any length
    generated   boolean not null,
    unique (set_id, list, metric),
    foreign key (scope_id, set_id) references config.transformation_set (scope_id, id) deferrable initially deferred
);
create index transformation_rule_scope_id on config.transformation_rule (scope_id);

-- What counts for a client; for others null where the client's counts.
alter table config.client add column transformation_set_id uuid
    references config.transformation_set deferrable initially deferred;
alter table config."user" add column transformation_set_id uuid
    references config.transformation_set deferrable initially deferred;
alter table config.friend add column transformation_set_id uuid
    references config.transformation_set deferrable initially deferred;
alter table config.device add column transformation_set_id uuid
    references config.transformation_set deferrable initially deferred;
alter table config.account add column transformation_set_id uuid
    references config.transformation_set deferrable initially deferred;
create index client_transformation_set_id on config.client (transformation_set_id);
create index user_transformation_set_id on config."user" (transformation_set_id)
    where transformation_set_id is not null;
create index friend_transformation_set_id on config.friend (transformation_set_id)
    where transformation_set_id is not null;
create index device_transformation_set_id on config.device (transformation_set_id)
    where transformation_set_id is not null;
create index account_transformation_set_id on config.account (transformation_set_id)
    where transformation_set_id is not null;

-- The part of the number that the first matching rule finds is replaced; what no rule matches stays. Nothing that is
-- longer than 32 characters is a number; this also bounds what a pattern may cost. A session keeps few patterns, so
-- those that cannot match are not run at all.
create function routing.transform(a_set uuid, a_list text, a_number text) returns text
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan as $$
begin
    return coalesce(
        (select regexp_replace(a_number collate "C", rule.pattern, rule.replacement)
           from config.transformation_rule rule
          where rule.set_id = a_set and rule.list = a_list
                and length(a_number) between rule.shortest and least(rule.longest, 32)
                and starts_with(a_number, rule.begins)
                and a_number collate "C" ~ rule.pattern
          order by rule.metric
          limit 1),
        a_number);
end
$$;
comment on function routing.transform is 'A number as the first rule of a list of a transformation set rewrites it';

-- The endpoint is the id of a terminal, a friend, a residential device, or a retail account.
create function routing.transformation_set(a_client uuid, a_endpoint uuid default null) returns uuid
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan as $$
begin
    return (
        select coalesce(
            (select person.transformation_set_id from config."user" person
              where person.terminal_id = a_endpoint and person.client_id = a_client),
            (select friend.transformation_set_id from config.friend
              where friend.id = a_endpoint and friend.client_id = a_client),
            (select device.transformation_set_id from config.device
              where device.id = a_endpoint and device.client_id = a_client),
            (select account.transformation_set_id from config.account
              where account.id = a_endpoint and account.client_id = a_client),
            (select client.transformation_set_id from config.client where client.id = a_client)));
end
$$;
comment on function routing.transformation_set is
    'The set that rewrites numbers of an endpoint: its own, or that of its client';

-- Service codes, extensions and what friends take are no numbers outside (seed 004 section 10.1.5, "always apply
-- transformations"). Services that take a number behind their code are internal with that number.
create function routing.is_internal(a_client uuid, a_number text, a_friend uuid default null) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan as $$
begin
    return (
        select exists (
            select from config.client
             where client.id = a_client
               and not exists (select from config.friend asking
                                where asking.id = a_friend and asking.client_id = a_client and asking.always_transform)
               and (exists (select from config.extension
                             where extension.client_id = a_client and extension.number = a_number)
                    or exists (select from config.friend_pattern
                                where friend_pattern.client_id = a_client
                                  and left(a_number, 32) collate "C" ~ ('^(?:' || friend_pattern.pattern || ')$'))
                    or exists (select from config.friend
                                   join config.client target on target.brand_id = friend.brand_id
                                                            and target.name = friend.target_client
                                   join config.extension on extension.client_id = target.id
                                where friend.client_id = a_client and extension.number = a_number)
                    or client.type in ('vpbx', 'residential') and exists (
                        select from (
                            select distinct on (service) service, code from config.service_code
                             where scope_id in (client.id, client.brand_id, config.platform_id())
                             order by service, scope_id = client.id desc, scope_id = client.brand_id desc) nearest
                         where a_number = nearest.code
                            or starts_with(a_number, nearest.code)
                               and (nearest.service in ('direct_pickup', 'voicemail')
                                    or starts_with(nearest.service, 'forward_'))))));
end
$$;
comment on function routing.is_internal is 'Whether a client dials something inside: a service, an extension, a friend';

create function routing.transform_for(a_client uuid, a_endpoint uuid, a_list text, a_number text) returns text
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set plan_cache_mode = force_generic_plan as $$
begin
    return (
        select case when routing.is_internal(a_client, a_number, a_endpoint) then a_number
                    else routing.transform(routing.transformation_set(a_client, a_endpoint), a_list, a_number) end);
end
$$;
comment on function routing.transform_for is 'A number of an endpoint, transformed by its set unless it is internal';

------------------------------------------------------------------------------------------------------------------------
-- Special numbers
------------------------------------------------------------------------------------------------------------------------

create table config.special_number (
    id          uuid primary key,
    scope_id    uuid not null references config.scope deferrable initially deferred,
    number      text not null check (number ~ '^\+[1-9][0-9]{2,14}$'),
    description text,
    emergency   boolean not null,
    call_record boolean not null,
    rating      boolean not null,
    recording   boolean not null,
    unique (scope_id, number)
);

create function routing.special(a_brand uuid, a_number text)
    returns table (declared boolean, emergency boolean, call_record boolean, rating boolean, recording boolean)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp rows 1 as $$
#variable_conflict use_column
begin
    return query
        select found.id is not null, coalesce(found.emergency, false), coalesce(found.call_record, true),
               coalesce(found.rating, true), coalesce(found.recording, true)
          from (select) always
               left join lateral (
                   select special.* from config.special_number special
                    where special.number = a_number and special.scope_id in (a_brand, config.platform_id())
                    order by special.scope_id = a_brand desc
                    limit 1) found on true;
end
$$;
comment on function routing.special is 'How calls to a number outside are treated: by the brand, else by the platform';

grant select on config.transformation_set, config.transformation_rule, config.special_number
    to trunkline_proxy, trunkline_callflow, trunkline_monitor;
grant select (transformation_set_id) on config.friend, config.device, config.account
    to trunkline_callflow, trunkline_monitor;
revoke execute on function routing.transform, routing.transformation_set, routing.is_internal, routing.transform_for,
    routing.special from public;
grant execute on function routing.transform, routing.transformation_set, routing.is_internal, routing.transform_for,
    routing.special to trunkline_apply, trunkline_proxy, trunkline_callflow, trunkline_monitor;
