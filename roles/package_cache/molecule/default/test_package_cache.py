"""The host fetches packages through the cache of the lab."""

from __future__ import annotations

from testinfra.host import Host


def test_apt_uses_the_cache(host: Host) -> None:
    proxy = host.check_output("apt-config dump --format '%v' Acquire::http::Proxy")
    assert proxy.startswith("http://")
