"""What a reader has to know about an explanation as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile import object_id
from trunkline.source import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile import Compiled
    from trunkline.explain.answers import Answers
    from trunkline.explain.decision import Call


def notes(call: Call, answers: Answers, compiled: Compiled | None) -> Iterator[str]:
    """Yield sentences.

    Args:
        call: At the end of its way.
        answers: Of the database.
        compiled: The inventory's rows; None when nobody asks for differences.
    """
    if compiled is not None:
        yield from _not_applied(call, answers, compiled)
    yield from _nearest(call, answers)
    behind = answers.behind()
    if behind:
        yield f"revision {answers.revision()} is not in force everywhere yet: {', '.join(behind)}"
    if call.question.at is not None:
        yield f"nothing on this way depends on the time: at {call.question.at.isoformat()} it is the same"


def _nearest(call: Call, answers: Answers) -> Iterator[str]:
    """Say what may be meant by a number that nobody has."""
    configuration = answers.configuration(call.client) if call.server_names else None
    number = call.question.number
    if configuration is None or number in configuration.extensions:
        return
    users = {user.name: user for user in configuration.users_by_endpoint.values()}
    if number in users and users[number].extension:
        yield f"{number} is a user, whose extension is {users[number].extension}"
    else:
        yield "; ".join(unknown("extension", number, sorted(configuration.extensions)))


def _not_applied(call: Call, answers: Answers, compiled: Compiled) -> Iterator[str]:
    """Compare the digests of what the call is about: the platform, the brand, the client."""
    applied = answers.digests()
    brand, _, client = call.path.partition("/")
    paths: dict[str, tuple[str, ...]] = {"the platform": ("platform",)}
    if call.path:
        paths[f"brand {brand}"] = ("brand", brand)
        paths[f"client {call.path}"] = ("brand", brand, "client", client)
    for name, path in paths.items():
        identity = object_id(*path)
        wanted = compiled.scopes.get(identity)
        if wanted is None:
            yield f"{name}: the inventory does not have it any more, the database does: see `trunkline plan`"
        elif applied.get(identity) != wanted.digest:
            yield f"{name}: what the inventory says is not applied, the database has its own: see `trunkline plan`"
