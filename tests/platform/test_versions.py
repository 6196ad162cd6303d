"""What is installed is what was pinned, and the parts of a daemon come from one build."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.support.deployed import ROOT, DeployedPlatform

PINS: dict[str, str] = yaml.safe_load((ROOT / "playbooks/group_vars/all/versions.yml").read_text())[
    "trunkline_versions"
]
# group -> package whose version is the daemon's, name of its pin, pattern of packages that belong to it
DAEMONS = {
    "data": ("postgresql-17", "postgresql", "postgresql-17*"),
    "proxy_users": ("kamailio", "kamailio", "kamailio*"),
    "application_servers": ("asterisk", "asterisk", "asterisk*"),
    "media_relays": ("rtpengine-daemon", "rtpengine", "*rtpengine*"),
}
DEBIAN_RELEASE = "13"


def installed(platform: DeployedPlatform, host: str, pattern: str) -> dict[str, str]:
    """Return installed packages by name, without epoch, with their version."""
    listed = platform.ssh(
        host, f"dpkg-query -W -f '${{db:Status-Abbrev}}\\t${{Package}}\\t${{Version}}\\n' '{pattern}'"
    )
    rows = [line.split("\t") for line in listed.output.splitlines()]
    return {name: re.sub(r"^\d+:", "", version) for status, name, version in rows if status.strip() == "ii"}


@pytest.mark.parametrize("group", DAEMONS)
def test_daemon_has_the_pinned_version(platform: DeployedPlatform, group: str) -> None:
    package, pin, _ = DAEMONS[group]
    for host in platform.members(group):
        version = installed(platform, host, package)[package]
        assert version.startswith(str(PINS[pin])), f"{host}: {package} {version}, pinned is {PINS[pin]}"


@pytest.mark.parametrize("group", DAEMONS)
def test_modules_and_core_have_one_version(platform: DeployedPlatform, group: str) -> None:
    """Packages of sounds and of common files have version numbers of their own."""
    package, _, pattern = DAEMONS[group]
    found: dict[str, str] = {}
    for host in platform.members(group):
        packages = installed(platform, host, pattern)
        core = packages[package]
        found |= {
            f"{host}: {name}": version
            for name, version in packages.items()
            if version != core and not re.search(r"sounds|moh|common", name)
        }
    assert found == {}


def test_hosts_of_a_group_are_alike(platform: DeployedPlatform) -> None:
    for group, (_, _, pattern) in DAEMONS.items():
        every = {host: installed(platform, host, pattern) for host in platform.members(group)}
        assert len({tuple(sorted(packages.items())) for packages in every.values()}) <= 1, every


def test_hosts_run_the_supported_debian(platform: DeployedPlatform) -> None:
    releases = platform.everywhere(". /etc/os-release && echo $VERSION_ID")
    assert {done.output.strip() for done in releases.values()} == {DEBIAN_RELEASE}


def test_running_daemons_are_the_installed_ones(platform: DeployedPlatform) -> None:
    """No service still executes a file that a later package replaced."""
    for host in platform.hosts:
        for unit in platform.services(host):
            process = f"$(systemctl show -p MainPID --value {unit})"
            assert "(deleted)" not in platform.ssh(host, f"readlink /proc/{process}/exe").output, f"{host}: {unit}"
