"""SIP URIs and the name-addr form of headers (RFC 3261 sections 19.1 and 20.10)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from trunkline.phone.errors import MessageError

Parameters = tuple[tuple[str, str | None], ...]

DEFAULT_PORT = 5060
DEFAULT_TLS_PORT = 5061

_URI = re.compile(
    r"^(?P<scheme>sips?):(?:(?P<user>[^@\s<>\"]*)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<parameters>(?:;[^;?\s<>]+)*)(?:\?(?P<headers>[^\s<>]*))?$",
    re.IGNORECASE,
)
_HIGHEST_PORT = 65535


def split_quoted(text: str, separator: str) -> list[str]:
    """Split at a separator that stands neither in quotes nor in angle brackets.

    Args:
        text: A header value.
        separator: One character, for example ``,`` or ``;``.

    Returns:
        The parts without surrounding blanks; at least one, which may be empty.
    """
    parts: list[str] = []
    start = 0
    quoted = escaped = False
    depth = 0
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif quoted:
            escaped = character == "\\"
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character == "<":
            depth += 1
        elif character == ">":
            depth = max(0, depth - 1)
        elif character == separator and not depth:
            parts.append(text[start:position].strip())
            start = position + 1
    parts.append(text[start:].strip())
    return parts


def parse_parameters(items: list[str]) -> Parameters:
    """Return ``name`` and ``name=value`` items as pairs; names in lower case, quotes of values kept."""
    pairs: list[tuple[str, str | None]] = []
    for item in items:
        name, equals, value = item.partition("=")
        if name.strip():
            pairs.append((name.strip().lower(), value.strip() if equals else None))
    return tuple(pairs)


def format_parameters(parameters: Parameters) -> str:
    """Return ``;name=value;flag`` for a tuple of parameters."""
    return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in parameters)


@dataclass(frozen=True)
class Uri:
    """A ``sip:`` or ``sips:`` URI.

    Attributes:
        user: User part, escapes kept as written; empty when the URI has none.
        host: Host name or address; an IPv6 address keeps its brackets.
        port: Port, or None when the URI names none.
        parameters: URI parameters in order.
        headers: Text behind the question mark, escapes kept.
    """

    user: str
    host: str
    port: int | None = None
    scheme: str = "sip"
    parameters: Parameters = ()
    headers: str = ""

    @classmethod
    def parse(cls, text: str) -> Uri:
        """Parse a URI.

        Raises:
            MessageError: The text is not a SIP URI.
        """
        match = _URI.match(text.strip())
        if not match or (match["port"] and int(match["port"]) > _HIGHEST_PORT):
            raise MessageError(f"not a SIP URI: {text[:80]!r}")
        return cls(
            user=match["user"] or "",
            host=match["host"],
            port=int(match["port"]) if match["port"] else None,
            scheme=match["scheme"].lower(),
            parameters=parse_parameters((match["parameters"] or "").split(";")),
            headers=match["headers"] or "",
        )

    def __str__(self) -> str:
        """Return the URI as it is written into a message."""
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port is not None else ""
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{self.host}{port}{format_parameters(self.parameters)}{headers}"

    def parameter(self, name: str) -> str | None:
        """Return the value of a parameter: None when it is absent, empty when it is a flag."""
        return next((value or "" for key, value in self.parameters if key == name), None)

    def without_headers(self) -> Uri:
        """Return the URI without the text behind the question mark."""
        return replace(self, headers="")

    def address(self, *, secure: bool = False) -> tuple[str, int]:
        """Return host and port to send to; the default port depends on the transport (RFC 3261 section 18.1.1)."""
        default = DEFAULT_TLS_PORT if secure else DEFAULT_PORT
        return self.host.strip("[]"), self.port if self.port is not None else default


@dataclass(frozen=True)
class NameAddress:
    """The value of From, To, Contact, Route and their like: name, URI, header parameters."""

    uri: Uri
    name: str = ""
    parameters: Parameters = ()

    @classmethod
    def parse(cls, text: str) -> NameAddress:
        """Parse ``"Name" <uri>;tag=x`` or ``uri;tag=x``.

        Raises:
            MessageError: There is no SIP URI in it.
        """
        opening = _find_outside_quotes(text, "<")
        if opening < 0:
            # without brackets every parameter belongs to the header (RFC 3261 section 20.10)
            bare, *rest = split_quoted(text, ";")
            return cls(Uri.parse(bare), "", parse_parameters(rest))
        closing = text.find(">", opening)
        if closing < 0:
            raise MessageError(f"no closing bracket in {text[:80]!r}")
        name = text[:opening].strip()
        if name.startswith('"') and name.endswith('"') and name != '"':
            name = re.sub(r"\\(.)", r"\1", name[1:-1])
        rest = split_quoted(text[closing + 1 :], ";")
        return cls(Uri.parse(text[opening + 1 : closing]), name, parse_parameters(rest))

    def __str__(self) -> str:
        """Return the value as it is written into a message, always with brackets."""
        escaped = self.name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}" ' if self.name else ""
        return f"{name}<{self.uri}>{format_parameters(self.parameters)}"

    def parameter(self, name: str) -> str | None:
        """Return the value of a header parameter: None when it is absent, empty when it is a flag."""
        return next((value or "" for key, value in self.parameters if key == name), None)

    @property
    def tag(self) -> str:
        """The tag, empty when there is none."""
        return self.parameter("tag") or ""

    def with_tag(self, tag: str) -> NameAddress:
        """Return the same address with this tag."""
        kept = tuple(pair for pair in self.parameters if pair[0] != "tag")
        return replace(self, parameters=(*kept, ("tag", tag)) if tag else kept)


def _find_outside_quotes(text: str, character: str) -> int:
    quoted = escaped = False
    for position, current in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and current == "\\":
            escaped = True
        elif current == '"':
            quoted = not quoted
        elif current == character and not quoted:
            return position
    return -1
