"""What the platform's database says: the questions of the users proxy and of the call-flow service, asked once more.

The proxy asks them in templates/kamailio/users/identity.cfg.j2, media.cfg.j2 and calls.cfg.j2, the service in
trunkline/callflow/database.py. Everything is read in one transaction, so the answers are of one moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from trunkline.callflow.configuration import ClientConfiguration, parse
from trunkline.plan import wait_for_confirmations

if TYPE_CHECKING:
    from trunkline.plan._connection import Connection


@dataclass(frozen=True)
class Domain:
    """Whose domain it is."""

    client: str
    media_set: str


@dataclass(frozen=True)
class Account:
    """Who an endpoint is."""

    endpoint: str
    extension: str
    servers: tuple[str, ...]


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
        row = self._row("select client_id::text, media_set from kamailio.domain where domain = %s", name)
        return Domain(*row) if row else None

    def account(self, user: str, domain: str) -> Account | None:
        """Return what the users proxy learns of an endpoint."""
        row = self._row(
            "select endpoint_id::text, coalesce(extension, ''), coalesce(application_servers, '')"
            " from kamailio.account(%s, %s)",
            user,
            domain,
        )
        return Account(row[0], row[1], tuple(row[2].split())) if row else None

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
