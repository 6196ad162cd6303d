"""What the platform's database says: the questions of the users proxy and of the call-flow service, asked once more.

The proxy asks them in templates/kamailio/users/identity.cfg.j2, media.cfg.j2 and calls.cfg.j2, the service in
trunkline/callflow/database.py. Everything is read in one transaction, so the answers are of one moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from trunkline.callflow.configuration import ClientConfiguration, parse
from trunkline.callflow.numbers import DIAL, SHOWN, Dial
from trunkline.plan import wait_for_confirmations

if TYPE_CHECKING:
    from decimal import Decimal

    from trunkline.plan._connection import Connection


@dataclass(frozen=True)
class Domain:
    """Whose domain it is; no client's where it is a brand's, whose accounts are of several."""

    client: str
    media_set: str


@dataclass(frozen=True)
class Account:
    """Who an endpoint is."""

    endpoint: str
    extension: str
    servers: tuple[str, ...]
    client: str
    kind: str
    filter: str
    trusted: str
    media_set: str


class Candidate(NamedTuple):
    """A route that fits, or one of its servers (``routing.candidates``)."""

    route: str
    type: str
    matched: str
    prefix: str
    priority: int
    weight: int
    stopper: bool
    carrier: str | None
    server: str | None
    cost: Decimal | None
    currency: str
    dropped: str | None


class Attempt(NamedTuple):
    """A server that a call tries, or why it tries none (``routing.attempts``)."""

    attempt: int
    outcome: str
    code: int | None
    reason: str
    carrier: str | None
    server: str | None
    uri: str | None
    callee: str | None
    caller: str | None
    media_set: str | None
    cost: Decimal | None
    currency: str


class Detected(NamedTuple):
    """Whose call it is that comes from an address outside (``routing.detect``)."""

    code: int | None
    reason: str
    provider: str
    brand: str
    client_id: str
    client: str
    client_type: str
    number: str
    media_set: str
    target: str


class ToAccount(NamedTuple):
    """What a retail account is shown of a call, and where the call goes instead (``kamailio.call_to_account``)."""

    shown: str
    called: str
    always: str
    missing: str


class Answers:
    """The database's answers.

    Args:
        connection: As trunkline_monitor or trunkline_apply, read only.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.configuration = cache(self._configuration)

    def domain(self, name: str) -> Domain | None:
        """Return what the users proxy learns of a domain."""
        row = self._row("select coalesce(client_id::text, ''), media_set from kamailio.domain where domain = %s", name)
        return Domain(*row) if row else None

    def account(self, user: str, domain: str) -> Account | None:
        """Return what the users proxy learns of an endpoint."""
        row = self._row(
            "select endpoint_id::text, coalesce(extension, ''), coalesce(application_servers, ''), client_id::text,"
            " kind, coalesce(filter, ''), coalesce(trusted, ''), media_set from kamailio.account(%s, %s)",
            user,
            domain,
        )
        return Account(row[0], row[1], tuple(row[2].split()), *row[3:]) if row else None

    def at_address(self, address: str) -> tuple[str, str, str] | None:
        """Return the wholesale client whose address it is: its id, its path and its media set."""
        row = self._row(
            "select client_id::text, routing.client_path(client_id), media_set from kamailio.at_address(%s::inet, 0)"
            " where kind = 'wholesale'",
            address,
        )
        return (row[0], row[1], row[2]) if row else None

    def path_of(self, client: str) -> str:
        """Return the path ``brand/client`` of a client's id; empty when there is none."""
        row = self._row("select coalesce(routing.client_path(%s), '')", client)
        return str(row[0]) if row else ""

    def brand_of(self, domain: str) -> str:
        """Return the name of the brand that has a domain; empty for none."""
        row = self._row("select name from config.brand where domain = %s", domain)
        return str(row[0]) if row else ""

    def brand_domain(self, brand: str) -> str:
        """Return the SIP domain of a brand; empty for none."""
        row = self._row("select coalesce(domain, '') from config.brand where name = %s", brand)
        return str(row[0]) if row else ""

    def dial(self, client: str, endpoint: str, number: str, presented: str) -> Dial:
        """Return what an endpoint dials towards the outside."""
        row = self._row(DIAL, client, endpoint or None, number, presented or None)
        return Dial.of(row)

    def shown(self, client: str, endpoint: str, caller: str, called: str) -> tuple[str, str]:
        """Return a caller's number and a called DDI as an endpoint wants them."""
        row = self._row(SHOWN, client, endpoint, caller, client, endpoint, called)
        return row[0] or caller, row[1] or called

    def candidates(self, client: str, dial: Dial) -> list[Candidate]:
        """Return the routes that fit, each with its servers and with what leaves it out."""
        rows = self._rows(
            "select route, type, matched, prefix, priority, weight, stopper, carrier, server, cost,"
            " coalesce(currency, ''), dropped from routing.candidates(%s, %s, %s, %s)",
            client,
            dial.callee,
            dial.tag,
            dial.fax,
        )
        return [Candidate(*row) for row in rows]

    def attempts(self, client: str, dial: Dial) -> list[Attempt]:
        """Return the attempts in one of the orders that weights allow."""
        rows = self._rows(
            "select attempt, outcome, code, coalesce(reason, ''), carrier, server, uri, callee, caller, media_set,"
            " cost, coalesce(currency, '') from routing.attempts_shown(%s, %s, %s, %s, %s)",
            client,
            dial.callee,
            dial.tag,
            dial.fax,
            dial.caller or None,
        )
        return [Attempt(*row) for row in rows]

    def owner(self, number: str) -> str:
        """Return the path of the client that has a DDI."""
        row = self._row("select brand || '/' || client from routing.ddi(%s)", number)
        return str(row[0]) if row else ""

    def is_provider(self, address: str) -> bool:
        """Say whether an address is one of a DDI provider."""
        row = self._row("select routing.is_provider(%s::inet)", address)
        return bool(row[0])

    def detected(self, address: str, number: str) -> Detected:
        """Return whose call it is that comes from an address outside."""
        row = self._row(
            "select code, coalesce(reason, ''), coalesce(provider, ''), coalesce(brand, ''),"
            " coalesce(client_id::text, ''), coalesce(client, ''), coalesce(client_type, ''), coalesce(number, ''),"
            " coalesce(media_set, ''), coalesce(target, '') from routing.detected(%s::inet, %s)",
            address,
            number,
        )
        return Detected(*row)

    def to_account(self, account: str, ddi: str, caller: str) -> ToAccount:
        """Return what becomes of a call from outside to a retail account."""
        row = self._row(
            "select coalesce(shown, ''), coalesce(called, ''), coalesce(always_to, ''), coalesce(missing_to, '')"
            " from kamailio.call_to_account(%s, %s, %s)",
            account,
            ddi,
            caller,
        )
        return ToAccount(*row)

    def server(self, uri: str) -> str:
        """Return the name of an application server, as call records give it."""
        row = self._row("select live.application_server_name(%s)", uri)
        return str(row[0]) if row else uri

    def relays(self, media_set: str) -> dict[str, int]:
        """Return the relays that get calls of a media set, each with its places in the sequence."""
        rows = self._rows(
            "select split_part(key_value, '|', 2), count(*) from kamailio.relay"
            " where key_name like '%%:%%' and split_part(key_name, ':', 1) = %s group by 1 order by 1",
            media_set,
        )
        return dict(rows)

    def _configuration(self, client: str) -> ClientConfiguration | None:
        """Return what the call-flow service learns of a client."""
        row = self._row("select callflow.client_configuration(%s)", client)
        return parse(row[0]) if row and row[0] is not None else None

    def contacts(self, user: str, domain: str) -> tuple[str, ...]:
        """Return where an endpoint is registered, as the proxies have saved it last."""
        rows = self._rows(
            "select distinct contact from live.location where username = %s and domain = %s order by 1", user, domain
        )
        return tuple(row[0] for row in rows)

    def reason(self, code: int) -> str:
        """Return the reason that a call record gives for a final SIP status."""
        row = self._row("select live.reason_of(%s)", code)
        return str(row[0]) if row else ""

    def revision(self) -> int:
        """Return the newest revision; 0 when there is none."""
        row = self._row("select coalesce(max(id), 0) from config.revision")
        return int(row[0]) if row else 0

    def digests(self) -> dict[str, str]:
        """Return what was compiled for each scope when it was applied, by id."""
        return dict(self._rows("select id::text, digest from config.scope"))

    def behind(self) -> list[str]:
        """Return the healthy services that do not work with the newest revision yet."""
        return [str(service) for service in wait_for_confirmations(self._connection, self.revision(), deadline_s=0)[1]]

    def _rows(self, query: str, *values: object) -> list[Any]:
        return self._connection.execute(query.encode(), values or None).fetchall()

    def _row(self, query: str, *values: object) -> Any:
        return self._connection.execute(query.encode(), values or None).fetchone()
