"""Where the Pulumi command line comes from.

1. One on PATH, of a version we work with.
2. One fetched or built before.
3. The vendor's release, of a pinned version and checksum.
4. Built from our Go module ``tools/pulumi``, whose ``go.sum`` fixes every byte; a Go that is too old fetches the newer
   toolchain through the module proxy it is configured for.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from trunkline.errors import PlatformError
from trunkline.lab._system import locked
from trunkline.paths import cache_root

OLDEST, NEXT_MAJOR = (3, 200), 4
MODULE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
TOOLS = Path(__file__).resolve().parents[2] / "tools" / "pulumi"

RELEASE = "3.221.0"
RELEASE_URL = "https://get.pulumi.com/releases/sdk/pulumi-v{version}-linux-{machine}.tar.gz"
RELEASE_SHA256 = {
    "x64": "fe736f91b4153f94f859870e34dda01e648552c25f702c8a42282acf3a5db9ad",
    "arm64": "baaf077a8b851da4fd1f6434860b56fec43f877709fe5a22ed3bbd335af57a37",
}
GO_TOOLCHAIN = "golang.org/toolchain"
GO_VERSION = "1.25.11"
ATTEMPTS = 3

Say = Callable[[str], None]


def find(say: Say) -> Path:
    """Return the path of a Pulumi command line; get one if there is none.

    Args:
        say: Told what takes long, one line at a time.

    Raises:
        PlatformError: None can be had; says what was tried.
    """
    on_path = shutil.which("pulumi")
    if on_path and usable(version_of(Path(on_path))):
        return Path(on_path)
    store = cache_root() / "pulumi"
    for version in (_module_version(), RELEASE):
        if (store / version / "pulumi").exists():
            return store / version / "pulumi"
    with locked(store / ".lock"):
        tried = []
        for how in (_fetch, _build):
            try:
                return how(store, say)
            except PlatformError as error:
                tried.append(error.message)
                say(error.message)
    raise PlatformError(
        f"there is no Pulumi command line to be had: {'; '.join(tried)}",
        remedy="install Pulumi 3 on PATH, or let this machine reach get.pulumi.com or a Go module proxy",
    )


def version_of(program: Path) -> tuple[int, ...]:
    """Return the version of a Pulumi command line as numbers; empty when it does not say one."""
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    done = subprocess.run([program, "version"], capture_output=True, text=True, check=False, env=environment)
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", done.stdout)
    return tuple(int(part) for part in found.groups()) if found else ()


def usable(version: tuple[int, ...]) -> bool:
    """Return whether we work with a version."""
    return bool(version) and version[:2] >= OLDEST and version[0] < NEXT_MAJOR


def _module_version() -> str:
    """Return the version that our Go module pins."""
    found = re.search(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", (TOOLS / "go.mod").read_text())
    if not found:
        raise PlatformError(f"{TOOLS}/go.mod does not name Pulumi", remedy="restore the file from the repository")
    return found.group(1)


def _fetch(store: Path, say: Say) -> Path:
    """Fetch the vendor's release."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine())
    if machine is None:
        raise PlatformError(f"the vendor has no release for {platform.machine()}")
    url = RELEASE_URL.format(version=RELEASE, machine=machine)
    say(f"fetching Pulumi {RELEASE} from its vendor")
    store.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store) as name:
        archive = Path(name) / "pulumi.tar.gz"
        _download(url, archive)
        if hashlib.sha256(archive.read_bytes()).hexdigest() != RELEASE_SHA256[machine]:
            raise PlatformError(f"{url} is not the file it has to be: its checksum is wrong")
        with tarfile.open(archive) as content:
            # Python before 3.11.4 has no filters; the checksum says that it is the file we know.
            content.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
            content.extractall(name)  # noqa: S202 - see above
        (Path(name) / "pulumi").rename(store / RELEASE)  # the archive has one folder of this name
    return store / RELEASE / "pulumi"


def _download(url: str, target: Path) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(url, timeout=20) as response, target.open("wb") as file:  # noqa: S310 - https
                shutil.copyfileobj(response, file)
        except (urllib.error.HTTPError, ValueError) as error:
            raise PlatformError(f"{url} cannot be fetched: {error}") from error  # an answer: asking again is no use
        except OSError as error:
            if attempt == ATTEMPTS:
                raise PlatformError(f"{url} cannot be fetched: {error}") from error
            time.sleep(attempt)
        else:
            return


def _build(store: Path, say: Say) -> Path:
    """Build our Go module."""
    version = _module_version()
    target = store / version
    go = _go(store, say)
    say(f"building Pulumi {version} from source: 3 to 10 minutes, once")
    with tempfile.TemporaryDirectory(dir=store) as name:
        partial = Path(name) / "pulumi"
        flags = f"-s -w -X {VERSION_VARIABLE}=v{version}"
        _go_run(go, TOOLS, "mod", "download")
        _go_run(go, TOOLS, "build", "-mod=readonly", "-o", str(partial), "-ldflags", flags, MODULE)
        target.mkdir(exist_ok=True)
        partial.rename(target / "pulumi")
    return target / "pulumi"


def _go(store: Path, say: Say) -> Path:
    """Return a Go of at least the version our module asks for."""
    found = shutil.which("go", path=f"{os.environ.get('PATH', '')}:/usr/local/go/bin:/usr/lib/go/bin")
    if found is None:
        say("installing Debian's Go, to fetch a newer one with")
        command = ["apt-get", "install", "--yes", "--no-install-recommends", "-o", "Acquire::Retries=5", "golang-go"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        found = shutil.which("go", path="/usr/bin")
        if done.returncode or found is None:
            raise PlatformError(f"Go cannot be installed: {done.stderr.strip()[-500:]}")
    go = Path(found)
    said = subprocess.run([go, "version"], capture_output=True, text=True, check=False, cwd="/").stdout
    has = tuple(int(part) for part in re.findall(r"\d+", said.partition("go version go")[2].partition(" ")[0]))
    if has >= tuple(int(part) for part in GO_VERSION.split("."))[:2]:
        return go
    return _newer_go(go, store, say)


def _newer_go(go: Path, store: Path, say: Say) -> Path:
    """Fetch the toolchain as the module it is; any Go since 1.14 can, and checks it against the checksum database."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    say(f"fetching Go {GO_VERSION}")
    with tempfile.TemporaryDirectory(dir=store) as name:
        (Path(name) / "go.mod").write_text("module fetch\n")
        answer = _go_run(
            go, Path(name), "mod", "download", "-json", f"{GO_TOOLCHAIN}@v0.0.1-go{GO_VERSION}.linux-{machine}"
        )
    folder = Path(json.loads(answer)["Dir"])
    for program in [*folder.glob("bin/*"), *folder.glob("pkg/tool/*/*")]:
        program.chmod(0o755)  # modules carry no run bits, and the module cache is read-only
    return folder / "bin/go"


def _go_run(go: Path, folder: Path, *arguments: str) -> str:
    """Run Go at low priority; what reaches over the network is tried again."""
    home = Path(os.environ.get("HOME") or "/root")  # sudo and service managers may leave it out
    environment = {
        **os.environ,
        "HOME": str(home),
        "GOFLAGS": "-modcacherw -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    done = None
    for attempt in range(1, ATTEMPTS + 1):
        command = ["nice", "-n", "10", str(go), *arguments]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout
        time.sleep(attempt)
    said = (done.stderr or done.stdout).strip()[-800:] if done else ""
    raise PlatformError(f"`go {' '.join(arguments[:2])}` failed {ATTEMPTS} times: {said}")
