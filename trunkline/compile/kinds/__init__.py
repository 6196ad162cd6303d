"""The kinds of rows, by what they are made from. To add one: a module here, a line below, a migration."""

from __future__ import annotations

from trunkline.compile.kinds import (
    account,
    allowed_source,
    application_server,
    brand,
    client,
    client_application_server,
    ddi,
    device,
    direct_caller,
    extension,
    forward,
    friend,
    friend_pattern,
    media_relay,
    source,
    terminal,
    user,
)

PLATFORM_KINDS = (application_server, media_relay)
BRAND_KINDS = (brand,)
CLIENT_KINDS = (
    *(client, allowed_source, source, user, direct_caller, terminal, extension, ddi),
    *(friend, friend_pattern, device, account, forward, client_application_server),
)

# In the order in which a plan shows them.
TABLES = tuple(kind.TABLE for kind in (*PLATFORM_KINDS, *BRAND_KINDS, *CLIENT_KINDS))
