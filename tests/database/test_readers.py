"""What proxies and call-flow services read of applied tenants: the seam between the inventory and calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from tests.support import inventories
from trunkline.compile import ApplicationServer, Infrastructure, compile_platform, object_id
from trunkline.compile.credentials import ha1
from trunkline.compile.infrastructure import preference
from trunkline.pipeline import check_inventory
from trunkline.plan import Provenance, apply, database

if TYPE_CHECKING:
    from tests.support.databases import Database

LAB = Path(__file__).parents[2] / "inventories" / "lab"
HOSTS = Infrastructure((ApplicationServer("as1", "10.0.0.3", 6060), ApplicationServer("as2", "10.0.0.4", 6060)))


def _apply_lab(target: Database) -> None:
    report = check_inventory(LAB)
    compiled = compile_platform(report.tenants, HOSTS, inventories.passwords(report.tenants))
    with database(target.dsn()) as connection:
        apply(connection, compiled, Provenance(None, "tests"))


def _identity(target: Database, username: str, domain: str) -> list[dict[str, Any]]:
    with psycopg.connect(target.dsn("trunkline_proxy"), row_factory=dict_row) as connection:
        return connection.execute("select * from kamailio.identity(%s, %s)", [username, domain]).fetchall()


def test_an_account_is_known_by_user_and_domain(database: Database) -> None:
    _apply_lab(database)
    (alice,) = _identity(database, "alice", "acme.atlas.example")
    client = object_id("brand", "atlas", "client", "acme")
    servers = [f"sip:{server.address}:{server.port}" for server in preference(client, HOSTS.application_servers)]
    assert alice == {
        **alice,
        "client_name": "acme",
        "brand_name": "atlas",
        "extension": "101",
        "display_name": "Alice Example",
        "application_servers": " ".join(servers),
        "ha1": ha1("alice", "acme.atlas.example", "terminal/atlas/acme/alice"),
    }
    assert str(alice["client_id"]) == client
    (other,) = _identity(database, "alice", "globex.atlas.example")
    assert other["extension"] == "101"
    assert other["display_name"] == "Alicia Ejemplo"
    assert other["endpoint_id"] != alice["endpoint_id"]


def test_a_terminal_of_another_name_is_its_users(database: Database) -> None:
    _apply_lab(database)
    (desk,) = _identity(database, "front-desk", "acme.atlas.example")
    assert (desk["extension"], desk["display_name"]) == ("100", "Reception")
    assert _identity(database, "reception", "acme.atlas.example") == []


def test_strangers_have_no_identity(database: Database) -> None:
    _apply_lab(database)
    for username, domain in (("grace", "acme.atlas.example"), ("alice", "atlas.example"), ("alice' or '1'='1", "")):
        assert _identity(database, username, domain) == []
