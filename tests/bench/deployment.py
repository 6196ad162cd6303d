"""Seconds of deployment: a platform against the installation of its packages, a second run against a ping."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.bench.table import Row
from tests.support.deployed import BIN, DeployedPlatform, run
from trunkline.lab import rootfs
from trunkline.lab import stack as lab

UP_SECONDS = 1800.0
REPEATS = 3


def second_run(platform: DeployedPlatform, say: Callable[[str], None]) -> list[Row]:
    """Compare a run of the whole playbook that changes nothing with Ansible's ping of the same hosts."""
    pings, runs = [], []
    platform.playbook("site")  # the platform may be older than this tree
    for _ in range(REPEATS):
        done = run([BIN / "ansible", "-i", platform.inventory, "all", "-m", "ansible.builtin.ping"])
        pings.append(done.seconds)
        playbook = platform.playbook("site")
        changed = {host: number for host, number in playbook.changed.items() if number}
        assert not changed, f"the second run changed something: {changed}"
        runs.append(playbook.done.seconds)
        say(f"    ping {pings[-1]:.1f} s, playbook {runs[-1]:.1f} s")
    pairs = list(zip(runs, pings, strict=True))
    return [Row.of_rounds("second run of site.yml against ansible -m ping", pairs, "s", more_is_better=False)]


def first_run(platform: DeployedPlatform, say: Callable[[str], None]) -> list[Row]:
    """Compare `make up` of a new platform with a parallel installation of the same packages on bare hosts.

    Both find everything that can be fetched in the cache, and both begin without hosts.
    """
    fresh, bare = f"{platform.stack}-up", f"{platform.stack}-apt"
    say("  the installation of the packages")
    sources = {name: _apt_settings(platform, name) for name in platform.hosts}
    packages = {name: _packages(platform, name) for name in platform.hosts}
    try:
        begin = time.monotonic()
        lab.create(bare, {name: list(host.networks) for name, host in platform.model.hosts.items()})
        created = time.monotonic()
        with ThreadPoolExecutor(max_workers=len(packages)) as pool:
            jobs = [pool.submit(_install, bare, name, packages[name], sources[name]) for name in packages]
        for job in jobs:
            job.result()
        installing, creating = time.monotonic() - created, created - begin
    finally:
        lab.destroy(bare)
    say(f"    {sum(map(len, packages.values()))} packages: {installing:.1f} s, after {creating:.1f} s for the hosts")
    say("  make up")
    stack = {"TRUNKLINE_STACK": fresh}
    try:
        up = run([BIN / "trunkline", "up", "-i", platform.inventory], seconds=UP_SECONDS, environment=stack)
    finally:
        run([BIN / "trunkline", "down", "-i", platform.inventory], seconds=300, check=False, environment=stack)
    say(f"    {up.seconds:.1f} s")
    return [
        Row(
            "make up against apt-get install of the same packages", up.seconds, creating + installing, "s",
            more_is_better=False, note=f"both with {creating:.1f} s to make bare hosts; everything fetched before",
        )
    ]  # fmt: skip


def _packages(platform: DeployedPlatform, host: str) -> list[str]:
    """Return what a host has installed beyond the base file system, as apt takes it."""
    command = "dpkg-query -W -f '${db:Status-Status} ${binary:Package}=${Version}\\n'"
    installed = {
        line.split()[1] for line in platform.ssh(host, command).output.splitlines() if line.startswith("installed ")
    }
    return sorted(installed - set(_base_packages()))


def _base_packages() -> list[str]:
    status = (rootfs.ensure() / "var/lib/dpkg/status").read_text(encoding="utf-8")
    found = []
    for block in status.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(" "))
        if fields:
            same = fields.get("Multi-Arch") == "same"
            found.append(f"{fields['Package']}{':' + fields['Architecture'] if same else ''}={fields['Version']}")
    return found


def _apt_settings(platform: DeployedPlatform, host: str) -> bytes:
    """Return a host's package sources and pins, as a tar archive in base64."""
    return platform.ssh(host, "tar -C / -c etc/apt | base64 --wrap=0").output.encode()


def _install(stack: str, host: str, packages: list[str], settings: bytes) -> None:
    address = lab.describe(stack)["hosts"][host]["ssh_address"]
    login = ["ssh", *lab.ssh_arguments(stack), "-o", "ControlPath=none", f"root@{address}"]
    quiet = "DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0"
    command = (
        f"base64 -d | tar -C / -x && {quiet} update >/dev/null && {quiet} install --yes --no-install-recommends "
        f"--allow-downgrades {' '.join(map(shlex.quote, packages))} >/dev/null"
    )
    done = subprocess.run([*login, command], input=settings, capture_output=True, timeout=900, check=False)
    assert done.returncode == 0, f"{host}: {done.stderr.decode(errors='replace')[-3000:]}"
