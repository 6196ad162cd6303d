"""Offer and answer of an audio call (RFC 3264): what we say, and what we take from the other side."""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.phone.codec import CODECS, Codec, codec_named
from trunkline.phone.dtls import Certificate, Fingerprint
from trunkline.phone.errors import MessageError, NegotiationError, PhoneError
from trunkline.phone.path import DtlsPeer, IcePeer, MediaPath
from trunkline.phone.sdp import REVERSED, Attributes, MediaSection, SessionDescription
from trunkline.phone.srtp import SUITES, CryptoLine

_SECURITY = ("none", "sdes", "dtls")
_EVENT_PAYLOAD_TYPES = {8000: 101, 48000: 102}


@dataclass(frozen=True)
class MediaOptions:
    """How a phone does media.

    Attributes:
        codecs: Encoding names in the order of preference.
        security: ``none``, ``sdes`` or ``dtls``.
        suites: Crypto suites for SDES in the order of preference.
        ice: Whether to do ICE.
    """

    codecs: tuple[str, ...] = ("PCMA", "PCMU")
    security: str = "none"
    suites: tuple[str, ...] = ("AES_CM_128_HMAC_SHA1_80",)
    ice: bool = False

    def __post_init__(self) -> None:
        """Refuse names that do not exist.

        Raises:
            PhoneError: A codec, a suite or the kind of security is unknown.
        """
        for name, known in ((self.security, _SECURITY), *((suite, SUITES) for suite in self.suites)):
            if name not in known:
                raise PhoneError(f"unknown security {name!r}", remedy=f"use one of {', '.join(known)}")
        for name in self.codecs:
            codec_named(name)

    @classmethod
    def usual(cls, transport: str, codecs: tuple[str, ...] = ("PCMA", "PCMU")) -> MediaOptions:
        """Return what phones of a transport do as a rule: browsers DTLS and ICE, phones on TLS SDES."""
        if transport in {"ws", "wss"}:
            return cls(codecs, "dtls", ice=True)
        return cls(codecs, "sdes" if transport == "tls" else "none")

    @property
    def protocol(self) -> str:
        """What the media line of an offer says."""
        if self.security == "dtls":
            return "UDP/TLS/RTP/SAVPF" if self.ice else "UDP/TLS/RTP/SAVP"
        return "RTP/SAVP" if self.security == "sdes" else "RTP/AVP"


@dataclass(frozen=True)
class Remote:
    """What was agreed, as far as it comes from the other side.

    Attributes:
        codec: The first codec both know.
        payload_type: Its number in the other side's description.
        event: Payload type and clock rate of its telephone events, or None.
        codecs: Codecs by payload type, for what arrives.
        address: Where its audio goes, or None when it wants none now.
        rtcp: Where its RTCP goes.
        direction: Its direction attribute.
        crypto: Its key, for SDES.
        ice: For ICE.
        dtls: For DTLS.
        mux: Whether it takes RTCP on the port of RTP.
    """

    codec: Codec
    payload_type: int
    event: tuple[int, int] | None
    codecs: dict[int, Codec]
    address: tuple[str, int] | None
    rtcp: tuple[str, int] | None
    direction: str
    crypto: CryptoLine | None
    ice: IcePeer | None
    dtls: DtlsPeer | None
    mux: bool


@dataclass
class Local:
    """What we say in every description of a call.

    Attributes:
        session_id: Number in the origin line; it stays.
        version: Raised with every description.
        direction: What we want; ``sendonly`` is hold.
        crypto: One key for each suite, for SDES.
    """

    options: MediaOptions
    path: MediaPath
    session_id: int
    certificate: Certificate | None
    version: int = 0
    direction: str = "sendrecv"
    crypto: list[CryptoLine] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the keys."""
        if self.options.security == "sdes" and not self.crypto:
            self.crypto = [CryptoLine.generate(tag, SUITES[name]) for tag, name in enumerate(self.options.suites, 1)]


def build_offer(local: Local) -> SessionDescription:
    """Return an offer with everything we have."""
    codecs = [(CODECS[name].payload_type, CODECS[name]) for name in local.options.codecs]
    rates = list(dict.fromkeys(codec.clock_rate for _, codec in codecs))
    events = [(_EVENT_PAYLOAD_TYPES[rate], rate) for rate in rates]
    section = _section(local, codecs, events, local.direction)
    section.attributes += [("crypto", str(line)) for line in local.crypto]
    section.attributes += _dtls_attributes(local, "actpass")
    return _description(local, [section])


def build_answer(local: Local, offer: SessionDescription, remote: Remote) -> SessionDescription:
    """Return the answer to an offer that `read` accepted; sections other than audio are refused with port 0."""
    events = [remote.event] if remote.event else []
    direction = answer_direction(local.direction, remote.direction)
    audio = _section(local, [(remote.payload_type, remote.codec)], events, direction)
    audio.protocol = offer.audio.protocol if offer.audio else audio.protocol
    if remote.crypto:
        ours = next(line for line in local.crypto if line.suite == remote.crypto.suite)
        audio.attributes.append(("crypto", str(CryptoLine(remote.crypto.tag, ours.suite, ours.key))))
    if remote.dtls:
        audio.attributes += _dtls_attributes(local, "active" if remote.dtls.client else "passive")
    sections = [
        audio if section is offer.audio else MediaSection(section.kind, 0, section.protocol, section.formats)
        for section in offer.media
    ]
    return _description(local, sections)


def answer_direction(wanted: str, offered: str) -> str:
    """Return the direction of an answer: what we want, as far as the offer lets us (RFC 3264 section 6.1)."""
    possible = REVERSED[offered]
    send = wanted in {"sendrecv", "sendonly"} and possible in {"sendrecv", "sendonly"}
    receive = wanted in {"sendrecv", "recvonly"} and possible in {"sendrecv", "recvonly"}
    return {(True, True): "sendrecv", (True, False): "sendonly", (False, True): "recvonly"}.get(
        (send, receive), "inactive"
    )


def read(local: Local, description: SessionDescription, *, offered: bool) -> Remote:
    """Take what the other side says.

    Args:
        local: Our side.
        description: Its offer or answer.
        offered: True when ours was the offer.

    Raises:
        NegotiationError: There is no codec, security or path that both sides have.
    """
    section = description.audio
    if section is None or section.port == 0:
        raise NegotiationError("the other side's description has no audio")
    codecs = {fmt.payload_type: codec for fmt in section.payload_formats() if (codec := _known(local, fmt.name))}
    if not codecs:
        formats = ", ".join(fmt.name for fmt in section.payload_formats())
        raise NegotiationError(f"no common codec: we have {', '.join(local.options.codecs)}; offered are {formats}")
    payload_type, codec = next(iter(codecs.items()))
    events = {
        fmt.clock_rate: fmt.payload_type
        for fmt in reversed(section.payload_formats())
        if fmt.name.lower() == "telephone-event"
    }
    # the clock of the codec first; peers of Opus may have 8000 only
    rate = next((rate for rate in (codec.clock_rate, 8000) if rate in events), None)
    address = description.address_of(section)
    usable = address not in {"", "0.0.0.0"}  # noqa: S104 - how RFC 2543 put a call on hold
    mux = section.get("rtcp-mux") is not None
    return Remote(
        codec=codec,
        payload_type=payload_type,
        event=(events[rate], rate) if rate else None,
        codecs=codecs,
        address=(address, section.port) if usable else None,
        rtcp=(address, _rtcp_port(section, mux=mux)) if usable else None,
        direction=description.direction_of(section),
        crypto=_crypto(local, section),
        ice=_ice(local, description, section),
        dtls=_dtls(local, description, section, offered=offered),
        mux=mux,
    )


def _known(local: Local, name: str) -> Codec | None:
    return next((CODECS[own] for own in local.options.codecs if own.lower() == name.lower()), None)


def _rtcp_port(section: MediaSection, *, mux: bool) -> int:
    if mux:
        return section.port
    text = (section.get("rtcp") or "").split(" ")[0]
    return int(text) if text.isdigit() else section.port + 1


def _crypto(local: Local, section: MediaSection) -> CryptoLine | None:
    if local.options.security != "sdes":
        if local.options.security == "none" and "SAVP" in section.protocol:
            raise NegotiationError(f"the other side demands {section.protocol}, this phone has no security")
        return None
    if "SAVP" not in section.protocol:
        raise NegotiationError(f"this phone demands SRTP, the other side says {section.protocol}")
    try:
        lines = [line for value in section.get_all("crypto") if (line := CryptoLine.parse(value))]
    except MessageError as error:
        raise NegotiationError(error.message) from error
    ours = {line.suite for line in local.crypto}
    found = next((line for line in lines if line.suite in ours), None)
    if found is None:
        raise NegotiationError("no crypto suite that both sides have")
    return found


def _ice(local: Local, description: SessionDescription, section: MediaSection) -> IcePeer | None:
    if not local.options.ice:
        return None
    username = description.value(section, "ice-ufrag")
    password = description.value(section, "ice-pwd")
    if not username or not password:
        raise NegotiationError("this phone does ICE, the other side's description has no ice-ufrag or ice-pwd")
    lite = description.value(section, "ice-lite") is not None
    return IcePeer(username, password, tuple(section.get_all("candidate")), lite)


def _dtls(local: Local, description: SessionDescription, section: MediaSection, *, offered: bool) -> DtlsPeer | None:
    if local.options.security != "dtls":
        return None
    values = section.get_all("fingerprint") or [
        text or "" for key, text in description.attributes if key == "fingerprint"
    ]
    if not values:
        raise NegotiationError("this phone does DTLS, the other side's description has no fingerprint")
    setup = description.value(section, "setup") or ("active" if offered else "actpass")
    # who answers actpass is the client (RFC 5763 section 5)
    client = setup == "passive" or (setup == "actpass" and not offered)
    return DtlsPeer(tuple(Fingerprint.parse(value) for value in values), client)


def _dtls_attributes(local: Local, setup: str) -> Attributes:
    if local.certificate is None:
        return []
    return [("fingerprint", str(local.certificate.fingerprint)), ("setup", setup)]


def _section(
    local: Local, codecs: list[tuple[int, Codec]], events: list[tuple[int, int]], direction: str
) -> MediaSection:
    path = local.path
    formats = [str(number) for number, _ in codecs] + [str(number) for number, _ in events]
    attributes: Attributes = [("rtpmap", f"{number} {codec.rtpmap}") for number, codec in codecs]
    for number, rate in events:
        attributes += [("rtpmap", f"{number} telephone-event/{rate}"), ("fmtp", f"{number} 0-15")]
    attributes += [("ptime", "20"), (direction, None)]
    if path.mux:
        attributes.append(("rtcp-mux", None))
    if path.ice:
        attributes += [("ice-ufrag", path.ice.username), ("ice-pwd", path.ice.password)]
        attributes += [("candidate", value) for value in path.ice.candidates]
        attributes.append(("end-of-candidates", None))
    return MediaSection("audio", path.port, local.options.protocol, formats, attributes=attributes)


def _description(local: Local, sections: list[MediaSection]) -> SessionDescription:
    local.version += 1
    return SessionDescription(local.session_id, local.version, local.path.ip, local.path.ip, media=sections)
