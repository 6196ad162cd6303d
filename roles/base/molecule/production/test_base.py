"""Almost every variable changed: what a host outside the lab gets."""

from __future__ import annotations

from testinfra.host import Host


def test_the_name_is_the_given_one(host: Host) -> None:
    assert host.check_output("hostname") == "relay-1.example.net"
    assert "relay-1.example.net" in host.file("/etc/hosts").content_string


def test_security_updates_come_from_debian_security_only(host: Host) -> None:
    assert host.package("unattended-upgrades").is_installed
    dump = host.check_output("apt-config dump")
    assert 'APT::Periodic::Unattended-Upgrade "1";' in dump
    origins = [line for line in dump.splitlines() if line.startswith("Unattended-Upgrade::Origins-Pattern:: ")]
    assert len(origins) == 1
    assert "Debian-Security" in origins[0]
    assert 'Unattended-Upgrade::Package-Blacklist:: "^kamailio";' in dump


def test_unattended_upgrades_reads_its_configuration(host: Host) -> None:
    result = host.run("unattended-upgrade --dry-run")
    assert result.rc == 0, result.stderr


def test_other_settings(host: Host) -> None:
    assert host.package("lsof").is_installed
    assert "NTP=192.0.2.1 192.0.2.2" in host.file("/etc/systemd/timesyncd.conf.d/trunkline.conf").content_string
    assert "SystemMaxUse=64M" in host.file("/etc/systemd/journald.conf.d/trunkline.conf").content_string


def test_a_kernel_setting_the_host_may_not_change_is_passed_over(host: Host) -> None:
    assert host.check_output("systemctl is-system-running") == "running"
