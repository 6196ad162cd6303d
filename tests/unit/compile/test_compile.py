"""Model to rows: pure, the same whatever the order, and spread evenly."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import inventories
from trunkline.compile import (
    TABLES,
    ApplicationServer,
    Infrastructure,
    compile_platform,
    object_id,
    password_names,
)
from trunkline.compile.credentials import ha1
from trunkline.compile.identity import NAMESPACE
from trunkline.compile.infrastructure import preference
from trunkline.pipeline import check_inventory

if TYPE_CHECKING:
    from random import Random

    from tests.support.inventories import Tree


def _shuffled(value: Any, random: Random) -> Any:
    """Return a copy with the keys of all mappings in another order."""
    if not isinstance(value, dict):
        return value
    keys = list(value)
    random.shuffle(keys)
    return {key: _shuffled(value[key], random) for key in keys}


@given(tree=inventories.trees(), hosts=inventories.infrastructures(), random=st.randoms(use_true_random=False))
def test_order_makes_no_difference(tree: Tree, hosts: Infrastructure, random: Random) -> None:
    other = Infrastructure(hosts.application_servers[::-1], hosts.media_relays[::-1])
    assert inventories.compiled(tree, hosts) == inventories.compiled(_shuffled(tree, random), other)


@given(tree=inventories.trees(), hosts=inventories.infrastructures())
def test_files_and_model_give_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, tree: Tree, hosts: Infrastructure
) -> None:
    folder = tmp_path_factory.mktemp("inventory")
    (folder / "tenants").mkdir()
    inventories.write(tree, folder)
    report = check_inventory(folder)
    assert report.good, [str(problem) for problem in report.errors]
    compiled = compile_platform(report.tenants, hosts, inventories.passwords(report.tenants))
    assert compiled == inventories.compiled(tree, hosts)


@given(tree=inventories.trees(), hosts=inventories.infrastructures())
def test_rows_fit_their_tables(tree: Tree, hosts: Infrastructure) -> None:
    compiled = inventories.compiled(tree, hosts)
    tables = {table.name: table for table in TABLES}
    ids: Counter[str] = Counter()
    references: set[tuple[str, str]] = set()
    known: set[tuple[str, str]] = set()
    for scope in compiled.scopes.values():
        for name, rows in scope.rows.items():
            table = tables[name]
            assert rows == sorted(rows)
            for row in rows:
                assert len(row) == len(table.columns)
                ids[str(row[0])] += 1
                known.add((name, str(row[0])))
                references |= {
                    (column.references, str(value))
                    for column, value in zip(table.columns, row, strict=True)
                    if column.references and value is not None
                }
                if table.scope:
                    assert row[table.position(table.scope)] == scope.id
    assert set(ids.values()) <= {1}
    assert references <= known


@given(tree=inventories.trees())
def test_a_digest_changes_with_the_rows_and_only_then(tree: Tree) -> None:
    first, second = inventories.compiled(tree), inventories.compiled(tree, salt="new")
    for identity, scope in first.scopes.items():
        assert (scope.digest == second.scopes[identity].digest) == (scope.rows == second.scopes[identity].rows)


def test_ids_are_those_of_yesterday() -> None:
    assert object_id("brand", "atlas") == "bae106c0-1a96-54b1-8c61-5426fd44c876"
    assert uuid.UUID(object_id("brand", "atlas", "client", "acme")).version == 5
    assert object_id("brand", "atlas", "client", "acme") != object_id("brand", "atlas", "client", "globex")


@given(path=st.lists(st.text(st.characters(codec="utf-8"), max_size=10)))
def test_ids_are_version_5(path: list[str]) -> None:
    assert object_id(*path) == str(uuid.uuid5(NAMESPACE, "/".join(path)))


def test_ha1_is_that_of_the_standard() -> None:
    # RFC 2617 section 3.5: H(A1) of its example.
    assert ha1("Mufasa", "testrealm@host.com", "Circle Of Life") == "939e7578ed9e3c518a452acee763bce9"


def test_a_password_that_is_missing_is_no_empty_password() -> None:
    model = inventories.tenants(
        {
            "atlas": {
                "brand": {},
                "clients": {"acme": {"type": "vpbx", "domain": "a.example", "users": {"a": {"name": "A"}}}},
            }
        }
    )
    assert password_names(model) == ["terminal/atlas/acme/a"]
    with pytest.raises(KeyError):
        compile_platform(model, Infrastructure(), {})


def test_a_given_ha1_needs_no_password() -> None:
    client = {"type": "vpbx", "domain": "a.example", "terminals": {"desk": {"ha1": "a" * 32}}}
    tree: Tree = {"atlas": {"brand": {}, "clients": {"acme": client}}}
    assert password_names(inventories.tenants(tree)) == []
    scopes = inventories.compiled(tree).scopes
    rows = [row for scope in scopes.values() for row in scope.rows.get("terminal", ())]
    assert rows[0][2:4] == ("desk", "a" * 32)


def test_the_language_comes_down_from_the_brand() -> None:
    clients = {
        "acme": {"type": "vpbx", "domain": "a.example"},
        "globex": {"type": "vpbx", "domain": "b.example", "language": "ca"},
    }
    scopes = inventories.compiled({"atlas": {"brand": {"language": "es"}, "clients": clients}}).scopes
    languages = {scope.client: scope.rows["client"][0][5] for scope in scopes.values() if scope.client}
    assert languages == {"acme": "es", "globex": "ca"}


def _servers(count: int) -> tuple[ApplicationServer, ...]:
    return tuple(ApplicationServer(f"as{number}", f"10.0.0.{number}", 6060) for number in range(1, count + 1))


def _client_ids() -> list[str]:
    return [str(uuid.UUID(bytes=hashlib.md5(bytes([n % 256, n // 256])).digest())) for n in range(2000)]  # noqa: S324


def test_clients_are_spread_evenly() -> None:
    firsts = Counter(preference(client, _servers(4))[0].name for client in _client_ids())
    assert all(425 <= count <= 575 for count in firsts.values())


def test_losing_a_server_moves_only_its_clients() -> None:
    for client in _client_ids():
        before = preference(client, _servers(5))
        after = preference(client, _servers(4))
        assert after == [server for server in before if server.name != "as5"]
