"""Services that telephones reach by dialling a code: platform > brand > client, service by service.

What a level says about a service holds for it and everything below, until a level further down says otherwise. There is
no copying at the moment when a client is made, as in seed 004 sections 8.5 and 9.7.6: a client that must keep a code
writes it in its own file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from trunkline.model.marks import marks
from trunkline.model.telephony import check_service_code
from trunkline.model.values import OneOf

OFF = "off"
# Seed 004 section 8.5. The forwards are for residential devices.
DEFAULT_CODES = {
    "direct_pickup": "*94",
    "group_pickup": "*95",
    "voicemail": "*93",
    "record_locution": "*00",
    "close_lock": "*70",
    "open_lock": "*71",
    "toggle_lock": "*72",
    "forward_unconditional": "*81",
    "forward_busy": "*82",
    "forward_no_answer": "*83",
    "forward_unreachable": "*84",
}
SERVICES = tuple(DEFAULT_CODES)
# An extension or a number is dialled behind the code of these, so no other code may start with it.
WITH_NUMBER = frozenset(
    {"direct_pickup", "voicemail", *(service for service in SERVICES if service.startswith("forward_"))}
)


def check_code(value: str) -> str:
    """Check a service code, or ``off``.

    Raises:
        PydanticCustomError: TL0457.
    """
    return value if value == OFF else check_service_code(value)


Service = Annotated[str, OneOf(*SERVICES)]
Code = Annotated[
    str,
    AfterValidator(check_code),
    # Editors that know YAML 1.1 read off as false.
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "integer"}, {"const": False}],
            "description": "a code such as *97, or off",
        }
    ),
]
Services = Mapping[Service, Code]


def services_field(**more: object) -> Services:
    """Return the field ``services`` of a level.

    Args:
        more: Further marks.
    """
    field: Services = Field(
        default_factory=dict,
        description="codes that are dialled for services, by service; off: not there; default: that of the level above",
        examples=[{"voicemail": "*97", "record_locution": OFF}],
        json_schema_extra=marks(honoured=False) | dict(more),
    )
    return field


def codes_of(levels: Iterable[Services]) -> dict[str, str]:
    """Return the codes that count at the last of some levels, by service; services that are off are missing.

    Args:
        levels: The ``services`` of platform, brand and so on down.
    """
    found = dict(DEFAULT_CODES)
    for level in levels:
        found |= level
    return {service: code for service, code in found.items() if code != OFF}
