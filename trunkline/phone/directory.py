"""The phones of an inventory: accounts from its tenants, passwords from the secrets, the proxy from its outputs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from trunkline.compile.kinds.terminal import password_name
from trunkline.errors import ConfigurationError, PlatformError
from trunkline.model.deployment import Deployment
from trunkline.model.hosts import Platform, load
from trunkline.model.tenants import NamedClient, Tenants
from trunkline.model.who import client_named, terminal_named
from trunkline.paths import authority_certificate, stack_root
from trunkline.phone.core import Account
from trunkline.phone.negotiation import MediaOptions
from trunkline.phone.proof import PORTS, Phone
from trunkline.phone.transport import Address, TlsSettings
from trunkline.pipeline import check_inventory
from trunkline.secrets import Secrets


@dataclass(frozen=True)
class Person:
    """A user of a client, found by one of its names.

    Attributes:
        client: The client.
        user: Name of the user.
        terminal: SIP user name of its terminal.
    """

    client: NamedClient
    user: str
    terminal: str


class Directory:
    """Accounts and addresses of a platform that is up.

    Args:
        inventory: Folder of the inventory.

    Raises:
        ConfigurationError: The inventory cannot be read.
        PlatformError: The platform is not up.
    """

    def __init__(self, inventory: Path) -> None:
        self.platform: Platform = load(inventory)
        report = check_inventory(inventory)
        if not report.good:
            lines = "\n".join(str(problem) for problem in report.errors)
            raise ConfigurationError(f"the tenants are not right:\n{lines}", location=str(inventory))
        self.tenants: Tenants = report.tenants
        self.root = stack_root(self.platform.stack)
        deployment = Deployment.load(self.platform.stack)
        if deployment is None:
            raise PlatformError(f"the platform {self.platform.stack} is not up", remedy="run `make up`")
        self.deployment: Deployment = deployment

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets of the stack."""
        return Secrets.open(self.root)

    @property
    def ca_file(self) -> Path:
        """The certificate authority that signed the proxies' certificates."""
        return authority_certificate(self.platform.stack)

    def client(self, name: str) -> NamedClient:
        """Return a client by its name or its SIP domain.

        Raises:
            ConfigurationError: There is none, or several brands have one of this name.
        """
        return client_named(list(self.tenants.clients()), name)

    def person(self, name: str, client: NamedClient | None = None) -> Person:
        """Return who is meant by ``alice@acme``, ``101@acme``, or ``102`` within a client.

        Args:
            name: User name, terminal or extension, and the client behind an @.
            client: The client of a name without @.

        Raises:
            ConfigurationError: Nobody is.
        """
        local, at, where = name.partition("@")
        owner = self.client(where) if at else client
        if owner is None:
            raise ConfigurationError(f"{name} names no client", remedy="write user@client, for example alice@acme")
        terminal, user = terminal_named(owner, local)
        if user is None:
            raise ConfigurationError(f"terminal {terminal} of client {owner.name} is nobody's", location=owner.file)
        return Person(owner, user, terminal)

    def account(self, person: Person) -> Account:
        """Return the SIP account of a person, with its password.

        Raises:
            ConfigurationError: The platform knows only the hash of the password.
        """
        declared = person.client.declared
        if declared.all_terminals()[person.terminal].ha1 is not None:
            raise ConfigurationError(
                f"the platform knows only the hash of the password of {person.terminal}@{declared.domain}",
                remedy="use --account and --password-file",
                location=person.client.file,
            )
        password = self.secrets.get(password_name(person.client, person.terminal))
        return Account(person.terminal, declared.domain, password, declared.users[person.user].name)

    def proxy(self, transport: str) -> Address:
        """Return address and port of the users proxy for a transport.

        Raises:
            PlatformError: The platform has none.
        """
        for name in self.platform.members("proxy_users"):
            addresses = self.deployment.hosts.get(name)
            if addresses and (address := addresses.floating or addresses.public):
                return address, PORTS[transport]
        raise PlatformError("the platform has no users proxy with a public address", remedy="run `make up`")

    def phone(self, name: str, transport: str = "udp", media: MediaOptions | None = None, ip: str = "") -> Phone:
        """Return a phone for a person, by the name that `person` takes."""
        person = self.person(name)
        return Phone(
            account=self.account(person),
            proxy=self.proxy(transport),
            transport=transport,
            ip=ip,
            media=media or MediaOptions.usual(transport),
            tls=TlsSettings(ca_file=self.ca_file) if transport in {"tls", "wss"} else None,
        )

    def name_of(self, address: str) -> str:
        """Return the host that has an address, or the address."""
        for name, addresses in self.deployment.hosts.items():
            if address in {addresses.public, addresses.internal, addresses.floating, addresses.trunk}:
                return name
        return address
