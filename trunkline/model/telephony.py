"""Fields of telephony: telephone numbers, codecs, addresses of devices. Each kind of text is described here once."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from trunkline.model.fields import quoted, wrong
from trunkline.model.values import Count, OneOf

# What media relays and application servers carry. Seed 004 sections 10.1.2 and 9.1.3: the codecs of a terminal, and
# those that a retail client is transcoded to.
CODECS = ("alaw", "ulaw", "g722", "opus", "g729", "gsm", "ilbc", "speex", "h264", "vp8", "vp9")

_IPV4_IN_IPV6 = 1 << 48  # below are the ways to write an IPv4 address as an IPv6 address
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_SERVICE_CODE = re.compile(r"[*#]{0,2}[0-9]{1,4}")


def check_number(value: str) -> str:
    """Check a telephone number: E.164 with its plus (ITU-T E.164 section 6), the only form that means one subscriber.

    Raises:
        PydanticCustomError: TL0453; the remedy takes out what people write to make numbers readable.
    """
    if _NUMBER.fullmatch(value):
        return value
    bare = re.sub(r"[\s().\-/]", "", value)
    bare = "+" + bare[2:] if bare.startswith("00") else bare
    if _NUMBER.fullmatch(bare):
        raise wrong("TL0453", f"{quoted(value)} is not in international form", f"write {bare}")
    remedy = "write it with plus and country code, digits only, such as +34911234567"
    raise wrong("TL0453", f"{quoted(value)} is not a telephone number", remedy)


def check_address(value: str) -> str:
    """Check an IP address in its normal form (RFC 5952 for IPv6).

    Raises:
        PydanticCustomError: TL0454.
    """
    try:
        address = ip_address(value)
    except ValueError:
        raise wrong("TL0454", f"{quoted(value)} is not an IP address", "write one such as 192.0.2.10") from None
    _refuse_special(value, address)
    normal = str(address)
    if normal != value:
        raise wrong("TL0454", f"{quoted(value)} is not in normal form", f"write {normal}")
    return value


def check_network(value: str) -> str:
    """Check an IP address or a range in its normal form: ``192.0.2.10``, ``192.0.2.0/24``.

    Raises:
        PydanticCustomError: TL0454.
    """
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        remedy = "write one such as 192.0.2.10 or 192.0.2.0/24"
        raise wrong("TL0454", f"{quoted(value)} is no IP address and no range", remedy) from None
    if not network.prefixlen:
        raise wrong("TL0454", f"{quoted(value)} is everybody", "name the addresses that are meant")
    _refuse_special(value, network.network_address)
    single = network.prefixlen == network.max_prefixlen
    normal = str(network.network_address) if single else str(network)
    if normal != value:
        raise wrong("TL0454", f"{quoted(value)} is not in normal form", f"write {normal}")
    return value


def _refuse_special(value: str, address: IPv4Address | IPv6Address) -> None:
    """Refuse IPv6 addresses that only mean something on one host, or an IPv4 address (RFC 4291 section 2.5.5).

    Raises:
        PydanticCustomError: TL0454.
    """
    if isinstance(address, IPv6Address) and (address.scope_id is not None or int(address) < _IPV4_IN_IPV6):
        raise wrong("TL0454", f"{quoted(value)} is not an address of a network", "write the address that packets bear")


def check_mac(value: str) -> str:
    """Check the hardware address of a device: six bytes in lower-case hexadecimal with colons.

    Raises:
        PydanticCustomError: TL0455.
    """
    if _MAC.fullmatch(value):
        return value
    digits = re.sub(r"[^0-9a-f]", "", value.lower())
    normal = ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
    remedy = f"write {normal}" if _MAC.fullmatch(normal) else "write six bytes such as 00:1a:2b:3c:4d:5e"
    raise wrong("TL0455", f"{quoted(value)} is not a hardware address in normal form", remedy)


def check_email(value: str) -> str:
    """Check an e-mail address: local part and domain (RFC 5321 section 4.1.2, without quoted local parts).

    Raises:
        PydanticCustomError: TL0456.
    """
    if not _EMAIL.fullmatch(value):
        raise wrong("TL0456", f"{quoted(value)} is not an e-mail address", "write one such as alice@example.com")
    return value


def check_service_code(value: str) -> str:
    """Check what a phone dials for a service: digits, usually behind a star or hash.

    Raises:
        PydanticCustomError: TL0457.
    """
    if not _SERVICE_CODE.fullmatch(value):
        raise wrong("TL0457", f"{quoted(value)} cannot be a service code", "write one such as *94")
    return value


def check_codecs(value: list[str]) -> list[str]:
    """Check a list of codecs, best first.

    Raises:
        PydanticCustomError: TL0458.
    """
    for codec in value:
        if codec not in CODECS:
            raise wrong("TL0458", f"{quoted(codec)} is not a codec that is known", f"use: {', '.join(CODECS)}")
    if len(set(value)) < len(value) or not value:
        raise wrong("TL0458", "a list of codecs names each once, and at least one", "take out what is too much")
    return value


PhoneNumber = Annotated[
    str,
    AfterValidator(check_number),
    # Editors read the number as an integer and lose its plus.
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": r"^\+?[1-9][0-9]{6,14}$"}, {"type": "integer"}],
            "description": "a number with plus and country code",
        }
    ),
]
IpAddress = Annotated[
    str, AfterValidator(check_address), WithJsonSchema({"type": "string", "description": "an IP address"})
]
IpNetwork = Annotated[
    str, AfterValidator(check_network), WithJsonSchema({"type": "string", "description": "an IP address or a range"})
]
Mac = Annotated[
    str,
    AfterValidator(check_mac),
    WithJsonSchema({"type": "string", "pattern": f"^{_MAC.pattern}$", "description": "a hardware address"}),
]
Email = Annotated[
    str,
    AfterValidator(check_email),
    WithJsonSchema({"type": "string", "format": "email", "description": "an e-mail address"}),
]
ServiceCode = Annotated[
    str,
    AfterValidator(check_service_code),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": f"^{_SERVICE_CODE.pattern}$"}, {"type": "integer"}]}),
]
Codecs = Annotated[
    list[str],
    AfterValidator(check_codecs),
    WithJsonSchema({"type": "array", "items": {"enum": list(CODECS)}, "minItems": 1, "uniqueItems": True}),
]
Transport = Annotated[str, OneOf("udp", "tcp", "tls")]
PortNumber = Annotated[int, Count(1, 65535)]
