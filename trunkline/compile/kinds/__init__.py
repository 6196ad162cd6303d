"""The kinds of rows, by what they are made from. To add one: a module here, a line below, a migration."""

from __future__ import annotations

from trunkline.compile.kinds import (
    account,
    address_book_entry,
    allowed_source,
    application_server,
    brand,
    client,
    client_application_server,
    contact,
    contract,
    corporation,
    ddi,
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
    service_code,
    source,
    terminal,
    terminal_model,
    user,
)

# May stand at every level.
_EVERY_KIND = (service_code, match_list, match_list_entry)

PLATFORM_KINDS = (application_server, media_relay, terminal_model, contact, contract, *_EVERY_KIND)
BRAND_KINDS = (brand, contact, contract, corporation, *_EVERY_KIND)
CLIENT_KINDS = (
    *(client, allowed_source, source, user, direct_caller, terminal, extension, ddi),
    *(friend, friend_pattern, device, account, forward, client_application_server),
    *(location, address_book_entry, *_EVERY_KIND),
)

# In the order in which a plan shows them: a brand and a client before what they have.
TABLES = tuple(dict.fromkeys(kind.TABLE for kind in (brand, client, *PLATFORM_KINDS, *BRAND_KINDS, *CLIENT_KINDS)))
