"""A relay that is declared drained takes no calls, also after its daemon was started anew; other ports are used."""

from __future__ import annotations

from testinfra.host import Host


def test_is_drained_from_the_start(host: Host) -> None:
    assert host.check_output("trunkline-relay refuse") == "unchanged"


def test_stays_drained_after_a_restart(host: Host) -> None:
    host.check_output("systemctl restart rtpengine-daemon")
    assert host.check_output("trunkline-relay refuse") == "unchanged"


def test_listens_where_it_was_told(host: Host) -> None:
    address = host.ansible.get_variables()["trunkline_internal_address"]
    listening = host.check_output("ss -Hlntup | grep rtpengine")
    places = {line.split()[4] for line in listening.splitlines()}
    assert places == {f"{address}:2300", f"{address}:2305", "127.0.0.1:9911"}
