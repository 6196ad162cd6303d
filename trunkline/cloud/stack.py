"""Driving a stack through Pulumi's Automation API: preview, up, destroy, refresh; no language host needed.

Everything of a stack is in ``stacks/<stack>/``: ``pulumi/`` (state, settings, passphrase) and ``outputs.json``. A run
that was killed anywhere leaves at most a lock and pending operations; the next one clears both, looks at what really
exists and goes on from there.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation.events import EngineEvent, OpType

from trunkline.cloud import pulumi_cli
from trunkline.cloud.drain import drain_leaving
from trunkline.cloud.platform import declare
from trunkline.errors import PlatformError
from trunkline.lab import network, rootfs
from trunkline.lab import stack as lab
from trunkline.lab._system import require, wait_until, write_atomic
from trunkline.lab.names import NETWORKS, Network
from trunkline.model.hosts import Platform
from trunkline.paths import cache_root, outputs_file, stack_root

PROJECT = "trunkline"
ORPHAN_SECONDS = 60  # how long the engine of a killed run may take to notice
Say = Callable[[str], None]

_VERBS = {
    OpType.CREATE: "create",
    OpType.CREATE_REPLACEMENT: "create",
    OpType.UPDATE: "update",
    OpType.DELETE: "delete",
    OpType.DELETE_REPLACED: "delete",
    OpType.READ: "look at",
}


@dataclass
class Result:
    """What a run did.

    Attributes:
        changes: Operation -> how many resources, for example ``{"create": 3, "same": 12}``.
        resources: One line for each that changed, for example ``create Host px1``.
        seconds: How long it took.
    """

    changes: dict[str, int] = field(default_factory=dict)
    resources: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Stack:
    """One platform's stack.

    Args:
        platform: The model of hosts.
        say: Told what happens, one line at a time.
    """

    def __init__(self, platform: Platform, say: Say) -> None:
        self.platform = platform
        self.name = platform.stack
        self._say = say
        self._folder = stack_root(self.name) / "pulumi"

    def prepare(self) -> dict[str, Path]:
        """Fetch or build what every run needs, and return where it is: Pulumi, and for a lab the hosts' file system."""
        self._check_machine()
        made = {"pulumi": pulumi_cli.find(self._say)}
        return made | ({"file system": rootfs.ensure()} if self.platform.provider == "lab" else {})

    def preview(self) -> Result:
        """Say what ``up`` would do; nothing is changed."""
        self._check_machine()
        with self._opened() as stack:
            return self._run(functools.partial(stack.preview, refresh=True))

    def up(self) -> Result:
        """Make the machines equal to the model, and write the stack's outputs; a relay that leaves is drained before.

        Raises:
            PlatformError: This machine cannot, something could not be made, or a leaving relay still carries calls.
        """
        self._check_machine()
        with self._opened() as stack:
            drain_leaving(self.platform, self._say)
            result = self._run(functools.partial(stack.up, refresh=True))
            values = {name: output.value for name, output in stack.outputs().items()}
            write_atomic(outputs_file(self.name), json.dumps(values, indent=2, sort_keys=True) + "\n")
            return result

    def refresh(self) -> Result:
        """Look at what really exists and note it in the state."""
        with self._opened() as stack:
            return self._run(stack.refresh)

    def destroy(self) -> Result:
        """Remove every machine and network, then whatever a killed run may have left beside the state."""
        result = Result()
        if (self._folder / ".pulumi").exists():
            try:
                with self._opened() as stack:
                    result = self._run(functools.partial(stack.destroy, refresh=True))
                    stack.workspace.remove_stack(self.name)
            except PlatformError as error:
                if self.platform.provider != "lab":  # elsewhere the state is all we know of what is paid for
                    raise
                self._say(f"{error.message}; removing the lab without its state")
        if self.platform.provider == "lab":
            lab.destroy(self.name)
        outputs_file(self.name).unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)
        return result

    def environment(self) -> dict[str, str]:
        """Return the environment in which a plain ``pulumi`` works on the same state."""
        self._folder.mkdir(parents=True, exist_ok=True)
        passphrase = self._folder / "passphrase"
        if not passphrase.exists():
            write_atomic(passphrase, secrets.token_urlsafe(32), mode=0o600)
        path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
        return {
            "PATH": path,  # where the provider plugin is found
            "PULUMI_HOME": str(cache_root() / "pulumi" / "home"),
            "PULUMI_BACKEND_URL": f"file://{self._folder}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "TRUNKLINE_CACHE": str(cache_root()),
        }

    def _check_machine(self) -> None:
        """Check everything that can be checked before anything is changed."""
        if self.platform.provider == "lab":
            require(lab.PROGRAMS)
            for name in NETWORKS:
                network.check_free(Network.of(self.name, name, str(getattr(self.platform.networks, name) or "")))

    @contextlib.contextmanager
    def _opened(self) -> Iterator[automation.Stack]:
        """Open the stack for one run: alone, without leftovers of a killed one."""
        root = stack_root(self.name)
        root.mkdir(parents=True, exist_ok=True)
        with (root / ".lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PlatformError(
                    f"another run is working on the stack {self.name}", remedy="wait for it, or stop it"
                ) from None
            self._clear_locks()
            self._clear_torn_files()
            try:
                stack = self._open()
                self._clear_pending(stack)
            except automation.CommandError as error:
                raise PlatformError(
                    f"the state of the stack {self.name} cannot be opened: {str(error)[-800:]}",
                    remedy=f"look into {self._folder}; `trunkline stack destroy` removes a lab whatever its state",
                ) from error
            yield stack

    def _open(self) -> automation.Stack:
        program = pulumi_cli.find(self._say)
        root = self._folder / "command"  # the API wants to find the command in a folder of the name bin
        (root / "bin").mkdir(parents=True, exist_ok=True)
        (root / "bin/pulumi").unlink(missing_ok=True)
        (root / "bin/pulumi").symlink_to(program)
        environment = self.environment()
        return automation.create_or_select_stack(
            self.name,
            project_name=PROJECT,
            program=lambda: declare(self.platform),
            opts=automation.LocalWorkspaceOptions(
                work_dir=str(self._folder),
                env_vars=environment,
                project_settings=automation.ProjectSettings(
                    name=PROJECT,
                    runtime="python",
                    main=str(self._folder),
                    backend=automation.ProjectBackend(url=environment["PULUMI_BACKEND_URL"]),
                ),
                pulumi_command=automation.PulumiCommand(root=str(root)),
            ),
        )

    def _clear_locks(self) -> None:
        """Remove locks whose process is dead; give the engine of a killed run time to end."""
        for lock in (self._folder / ".pulumi/locks").rglob("*.json"):
            holder = _holder(lock)
            if holder is not None and not wait_until(lambda pid=holder: not _is_pulumi(pid), ORPHAN_SECONDS):
                raise PlatformError(
                    f"process {holder} is working on the stack {self.name}", remedy="wait for it, or stop it"
                )
            lock.unlink(missing_ok=True)

    def _clear_torn_files(self) -> None:
        """Repair files of the state that a kill cut in the middle: the file backend does not rename into place."""
        state = self._folder / ".pulumi"
        for leftover in state.rglob("*.tmp"):
            leftover.unlink()
        for file in [*state.rglob("*.attrs"), *state.rglob("stacks/**/*.json")]:
            if not _is_json(file):
                self._say(f"{file.name} is torn; going on from the copy before it")
                backup = file.with_name(f"{file.name}.bak")
                if file.suffix == ".json" and _is_json(backup):
                    shutil.copyfile(backup, file)
                else:
                    file.unlink()

    def _clear_pending(self, stack: automation.Stack) -> None:
        """Forget operations that a killed run began: what they left is found or finished by name."""
        state = stack.export_stack()
        deployment: dict[str, Any] = dict(state.deployment or {})
        if deployment.pop("pending_operations", None):
            stack.import_stack(automation.Deployment(version=state.version, deployment=deployment))

    def _run(self, operation: Callable[..., Any]) -> Result:
        progress = _Progress(self._say)
        started = time.monotonic()
        try:
            operation(on_event=progress.take, color="never")
        except automation.CommandError as error:
            detail = "\n".join(dict.fromkeys(progress.errors)) or str(error)[-1500:]
            raise PlatformError(
                f"the stack {self.name} is not as it has to be: {detail}",
                remedy="put right what is named above and start again; what is done stays done",
            ) from error
        return Result(progress.changes, progress.resources, time.monotonic() - started)


class _Progress:
    """Turns the engine's events into lines for people."""

    def __init__(self, say: Say) -> None:
        self.errors: list[str] = []
        self.resources: list[str] = []
        self.changes: dict[str, int] = {}
        self._say = say
        self._began: dict[str, float] = {}

    def take(self, event: EngineEvent) -> None:
        """Take one event."""
        if event.resource_pre_event:
            self._began[event.resource_pre_event.metadata.urn] = time.monotonic()
        elif event.res_outputs_event:
            metadata = event.res_outputs_event.metadata
            self._finished(metadata.op, metadata.urn)
        elif event.diagnostic_event and event.diagnostic_event.severity == "error":
            self.errors.append(_without_traceback(event.diagnostic_event.message))
        elif event.summary_event:
            self.changes = {str(getattr(op, "value", op)): n for op, n in event.summary_event.resource_changes.items()}

    def _finished(self, operation: OpType, urn: str) -> None:
        kind, name = urn.split("::")[-2].rpartition("$")[2], urn.rsplit("::", maxsplit=1)[-1]
        if operation in _VERBS and ":cloud:" not in kind and not kind.startswith("pulumi:"):
            line = f"{_VERBS[operation]} {kind.rpartition(':')[2]} {name}"
            self.resources.append(line)
            self._say(f"{line} ({time.monotonic() - self._began.get(urn, time.monotonic()):.1f} s)")


def _without_traceback(message: str) -> str:
    """Return an error of our provider as it was written, without the frames that Pulumi's SDK adds."""
    plain = re.sub(r"<\{%.*?%\}>", "", message)
    plain = re.sub(r":\n  File \".*", "", plain, flags=re.DOTALL)
    return plain.replace("Unexpected <class 'Exception'>: ", "").strip()


def _holder(lock: Path) -> int | None:
    """Return the id of the process that holds a lock of the file backend; None when it cannot be read."""
    try:
        return int(json.loads(lock.read_text())["pid"])
    except (FileNotFoundError, KeyError, ValueError):
        return None


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_text())
    except (OSError, ValueError):
        return False
    return True


def _is_pulumi(process: int) -> bool:
    """Return whether a process lives and is Pulumi's engine (ids are used again)."""
    try:
        program = Path(f"/proc/{process}/cmdline").read_bytes().partition(b"\0")[0]
    except OSError:
        return False
    return program.rpartition(b"/")[2] == b"pulumi"
