-- alice 101, bob 102, carol 103 of acme.example
insert into config.brand values ('00000000-0000-0000-0000-000000000002', 'atlas');
insert into config.client values
    ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', 'acme', 'vpbx', 'acme.example', 'en');
insert into config.terminal
    select ('00000000-0000-0000-0000-00000000001' || n)::uuid, '00000000-0000-0000-0000-000000000001', name, repeat('0', 32)
    from unnest(array['alice', 'bob', 'carol']) with ordinality as person (name, n);
insert into config."user"
    select ('00000000-0000-0000-0000-00000000002' || n)::uuid, '00000000-0000-0000-0000-000000000001', name, initcap(name),
           ('00000000-0000-0000-0000-00000000001' || n)::uuid, null
    from unnest(array['alice', 'bob', 'carol']) with ordinality as person (name, n);
insert into config.extension
    select ('00000000-0000-0000-0000-00000000003' || n)::uuid, '00000000-0000-0000-0000-000000000001', '10' || n,
           ('00000000-0000-0000-0000-00000000002' || n)::uuid
    from generate_series(1, 3) as n;
