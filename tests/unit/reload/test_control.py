"""Commands over a real datagram socket, against a stand-in for Kamailio that speaks JSON-RPC."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from trunkline.errors import PlatformError
from trunkline.reload.control import CommandError, Control, main

Answers = Callable[[dict[str, Any]], list[dict[str, Any]]]


@contextmanager
def kamailio(path: Path, answers: Answers) -> Iterator[None]:
    """Answer every request at a socket until the block ends."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))

        def serve() -> None:
            while request := server.recvfrom(65536):
                if request[0] == b"stop":
                    return
                for answer in answers(json.loads(request[0])):
                    server.sendto(json.dumps(answer).encode(), request[1])

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
                client.sendto(b"stop", str(path))
            thread.join()


def echo(request: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"jsonrpc": "2.0", "result": [request["method"], *request["params"]], "id": request["id"]}]


def test_a_command_returns_its_result(tmp_path: Path) -> None:
    with kamailio(tmp_path / "control.sock", echo):
        control = Control(str(tmp_path / "control.sock"))
        assert control.call("htable.seti", "generation", "a", 3) == ["htable.seti", "generation", "a", 3]
        assert control.call("core.uptime") == ["core.uptime"]


def test_a_late_answer_to_something_else_is_passed_over(tmp_path: Path) -> None:
    with kamailio(tmp_path / "s", lambda request: [{"id": 0, "result": "old"}, *echo(request)]):
        assert Control(str(tmp_path / "s")).call("core.uptime") == ["core.uptime"]


def test_a_refusal_says_what_was_refused_and_why(tmp_path: Path) -> None:
    refusal = {"code": 500, "message": "Too short reload interval - try later"}
    with (
        kamailio(tmp_path / "s", lambda request: [{"id": request["id"], "error": refusal}]),
        pytest.raises(CommandError, match=r"refused rtpengine.reload 0: Too short"),
    ):
        Control(str(tmp_path / "s")).call("rtpengine.reload", 0)


def test_no_kamailio(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="did not take the command"):
        Control(str(tmp_path / "missing")).call("core.uptime")


def test_no_answer(tmp_path: Path) -> None:
    with kamailio(tmp_path / "s", lambda _: []), pytest.raises(PlatformError, match="timed out"):
        Control(str(tmp_path / "s"), timeout=0.1).call("core.uptime")


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "s")
    with kamailio(tmp_path / "s", echo):
        assert main([path, "htable.seti", "generation", "a", "-3"]) == 0
    assert json.loads(capsys.readouterr().out) == ["htable.seti", "generation", "a", -3]
    assert main([path]) == 2
    assert main([str(tmp_path / "missing"), "core.uptime"]) == 1
    assert "did not take" in capsys.readouterr().err
