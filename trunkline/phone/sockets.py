"""Every socket of a phone is made here: bound to its own address, where that address is.

An address as a rule is this machine's. One of a network namespace is entered for as long as it takes to make a socket,
which then stays there (setns(2)); so one process can play phones and carriers at addresses of other hosts of a lab.
"""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NEWNET = 0x40000000
_namespaces: dict[str, Path] = {}


def place(ip: str, namespace: Path | None) -> None:
    """Say that an address is one of a network namespace (a file of ``/run/netns``); None: of this machine again."""
    if namespace is None:
        _namespaces.pop(ip, None)
    else:
        _namespaces[ip] = namespace


def udp(ip: str, port: int) -> socket.socket:
    """Return a UDP socket that is bound.

    Raises:
        OSError: The address or the port cannot be had.
    """
    return _bound(ip, port, socket.SOCK_DGRAM)


def listening(ip: str, port: int) -> socket.socket:
    """Return a TCP socket that listens.

    Raises:
        OSError: The address or the port cannot be had.
    """
    made = _bound(ip, port, socket.SOCK_STREAM)
    made.listen(100)
    return made


def connecting(ip: str) -> socket.socket:
    """Return a TCP socket that is bound to an address and not connected yet.

    Raises:
        OSError: The address cannot be had.
    """
    return _bound(ip, 0, socket.SOCK_STREAM)


def _bound(ip: str, port: int, kind: socket.SocketKind) -> socket.socket:
    with _entered(_namespaces.get(ip)):
        made = socket.socket(socket.AF_INET, kind)
    try:
        made.setblocking(False)
        if kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((ip, port))
    except OSError:
        made.close()
        raise
    return made


@contextmanager
def _entered(namespace: Path | None) -> Iterator[None]:
    """Have this thread in a network namespace; there is no point in between at which another task could run."""
    if namespace is None:
        yield
        return
    with Path("/proc/thread-self/ns/net").open("rb") as own, namespace.open("rb") as other:
        _enter(other.fileno())
        try:
            yield
        finally:
            _enter(own.fileno())


def _enter(descriptor: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.setns(descriptor, _NEWNET):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
