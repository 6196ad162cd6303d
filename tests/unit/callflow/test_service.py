"""The process: settings, readiness, calls while the database cannot be reached."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from tests.unit.callflow.clients import CLIENT
from trunkline.callflow.service import Settings, serve, settings
from trunkline.errors import ConfigurationError


def test_settings_have_defaults() -> None:
    found = settings({"TRUNKLINE_CALLFLOW_HOST": "as1"})
    assert found == Settings(dsn=None, address="127.0.0.1", port=4573, ring_seconds=60, host="as1")


@pytest.mark.parametrize("text", ["", "x", "0", "-1", "70000"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="TRUNKLINE_CALLFLOW_PORT"):
        settings({"TRUNKLINE_CALLFLOW_PORT": text})


async def test_starts_without_a_database_and_refuses_calls_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, socket.socket() as free:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        stop = asyncio.Event()
        wanted = Settings("host=127.0.0.1 port=1 dbname=x user=x", "127.0.0.1", port, 60, "as1")
        service = asyncio.create_task(serve(wanted, stop))
        assert await asyncio.wait_for(asyncio.get_running_loop().sock_recv(systemd, 100), 5) == b"READY=1"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"agi_extension: 102\nagi_arg_1: call\nagi_arg_2: {CLIENT}\nagi_arg_6: 0\n\n".encode())
        async with asyncio.timeout(1):
            assert await reader.readline() == b'EXEC PJSIPHangup "503"\n'
        writer.write(b"200 result=-1\n")
        assert await reader.read() == b""
        writer.close()
        stop.set()
        await asyncio.wait_for(service, 5)
