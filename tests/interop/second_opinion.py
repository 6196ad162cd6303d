"""baresip phones of a deployed platform: accounts of its tenants, and what the phones heard."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import tempfile
import time
from pathlib import Path
from typing import Any, Protocol

import yaml

from tests.interop.baresip import Baresip
from tests.support.deployed import ROOT, DeployedPlatform
from trunkline.lab.stack import ssh_arguments
from trunkline.model import ports
from trunkline.phone.audio import level_at, read_audio

RATE = 16000
# What is looked at: the end of a recording, behind whatever a handshake swallowed at its beginning.
ANALYSED_SECONDS = 1.0
LOUD_DBFS = -15.0
MARGIN_DB = 20.0


@dataclasses.dataclass(frozen=True)
class Manner:
    """How a phone of the other make talks.

    Attributes:
        transport: ``udp``, ``tcp`` or ``tls``.
        codec: As baresip writes it: ``PCMA``, ``opus/48000/2``, ``G722/16000/1``.
        encryption: ``srtp-mand``, ``dtls_srtp``, or empty.
        ice: Whether it does ICE.
    """

    transport: str = "udp"
    codec: str = "PCMA"
    encryption: str = ""
    ice: bool = False


class Maker(Protocol):
    """Makes a registered phone of ``terminal@client`` out of one of the instances on the host of phones."""

    async def __call__(self, address: str, manner: Manner = ..., instance: str = ...) -> SecondPhone:
        """Return the phone."""


@dataclasses.dataclass(frozen=True)
class SecondPhone:
    """A registered baresip phone.

    Attributes:
        address: ``terminal@client``.
        control: Its control port.
        tone: Frequency of the tone it says, in Hz.
        folder: Where it keeps what it heard, on its host.
        platform: Where it is registered.
        host: Its host.
        since: When it was made, in seconds since 1970.
    """

    address: str
    control: Baresip
    tone: float
    folder: str
    platform: DeployedPlatform
    host: str
    since: float

    async def levels(self, *frequencies: float) -> dict[float, float]:
        """Return the level in dBFS of each frequency (Hz) at the end of what it heard in its last call.

        The call must be over: baresip completes the file then.
        """
        command = f"base64 --wrap=0 $(ls -t {self.folder}/*-dec.wav | head -n 1)"
        encoded = (await asyncio.to_thread(self.platform.ssh, self.host, command)).output
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            file.write(base64.b64decode(encoded))
            file.flush()
            samples = read_audio(Path(file.name), RATE)
        end = samples[-int(RATE * ANALYSED_SECONDS) :]
        return {frequency: level_at(end, RATE, frequency) for frequency in frequencies}

    async def assert_heard(self, wanted: float, other: float) -> None:
        """Assert that it heard one tone, and not the other."""
        levels = await self.levels(wanted, other)
        assert levels[wanted] >= LOUD_DBFS, f"{self.address} heard {wanted:g} Hz at {levels[wanted]:.1f} dBFS only"
        assert levels[wanted] - levels[other] >= MARGIN_DB, f"{self.address} heard {levels}"

    async def messages(self) -> str:
        """Return the SIP messages that the phone traced, both directions, newest last."""
        unit = f"baresip@{Path(self.folder).name}"
        done = await asyncio.to_thread(
            self.platform.ssh, self.host, f"journalctl -u {unit} -o cat --since @{int(self.since)}"
        )
        return done.output


class SecondPhones:
    """Makes baresip phones, and lets them go at the end.

    Args:
        platform: Where they register.
    """

    def __init__(self, platform: DeployedPlatform) -> None:
        self._platform = platform
        self._made: list[SecondPhone] = []
        defaults: dict[str, Any] = yaml.safe_load((ROOT / "roles/phones/defaults/main.yml").read_text())
        self._instances = {item["name"]: item for item in defaults["phones_instances"]}

    async def make(self, address: str, manner: Manner | None = None, instance: str = "one") -> SecondPhone:
        """Return a registered phone of ``terminal@client``.

        Args:
            address: Whose.
            manner: How it talks; plain PCMA over UDP if not given.
            instance: Which of the baresip processes.
        """
        chosen = manner or Manner()
        host = self._platform.members("phones")[0]
        own = self._instances[instance]
        folder = f"/var/lib/baresip/{instance}"
        await asyncio.to_thread(self._platform.ssh, host, f"rm -f {folder}/*.wav")
        login = ["ssh", *ssh_arguments(self._platform.stack), f"root@{self._platform.deployment.address_of(host)}"]
        control = await Baresip.connect(login, int(own["control_port"]))
        phone = SecondPhone(address, control, float(own["tone_hertz"]), folder, self._platform, host, time.time())
        self._made.append(phone)
        await control.command("uadelall")
        await control.register(self._account(address, chosen))
        return phone

    def _account(self, address: str, manner: Manner) -> str:
        account = self._platform.account(address)
        proxy = self._platform.users_proxy[0]
        port = ports.USERS_SIPS if manner.transport == "tls" else ports.USERS_SIP
        parts = [
            f"<sip:{account.username}@{account.domain};transport={manner.transport}>",
            f"auth_pass={account.password}",
            f'outbound="sip:{proxy}:{port};transport={manner.transport}"',
            "regint=900",
            "answermode=manual",
            f"audio_codecs={manner.codec}",
            *([f"mediaenc={manner.encryption}"] if manner.encryption else []),
            *(["medianat=ice"] if manner.ice else []),
        ]
        return ";".join(parts)

    async def stop(self) -> None:
        """Hang up, unregister and disconnect."""
        for phone in self._made:
            await phone.control.close()
