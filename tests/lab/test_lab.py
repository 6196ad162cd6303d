"""Real hosts on this machine. Needs root and a Debian mirror; without them the tests fail, they never skip."""

from __future__ import annotations

import os
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from trunkline.errors import PlatformError
from trunkline.lab import host, network, package_cache
from trunkline.lab import stack as lab
from trunkline.lab._system import cgroup_processes, ip_json, run, succeeds, wait_until
from trunkline.lab.names import NETWORKS, Host, Network, stack_cgroup
from trunkline.paths import stack_root

Ssh = Callable[[str, str], str]
HOSTS = {"px1": ["public", "internal"], "db1": ["internal"], "ua1": ["public"]}


def log_in(stack: str, name: str, command: str) -> str:
    record = host.record(Host(stack, name))
    assert record, f"{name} has no record"
    words = ["ssh", *lab.ssh_arguments(stack), "-o", "BatchMode=yes", f"root@{record.ssh_address}", command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, f"{name}: {command}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def reaches(stack: str, name: str, address: str) -> bool:
    return log_in(stack, name, f"ping -c 1 -W 1 {address} >/dev/null && echo yes || echo no") == "yes"


def fingerprint(stack: str) -> str:
    """Return everything of this machine in which a lab could have left something."""
    tables = [run(*command) for command in (["ip", "-br", "link"], ["ip", "netns"], ["nft", "list", "tables"])]
    tables.append(Path("/proc/self/mountinfo").read_text())
    tables.append(run("ps", "axww", "-o", "args="))
    names = [Network.of(stack, name).bridge for name in NETWORKS] + [f".{stack}.", f"/{stack}/", f"trunkline.{stack}"]
    names += [Network.of(stack, name).table for name in NETWORKS]
    names += [Host(stack, name).veth(part) for name, parts in HOSTS.items() for part in parts]
    return "\n".join(line for table in tables for line in table.splitlines() if any(name in line for name in names))


@pytest.fixture(scope="module")
def stack() -> Iterator[str]:
    assert os.geteuid() == 0, "these tests make hosts: run them as root"
    name = f"t{uuid.uuid4().hex[:6]}"
    try:
        lab.create(name, HOSTS)
        yield name
    finally:
        lab.destroy(name)


@pytest.fixture(scope="module")
def addresses(stack: str) -> dict[str, dict[str, str]]:
    return {name: described["addresses"] for name, described in lab.describe(stack)["hosts"].items()}


def test_hosts_are_debian_and_healthy(stack: str) -> None:
    for name in HOSTS:
        assert log_in(stack, name, "systemctl is-system-running --wait") == "running"
        assert log_in(stack, name, ". /etc/os-release; echo $ID $VERSION_CODENAME") == "debian trixie"
        assert log_in(stack, name, "hostname") == name
        assert host.problems(Host(stack, name)) == []


def test_every_host_has_ssh_keys_and_a_machine_id_of_its_own(stack: str) -> None:
    for file in ("/etc/ssh/ssh_host_ed25519_key.pub", "/etc/machine-id"):
        assert len({log_in(stack, name, f"cat {file}") for name in HOSTS}) == len(HOSTS)


def test_a_host_with_another_key_is_refused(stack: str, addresses: dict[str, dict[str, str]]) -> None:
    known = stack_root(stack) / "ssh/known_hosts"
    good = known.read_text()
    other = next(line.split(" ", 1)[1] for line in good.splitlines() if line.startswith("ua1,"))
    try:
        known.write_text(f"{addresses['db1']['internal']} {other}\n")
        with pytest.raises(AssertionError, match="REMOTE HOST IDENTIFICATION HAS CHANGED"):
            log_in(stack, "db1", "true")
    finally:
        known.write_text(good)


def test_interfaces_have_the_names_of_their_networks(stack: str) -> None:
    for name, parts in HOSTS.items():
        assert sorted(log_in(stack, name, "ls /sys/class/net").split()) == sorted(["lo", *parts])


def test_hosts_reach_each_other_inside_a_network(stack: str, addresses: dict[str, dict[str, str]]) -> None:
    assert reaches(stack, "px1", addresses["db1"]["internal"])
    assert reaches(stack, "px1", addresses["ua1"]["public"])
    assert reaches(stack, "ua1", addresses["px1"]["public"])


def test_the_internal_network_is_apart_from_the_public_one(stack: str, addresses: dict[str, dict[str, str]]) -> None:
    assert not reaches(stack, "ua1", addresses["db1"]["internal"])
    assert not reaches(stack, "db1", addresses["ua1"]["public"])
    assert not reaches(stack, "ua1", addresses["px1"]["internal"])


def test_hosts_install_packages_through_the_cache(stack: str) -> None:
    assert "3143" in log_in(stack, "db1", "apt-config dump Acquire::http::Proxy")
    log_in(stack, "db1", "apt-get -qq update && apt-get -qq install -y --no-install-recommends netcat-openbsd")
    assert log_in(stack, "db1", "command -v nc")


def test_a_host_has_its_own_firewall_and_kernel_settings_of_the_network(stack: str) -> None:
    before = run("nft", "list", "tables")
    log_in(stack, "db1", "nft add table inet own && sysctl -qw net.ipv4.tcp_syncookies=0 net.core.somaxconn=2048")
    assert log_in(stack, "db1", "nft list tables") == "table inet own"
    assert run("nft", "list", "tables") == before


def test_a_host_really_reboots(stack: str) -> None:
    boot = log_in(stack, "db1", "cat /proc/sys/kernel/random/boot_id")
    log_in(stack, "db1", "touch /root/stays; nft add table inet goes; systemctl reboot --no-block")

    def is_back() -> bool:
        try:
            return log_in(stack, "db1", "cat /proc/sys/kernel/random/boot_id") != boot
        except (AssertionError, subprocess.TimeoutExpired):
            return False

    assert wait_until(is_back, seconds=60, step=0.3)
    assert log_in(stack, "db1", "test -e /root/stays && nft list tables | grep -c goes || true") == "0"
    assert host.problems(Host(stack, "db1")) == []


def test_a_host_that_powers_off_is_started_again(stack: str) -> None:
    log_in(stack, "ua1", "touch /root/stays; systemctl poweroff --no-block")
    ua1 = Host(stack, "ua1")
    assert wait_until(lambda: not cgroup_processes(ua1.cgroup), seconds=60)
    assert "it is not running" in (host.problems(ua1) or [])
    lab.create(stack, HOSTS)
    assert log_in(stack, "ua1", "ls /root/stays") == "/root/stays"


def kill_supervisor(each: Host) -> None:
    for process in cgroup_processes(each.cgroup / "watch"):
        os.kill(process, signal.SIGKILL)
    assert wait_until(lambda: not cgroup_processes(each.cgroup / "watch"), seconds=5)


def kill_everything(each: Host) -> None:
    for process in cgroup_processes(each.cgroup):
        os.kill(process, signal.SIGKILL)
    assert wait_until(lambda: not cgroup_processes(each.cgroup), seconds=5)


def unplug(each: Host) -> None:
    run("ip", "link", "delete", each.veth("internal"))


def forget(each: Host) -> None:
    (each.folder / "host.json").unlink()


def stop_ssh(each: Host) -> None:
    log_in(each.stack, each.name, "systemctl stop --no-block ssh.socket ssh.service")
    record = host.record(each)
    assert record
    assert wait_until(lambda: not host.answers(record.ssh_address), seconds=10)


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (kill_supervisor, "its supervisor is gone"),
        (kill_everything, "it is not running"),
        (unplug, "it is not connected to the internal network"),
        (stop_ssh, "ssh does not answer"),
        (forget, "it is half created"),
    ],
)
def test_damage_is_found_and_repaired(stack: str, damage: Callable[[Host], None], found: str) -> None:
    db1 = Host(stack, "db1")
    damage(db1)
    assert found in (host.problems(db1) or [])
    lab.create(stack, HOSTS)
    assert host.problems(db1) == []
    assert log_in(stack, "db1", "hostname") == "db1"


def test_a_lost_network_is_found_and_repaired(stack: str, addresses: dict[str, dict[str, str]]) -> None:
    internal = Network.of(stack, "internal")
    run("ip", "link", "delete", internal.bridge)
    assert network.problems(internal) == ["the bridge is missing"]
    assert "it is not connected to the internal network" in (host.problems(Host(stack, "db1")) or [])
    lab.create(stack, HOSTS)
    assert network.problems(internal) == []
    assert reaches(stack, "px1", addresses["db1"]["internal"])
    run("nft", "delete", "table", "ip", internal.table)
    assert network.problems(internal) == ["its nftables table is missing"]
    lab.create(stack, HOSTS)
    assert network.problems(internal) == []


def test_a_second_create_changes_nothing(stack: str) -> None:
    before = {name: log_in(stack, name, "cat /proc/sys/kernel/random/boot_id") for name in HOSTS}
    described = lab.describe(stack)
    assert lab.create(stack, HOSTS) == described
    assert {name: log_in(stack, name, "cat /proc/sys/kernel/random/boot_id") for name in HOSTS} == before


def test_two_labs_stand_side_by_side_and_do_not_meet(stack: str, addresses: dict[str, dict[str, str]]) -> None:
    other = f"{stack}-b"
    try:
        described: dict[str, Any] = lab.create(other, {"db1": ["internal"]})
        address = described["hosts"]["db1"]["addresses"]["internal"]
        assert address != addresses["db1"]["internal"]
        assert not reaches(stack, "px1", address)
        assert not reaches(other, "db1", addresses["px1"]["internal"])
        assert log_in(other, "db1", "hostname") == "db1"
    finally:
        lab.destroy(other)
    assert fingerprint(other) == ""
    assert host.problems(Host(stack, "db1")) == []
    assert package_cache.serves(stack)


@pytest.mark.parametrize("kind", ["address", "route", "name"])
def test_what_is_in_use_is_refused_before_anything_is_changed(kind: str) -> None:
    name = f"t{uuid.uuid4().hex[:6]}"
    wanted = Network.of(name, "internal")
    link = wanted.bridge if kind == "name" else f"x{name}"
    run("ip", "link", "add", link, "type", "veth", "peer", "name", f"y{name}")
    try:
        run("ip", "link", "set", link, "up")
        if kind == "address":
            run("ip", "address", "add", f"{wanted.gateway + 6}/25", "dev", link)
        elif kind == "route":
            run("ip", "route", "add", str(IPv4Network(wanted.cidr).supernet(new_prefix=20)), "dev", link)
        with pytest.raises(PlatformError, match=r"in use|is not ours") as caught:
            lab.create(name, {"db1": ["internal"]})
        assert "networks" in caught.value.remedy
        assert not stack_root(name).exists()
        assert not succeeds("nft", "list", "table", "ip", wanted.table)
        assert not ip_json("link", "show", "dev", Network.of(name, "public").bridge)
    finally:
        run("ip", "link", "delete", link)


def test_destroy_leaves_nothing(stack: str) -> None:
    """Also of a lab with a half created host, and called twice."""
    forget(Host(stack, "db1"))
    kill_supervisor(Host(stack, "px1"))
    lab.destroy(stack)
    assert fingerprint(stack) == ""
    assert not stack_cgroup(stack).exists()
    assert not stack_root(stack).exists()
    assert not package_cache.serves(stack)
    lab.destroy(stack)


def test_labs_may_come_and_go_at_the_same_time() -> None:
    def come_and_go(stack: str) -> None:
        for _ in range(5):
            stack_root(stack).mkdir()
            package_cache.acquire(stack)
            assert package_cache.serves(stack)
            stack_root(stack).rmdir()
            package_cache.release(stack)

    names = [f"t{uuid.uuid4().hex[:6]}" for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(come_and_go, names))
    assert not any(package_cache.serves(name) for name in names)
