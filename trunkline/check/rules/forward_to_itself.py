"""TL0473: a call that is forwarded to where it comes from goes round in circles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0473"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every forward of a user to an extension that rings this user, and of an account to itself."""
    declared = client.declared
    extensions = declared.all_extensions() if declared.users else {}
    for name, user in declared.users.items():
        for position, forward in enumerate(user.forwards):
            extension = extensions.get(forward.extension or "")
            if extension is not None and extension.user == name:
                message = f"extension {forward.extension} rings user {name} again"
                path = ("users", name, "forwards", position, "extension")
                yield Finding(client.file, path, message, "forward to somebody else, or to the voicemail")
    for name, account in declared.accounts.items():
        for position, to in enumerate(account.forwards):
            if to.account == name:
                path = ("accounts", name, "forwards", position, "account")
                yield Finding(client.file, path, f"account {name} forwards to itself", "name another account")
