"""Fields of what connects the platform with the outside: prefixes, tags, hosts, amounts of money."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from trunkline.model.fields import check_domain, quoted, text_schema, wrong
from trunkline.model.telephony import check_address

_PREFIX = re.compile(r"\+[0-9]{0,15}")
_TAG = re.compile(r"[0-9]{1,3}#")
_DIALLED = re.compile(r"[0-9]{1,3}\*")
_AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?")
_USER = re.compile(r"[A-Za-z0-9+_.!~*'&=$,;?/-]{1,64}")
_REALM = re.compile(r'[^\x00-\x1f\x7f"\\:]{1,128}')
_PLACE = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^\[\]:]+)(?::(?P<port>[1-9][0-9]{0,4}))?")
_LAST_PORT = 65535


def check_prefix(value: str) -> str:
    """Check the beginning of E.164 numbers, with its plus; the plus alone is every number.

    Raises:
        PydanticCustomError: TL0600.
    """
    if not _PREFIX.fullmatch(value):
        bare = re.sub(r"[\s().\-/]", "", value).removeprefix("00")
        remedy = f"write +{bare}" if _PREFIX.fullmatch(f"+{bare}") and bare else "write one such as +34 or +3491"
        raise wrong("TL0600", f"{quoted(value)} is not how a number begins", remedy)
    return value


def check_tag(value: str) -> str:
    """Check a routing tag: 1 to 3 digits and a hash (seed 004 section 9.3.4).

    Raises:
        PydanticCustomError: TL0601.
    """
    if not _TAG.fullmatch(value):
        raise wrong("TL0601", f"{quoted(value)} is not a routing tag", 'write 1 to 3 digits and a hash, such as "12#"')
    return value


def check_dialled_prefix(value: str) -> str:
    """Check what is dialled before a number to present another DDI: 1 to 3 digits and a star (seed 004 section 10.1.7).

    Raises:
        PydanticCustomError: TL0601.
    """
    if not _DIALLED.fullmatch(value):
        raise wrong("TL0601", f"{quoted(value)} is not such a prefix", 'write 1 to 3 digits and a star, such as "111*"')
    return value


def check_amount(value: str) -> str:
    """Check an amount of money, and return it without zeros that say nothing: at most six decimals.

    Raises:
        PydanticCustomError: TL0602.
    """
    if not _AMOUNT.fullmatch(value):
        remedy = "write digits with a point, such as 0.0125, without sign and currency"
        raise wrong("TL0602", f"{quoted(value)} is not an amount", remedy)
    return value.rstrip("0").rstrip(".") if "." in value else value


def check_host(value: str) -> str:
    """Check an IP address or the name of a host.

    Raises:
        PydanticCustomError: TL0603.
    """
    if re.fullmatch(r"[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*", value):
        return check_address(value)
    return check_domain(value)


def check_place(value: str) -> str:
    """Check a host with or without a port; an IPv6 address stands in brackets (RFC 3261 section 25.1).

    Raises:
        PydanticCustomError: TL0603, or what is wrong with the host.
    """
    found = _PLACE.fullmatch(value)
    if found is None or int(found["port"] or 1) > _LAST_PORT:
        remedy = "write a host, or a host and a port such as sip.carrier.example:5060"
        raise wrong("TL0603", f"{quoted(value)} is no host with a port", remedy)
    check_host(found["host"].strip("[]"))
    return value


def check_user(value: str) -> str:
    """Check the user part of a SIP URI (RFC 3261 section 25.1), without escapes.

    Raises:
        PydanticCustomError: TL0603.
    """
    if not _USER.fullmatch(value):
        raise wrong(
            "TL0603", f"{quoted(value)} is not a SIP user name", "use letters, digits and signs such as . - _ +"
        )
    return value


def check_realm(value: str) -> str:
    """Check the realm of digest authentication, as the other side sends it (RFC 3261 section 22.1).

    Raises:
        PydanticCustomError: TL0603.
    """
    if not _REALM.fullmatch(value):
        remedy = "write what stands behind realm= in its 401 or 407, without the quotes"
        raise wrong("TL0603", f"{quoted(value)} is not a realm", remedy)
    return value


Prefix = Annotated[
    str,
    AfterValidator(check_prefix),
    # Editors read +34 as a number and lose its plus.
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": r"^\+?[0-9]{0,15}$"}, {"type": "integer"}],
            "description": "how numbers begin, with plus and country code",
        }
    ),
]
Tag = Annotated[str, AfterValidator(check_tag), text_schema(_TAG, "1 to 3 digits and a hash")]
DialledPrefix = Annotated[str, AfterValidator(check_dialled_prefix), text_schema(_DIALLED, "1 to 3 digits and a star")]
Amount = Annotated[
    str,
    AfterValidator(check_amount),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": f"^{_AMOUNT.pattern}$"}, {"type": "number", "minimum": 0}],
            "description": "an amount of money",
        }
    ),
]
Host = Annotated[
    str, AfterValidator(check_host), WithJsonSchema({"type": "string", "description": "an IP address or a host name"})
]
HostAndPort = Annotated[
    str,
    AfterValidator(check_place),
    WithJsonSchema({"type": "string", "description": "a host, or a host and a port: sip.carrier.example:5060"}),
]
_TEXT_OR_DIGITS = [{"type": "string", "minLength": 1}, {"type": "integer", "minimum": 0}]
SipUser = Annotated[
    str, AfterValidator(check_user), WithJsonSchema({"anyOf": _TEXT_OR_DIGITS, "description": "a SIP user name"})
]
Realm = Annotated[
    str,
    AfterValidator(check_realm),
    WithJsonSchema({"anyOf": _TEXT_OR_DIGITS, "description": "the realm of digest authentication"}),
]
