"""A client: who buys the service. ``tenants/<brand>/<client>.yml``."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from trunkline.model.extension import Extension
from trunkline.model.fields import ClientType, Domain, ExtensionNumber, Language, Name
from trunkline.model.item import Item
from trunkline.model.moved import Moved, moved_field
from trunkline.model.terminal import Terminal
from trunkline.model.user import User


class Client(Item):
    """A client (seed 004 section 9.1). Its name is the name of its file.

    Attributes:
        type: What kind of client it is; ``vpbx``: users behind extensions, with their own SIP domain.
        domain: SIP domain of its terminals, unique on the platform (seed 004 section 5.2.1).
        language: Of what the platform says to its users; without it the brand's.
        users: By name.
        terminals: By SIP user name; those that users have by default need no entry.
        extensions: By number; those that users name as their own have no entry here.
        moved: Objects of the client that have another name now: key of this file, then old name -> new name.
    """

    type: ClientType = Field(description="what kind of client it is")
    domain: Domain = Field(description="SIP domain of its terminals", examples=["acme.atlas.example"])
    language: Language | None = Field(default=None, description="of announcements; default: the brand's")
    users: Mapping[Name, User] = Field(default_factory=dict, description="people, by name")
    terminals: Mapping[Name, Terminal] = Field(default_factory=dict, description="SIP accounts, by user name")
    extensions: Mapping[ExtensionNumber, Extension] = Field(default_factory=dict, description="by number")
    moved: Moved = moved_field("objects of the client", {"users": {"alice": "alicia"}})

    def terminal_of(self, user: str) -> str:
        """Return the name of a user's terminal, named or by default."""
        return self.users[user].terminal or user

    def screen_extensions(self) -> dict[str, str]:
        """Return the number that each user presents when it calls, by user: its own, else the lowest that rings it.

        Users whom no extension rings are missing.
        """
        found: dict[str, str] = {}
        for number, extension in sorted(self.extensions.items(), key=lambda item: (len(item[0]), item[0])):
            if extension.user is not None:
                found.setdefault(extension.user, number)
        return found | {name: user.extension for name, user in self.users.items() if user.extension is not None}

    def all_terminals(self) -> dict[str, Terminal]:
        """Return every terminal by name, sorted: those with an entry and those that users have by default."""
        found = dict(self.terminals)
        for name, user in self.users.items():
            if user.terminal is None:
                found.setdefault(name, _DEFAULT_TERMINAL)
        return dict(sorted(found.items()))

    def all_extensions(self) -> dict[str, Extension]:
        """Return every extension by number, sorted: those with an entry and those that users name as their own.

        Where the model was not checked and two claim a number, the first user by name wins.
        """
        found: dict[str, Extension] = {}
        for name, user in sorted(self.users.items()):
            if user.extension is not None:
                found.setdefault(user.extension, Extension(user=name))
        return dict(sorted({**self.extensions, **found}.items()))


_DEFAULT_TERMINAL = Terminal()
