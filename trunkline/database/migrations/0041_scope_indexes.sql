-- What belongs to a scope is read and removed by the scope's id, in every table.
create index friend_pattern_client_id on config.friend_pattern (client_id);
create index direct_caller_client_id on config.direct_caller (client_id);
create index client_brand_id_corporation on config.client (brand_id, corporation);
