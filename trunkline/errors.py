"""The exceptions of the package: one root, one place that decides what a person reads.

TrunklineError
    ConfigurationError   something a person wrote cannot be accepted
    PlatformError        the machine, the network or a daemon is not as it has to be
"""

from __future__ import annotations


class TrunklineError(Exception):
    """An error whose text is written for the person at the keyboard.

    Args:
        message: What is wrong, one sentence.
        remedy: What to do about it, one sentence; empty when there is nothing to add.
        location: Where it was found, for example ``tenants/atlas/acme.yml:12:5``; empty when it has no place.
    """

    def __init__(self, message: str, *, remedy: str = "", location: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.location = location

    def __str__(self) -> str:
        """Return ``location: message`` and the remedy on a line of its own."""
        text = f"{self.location}: {self.message}" if self.location else self.message
        return f"{text}\n  remedy: {self.remedy}" if self.remedy else text


class ConfigurationError(TrunklineError):
    """Something a person wrote cannot be accepted: exit code 1, nothing was changed."""


class PlatformError(TrunklineError):
    """The machine, the network or a daemon is not as it has to be: exit code 1."""
