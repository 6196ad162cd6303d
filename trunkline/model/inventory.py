"""Platform and deployment as an Ansible inventory: finished data, no templates. The plugin only hands it over."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trunkline.model import ports
from trunkline.model.deployment import Deployment, firewall_rules
from trunkline.model.hosts import GROUPS, Host, Platform, load
from trunkline.paths import known_hosts, secrets_file, ssh_key, stack_root


@dataclass(frozen=True)
class Inventory:
    """What Ansible gets.

    Attributes:
        variables: Those of every host.
        hosts: Name -> variables, in the order of ``platform.yml``.
        groups: Name -> names of its hosts; every group of the model, also empty ones.
        missing: Declared hosts that do not exist yet: they are not in ``hosts`` and ``groups``.
    """

    variables: dict[str, Any]
    hosts: dict[str, dict[str, Any]]
    groups: dict[str, list[str]]
    missing: list[str]


def inventory(directory: Path) -> Inventory:
    """Return the inventory of a directory with a ``platform.yml``.

    Raises:
        ConfigurationError: ``platform.yml`` is wrong.
    """
    directory = directory.resolve()
    platform = load(directory)
    deployment = Deployment.load(platform.stack)
    variables: dict[str, Any] = {
        "trunkline_stack": platform.stack,
        "trunkline_provider": platform.provider,
        "trunkline_stack_root": str(stack_root(platform.stack)),
        "trunkline_inventory_dir": str(directory),
        "trunkline_secrets_file": str(secrets_file(platform.stack)),
        "trunkline_ports": _port_table(),
        "ansible_user": "root",
        "ansible_python_interpreter": "/usr/bin/python3",
        **_login(platform),
    }
    if deployment is None:
        return Inventory(variables, {}, {group: [] for group in GROUPS}, list(platform.hosts))
    variables["trunkline_networks"] = deployment.networks
    variables["trunkline_controllers"] = list(deployment.controllers)
    if deployment.package_proxy:
        variables["trunkline_package_proxy"] = deployment.package_proxy
    present = {name: host for name, host in platform.hosts.items() if name in deployment.hosts}
    return Inventory(
        variables,
        {name: _variables(name, host, platform, deployment) for name, host in present.items()},
        {group: [name for name, host in present.items() if group in host.groups] for group in GROUPS},
        [name for name in platform.hosts if name not in present],
    )


def _login(platform: Platform) -> dict[str, str]:
    """Return how ssh reaches the hosts: the lab's own key and host keys, or the engineer's over the jump host."""
    if platform.provider == "lab":
        options = ["-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes"]
        options += ["-o", f"UserKnownHostsFile={known_hosts(platform.stack)}"]
        key = str(ssh_key(platform.stack))
        return {"ansible_ssh_private_key_file": key, "ansible_ssh_common_args": shlex.join(options)}
    return {}


def _variables(name: str, host: Host, platform: Platform, deployment: Deployment) -> dict[str, Any]:
    addresses = deployment.hosts[name]
    sip, sips = ports.trunk_ports(shared_address=host.shares_address)
    jump = deployment.hosts.get(deployment.jump_host)
    needs_jump = jump is not None and addresses.public is None
    optional = {
        "ansible_ssh_common_args": f"-o ProxyJump=root@{jump.public}" if jump and needs_jump else None,
        "trunkline_masqueraded": [deployment.networks["internal"]] if name == deployment.jump_host else None,
        "trunkline_floating_address": addresses.floating,
        "trunkline_internal_address": addresses.internal,
        "trunkline_public_address": addresses.public,
        "trunkline_trunk_address": addresses.trunk or addresses.floating or addresses.public
        if "proxy_trunks" in host.groups
        else None,
        "trunkline_trunk_addresses": [
            {"name": one, "address": address} for one, address in sorted(addresses.extra.items())
        ]
        if "proxy_trunks" in host.groups and addresses.extra
        else None,
        "trunkline_advertised_address": str(host.advertised_address) if host.advertised_address else None,
        "trunkline_relay": host.media_relay.model_dump() if host.media_relay else None,
        "trunkline_trunk_ports": {"sip": sip, "sips": sips} if "proxy_trunks" in host.groups else None,
    }
    rules = [asdict(rule) for rule in firewall_rules(host, platform, deployment)]
    return {
        "ansible_host": deployment.address_of(name),
        "trunkline_firewall_rules": [
            {**rule, "ports": [*rule["ports"]], "sources": [*rule["sources"]]} for rule in rules
        ],
        **{key: value for key, value in optional.items() if value is not None},
    }


def _port_table() -> dict[str, int | str]:
    return {
        "users_sip": ports.USERS_SIP,
        "users_sips": ports.USERS_SIPS,
        "users_ws": ports.USERS_WS,
        "users_wss": ports.USERS_WSS,
        "trunks_inside": ports.TRUNKS_INSIDE,
        "asterisk_sip": ports.ASTERISK_SIP,
        "asterisk_media_first": ports.ASTERISK_MEDIA.first,
        "asterisk_media_last": ports.ASTERISK_MEDIA.last,
        "rtpengine_control": ports.RTPENGINE_CONTROL,
        "relay_media_first": ports.RELAY_MEDIA.first,
        "relay_media_last": ports.RELAY_MEDIA.last,
        "postgresql": ports.POSTGRESQL,
    }
