-- What `trunkline explain` asks: what the proxies and the call-flow service ask, without the secrets.
--
-- The answers are those of the functions that handle live calls; nothing is worked out here.

-- Who `a_username@a_domain` is to the users proxy: kamailio.identity without the HA1.
create function kamailio.account(a_username text, a_domain text)
    returns table (
        endpoint_id         uuid,
        client_id           uuid,
        extension           text,
        application_servers text
    )
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select endpoint_id, client_id, extension, application_servers from kamailio.identity(a_username, a_domain)
$$;
comment on function kamailio.account is 'What the users proxy learns of an endpoint, without its HA1, for trunkline explain';

revoke execute on function kamailio.account from public;
grant usage on schema kamailio, callflow to trunkline_apply;
grant select on kamailio.domain, kamailio.relay to trunkline_apply;
grant execute on function kamailio.account, kamailio.relay_number, callflow.client_configuration, live.reason_of,
    live.application_server_name to trunkline_apply, trunkline_monitor;
