"""The host is a package cache, and uses itself."""

from __future__ import annotations

from testinfra.host import Host


def test_the_cache_runs_now_and_after_a_reboot(host: Host) -> None:
    assert host.service("apt-cacher-ng").is_running
    assert host.service("apt-cacher-ng").is_enabled
    assert host.socket("tcp://127.0.0.1:3999").is_listening


def test_package_lists_come_through_the_cache(host: Host) -> None:
    host.check_output("apt-get update --error-on=any")
    assert host.file("/var/log/apt-cacher-ng/apt-cacher.log").size > 0


def test_some_servers_are_asked_directly(host: Host) -> None:
    assert host.check_output("apt-config dump --format '%v' Acquire::http::Proxy::192.0.2.5") == "DIRECT"
