"""The platform equals its inventory: a further run of anything finds nothing to do, and says so."""

from __future__ import annotations

import re

from tests.support.deployed import DeployedPlatform, Done


def test_second_run_of_the_site_changes_nothing(platform: DeployedPlatform) -> None:
    before = platform.processes()
    again = platform.playbook("site")
    assert set(platform.hosts) <= set(again.changed), "not every host took part"
    assert {host: count for host, count in again.changed.items() if count} == {}, "\n".join(again.tasks("changed"))
    assert platform.processes() == before


def test_check_mode_of_the_site_is_clean(platform: DeployedPlatform, checked_site: Done) -> None:
    recap = dict(re.findall(r"^(\S+) +: ok=\d+ +changed=(\d+) .*failed=0", checked_site.output, re.MULTILINE))
    assert set(platform.hosts) <= set(recap), f"not every host took part: {recap}"
    changes = re.findall(r"^TASK \[[^\n]*\n(?:(?!TASK)[^\n]*\n)*?changed: [^\n]*", checked_site.output, re.MULTILINE)
    assert {host: count for host, count in recap.items() if count != "0"} == {}, "\n".join(changes)[-8000:]


def test_machines_are_as_declared(platform: DeployedPlatform) -> None:
    assert set(platform.trunkline("stack", "preview", "--json").json()["changes"]) == {"same"}


def test_tenants_are_as_declared(platform: DeployedPlatform) -> None:
    """`plan` exits with 0 only if there is nothing to do; ``--full`` compares every row."""
    assert platform.trunkline("plan", "--full", "--json").json()["changed"] is False


def test_every_service_runs_and_no_unit_failed(platform: DeployedPlatform) -> None:
    running = platform.processes()
    wanted = {f"{host}/{unit}" for host in platform.hosts for unit in platform.services(host)}
    assert set(running) == wanted
    assert [service for service, state in running.items() if not state.startswith("active ")] == []
    failed = platform.everywhere("systemctl --failed --plain --no-legend")
    assert {host: done.output for host, done in failed.items() if done.output.strip()} == {}
