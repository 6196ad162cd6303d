"""One lab host: a disk over the base file system, a network namespace, a cgroup, and systemd inside.

It is a host, not a container of one program: it has its own ssh keys, firewall and journal, it can be rebooted, and
what is written to its disk stays until it is deleted.

    hosts/<name>/host.json     record; written when the disk is ready, so without it the host is half created
    hosts/<name>/upper, work   what the host wrote, over the base
    hosts/<name>/root          the mount
    hosts/<name>/console.log   what the host's console said since its last start
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from trunkline.errors import PlatformError
from trunkline.lab import rootfs
from trunkline.lab._system import (
    SEARCH,
    allow_many_hosts,
    cgroup_processes,
    ip_json,
    locked,
    make_cgroup,
    mounts_below,
    remove_cgroup,
    run,
    succeeds,
    unmount,
    wait_until,
    write_atomic,
)
from trunkline.lab.names import FIRST_HOST, LAST_HOST, Host, Network, preferred_offset
from trunkline.paths import known_hosts, ssh_key, stack_root

BOOT_SECONDS = 90
_SUPERVISE = Path(__file__).with_name("supervise")


@dataclass(frozen=True)
class Record:
    """What we know about a host whose disk is ready.

    Attributes:
        addresses: Network's name -> address.
        gateway: Address of the default route: the public network's where the host has one.
        host_key: Public ssh key of the host.
        base: Folder of the base file system its disk lies over.
        proxy: Address of the package cache its apt uses, or empty.
        extra: Further addresses in the public network, by their names.
    """

    addresses: Mapping[str, str]
    gateway: str
    host_key: str
    base: str
    proxy: str = field(default="")
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_addresses(self) -> dict[str, str]:
        """Network's name -> address, and ``extra.NAME`` -> address."""
        return {**self.addresses, **{f"extra.{name}": address for name, address in self.extra.items()}}

    @property
    def ssh_address(self) -> str:
        """Address to log in at: the internal one where there is one."""
        return self.addresses.get("internal") or self.addresses["public"]


def record(host: Host) -> Record | None:
    """Return the host's record, or None when the host does not exist or is half created."""
    try:
        return Record(**json.loads((host.folder / "host.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def problems(host: Host) -> list[str] | None:
    """Return what is wrong with the host, an empty list when all is well, None when nothing of it exists."""
    if not host.folder.exists():
        return None
    known = record(host)
    if known is None:
        return ["it is half created"]
    found = []
    if not cgroup_processes(host.cgroup / "machine"):
        found.append("it is not running")
    if not cgroup_processes(host.cgroup / "watch"):
        found.append("its supervisor is gone")
    if not mounts_below(host.folder / "root"):
        found.append("its disk is not mounted")
    if not Path("/run/netns", host.machine).exists():
        found.append("its network namespace is missing")
    for name in known.addresses:
        network = Network.of(host.stack, name)
        cable = ip_json("link", "show", "dev", host.veth(name))
        if not cable or cable[0].get("master") != network.bridge:
            found.append(f"it is not connected to the {name} network")
    if not found and not answers(known.ssh_address):
        found.append("ssh does not answer")
    return found


def answers(address: str) -> bool:
    """Return whether an ssh server greets at the address within two seconds."""
    try:
        with socket.create_connection((address, 22), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def ensure(host: Host, networks: list[Network], proxy: str = "", extra: Sequence[str] = ()) -> Record:
    """Create the host, or repair what is wrong with it; a healthy host is left alone, a good disk is kept.

    Args:
        host: Its names.
        networks: The networks it stands in; they exist.
        proxy: Address of the package cache for its apt.
        extra: Names of further addresses that it gets in the public network.

    Raises:
        PlatformError: It does not come up; the end of its console is part of the message.
    """
    with locked(stack_root(host.stack) / "hosts" / f".{host.name}.lock"):
        known = record(host)
        wanted = {network.name for network in networks}
        usable = (
            known is not None
            and set(known.addresses) == wanted
            and set(known.extra) == set(extra)
            and Path(known.base).is_dir()
        )
        if known and usable and not problems(host):
            return known
        _stop(host)
        if not known or not usable:
            shutil.rmtree(host.folder, ignore_errors=True)
            known = _make_disk(host, networks, proxy, extra)
        _start(host, known)
        return known


def delete(host: Host) -> None:
    """Remove the host with everything of it, also a half created one; what is not there is no error."""
    folder = stack_root(host.stack) / "hosts"
    with locked(folder / f".{host.name}.lock"):
        _stop(host)
        shutil.rmtree(host.folder, ignore_errors=True)
        with locked(folder / ".lock"):
            leases = _leases(host.stack)
            kept = {name: offset for name, offset in leases.items() if name.partition(".")[0] != host.name}
            if kept != leases:
                write_atomic(folder / "leases.json", json.dumps(kept))
            _write_known_hosts(host.stack)


def make_key(stack: str) -> None:
    """Create the ssh key that opens the stack's hosts, unless there is one."""
    key = ssh_key(stack)
    with locked(key.parent / ".lock"):
        if not key.exists():
            partial = key.with_name("partial")
            for leftover in (partial, partial.with_name("partial.pub")):
                leftover.unlink(missing_ok=True)
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"trunkline {stack}", "-f", partial)
            partial.with_name("partial.pub").rename(key.with_suffix(".pub"))
            partial.rename(key)


def _leases(stack: str) -> dict[str, int]:
    try:
        leases: dict[str, int] = json.loads((stack_root(stack) / "hosts/leases.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return leases


def _lease(host: Host, extra: str = "") -> int:
    """Return the last byte of the host's addresses: its own one, else the next free one, kept until it is deleted.

    Args:
        host: The host.
        extra: Name of a further address, which gets a byte of its own.
    """
    name = f"{host.name}.{extra}" if extra else host.name
    folder = stack_root(host.stack) / "hosts"
    with locked(folder / ".lock"):
        leases = _leases(host.stack)
        if name not in leases:
            taken = set(leases.values())
            span = LAST_HOST - FIRST_HOST + 1
            start = preferred_offset(name) - FIRST_HOST
            free = (FIRST_HOST + (start + step) % span for step in range(span))
            offset = next((number for number in free if number not in taken), None)
            if offset is None:
                raise PlatformError(f"the networks of {host.stack} are full: {span} hosts")
            leases[name] = offset
            write_atomic(folder / "leases.json", json.dumps(leases))
        return leases[name]


def _write_known_hosts(stack: str) -> None:
    """Write the host keys of all hosts of the stack; the caller holds the stack's lock."""
    names = sorted(file.parent.name for file in (stack_root(stack) / "hosts").glob("*/host.json"))
    known = [(name, record(Host(stack, name))) for name in names]
    lines = [f"{','.join([name, *host.addresses.values()])} {host.host_key}\n" for name, host in known if host]
    write_atomic(known_hosts(stack), "".join(lines))


def _make_disk(host: Host, networks: list[Network], proxy: str, extra: Sequence[str]) -> Record:
    make_key(host.stack)
    base = rootfs.ensure(proxy)
    offset = _lease(host)
    for name in ("upper", "work", "root"):
        (host.folder / name).mkdir(parents=True)
    _mount(host, base)
    etc = host.folder / "root/etc"
    addresses = {network.name: str(network.cidr.network_address + offset) for network in networks}
    first = next((network for network in networks if network.name == "public"), networks[0])
    gateway = first.gateway
    further = {name: str(first.cidr.network_address + _lease(host, name)) for name in extra}
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", host.name, "-f", etc / "ssh/ssh_host_ed25519_key")
    own = "".join(f"{address} {host.name}\n" for address in (*addresses.values(), *further.values()))
    (etc / "hosts").write_text(f"127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n{own}")
    (etc / "hostname").write_text(f"{host.name}\n")
    (etc / "machine-id").write_text(f"{uuid.uuid4().hex}\n")
    (etc / "resolv.conf").write_text(_name_servers())
    if proxy:
        (etc / "apt/apt.conf.d/01trunkline-proxy").write_text(f'Acquire::http::Proxy "{proxy}";\n')
    # The base has no package lists, and a young folder: Ansible takes its age for theirs, and would not fetch any.
    os.utime(host.folder / "root/var/lib/apt/lists", (0, 0))
    ssh = host.folder / "root/root/.ssh"
    ssh.mkdir(mode=0o700, exist_ok=True)
    (ssh / "authorized_keys").write_text(ssh_key(host.stack).with_suffix(".pub").read_text())
    host_key = " ".join((etc / "ssh/ssh_host_ed25519_key.pub").read_text().split()[:2])
    made = Record(addresses, str(gateway), host_key, str(base), proxy, further)
    write_atomic(host.folder / "host.json", json.dumps(asdict(made), indent=2))
    with locked(stack_root(host.stack) / "hosts/.lock"):
        _write_known_hosts(host.stack)
    return made


def _name_servers() -> str:
    """Return a resolv.conf for hosts: this machine's, without servers that only this machine can reach."""
    file = Path("/run/systemd/resolve/resolv.conf")
    text = (file if file.exists() else Path("/etc/resolv.conf")).read_text()
    return "".join(f"{line}\n" for line in text.splitlines() if not re.match(r"nameserver\s+(127\.|::1)", line))


def _mount(host: Host, base: Path) -> None:
    if not mounts_below(host.folder / "root"):
        layers = f"lowerdir={base},upperdir={host.folder / 'upper'},workdir={host.folder / 'work'}"
        run("mount", "-t", "overlay", host.machine, "-o", layers, host.folder / "root")


def _start(host: Host, known: Record) -> None:
    allow_many_hosts()
    _mount(host, Path(known.base))
    for name in ("machine", "watch"):
        make_cgroup(host.cgroup / name)
    cables = []
    for name, address in known.addresses.items():
        network = Network.of(host.stack, name)
        own = [address, *(known.extra.values() if name == "public" else ())]
        given = ",".join(f"{one}/{network.cidr.prefixlen}" for one in own)
        cables += [name, network.bridge, host.veth(name), given, host.mac(name)]
    log = host.folder / "console.log"
    arguments = [host.machine, str(host.folder / "root"), str(host.cgroup), known.gateway, *cables]
    with log.open("w") as console:
        subprocess.run(
            ["setsid", "--fork", "sh", str(_SUPERVISE), *arguments],
            stdin=subprocess.DEVNULL, stdout=console, stderr=console, cwd="/", check=True,
            env={"PATH": SEARCH, "LANG": "C.UTF-8"},
        )  # fmt: skip
    if not wait_until(lambda: answers(known.ssh_address) or _gave_up(host, log), BOOT_SECONDS) or _gave_up(host, log):
        raise PlatformError(
            f"host {host.name} of {host.stack} does not come up; the end of its console:\n{log.read_text()[-1500:]}",
            remedy=f"the whole console is in {log}",
        )


def _gave_up(host: Host, log: Path) -> bool:
    return log.stat().st_size > 0 and not cgroup_processes(host.cgroup)


def _stop(host: Host) -> None:
    """End the host at once and take its network and mount away; its disk stays."""
    remove_cgroup(host.cgroup)
    for name in ("public", "internal"):
        if succeeds("ip", "link", "show", "dev", host.veth(name)):
            run("ip", "link", "delete", host.veth(name), check=False)  # it may vanish with its namespace meanwhile
    if Path("/run/netns", host.machine).exists():
        run("ip", "netns", "delete", host.machine)
    unmount(host.folder / "root")
    unmount(Path("/run/systemd/nspawn/propagate", host.machine))
    shutil.rmtree(Path("/run/systemd/nspawn/propagate", host.machine), ignore_errors=True)
