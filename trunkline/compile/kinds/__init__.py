"""The kinds of rows, by what they are made from. To add one: a module here, a line below, a migration."""

from __future__ import annotations

from trunkline.compile.kinds import (
    account,
    address_book_entry,
    allowed_source,
    application_server,
    brand,
    carrier,
    carrier_server,
    client,
    client_application_server,
    client_routing_tag,
    contact,
    contract,
    corporation,
    ddi,
    ddi_provider,
    ddi_provider_registration,
    ddi_provider_source,
    device,
    direct_caller,
    extension,
    forward,
    friend,
    friend_pattern,
    location,
    match_list,
    match_list_entry,
    media_relay,
    outgoing_ddi_rule,
    outgoing_ddi_rule_entry,
    outgoing_route,
    outgoing_route_carrier,
    price,
    price_list,
    routing_group,
    routing_group_pattern,
    routing_pattern,
    routing_pattern_prefix,
    routing_tag,
    service_code,
    source,
    special_number,
    terminal,
    terminal_model,
    transformation_rule,
    transformation_set,
    user,
)

# May stand at every level.
_EVERY_KIND = (service_code, match_list, match_list_entry)

# May stand at the platform and at brands.
_PATTERNS = (routing_pattern, routing_pattern_prefix, routing_group, routing_group_pattern)
_NUMBERS = (transformation_set, transformation_rule, special_number)

PLATFORM_KINDS = (
    application_server,
    media_relay,
    terminal_model,
    contact,
    contract,
    *_NUMBERS,
    *_PATTERNS,
    *_EVERY_KIND,
)
BRAND_KINDS = (
    *(brand, contact, contract, corporation, *_NUMBERS, *_PATTERNS, routing_tag, price_list, price),
    *(carrier, carrier_server, ddi_provider, ddi_provider_source, ddi_provider_registration),
    *(outgoing_route, outgoing_route_carrier, *_EVERY_KIND),
)
CLIENT_KINDS = (
    *(client, allowed_source, source, user, direct_caller, terminal, extension, ddi),
    *(friend, friend_pattern, device, account, forward, client_application_server),
    *(location, address_book_entry, client_routing_tag, outgoing_ddi_rule, outgoing_ddi_rule_entry, *_EVERY_KIND),
)

# In the order in which a plan shows them: a brand and a client before what they have.
TABLES = tuple(dict.fromkeys(kind.TABLE for kind in (brand, client, *PLATFORM_KINDS, *BRAND_KINDS, *CLIENT_KINDS)))
