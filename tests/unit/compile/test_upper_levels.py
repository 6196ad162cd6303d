"""Rows of the platform and of brands, and what clients inherit from them."""

from __future__ import annotations

from typing import Any

from tests.support import inventories
from trunkline.compile import TABLES, Compiled, Infrastructure, PlatformContext, compile_one, object_id
from trunkline.compile.image import decode, encode
from trunkline.compile.kinds import PLATFORM_KINDS
from trunkline.model.platform import Platform
from trunkline.model.services import DEFAULT_CODES, SERVICES
from trunkline.model.tenants import NamedPlatform

PLATFORM = object_id("platform")
ATLAS = object_id("brand", "atlas")
ACME = object_id("brand", "atlas", "client", "acme")


def _compiled(platform: dict[str, Any], brand: dict[str, Any], **client: Any) -> Compiled:
    acme = {"type": "vpbx", "domain": "acme.example", **client}
    return inventories.compiled({"atlas": {"brand": brand, "clients": {"acme": acme}}}, platform=platform)


def _rows(compiled: Compiled, scope: str, name: str) -> list[dict[str, Any]]:
    (table,) = (table for table in TABLES if table.name == name)
    return [dict(zip(table.column_names, row, strict=True)) for row in compiled.scopes[scope].rows.get(table.name, ())]


def test_the_locale_that_counts_stands_in_the_rows() -> None:
    compiled = _compiled(
        {"time_zone": "Europe/Madrid", "currency": "EUR"}, {"language": "es", "country": "ES"}, country="DE"
    )
    (brand,) = _rows(compiled, ATLAS, "brand")
    (client,) = _rows(compiled, ACME, "client")
    found = [[row[key] for key in ("language", "time_zone", "country", "currency")] for row in (brand, client)]
    assert found == [["es", "Europe/Madrid", "ES", "EUR"], ["es", "Europe/Madrid", "DE", "EUR"]]


def test_a_change_of_the_platform_is_one_of_the_clients_that_inherit_it() -> None:
    before = _compiled({"language": "en"}, {}).scopes
    after = _compiled({"language": "es"}, {}).scopes
    assert {scope for scope in after if after[scope].digest != before[scope].digest} == {ATLAS, ACME}
    own = [_compiled({"language": each}, {"language": "ca"}).scopes for each in ("en", "es")]
    assert {each: scope.digest for each, scope in own[0].items()} == {
        each: scope.digest for each, scope in own[1].items()
    }


def test_features_that_are_on_stand_in_the_rows() -> None:
    compiled = _compiled({}, {"features": ["vpbx", "friends"]}, features=[])
    assert _rows(compiled, ATLAS, "brand")[0]["features"] == "friends vpbx"
    assert _rows(compiled, ACME, "client")[0]["features"] is None


def test_every_level_has_rows_of_its_own_for_what_may_stand_everywhere() -> None:
    lists = {"spain": {"numbers": ["+34600000001"], "patterns": [r"^\+34"]}}
    compiled = _compiled(
        {"match_lists": lists, "services": {"voicemail": "*97"}},
        {"match_lists": {"spain": {"patterns": [r"^\+346"]}}, "services": {"voicemail": "off"}},
        match_lists=lists,
        services={"open_lock": "*99"},
    )
    for scope, entries in ((PLATFORM, 2), (ATLAS, 1), (ACME, 2)):
        (row,) = _rows(compiled, scope, "match_list")
        assert (row["scope_id"], row["name"]) == (scope, "spain")
        found = _rows(compiled, scope, "match_list_entry")
        assert len(found) == entries
        assert {each["match_list_id"] for each in found} == {row["id"]}
    codes = {row["service"]: row["code"] for row in _rows(compiled, PLATFORM, "service_code")}
    assert codes == {**DEFAULT_CODES, "voicemail": "*97"}
    assert [row["code"] for row in _rows(compiled, ATLAS, "service_code")] == [None]
    assert [row["code"] for row in _rows(compiled, ACME, "service_code")] == ["*99"]
    assert set(codes) == set(SERVICES)


def test_contacts_contracts_and_corporations() -> None:
    contact = {"email": "office@carrier.example", "phone": "+34910000001"}
    contract = {"type": "peering", "contact": "carrier"}
    compiled = _compiled(
        {"contacts": {"carrier": contact}, "terminal_models": {"t23": {"manufacturer": "Yealink"}}},
        {"contracts": {"carrier": contract}, "corporations": {"umbrella": None}},
    )
    assert [row["phone"] for row in _rows(compiled, PLATFORM, "contact")] == ["+34910000001"]
    assert [row["contact"] for row in _rows(compiled, ATLAS, "contract")] == ["carrier"]
    assert [row["brand_id"] for row in _rows(compiled, ATLAS, "corporation")] == [ATLAS]
    assert [row["manufacturer"] for row in _rows(compiled, PLATFORM, "terminal_model")] == ["Yealink"]


def test_information_about_clients() -> None:
    compiled = _compiled(
        {},
        {},
        locations={"madrid": {"description": "Head office"}},
        address_book={"wanda": {"name": "Wanda", "work": "+34910000001"}},
    )
    assert [row["description"] for row in _rows(compiled, ACME, "location")] == ["Head office"]
    assert [row["work"] for row in _rows(compiled, ACME, "address_book_entry")] == ["+34910000001"]


def test_what_is_made_once_is_what_would_be_made() -> None:
    """Rows that no file declares are kept while a process runs."""
    special = Platform.model_validate({"special_numbers": {"+34112": {}}})
    for declared in (Platform(), special, Platform.model_validate({"transformation_sets": {"es": {}}})):
        context = PlatformContext(NamedPlatform(declared=declared), Infrastructure())
        for _ in range(2):
            found = compile_one(context).rows
            for kind in PLATFORM_KINDS:
                expected = decode(encode(sorted(kind.rows(context))))
                assert found.get(kind.TABLE.name, []) == expected


def test_carriers_know_the_brand_by_its_first_own_address() -> None:
    servers = {"servers": {"main": {"address": "192.0.2.50"}}}
    for sockets, expected in (([], [None, "third"]), (["second", "third"], ["second", "third"])):
        brand = {
            "sockets": sockets,
            "carriers": {"one": servers, "two": {**servers, "socket": "third"}},
            "ddi_providers": {
                "one": {"sources": {"192.0.2.60": None}},
                "two": {"sources": {"192.0.2.61": None}, "socket": "third"},
            },
        }
        compiled = _compiled({}, brand)
        for table in ("carrier", "ddi_provider"):
            rows = sorted(_rows(compiled, ATLAS, table), key=lambda row: str(row["name"]))
            assert [row["socket"] for row in rows] == expected, table
