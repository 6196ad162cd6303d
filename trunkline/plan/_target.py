"""From an inventory to its platform: the rows it means, the hosts that calls are spread over, and the database."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from psycopg.conninfo import make_conninfo

from trunkline import pipeline
from trunkline.compile import ApplicationServer, Infrastructure, MediaRelay
from trunkline.database.connect import ENVIRONMENT_VARIABLE
from trunkline.errors import PlatformError
from trunkline.model import ports
from trunkline.model.deployment import Deployment
from trunkline.model.hosts import load
from trunkline.model.renames import moved_owners, owners_of
from trunkline.paths import authority_certificate, stack_root
from trunkline.pipeline import Inputs, Report, cache_file, check_inventory
from trunkline.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trunkline.model.hosts import Platform

DATABASE = "trunkline"
ROLE = "trunkline_apply"


def read_inventory(
    inventory: Path, progress: Callable[[int], None] | None = None, *, folder: Path | None = None
) -> tuple[Report, list[str]]:
    """Read, check and compile an inventory for its platform; what did not change since last time is not read again.

    Args:
        inventory: Folder with ``platform.yml``.
        progress: Called with the number of brands and clients read so far.
        folder: Has the tenants, when they are not the inventory's own; nothing is kept of these.

    Returns:
        Problems and, when there is no error among them, rows; and declared hosts that do not exist yet.

    Raises:
        ConfigurationError: ``platform.yml`` is wrong.
        PlatformError: The tenants are right, but the machines were never made, or the secrets cannot be opened.
    """
    tenants, cache = (inventory, cache_file(inventory)) if folder is None else (folder, None)
    try:
        infrastructure, absent = infrastructure_of(inventory)
        secrets = Secrets.open(stack_root(load(inventory).stack))
        secrets.follow(moved_owners(tenants), lambda: owners_of(tenants))
        passwords = secrets.passwords()
    except PlatformError:
        report = check_inventory(tenants, progress, cache=cache)
        if report.good:
            raise
        return report, []
    return pipeline.compile_inventory(tenants, Inputs(infrastructure, passwords), progress, cache=cache), absent


def infrastructure_of(inventory: Path) -> tuple[Infrastructure, list[str]]:
    """Return the application servers and media relays of a platform, and declared hosts that do not exist yet.

    Args:
        inventory: Folder with ``platform.yml``.

    Raises:
        ConfigurationError: ``platform.yml`` is wrong.
        PlatformError: The machines were never made.
    """
    platform = load(inventory)
    deployment = _deployment(platform)
    present = {name: addresses.inside for name, addresses in deployment.hosts.items() if name in platform.hosts}
    servers = tuple(
        ApplicationServer(name, present[name], ports.ASTERISK_SIP)
        for name in platform.members("application_servers")
        if name in present
    )
    relays = tuple(
        MediaRelay(name, relay.set, present[name], ports.RTPENGINE_CONTROL, relay.weight, relay.state)
        for name in platform.members("media_relays")
        if name in present and (relay := platform.hosts[name].media_relay) is not None
    )
    absent = [name for name in platform.hosts if name not in present]
    return Infrastructure(servers, relays), absent


def data_source_of(inventory: Path, role: str = ROLE) -> str:
    """Return the data source name of a platform's database; it holds the password.

    Where ``TRUNKLINE_DATABASE`` is set, that is it, whatever the role.

    Args:
        inventory: Folder with ``platform.yml``.
        role: Role of the database; the one that applies, unless another is named.

    Raises:
        ConfigurationError: ``platform.yml`` is wrong.
        PlatformError: The machines were never made, or none of them is in group `data`.
    """
    if os.environ.get(ENVIRONMENT_VARIABLE):
        return os.environ[ENVIRONMENT_VARIABLE]
    platform = load(inventory)
    deployment = _deployment(platform)
    root = stack_root(platform.stack)
    for name in platform.members("data"):
        if name in deployment.hosts:
            return make_conninfo(
                host=name,
                hostaddr=deployment.hosts[name].inside,
                port=ports.POSTGRESQL,
                dbname=DATABASE,
                user=role,
                password=Secrets.open(root).get(f"postgresql_{role}_password"),
                sslmode="verify-full",
                sslrootcert=str(authority_certificate(platform.stack)),
            )
    raise PlatformError("no host of group data exists", remedy="add one to platform.yml, then run `trunkline up`")


def _deployment(platform: Platform) -> Deployment:
    deployment = Deployment.load(platform.stack)
    if deployment is None:
        raise PlatformError(
            f"the machines of platform {platform.stack} do not exist", remedy="make them: `trunkline stack up`"
        )
    return deployment
