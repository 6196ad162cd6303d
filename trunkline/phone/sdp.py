"""Session descriptions: parse and serialise (RFC 8866), as far as an audio call needs them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from trunkline.phone.errors import MessageError

Attributes = list[tuple[str, str | None]]

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
REVERSED = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
_STATIC = {0: ("PCMU", 8000), 8: ("PCMA", 8000), 9: ("G722", 8000)}
_MEDIA = re.compile(r"^(\S+) (\d{1,5})(?:/\d+)? (\S+) (\S+(?: \S+)*)$")
_ORIGIN = re.compile(r"^(\S+) (\d+) (\d+) IN (IP[46]) (\S+)$")
_CONNECTION = re.compile(r"^IN (IP[46]) ([^/\s]+)(?:/\d+)*$")
_RTPMAP = re.compile(r"^(\d{1,3}) ([A-Za-z0-9_.-]+)/(\d{1,6})(?:/(\d{1,2}))?$")


@dataclass(frozen=True)
class Format:
    """One payload type of a media section: number, encoding name, clock rate in Hz, channels."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1


@dataclass
class MediaSection:
    """One ``m=`` section."""

    kind: str
    port: int
    protocol: str
    formats: list[str]
    address: str = ""
    attributes: Attributes = field(default_factory=list)

    def get(self, name: str) -> str | None:
        """Return the first value of an attribute: None when it is absent, empty when it is a flag."""
        return next((value or "" for key, value in self.attributes if key == name), None)

    def get_all(self, name: str) -> list[str]:
        """Return all values of an attribute."""
        return [value or "" for key, value in self.attributes if key == name]

    @property
    def direction(self) -> str | None:
        """The direction attribute of the section, or None when it has none."""
        return next((key for key, _ in self.attributes if key in DIRECTIONS), None)

    def payload_formats(self) -> list[Format]:
        """Return the payload types in the order of preference; those without a name are left out."""
        names = {number: Format(number, name, rate) for number, (name, rate) in _STATIC.items()}
        for value in self.get_all("rtpmap"):
            match = _RTPMAP.match(value)
            if match:
                names[int(match[1])] = Format(int(match[1]), match[2], int(match[3]), int(match[4] or 1))
        numbers = [int(text) for text in self.formats if text.isdigit()]
        return [names[number] for number in numbers if number in names]


@dataclass
class SessionDescription:
    """A session description; lines that a call does not need (``b=``, ``i=``, ``u=``) are dropped when parsed."""

    session_id: int
    version: int
    origin_address: str
    address: str = ""
    name: str = "-"
    attributes: Attributes = field(default_factory=list)
    media: list[MediaSection] = field(default_factory=list)

    @classmethod
    def parse(cls, data: bytes) -> SessionDescription:
        """Parse a description.

        Raises:
            MessageError: It is no session description.
        """
        try:
            lines = data.decode("utf-8").replace("\r\n", "\n").split("\n")
        except UnicodeDecodeError as error:
            raise MessageError(f"the session description is not UTF-8: {error.reason}") from None
        found = cls(0, 0, "")
        seen_origin = False
        for line in lines:
            kind, value = line[:2], line[2:]
            if kind == "o=":
                origin = _match(_ORIGIN, value, "origin")
                found.session_id, found.version, found.origin_address = int(origin[2]), int(origin[3]), origin[5]
                seen_origin = True
            elif kind == "s=":
                found.name = value
            elif kind == "m=":
                media = _match(_MEDIA, value, "media")
                found.media.append(MediaSection(media[1], int(media[2]), media[3], media[4].split(" ")))
            elif kind == "c=":
                address = _match(_CONNECTION, value, "connection")[2]
                if found.media:
                    found.media[-1].address = address
                else:
                    found.address = address
            elif kind == "a=":
                name, colon, text = value.partition(":")
                owner = found.media[-1].attributes if found.media else found.attributes
                owner.append((name, text if colon else None))
        if not seen_origin or not lines[0].startswith("v=0"):
            raise MessageError("not a session description: no version or no origin")
        return found

    def __bytes__(self) -> bytes:
        """Return the description as the body of a message."""
        lines = ["v=0", f"o=- {self.session_id} {self.version} IN IP4 {self.origin_address}", f"s={self.name}"]
        if self.address:
            lines.append(f"c=IN IP4 {self.address}")
        lines += ["t=0 0", *_attribute_lines(self.attributes)]
        for section in self.media:
            lines.append(f"m={section.kind} {section.port} {section.protocol} {' '.join(section.formats)}")
            if section.address:
                lines.append(f"c=IN IP4 {section.address}")
            lines += _attribute_lines(section.attributes)
        return ("\r\n".join(lines) + "\r\n").encode()

    @property
    def audio(self) -> MediaSection | None:
        """The first audio section, or None."""
        return next((section for section in self.media if section.kind == "audio"), None)

    def address_of(self, section: MediaSection) -> str:
        """Return where the media of a section goes."""
        return section.address or self.address

    def direction_of(self, section: MediaSection) -> str:
        """Return the direction of a section; ``sendrecv`` when nothing says otherwise (RFC 8866 section 6.7)."""
        of_session = next((key for key, _ in self.attributes if key in DIRECTIONS), "sendrecv")
        if self.address_of(section) == "0.0.0.0":  # noqa: S104 - how RFC 2543 put a call on hold
            return "inactive"
        return section.direction or of_session

    def value(self, section: MediaSection, name: str) -> str | None:
        """Return an attribute of a section, or else of the session (fingerprint, setup, ice-ufrag, ...)."""
        own = section.get(name)
        return own if own is not None else next((text or "" for key, text in self.attributes if key == name), None)


def _match(pattern: re.Pattern[str], value: str, what: str) -> re.Match[str]:
    match = pattern.match(value.strip())
    if not match:
        raise MessageError(f"not a valid {what} line in a session description: {value[:80]!r}")
    return match


def _attribute_lines(attributes: Attributes) -> list[str]:
    return [f"a={name}" if value is None else f"a={name}:{value}" for name, value in attributes]
