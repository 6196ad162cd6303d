"""Where Pulumi's command line comes from, against a real server on this machine."""

from __future__ import annotations

import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from trunkline.cloud import pulumi_cli
from trunkline.errors import PlatformError


def archive() -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as content:
        program = b"#!/bin/sh\necho v3.221.0\n"
        entry = tarfile.TarInfo("pulumi/pulumi")
        entry.size, entry.mode = len(program), 0o755
        content.addfile(entry, io.BytesIO(program))
    return raw.getvalue()


@pytest.fixture
def vendor() -> Iterator[dict[str, bytes]]:
    files: dict[str, bytes] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in files else 404)
            self.end_headers()
            self.wfile.write(files.get(self.path, b""))

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        files["address"] = f"http://127.0.0.1:{server.server_port}".encode()
        yield files
        server.shutdown()
        thread.join()


@pytest.fixture
def release(vendor: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    monkeypatch.setattr(pulumi_cli, "RELEASE_URL", vendor["address"].decode() + "/pulumi.tar.gz")
    good = hashlib.sha256(archive()).hexdigest()
    monkeypatch.setattr(pulumi_cli, "RELEASE_SHA256", {"x64": good, "arm64": good})
    return vendor


def test_the_vendors_release_is_fetched_and_works(release: dict[str, bytes], tmp_path: Path) -> None:
    release["/pulumi.tar.gz"] = archive()
    program = pulumi_cli._fetch(tmp_path / "store", lambda _line: None)
    assert pulumi_cli.version_of(program) == (3, 221, 0)


def test_a_changed_release_is_refused(release: dict[str, bytes], tmp_path: Path) -> None:
    release["/pulumi.tar.gz"] = archive() + b"x"
    with pytest.raises(PlatformError, match="checksum is wrong"):
        pulumi_cli._fetch(tmp_path / "store", lambda _line: None)
    assert list((tmp_path / "store").iterdir()) == []


@pytest.mark.usefixtures("release")
def test_a_missing_release_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="cannot be fetched"):
        pulumi_cli._fetch(tmp_path / "store", lambda _line: None)


@pytest.mark.parametrize(
    ("version", "usable"),
    [((), False), ((3, 100, 0), False), ((3, 200, 0), True), ((3, 250, 0), True), ((4, 0, 0), False)],
)
def test_versions_we_work_with(version: tuple[int, ...], *, usable: bool) -> None:
    assert pulumi_cli.usable(version) is usable


def test_what_has_been_built_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", "/nowhere")
    program = tmp_path / "pulumi" / pulumi_cli._module_version() / "pulumi"
    program.parent.mkdir(parents=True)
    program.touch()
    assert pulumi_cli.find(lambda _line: None) == program


def test_the_module_pins_its_version_and_its_checksums() -> None:
    assert pulumi_cli.usable(tuple(int(part) for part in pulumi_cli._module_version().split(".")))
    sums = (pulumi_cli.TOOLS / "go.sum").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{pulumi_cli._module_version()} h1:" in sums
