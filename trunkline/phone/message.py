"""SIP messages: parse and serialise (RFC 3261 section 7), compact forms and folded lines included.

A message keeps its headers in the order of the wire. Names are brought to their usual spelling (``i`` and ``CALL-ID``
become ``Call-ID``), so that ``parse(serialise(message)) == message``. Content-Length is never stored: it is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from trunkline.phone.errors import MessageError
from trunkline.phone.uri import NameAddress, Parameters, Uri, parse_parameters, split_quoted

Headers = list[tuple[str, str]]

COMPACT_FORMS = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
}
_USUAL = (
    *COMPACT_FORMS.values(),
    *("Allow", "Authorization", "CSeq", "Expires", "Max-Forwards", "Min-Expires", "Min-SE", "Proxy-Authenticate"),
    *("Proxy-Authorization", "Proxy-Require", "P-Asserted-Identity", "RAck", "Reason", "Record-Route", "Replaces"),
    *("Require", "Retry-After", "Route", "RSeq", "Server", "Subscription-State", "Unsupported", "User-Agent"),
    *("Warning", "WWW-Authenticate"),
)
_SPELLING = {name.lower(): name for name in _USUAL}
_LISTS = frozenset({"via", "route", "record-route", "contact", "supported", "require", "allow", "unsupported"})
_NAME = re.compile(r"^[A-Za-z0-9\-.!%*_+`'~]+$")
_REQUEST = re.compile(r"^([A-Za-z0-9\-.!%*_+`'~]+) (\S+) SIP/2\.0$")
_RESPONSE = re.compile(r"^SIP/2\.0 ([1-6]\d\d)(?: (.*))?$")
_CSEQ = re.compile(r"^(\d{1,10})\s+(\S+)$")

REASONS = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    600: "Busy Everywhere",
    603: "Decline",
}


def usual_name(name: str) -> str:
    """Return a header name in its usual spelling, compact forms written out."""
    lower = name.strip().lower()
    return COMPACT_FORMS.get(lower) or _SPELLING.get(lower) or name.strip()


@dataclass(frozen=True)
class Via:
    """One Via value: transport, sent-by, parameters (RFC 3261 section 20.42)."""

    transport: str
    sent_by: str
    parameters: Parameters = ()

    @classmethod
    def parse(cls, text: str) -> Via:
        """Parse ``SIP/2.0/UDP host:port;branch=...``.

        Raises:
            MessageError: The text is not a Via value.
        """
        head, *rest = split_quoted(text, ";")
        match = re.match(r"^SIP\s*/\s*2\.0\s*/\s*(\S+)\s+(\S.*)$", head, re.IGNORECASE)
        if not match:
            raise MessageError(f"not a Via header: {text[:80]!r}")
        return cls(match[1].upper(), match[2].replace(" ", ""), parse_parameters(rest))

    def parameter(self, name: str) -> str | None:
        """Return the value of a parameter: None when it is absent, empty when it is a flag."""
        return next((value or "" for key, value in self.parameters if key == name), None)


@dataclass
class Message:
    """A SIP request or response.

    Attributes:
        start: The start line without its end of line.
        headers: (name, value) in the order of the wire, without Content-Length.
        body: The body, unchanged.
    """

    start: str
    headers: Headers = field(default_factory=list)
    body: bytes = b""

    def __post_init__(self) -> None:
        """Check the start line and bring header names to their usual spelling."""
        if not _REQUEST.match(self.start) and not _RESPONSE.match(self.start):
            raise MessageError(f"not a SIP start line: {self.start[:80]!r}")
        self.headers = [(usual_name(name), value) for name, value in self.headers]

    @classmethod
    def request(
        cls, method: str, uri: Uri | str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> Message:
        """Return a request."""
        return cls(f"{method} {uri} SIP/2.0", list(headers), body)

    @classmethod
    def response(
        cls, code: int, reason: str = "", headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> Message:
        """Return a response; without a reason the usual phrase of the code is used."""
        return cls(f"SIP/2.0 {code} {reason or REASONS.get(code, 'Unknown')}", list(headers), body)

    @classmethod
    def parse(cls, data: bytes) -> Message:
        """Parse one whole message, as a datagram or a WebSocket frame carries it.

        Args:
            data: The message; bytes behind Content-Length are dropped (RFC 3261 section 18.3).

        Raises:
            MessageError: The bytes are not a SIP message, or it ends before its Content-Length.
        """
        head, separator, body = data.partition(b"\r\n\r\n")
        if not separator:
            raise MessageError("a SIP message needs an empty line behind its headers")
        try:
            text = head.lstrip(b"\r\n").decode("utf-8")
        except UnicodeDecodeError as error:
            raise MessageError(f"the headers are not UTF-8: {error.reason}") from None
        start, *lines = re.sub(r"\r\n[ \t]+", " ", text).split("\r\n")
        headers: Headers = []
        length: int | None = None
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not _NAME.match(name.rstrip(" \t")):
                raise MessageError(f"not a header line: {line[:80]!r}")
            if usual_name(name) == "Content-Length":
                length = _content_length(value.strip())
            else:
                headers.append((name, value.strip(" \t")))
        if length is not None and length > len(body):
            raise MessageError(f"Content-Length is {length}, but only {len(body)} bytes follow")
        return cls(start, headers, body if length is None else body[:length])

    def __bytes__(self) -> bytes:
        """Return the message as it goes onto the wire."""
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        lines += [f"Content-Length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode() + self.body

    @property
    def is_request(self) -> bool:
        """True for a request."""
        return not self.start.startswith("SIP/2.0 ")

    @property
    def code(self) -> int:
        """Status code of a response; 0 for a request."""
        return 0 if self.is_request else int(self.start.split(" ")[1])

    @property
    def reason(self) -> str:
        """Reason phrase of a response; empty for a request."""
        return "" if self.is_request else " ".join(self.start.split(" ")[2:])

    @property
    def is_provisional(self) -> bool:
        """True for 100 to 199."""
        return self.code // 100 == 1

    @property
    def is_success(self) -> bool:
        """True for 200 to 299."""
        return self.code // 100 == 2  # noqa: PLR2004 - the class of a status code

    @property
    def method(self) -> str:
        """Method of a request, or of the request that a response answers."""
        return self.start.split(" ")[0] if self.is_request else self.cseq[1]

    @property
    def uri(self) -> str:
        """Request-URI; empty for a response."""
        return self.start.split(" ")[1] if self.is_request else ""

    @property
    def cseq(self) -> tuple[int, str]:
        """Sequence number and method of CSeq.

        Raises:
            MessageError: CSeq is absent or malformed.
        """
        match = _CSEQ.match(self.get("CSeq"))
        if not match:
            raise MessageError(f"no valid CSeq: {self.get('CSeq')[:40]!r}")
        return int(match[1]), match[2]

    @property
    def call_id(self) -> str:
        """Value of Call-ID; empty when it is absent."""
        return self.get("Call-ID")

    @property
    def via(self) -> Via:
        """The topmost Via.

        Raises:
            MessageError: There is none, or it is malformed.
        """
        return Via.parse(self.get("Via"))

    @property
    def from_(self) -> NameAddress:
        """The parsed From header (raises MessageError like every parser here)."""
        return NameAddress.parse(self.get("From"))

    @property
    def to(self) -> NameAddress:
        """The parsed To header (raises MessageError like every parser here)."""
        return NameAddress.parse(self.get("To"))

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a header, or the default when the message has none."""
        values = self.get_all(name)
        return values[0] if values else default

    def get_all(self, name: str) -> list[str]:
        """Return all values of a header; lists such as Via and Route are split at their commas."""
        wanted = usual_name(name).lower()
        values = [value for key, value in self.headers if key.lower() == wanted]
        if wanted in _LISTS:
            return [part for value in values for part in split_quoted(value, ",") if part]
        return values

    def has_option(self, header: str, option: str) -> bool:
        """True when Supported, Require or Allow (or a header like them) lists an option."""
        return option.lower() in (value.lower() for value in self.get_all(header))

    def set(self, name: str, value: str) -> None:
        """Replace every occurrence of a header by one value, at the place of the first one or at the end."""
        spelled = usual_name(name)
        place = next((i for i, (key, _) in enumerate(self.headers) if key == spelled), len(self.headers))
        kept = [(key, old) for key, old in self.headers if key != spelled]
        kept.insert(min(place, len(kept)), (spelled, value))
        self.headers = kept

    def remove(self, name: str) -> None:
        """Remove every occurrence of a header."""
        spelled = usual_name(name)
        self.headers = [(key, value) for key, value in self.headers if key != spelled]

    def copy(self) -> Message:
        """Return an independent copy."""
        return Message(self.start, list(self.headers), self.body)

    def reply(self, code: int, reason: str = "", *, to_tag: str = "") -> Message:
        """Return a response to this request with the headers of RFC 3261 section 8.2.6.2."""
        copied = ("Via", "From", "Call-ID", "CSeq", "Record-Route")
        headers = [(name, value) for name, value in self.headers if name in copied]
        to = self.get("To")
        if to_tag and code > 100 and not NameAddress.parse(to).tag:  # noqa: PLR2004 - every code but 100
            to = f"{to};tag={to_tag}"
        return Message.response(code, reason, [*headers, ("To", to)])


class StreamReader:
    """Cuts a byte stream into messages (RFC 3261 section 18.3, keep-alives of RFC 5626 section 3.5.1)."""

    LONGEST = 1 << 20

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take what arrived; return the complete messages, each as bytes for `Message.parse`.

        Raises:
            MessageError: The stream cannot be cut: Content-Length is no number, or a message is longer than 1 MiB.
        """
        self._buffer += data
        found: list[bytes] = []
        while True:
            self._buffer = self._buffer.lstrip(b"\r\n")
            head, separator, rest = self._buffer.partition(b"\r\n\r\n")
            if not separator:
                break
            match = re.search(rb"^(?:content-length|l)[ \t]*:([^\r\n]*)", head, re.IGNORECASE | re.MULTILINE)
            length = _content_length(match[1].decode("latin-1").strip()) if match else 0
            if len(rest) < length:
                break
            end = len(head) + len(separator) + length
            found.append(self._buffer[:end])
            self._buffer = self._buffer[end:]
        if len(self._buffer) > self.LONGEST:
            raise MessageError("a message on this connection is longer than 1 MiB")
        return found


def _content_length(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise MessageError(f"Content-Length is no number: {value[:40]!r}")
    return int(value)
