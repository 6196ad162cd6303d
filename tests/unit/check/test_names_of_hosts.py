"""What tenants name of hosts: trunk addresses and sets of media relays. Without ``platform.yml``, nobody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trunkline.pipeline import check_inventory

if TYPE_CHECKING:
    from pathlib import Path

NOT_HONOURED = "TL0400"
HOSTS = """\
platform: small
provider: lab
hosts:
  px1: {groups: [proxy_users, proxy_trunks], extra_addresses: [second, third]}
  px2: {groups: [proxy_trunks], extra_addresses: [second]}
  cr1: {groups: [carriers], extra_addresses: [fourth]}
  mr1: {groups: [media_relays], relay: {set: madrid}}
  mr2: {groups: [media_relays], relay: {set: lisbon, state: drained}}
  mr3: {groups: [media_relays], relay: {set: lisbon, weight: 0}}
"""
BRAND = """\
carriers:
  bestel: {{servers: {{a: {{address: 192.0.2.1}}}}, {carrier}}}
ddi_providers:
  numbers: {{sources: {{192.0.2.60: }}, {provider}}}
"""
ACME = "type: wholesale\nsources: {{192.0.2.7: }}\n{client}\n"


def _problems(inventory: Path, edit: dict[str, str], hosts: str = HOSTS, cache: Path | None = None) -> list[str]:
    folder = inventory / "tenants" / "atlas"
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"carrier": "", "provider": "", "client": "", **edit}
    (folder / "brand.yml").write_text(BRAND.format(**parts))
    (folder / "acme.yml").write_text(ACME.format(**parts))
    (inventory / "platform.yml").unlink(missing_ok=True)
    if hosts:
        (inventory / "platform.yml").write_text(hosts)
    found = check_inventory(inventory, cache=cache).problems
    return [f"{each.code} {'.'.join(map(str, each.path))}: {each.message}; {each.remedy}" for each in found
            if each.code != NOT_HONOURED]  # fmt: skip


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({"carrier": "socket: second, media_set: madrid"}, []),
        ({"provider": "socket: third, media_set: madrid", "client": "media_set: madrid"}, []),
        (
            {"carrier": "socket: third"},
            [("TL0612 carriers.bestel.socket: calls to this carrier may go through px2, without an extra address "
             "third; add third to extra_addresses of every trunks proxy in platform.yml, or name another one")],
        ),
        (
            {"carrier": "socket: fourth"},  # of a scripted carrier
            [("TL0612 carriers.bestel.socket: there is no extra address of a trunks proxy 'fourth'; "
             "there is: second, third")],
        ),
        (
            {"provider": "socket: secnd"},
            [("TL0612 ddi_providers.numbers.socket: there is no extra address of a trunks proxy 'secnd'; "
             "did you mean second?")],
        ),
        (
            {"provider": "media_set: lisbon"},
            [("TL0613 ddi_providers.numbers.media_set: no relay of the set lisbon takes calls: each is drained, or has "
             "the weight 0; make a relay active in platform.yml, or name another set: madrid")],
        ),
        (
            {"carrier": "media_set: porto", "client": "media_set: madird"},
            ["TL0613 media_set: there is no set of media relays 'madird'; did you mean madrid?",
             "TL0613 carriers.bestel.media_set: there is no set of media relays 'porto'; there is: madrid"],
        ),
    ],
)  # fmt: skip
def test_names_of_what_hosts_have(tmp_path: Path, edit: dict[str, str], expected: list[str]) -> None:
    assert _problems(tmp_path, edit) == expected


@pytest.mark.parametrize("hosts", ["", "platform: [", "platform: small\nprovider: lab\nhosts:\n  px1: {group: x}\n"])
def test_without_hosts_no_name_is_wrong(tmp_path: Path, hosts: str) -> None:
    edit = {"carrier": "socket: nowhere, media_set: nowhere", "client": "media_set: nowhere"}
    assert _problems(tmp_path, edit, hosts) == []


def test_a_changed_host_is_noticed(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "store.sqlite"
    edit = {"client": "media_set: lisbon"}
    for hosts, hits in ((HOSTS, 1), ("", 0), (HOSTS, 1), (HOSTS.replace(", state: drained", ""), 0)):
        for _ in range(2):  # with what is known, too
            assert len(_problems(tmp_path / "inventory", edit, hosts, cache)) == hits
