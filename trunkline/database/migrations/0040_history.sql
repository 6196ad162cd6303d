-- What every revision left behind: the rows of each scope (a client, a brand itself, the platform itself) that it changed,
-- compressed. From here come rollback, show and drift.

-- Made by a rollback: the revision whose rows it brought back. Made by `apply --target`: what it was limited to.
alter table config.revision
    add column restores bigint references config.revision,
    add column targets  text[] not null default '{}',
    add column kept     boolean not null default true;  -- whether the rows of that time are still known
update config.revision set kept = false;

-- The newest version of a scope is what the engine last wrote to its rows; the newest up to a revision is what they were
-- then. Versions that no kept revision needs are forgotten (trunkline.plan._history).
create table config.scope_version (
    scope_id uuid not null,
    revision bigint not null,                   -- that made it; 0: before the first one
    brand    text not null,                     -- names, as they were; empty where there is none
    client   text not null,
    digest   text,                              -- as in config.scope; null: removed by this revision
    image    bytea,                             -- its rows (trunkline.compile.image)
    primary key (scope_id, revision),
    check ((digest is null) = (image is null))
);
alter table config.scope_version alter column image set storage external;  -- it is compressed already
create index scope_version_revision on config.scope_version (revision);
comment on table config.scope_version is 'Holds hashes of passwords: only trunkline_apply reads it';

-- Objects that went on under another id in a revision: `moved` in the inventory, or a rollback of that.
create table config.revision_moved (
    revision   bigint not null references config.revision on delete cascade,
    table_name text not null,
    old_id     uuid not null,
    new_id     uuid not null,
    primary key (revision, old_id)
);
create index revision_moved_old_id on config.revision_moved (old_id);

-- Digests of before say nothing about versions: the next apply compares everything once, and makes the first versions.
update config.scope set digest = '';

-- Live rows follow a moved object; nothing else in schema live is for `trunkline apply` to write.
grant update (brand_id, client_id) on live.call to trunkline_apply;
grant update (endpoint_id) on live.call_leg to trunkline_apply;
create index call_leg_endpoint on live.call_leg (endpoint_id);
create index call_brand on live.call (brand_id);
