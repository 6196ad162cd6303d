"""A whole lab at once: for the developer's command line, for Molecule, and to sweep up what an interrupted run left."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from trunkline.lab import host, network, package_cache
from trunkline.lab._system import ip_json, remove_cgroup, require
from trunkline.lab.names import NETWORKS, Host, Network, stack_cgroup
from trunkline.paths import cache_root, known_hosts, ssh_key, stack_root

PROGRAMS = ("ip", "nft", "mmdebstrap", "systemd-nspawn", "ssh-keygen", "apt-cacher-ng", "setpriv")


def create(stack: str, hosts: dict[str, list[str]]) -> dict[str, Any]:
    """Create a lab, or add hosts to it, or repair it.

    Args:
        stack: Its name.
        hosts: Name -> the networks it stands in (``public``, ``internal``).

    Returns:
        The same as :func:`describe`.

    Raises:
        PlatformError: A name, range or program is not available; nothing was changed then.
    """
    require(PROGRAMS)
    networks = {name: Network.of(stack, name) for name in NETWORKS}
    for each in networks.values():
        network.check_free(each)
    proxy = package_cache.acquire(stack)
    for each in networks.values():
        network.ensure(each)
    with ThreadPoolExecutor(max_workers=8) as pool:
        made = [
            pool.submit(host.ensure, Host(stack, name), [networks[part] for part in parts], proxy)
            for name, parts in hosts.items()
        ]
    for future in made:
        future.result()
    return describe(stack)


def describe(stack: str) -> dict[str, Any]:
    """Return a lab's hosts with addresses, and how to log in to them."""
    key, known = ssh_key(stack), known_hosts(stack)
    hosts = {}
    for name in host_names(stack):
        found = host.record(Host(stack, name))
        hosts[name] = {
            "addresses": found.addresses if found else {},
            "ssh_address": found.ssh_address if found else None,
            "problems": host.problems(Host(stack, name)) or [],
        }
    ranges = {}
    for name in NETWORKS:
        rows = ip_json("-4", "address", "show", "dev", Network.of(stack, name).bridge)
        found_ranges = [row for link in rows for row in link.get("addr_info", [])]
        if found_ranges:
            ranges[name] = str(Network.of(stack, name, _range(found_ranges[0]["local"])).cidr)
    return {
        "stack": stack,
        "networks": ranges,
        "hosts": hosts,
        "package_proxy": package_cache.URL if package_cache.serves(stack) else None,
        "ssh": {"user": "root", "key": str(key), "known_hosts": str(known), "arguments": ssh_arguments(stack)},
    }


def ssh_arguments(stack: str) -> list[str]:
    """Return the options ssh needs to reach a host of the stack; host keys are always checked."""
    return [
        "-i", str(ssh_key(stack)),
        "-o", "IdentitiesOnly=yes",
        "-o", f"UserKnownHostsFile={known_hosts(stack)}",
        "-o", "StrictHostKeyChecking=yes",
    ]  # fmt: skip


def host_names(stack: str) -> list[str]:
    """Return the names of all hosts of which anything exists: folder, network namespace or cgroup."""
    found = {place.name for place in (stack_root(stack) / "hosts").glob("*") if place.is_dir()}
    prefix = f"trunkline.{stack}."
    found |= {place.name.removeprefix(prefix) for place in Path("/run/netns").glob(f"{prefix}*")}
    found |= {place.name for place in stack_cgroup(stack).glob("*") if place.is_dir()}
    return sorted(found)


def stacks() -> list[str]:
    """Return the names of all stacks with hosts in this cache folder."""
    return sorted(place.parent.name for place in (cache_root() / "stacks").glob("*/hosts"))


def destroy(stack: str) -> None:
    """Remove everything a lab has on this machine, whoever made it and however far it came."""
    require(PROGRAMS)
    with ThreadPoolExecutor(max_workers=8) as pool:
        gone = [pool.submit(host.delete, Host(stack, name)) for name in host_names(stack)]
    for future in gone:
        future.result()
    remove_cgroup(stack_cgroup(stack))
    for name in NETWORKS:
        network.delete(Network.of(stack, name))
    package_cache.release(stack)
    shutil.rmtree(stack_root(stack) / "hosts", ignore_errors=True)
    shutil.rmtree(stack_root(stack) / "ssh", ignore_errors=True)
    if stack_root(stack).is_dir() and not any(stack_root(stack).iterdir()):
        stack_root(stack).rmdir()


def _range(gateway: str) -> str:
    return f"{gateway.rpartition('.')[0]}.0/24"
