"""Name, time, journal, kernel, ssh and updates of a host as the wiring of a lab sets them."""

from __future__ import annotations

import pytest
from testinfra.host import Host


def test_the_system_runs_without_failed_units(host: Host) -> None:
    assert host.check_output("systemctl is-system-running") == "running"


def test_own_addresses_have_the_own_name(host: Host) -> None:
    assert host.check_output("hostname") == "host1"
    for address in host.check_output("hostname -I").split():
        if "." in address:
            assert host.check_output(f"getent hosts {address}").split()[1] == "host1"


def test_the_clock_is_enabled_and_rests_in_a_container(host: Host) -> None:
    assert host.service("systemd-timesyncd").is_enabled
    condition = host.check_output("systemctl show -P ConditionResult systemd-timesyncd")
    assert condition == "no"  # ConditionVirtualization=!container: not a failure


def test_the_journal_is_bounded_and_survives_a_reboot(host: Host) -> None:
    settings = host.check_output("systemd-analyze cat-config systemd/journald.conf")
    assert "SystemMaxUse=1024M" in settings
    assert host.file("/var/log/journal").is_directory


@pytest.mark.parametrize(
    ("key", "value"), [("net.ipv4.ip_nonlocal_bind", "1"), ("net.ipv4.conf.all.send_redirects", "0")]
)
def test_kernel_settings_that_a_container_may_change_are_set(host: Host, key: str, value: str) -> None:
    assert host.check_output(f"sysctl -n {key}") == value


@pytest.mark.parametrize(
    "setting",
    ["passwordauthentication no", "permitrootlogin without-password", "kbdinteractiveauthentication no", "usedns no"],
)
def test_ssh_takes_keys_only(host: Host, setting: str) -> None:
    assert setting in host.check_output("/usr/sbin/sshd -T").splitlines()


def test_updates_are_set_by_the_wiring(host: Host) -> None:
    dump = host.check_output("apt-config dump")
    assert 'APT::Periodic::Unattended-Upgrade "0";' in dump
