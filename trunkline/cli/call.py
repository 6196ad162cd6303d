"""``trunkline call``: a synthetic call on a deployed platform."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trunkline.cli.options import inventory_option, json_option
from trunkline.errors import ConfigurationError

if TYPE_CHECKING:
    from trunkline.phone.directory import Directory
    from trunkline.phone.negotiation import MediaOptions
    from trunkline.phone.proof import CallProof, Phone, SideProof

_CODECS = ("PCMA", "PCMU", "G722", "opus")
_TRANSPORTS = ("udp", "tcp", "tls", "ws", "wss")
_SECURITY = ("usual", "none", "sdes", "dtls")


@click.command("call")
@inventory_option
@click.option("--from", "caller", metavar="USER@CLIENT", help="Who calls, for example alice@acme.")
@click.option("--to", "target", required=True, help="What is dialled, for example 102.")
@click.option("--answer/--no-answer", default=True, show_default=True, help="Answer with a phone of ours, or wait.")
@click.option("--seconds", default=2.0, show_default=True, type=click.FloatRange(1, 600), help="Length of the talk.")
@click.option("--codec", type=click.Choice(_CODECS, case_sensitive=False), default="PCMA", show_default=True)
@click.option("--callee-codec", type=click.Choice(_CODECS, case_sensitive=False), help="Default: as the caller.")
@click.option("--transport", type=click.Choice(_TRANSPORTS), default="udp", show_default=True)
@click.option(
    "--security",
    type=click.Choice(_SECURITY),
    default="usual",
    show_default=True,
    help="Of the media; usual: none with udp and tcp, sdes with tls, dtls and ICE with ws and wss.",
)
@click.option("--address", default="", help="Own address; default: the one used towards the proxy.")
@click.option("--account", metavar="USER@DOMAIN", help="Instead of --from: an account that no inventory knows.")
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="For --account.")
@click.option("--proxy", metavar="HOST:PORT", help="For --account: the users proxy.")
@click.option("--ca-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="For --account and TLS.")
@click.option("--ladder", is_flag=True, help="Print the SIP messages also when all is well.")
@json_option
def command(
    inventory: Path,
    *,
    caller: str | None,
    target: str,
    answer: bool,
    seconds: float,
    codec: str,
    callee_codec: str | None,
    transport: str,
    security: str,
    address: str,
    account: str | None,
    password_file: Path | None,
    proxy: str | None,
    ca_file: Path | None,
    ladder: bool,
    as_json: bool,
) -> None:
    """Call somebody on the platform, send tones both ways, and tell what each side heard.

    The callee's phone is played too, beside the real ones, unless --no-answer is given. Exit code 0 only if both sides
    heard each other (with --no-answer: if somebody answered and audio came), 1 otherwise.
    """
    from trunkline.phone.negotiation import MediaOptions  # noqa: PLC0415 - loading the codecs takes a moment
    from trunkline.phone.proof import synthetic_call  # noqa: PLC0415

    usual = MediaOptions.usual(transport)
    if security != "usual":
        usual = replace(usual, security=security, ice=security == "dtls" and usual.ice)
    media = replace(usual, codecs=(_spelled(codec),))
    directory: Directory | None = None
    callee: Phone | None = None
    if account:
        if caller:
            raise ConfigurationError("--from and --account are two ways to say the same", remedy="give one of them")
        first = _explicit(account, password_file, proxy, transport=transport, media=media, ca_file=ca_file)
    else:
        if not caller:
            raise ConfigurationError("nobody calls", remedy="give --from, for example --from alice@acme")
        directory, first, callee = _from_inventory(inventory, caller, target, transport, media)
    if callee and callee_codec:
        callee = replace(callee, media=replace(media, codecs=(_spelled(callee_codec),)))
    phones = [replace(phone, ip=address) if phone else None for phone in (first, callee if answer else None)]
    assert phones[0] is not None  # noqa: S101 - the first phone always is one
    proof = asyncio.run(synthetic_call(phones[0], target, phones[1], seconds=seconds))
    if as_json:
        click.echo(json.dumps(proof.as_dict(), indent=2))
    else:
        click.echo("\n".join(describe(proof, directory)))
        if ladder or not proof.proven:
            click.echo(proof.ladder)
    sys.exit(0 if proof.proven else 1)


def describe(proof: CallProof, directory: Directory | None = None) -> list[str]:
    """Return a proof as lines for people.

    Args:
        proof: The proof.
        directory: Gives hosts names; without it addresses are printed.
    """
    if proof.setup_seconds is None:
        return [f"{proof.caller.account} -> {proof.target}: not answered ({proof.code} {proof.reason})"]
    ringing = f"ringing after {proof.ringing_seconds * 1000:.0f} ms, " if proof.ringing_seconds is not None else ""
    lines = [f"{proof.caller.account} -> {proof.target}: {ringing}set up in {proof.setup_seconds * 1000:.0f} ms"]
    lines += [_describe_side(side, directory) for side in (proof.caller, proof.callee) if side]
    if not proof.proven:
        return [*lines, "they did NOT hear each other"]
    return [*lines, "both sides heard each other" if proof.callee else "somebody answered, and audio came"]


def _describe_side(side: SideProof, directory: Directory | None) -> str:
    relay = directory.name_of(side.media_address) if directory else side.media_address
    packets = f"{side.codec or 'nothing'}, {side.packets} packets, {side.lost} lost"
    tone = f"{side.expected_hz:.0f} Hz at {side.level_dbfs:.1f} dBFS"
    return f"  {side.account:<32} heard {tone} ({packets}) through {relay}; Call-ID {side.sip_call_id}"


def _spelled(codec: str) -> str:
    return next(name for name in _CODECS if name.lower() == codec.lower())


def _from_inventory(
    inventory: Path, caller: str, target: str, transport: str, media: MediaOptions
) -> tuple[Directory, Phone, Phone | None]:
    from trunkline.phone.directory import Directory  # noqa: PLC0415 - reads the inventory

    directory = Directory(inventory)
    person = directory.person(caller)
    first = directory.phone(caller, transport, media)
    try:
        other = directory.person(target, person.client)
    except ConfigurationError:
        return directory, first, None  # a number that is nobody's phone: the platform says what becomes of it
    return directory, first, directory.phone(f"{other.user}@{other.client.declared.domain}", transport, media)


def _explicit(
    account: str,
    password_file: Path | None,
    proxy: str | None,
    *,
    transport: str,
    media: MediaOptions,
    ca_file: Path | None,
) -> Phone:
    from trunkline.phone.core import Account  # noqa: PLC0415 - loading the codecs takes a moment
    from trunkline.phone.proof import PORTS, Phone  # noqa: PLC0415
    from trunkline.phone.transport import TlsSettings  # noqa: PLC0415

    if not password_file or not proxy:
        raise ConfigurationError("--account needs --password-file and --proxy", remedy="give both")
    user, at, domain = account.partition("@")
    host, _, port = proxy.partition(":")
    if not at or not domain or (port and not port.isdigit()):
        raise ConfigurationError(
            "--account is USER@DOMAIN and --proxy is HOST:PORT", remedy="write alice@acme.example and 192.0.2.1:5060"
        )
    return Phone(
        Account(user, domain, password_file.read_text().strip()),
        (host, int(port) if port else PORTS[transport]),
        transport,
        media=media,
        tls=TlsSettings(ca_file=ca_file),
    )
