"""What the text of a field may look like. Each kind of text is described here once: check, message, JSON Schema.

A document holds text only (`trunkline.source`); editors that know YAML's own types see ``101`` as a number, so the JSON
Schema of fields that are written in digits allows both.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from trunkline.source import nearest
from trunkline.source import quoted as quoted  # noqa: PLC0414 - the other modules of the model take it from here

if TYPE_CHECKING:
    from collections.abc import Callable

# The languages that announcements exist in (seed 004, locutions and "Geographic configuration" of a client).
LANGUAGES = ("ca", "en", "es", "eu", "fr", "gl", "it", "pt")
# Seed 004 section 9.1.
CLIENT_TYPES = ("vpbx", "residential", "retail", "wholesale")

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_EXTENSION = re.compile(r"[0-9]{2,15}")
_HA1 = re.compile(r"[0-9a-f]{32}")
_DISPLAY_NAME_LENGTH = 80
_NOTE_LENGTH = 250
_DOMAIN_LENGTH = 253


def wrong(code: str, message: str, remedy: str) -> PydanticCustomError:
    """Return an error that carries the rule's code and remedy to `trunkline.model.problems`."""
    # The template of a custom error must be a literal string; ours is one placeholder.
    return PydanticCustomError(code, "{message}", {"message": message, "remedy": remedy})


def check_name(value: str) -> str:
    """Check the name of a brand, client, user or terminal: a key, a part of ids, and a SIP user name.

    Raises:
        PydanticCustomError: TL0204.
    """
    if not _NAME.fullmatch(value):
        remedy = (
            "use up to 64 lower-case letters, digits, dots, hyphens and underscores, a letter or digit at both ends"
        )
        raise wrong("TL0204", f"{quoted(value)} cannot be a name", remedy)
    return value


def check_domain(value: str) -> str:
    """Check a SIP domain: a host name (RFC 1123 section 2.1), in lower case, of two labels or more.

    Raises:
        PydanticCustomError: TL0205.
    """
    labels = value.split(".")
    if not value.isascii():
        raise wrong("TL0205", f"{quoted(value)} has letters that domains cannot have", "write it in its xn-- form")
    if value != value.lower():
        raise wrong("TL0205", f"{quoted(value)} is not in lower case", f"write {value.lower()}")
    if len(value) > _DOMAIN_LENGTH or not all(_LABEL.fullmatch(label) for label in labels):
        raise wrong("TL0205", f"{quoted(value)} is not a domain", "write a host name such as acme.atlas.example")
    if len(labels) == 1 or labels[-1].isdigit():
        raise wrong("TL0205", f"{quoted(value)} is not a full domain", "write a name such as acme.atlas.example")
    return value


def check_extension(value: str) -> str:
    """Check the number of an extension: digits, at least two (seed 004 section 10.1.3).

    Raises:
        PydanticCustomError: TL0206.
    """
    if not _EXTENSION.fullmatch(value):
        raise wrong("TL0206", f"{quoted(value)} cannot be an extension", "use 2 to 15 digits")
    return value


def check_ha1(value: str) -> str:
    """Check a digest hash: MD5 in lower-case hexadecimal (RFC 2617 section 3.2.2.2).

    Raises:
        PydanticCustomError: TL0208; the value is not repeated, it is as good as a password.
    """
    if not _HA1.fullmatch(value):
        remedy = "write md5(terminal:domain:password) as 32 lower-case hexadecimal digits, or take the line out"
        raise wrong("TL0208", "this is not a HA1", remedy)
    return value


def check_display_name(value: str) -> str:
    """Check a name that phones show: one line of visible text.

    Raises:
        PydanticCustomError: TL0209.
    """
    return _visible_line(value, _DISPLAY_NAME_LENGTH)


def check_note(value: str) -> str:
    """Check a note for people: one line of visible text.

    Raises:
        PydanticCustomError: TL0209.
    """
    return _visible_line(value, _NOTE_LENGTH)


def _visible_line(value: str, length: int) -> str:
    if not value.strip() or value != value.strip() or len(value) > length:
        remedy = f"write 1 to {length} characters without spaces around them"
        raise wrong("TL0209", f"{quoted(value)} cannot be shown", remedy)
    for character in value if not value.isprintable() else "":
        if unicodedata.category(character).startswith("C"):
            message = f"the text holds the invisible character U+{ord(character):04X}"
            raise wrong("TL0209", message, "take it out")
    return value


def one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    """Return a check that a value is one of a few choices (TL0207)."""

    def check(value: str) -> str:
        if value not in choices:
            near = nearest(value, choices)
            remedy = f"did you mean {near}?" if near else f"use one of: {', '.join(choices)}"
            raise wrong("TL0207", f"{quoted(value)} is none of the choices", remedy)
        return value

    return check


def text_schema(pattern: re.Pattern[str], description: str) -> WithJsonSchema:
    """Return what editors check of text that a pattern describes."""
    schema: dict[str, Any] = {"type": "string", "pattern": f"^(?:{pattern.pattern})$", "description": description}
    return WithJsonSchema(schema)


def digits_schema(pattern: re.Pattern[str], description: str) -> WithJsonSchema:
    """Return what editors check of text that may look like a number to them."""
    text = {"type": "string", "pattern": f"^(?:{pattern.pattern})$"}
    return WithJsonSchema({"anyOf": [text, {"type": "integer", "minimum": 0}], "description": description})


def choice(choices: tuple[str, ...], description: str) -> WithJsonSchema:
    """Return what editors check, and offer, where a value is one of a few choices."""
    return WithJsonSchema({"type": "string", "enum": list(choices), "description": description})


Name = Annotated[str, AfterValidator(check_name), text_schema(_NAME, "a name: lower-case letters, digits, . _ -")]
Reference = Annotated[str, AfterValidator(check_name), digits_schema(_NAME, "a name given elsewhere")]
Domain = Annotated[
    str,
    AfterValidator(check_domain),
    text_schema(re.compile(rf"(?:{_LABEL.pattern}\.)+{_LABEL.pattern}"), "a SIP domain that leads to the users proxy"),
]
ExtensionNumber = Annotated[
    str, AfterValidator(check_extension), digits_schema(_EXTENSION, "an internal number, 2-15 digits")
]
Ha1 = Annotated[str, AfterValidator(check_ha1), text_schema(_HA1, "md5(terminal:domain:password)")]
DisplayName = Annotated[
    str,
    AfterValidator(check_display_name),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _DISPLAY_NAME_LENGTH}),
]
Note = Annotated[
    str,
    AfterValidator(check_note),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _NOTE_LENGTH}),
]
Language = Annotated[
    str, AfterValidator(one_of(LANGUAGES)), choice(LANGUAGES, "the language of what the platform says to callers")
]
ClientType = Annotated[str, AfterValidator(one_of(CLIENT_TYPES)), choice(CLIENT_TYPES, "what kind of client it is")]
