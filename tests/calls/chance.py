"""Tenants and calls made by chance: the same number gives the same ones, so that a failure can be looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

BRAND = "chance"
NOWHERE = "nowhere.example"
NAMES = ("ada", "ben", "cleo", "dan", "eva", "finn", "gil", "hana")
DISPLAY_NAMES = ("Ada Example", "Zoë Ejemplo", "O'Hara, Ben", '"Cleo"', "Łukasz 50%", "名前", "eva@example", "Finn <1>")
ENDINGS = ("answered", "the telephone is busy", "the callee declines", "cancelled")


@dataclass(frozen=True)
class Attempt:
    """One call.

    Attributes:
        caller: ``terminal@client``.
        dialled: As `trunkline explain --to` takes it.
        caller_id: What the telephone calls itself, ``user@domain``; empty for its account.
        ending: How the called telephone ends it, if one rings.
    """

    caller: str
    dialled: str
    caller_id: str
    ending: str

    def __str__(self) -> str:
        """Return what somebody who repeats it has to know."""
        return " ".join(filter(None, (self.caller, "->", self.dialled, self.caller_id and f"as {self.caller_id}")))


class World:
    """Two clients of a brand of their own.

    Args:
        seed: Everything follows from it.

    Attributes:
        files: Path below ``tenants/`` -> what the file says.
        phones: ``terminal@client`` -> how many telephones are registered with it.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - chance that can be repeated
        self.files: dict[str, Any] = {f"{BRAND}/brand.yml": {"language": "en"}}
        self.phones: dict[str, int] = {}
        self._clients: dict[str, dict[str, Any]] = {}
        for name in ("lucky", "seven"):
            self._clients[name] = self.files[f"{BRAND}/{name}.yml"] = self._client(name)

    def _client(self, name: str) -> dict[str, Any]:
        chance = self._random
        numbers = [str(number) for number in chance.sample(range(200, 260), len(NAMES))]
        users: dict[str, Any] = {}
        terminals: dict[str, Any] = {"spare": {}}
        for user, display, number in zip(NAMES, chance.sample(DISPLAY_NAMES, len(NAMES)), numbers, strict=True):
            users[user] = {"name": display}
            if chance.random() < 0.8:
                users[user]["extension"] = number
            if chance.random() < 0.2:
                users[user]["terminal"] = f"desk-{user}"
                terminals[f"desk-{user}"] = {}
            self.phones[f"{users[user].get('terminal', user)}@{name}"] = chance.choice((0, 1, 1, 1, 2))
        self.phones[f"spare@{name}"] = 0
        extensions = {str(number): {"user": chance.choice(NAMES)} for number in chance.sample(range(300, 320), 3)}
        extensions[str(chance.randrange(400, 420))] = {}
        return {
            "type": "vpbx",
            "domain": f"{name}.example",
            "users": users,
            "terminals": terminals,
            "extensions": extensions,
        }

    def _numbers(self, client: str) -> list[str]:
        fields = self._clients[client]
        own = [user["extension"] for user in fields["users"].values() if "extension" in user]
        return sorted({*own, *fields["extensions"]})

    def attempt(self) -> Attempt:
        """Make up a call."""
        chance = self._random
        caller = chance.choice(sorted(self.phones))
        user, _, client = caller.partition("@")
        other = next(name for name in self._clients if name != client)
        kind = chance.choices(
            ("number", "unknown", "name", "foreign", "foreign domain", "nowhere", "forged", "forged domain"),
            (70, 6, 4, 6, 6, 4, 6, 6),
        )[0]
        dialled, caller_id = chance.choice(self._numbers(client)), ""
        if kind == "unknown":
            dialled = chance.choice(("199", "1", "00", "2" * 30, "+34910000000", "*99"))
        elif kind == "name":
            dialled = chance.choice(sorted(self._clients[client]["users"]))
        elif kind == "foreign":
            dialled = chance.choice(self._numbers(other))
        elif kind == "foreign domain":
            dialled = f"{chance.choice(self._numbers(other))}@{other}.example"
        elif kind == "nowhere":
            dialled = f"{dialled}@{NOWHERE}"
        elif kind == "forged":
            caller_id = f"{chance.choice([name for name in NAMES if name != user])}@{client}.example"
        elif kind == "forged domain":
            caller_id = f"{user}@{chance.choice((f'{other}.example', NOWHERE))}"
        return Attempt(caller, dialled, caller_id, chance.choice(ENDINGS))
