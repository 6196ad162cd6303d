"""Codecs, tones, packets, descriptions and keys, without network."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.phone.audio import level_at, read_audio, tone
from trunkline.phone.codec import CODECS, codec_named, decode, encode, silence_payload, tone_payloads
from trunkline.phone.errors import MessageError, PhoneError
from trunkline.phone.negotiation import answer_direction
from trunkline.phone.playout import Playout
from trunkline.phone.reception import Reception
from trunkline.phone.rtp import (
    RtpPacket,
    SenderInfo,
    TelephoneEvent,
    build_goodbye,
    build_report,
    extend_sequences,
    is_rtcp,
    lost_packets,
    parse_rtcp,
)
from trunkline.phone.sdp import SessionDescription
from trunkline.phone.srtp import SUITES, CryptoLine, SrtpReceiver, SrtpSender

SOURCE = ("192.0.2.1", 4000)
PACKETS = st.builds(
    RtpPacket,
    st.integers(0, 127),
    st.integers(0, 65535),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.binary(max_size=60),
    st.booleans(),
)
DESCRIPTION = (
    b"v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=call\r\nb=AS:64\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=ice-lite\r\n"
    b"m=audio 4000 RTP/AVP 8 96 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n"
    b"a=sendonly\r\nm=video 0 RTP/AVP 31\r\nc=IN IP4 192.0.2.9\r\n"
)


@pytest.mark.parametrize("level", [-6.0, -20.0])
@pytest.mark.parametrize("name", CODECS)
def test_a_tone_survives_its_codec(name: str, level: float) -> None:
    codec = CODECS[name]
    samples = decode(codec, tone_payloads(codec, 1000, level) * 2)
    seam = samples[codec.sample_rate : 3 * codec.sample_rate]
    assert level_at(seam, codec.sample_rate, 1000) == pytest.approx(level, abs=0.5)
    assert level_at(seam, codec.sample_rate, 1400) < level - 40


@pytest.mark.parametrize("name", CODECS)
def test_silence_is_silent(name: str) -> None:
    codec = codec_named(name.lower())
    samples = decode(codec, [silence_payload(codec)] * 50)
    assert np.abs(samples.astype(int)).max() < 64


def test_an_unknown_codec_is_named() -> None:
    with pytest.raises(PhoneError, match="G729"):
        codec_named("G729")


@given(st.floats(300, 3400), st.floats(-40, 0))
def test_level_is_what_was_generated(frequency: float, level: float) -> None:
    assert level_at(tone(frequency, 8000, 0.5, level), 8000, frequency) == pytest.approx(level, abs=0.2)


def test_level_of_nothing_is_silence() -> None:
    assert level_at(np.zeros(0, dtype=np.int16), 8000, 1000) == -120.0


def test_a_file_is_played_once(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(tone(1000, 16000, 1.0).tobytes())
    assert level_at(read_audio(path, 8000)[1000:7000], 8000, 1000) == pytest.approx(-6.0, abs=0.2)
    playout = Playout()
    playout.play_file(path)
    playout.configure(CODECS["PCMA"], 8, None)
    packets = [playout.next_packet(allowed=True) for _ in range(60)]
    assert 48 <= len([packet for packet in packets if packet]) <= 50
    assert playout.finished
    with pytest.raises(PhoneError, match="cannot read audio"):
        read_audio(tmp_path / "absent.wav", 8000)


@given(PACKETS)
def test_packets_are_read_as_they_were_written(packet: RtpPacket) -> None:
    assert RtpPacket.parse(bytes(packet)) == packet


@given(st.binary(max_size=80))
def test_random_datagrams_do_no_harm(data: bytes) -> None:
    reception = Reception()
    reception.rtp(data, SOURCE)
    reception.rtcp(data, SOURCE)
    assert isinstance(is_rtcp(data), bool)


def test_extension_contributors_and_padding_are_taken_off() -> None:
    header = bytes([0x80 | 0x20 | 0x10 | 1, 8, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]) + b"CSRC" + b"\0\0\0\1EXTN"
    assert RtpPacket.parse(header + b"payload" + b"\0\0\3").payload == b"payload"


@given(st.integers(0, 65535), st.integers(1, 300), st.sets(st.integers(1, 298)))
def test_loss_is_counted_across_the_wrap(start: int, count: int, gone: set[int]) -> None:
    gone = {index for index in gone if index < count - 1}
    packets = [
        RtpPacket(8, (start + index) % 65536, index * 160, 1, b"") for index in range(count) if index not in gone
    ]
    assert lost_packets(packets) == len(gone)
    assert lost_packets([*packets, packets[0]]) == len(gone), "a packet that came twice is not lost"


def test_a_source_may_begin_anew() -> None:
    numbers = [*range(30000, 30010), *range(20, 30), 31]
    packets = [RtpPacket(8, number, number * 160, 1, b"") for number in numbers]
    assert lost_packets([*packets[:5], *packets[6:]]) == 2


def test_reordered_packets_keep_their_place() -> None:
    assert extend_sequences([65534, 0, 65535, 1]) == [65534, 65536, 65535, 65537]


def test_digits_are_packets_with_one_timestamp() -> None:
    playout, reception = Playout(), Reception()
    playout.configure(CODECS["opus"], 111, (102, 48000))
    playout.play_tone(1000)
    playout.send_digits("1#", 60, 40)
    reception.codecs, reception.events = {111: CODECS["opus"]}, {102: 48000}
    while playout.sending_digits:
        packet = playout.next_packet(allowed=True)
        assert packet is not None
        reception.rtp(bytes(packet), SOURCE)
    assert [(digit.digit, digit.milliseconds) for digit in reception.digits] == [("1", 60), ("#", 60)]
    events = [received.packet for received in reception.packets if received.packet.payload_type == 102]
    assert len({packet.timestamp for packet in events}) == 2
    assert [packet.marker for packet in events].count(True) == 2
    assert reception.lost == 0
    assert TelephoneEvent.parse(bytes([200, 0, 0, 0])) is None


def test_digits_need_an_agreement() -> None:
    playout = Playout()
    playout.configure(CODECS["PCMA"], 8, None)
    with pytest.raises(PhoneError, match="telephone-event"):
        playout.send_digits("1", 100, 60)


def test_nothing_is_sent_on_hold_but_time_goes_on() -> None:
    playout = Playout()
    playout.configure(CODECS["PCMA"], 8, None)
    playout.play_tone(1000)
    before = playout.timestamp
    assert playout.next_packet(allowed=False) is None
    assert playout.timestamp == (before + 160) % 2**32


def test_reports() -> None:
    received = [RtpPacket(8, sequence, 0, 77, b"") for sequence in (65534, 65535, 1)]
    data = build_report(5, "name@host", SenderInfo(1_700_000_000.5, 1234, 10, 1600), received)
    report, description = parse_rtcp(data)
    assert is_rtcp(data)
    assert (report.kind, report.count, report.ssrc, description.kind) == (200, 1, 5, 202)
    assert int.from_bytes(report.body[24:28], "big") == 77
    assert int.from_bytes(report.body[29:32], "big") == 1, "one packet was lost"
    assert [packet.kind for packet in parse_rtcp(build_report(5, "n", None, []))] == [201, 202]
    assert [packet.kind for packet in parse_rtcp(build_goodbye(5))] == [201, 203]
    with pytest.raises(MessageError):
        parse_rtcp(data[:-1])


def test_a_description_is_read() -> None:
    description = SessionDescription.parse(DESCRIPTION)
    audio = description.audio
    assert audio is not None
    assert [(fmt.payload_type, fmt.name) for fmt in audio.payload_formats()] == [
        (8, "PCMA"),
        (96, "opus"),
        (101, "telephone-event"),
    ]
    assert description.direction_of(audio) == "sendonly"
    assert description.address_of(audio) == "192.0.2.1"
    assert description.value(audio, "ice-lite") == ""
    assert description.address_of(description.media[1]) == "192.0.2.9"
    assert SessionDescription.parse(bytes(description)) == description


@pytest.mark.parametrize("data", [b"", b"v=0\r\n", b"v=0\no=x\n", b"v=0\no=- 1 1 IN IP4 a\nm=audio x RTP/AVP 0\n"])
def test_not_a_description(data: bytes) -> None:
    with pytest.raises(MessageError):
        SessionDescription.parse(data)


def test_direction_of_an_answer() -> None:
    table = {
        ("sendrecv", "sendrecv"): "sendrecv",
        ("sendrecv", "sendonly"): "recvonly",
        ("sendonly", "sendrecv"): "sendonly",
        ("sendonly", "sendonly"): "inactive",
        ("sendrecv", "inactive"): "inactive",
        ("sendonly", "recvonly"): "sendonly",
    }
    assert {pair: answer_direction(*pair) for pair in table} == table


@pytest.mark.parametrize("name", SUITES)
def test_every_suite_protects(name: str) -> None:
    line = CryptoLine.generate(3, SUITES[name])
    assert CryptoLine.parse(str(line)) == line
    packet = bytes(RtpPacket(8, 1, 2, 3, b"payload"))
    sender, receiver = SrtpSender(line.suite, line.key), SrtpReceiver(line.suite, line.key)
    protected = sender.rtp(packet)
    assert b"payload" not in protected
    assert receiver.rtp(protected[:-1] + bytes([protected[-1] ^ 1])) is None
    assert receiver.rtp(protected) == packet
    assert receiver.rtp(protected) is None, "a repeated packet"
    report = build_goodbye(3)
    assert receiver.rtcp(sender.rtcp(report)) == report


@pytest.mark.parametrize(
    "value",
    ["", "1 AES_CM_128_HMAC_SHA1_80", "1 AES_CM_128_HMAC_SHA1_80 inline:AAAA", "1 AEAD_AES_128_GCM inline:A==="],
)
def test_not_a_crypto_line(value: str) -> None:
    with pytest.raises(MessageError):
        CryptoLine.parse(value)


def test_what_we_do_not_have_is_not_taken() -> None:
    key = str(CryptoLine.generate(1, SUITES["AES_CM_128_HMAC_SHA1_80"])).partition("inline:")[2]
    assert CryptoLine.parse(f"1 F8_128_HMAC_SHA1_80 inline:{key}") is None
    assert CryptoLine.parse(f"1 AES_CM_128_HMAC_SHA1_80 inline:{key} UNENCRYPTED_SRTP") is None
    assert CryptoLine.parse(f"1 AES_CM_128_HMAC_SHA1_80 inline:{key}|2^31|1:1") is not None


def test_encoding_drops_an_incomplete_frame() -> None:
    assert len(encode(CODECS["PCMA"], tone(1000, 8000, 0.05))) == 2
