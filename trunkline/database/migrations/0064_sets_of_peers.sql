-- How carriers and DDI providers write numbers: their transformation sets exist. And what is known of a server stays
-- with it when its carrier gets another name.
grant update (server_id) on live.carrier_server to trunkline_apply;

alter table config.carrier add foreign key (transformation_set_id) references config.transformation_set
    deferrable initially deferred;
alter table config.ddi_provider add foreign key (transformation_set_id) references config.transformation_set
    deferrable initially deferred;
create index carrier_transformation_set_id on config.carrier (transformation_set_id)
    where transformation_set_id is not null;
create index ddi_provider_transformation_set_id on config.ddi_provider (transformation_set_id)
    where transformation_set_id is not null;
