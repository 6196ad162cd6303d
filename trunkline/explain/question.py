"""From what a person writes to a question: who calls, and what the calling telephone says."""

from __future__ import annotations

import datetime as dt
from ipaddress import ip_address
from typing import TYPE_CHECKING

from trunkline.errors import ConfigurationError
from trunkline.explain.decision import Question
from trunkline.model.who import terminal_named

if TYPE_CHECKING:
    from trunkline.explain.answers import Answers
    from trunkline.explain.clients import Clients


def ask(
    clients: Clients,
    answers: Answers,
    *,
    caller: str,
    dialled: str,
    caller_id: str = "",
    at: str = "",
    presented: str = "",
) -> Question:
    """Return the question.

    Args:
        clients: Of the inventory.
        answers: Of the database, for callers that the inventory does not have (any more).
        caller: User, terminal, extension, device or account, and the name or the domain of a client: ``alice@acme``; or
            a number and the address that the call comes from: ``+34600111222@192.0.2.1``.
        dialled: A number as it is dialled, or ``number@domain``.
        caller_id: What the telephone calls itself in its From, ``user`` or ``user@domain``; empty for its account.
        at: A time in the form of ISO 8601; empty for now.
        presented: A number that the telephone wants to present outside; empty for none.

    Raises:
        ConfigurationError: Nobody is of that name, or the time is none.
    """
    user, domain = _account(clients, answers, caller)
    number, _, target = dialled.partition("@")
    from_user, _, from_domain = caller_id.partition("@")
    return Question(
        user=user,
        domain=domain,
        number=number,
        target=_domain(clients, answers, target) or domain,
        from_user=from_user or user,
        from_domain=_domain(clients, answers, from_domain) or domain,
        at=_time(at) if at else None,
        presented=presented,
    )


def _account(clients: Clients, answers: Answers, name: str) -> tuple[str, str]:
    local, at, where = name.partition("@")
    if not (local and at and where):
        raise ConfigurationError(f"{name} names no client", remedy="write user@client, for example alice@acme")
    try:
        ip_address(where)
    except ValueError:
        pass
    else:
        return local, where
    try:
        client = clients.named(where, answers)
        if local in client.declared.devices or local in client.declared.accounts:
            return local, answers.brand_domain(client.brand)
        return terminal_named(client, local)[0], client.declared.domain
    except ConfigurationError:
        domain = _domain(clients, answers, where).lower()
        if answers.account(local, domain) is None:
            raise
        return local, domain


def _domain(clients: Clients, answers: Answers, name: str) -> str:
    """Return the domain of a client that is named, or the name: a domain that the inventory need not know."""
    if "." in name or not name:
        return name
    try:
        return clients.named(name, answers).declared.domain
    except ConfigurationError:
        return name


def _time(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"{text} is not a time", remedy="write it as 2026-12-24T18:00, with a zone as 2026-12-24T18:00+01:00"
        ) from None
