"""The exceptions of the phone.

PhoneError
    MessageError          bytes that are not a SIP message, a URI, or a session description
    NegotiationError      an offer or an answer that cannot be accepted
    PhoneTimeoutError     something that had to happen did not happen before its deadline
    ConnectionLostError   a transport could not be opened, or broke
    RequestFailedError    a request was answered with a final code other than 2xx
"""

from __future__ import annotations

from trunkline.errors import PlatformError


class PhoneError(PlatformError):
    """Any failure of the phone or of what it talks to."""


class MessageError(PhoneError):
    """Bytes or text that do not follow the grammar they have to follow."""


class NegotiationError(PhoneError):
    """An offer or an answer that cannot be accepted (RFC 3264)."""


class PhoneTimeoutError(PhoneError):
    """Something that had to happen did not happen before its deadline."""


class ConnectionLostError(PhoneError):
    """A transport connection could not be opened, or it broke."""


class RequestFailedError(PhoneError):
    """A request was answered with a final code other than 2xx.

    Args:
        method: The method of the request, for example ``REGISTER``.
        code: The SIP status code, 300 to 699.
        reason: The reason phrase of the answer.
    """

    def __init__(self, method: str, code: int, reason: str) -> None:
        super().__init__(f"{method} was answered with {code} {reason}")
        self.method = method
        self.code = code
        self.reason = reason
