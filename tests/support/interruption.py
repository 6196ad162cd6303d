"""Programs of ours that are ended on the way, as by Ctrl-C, a closed terminal or a crash."""

from __future__ import annotations

import os
import re
import signal as signals
import subprocess
from collections.abc import Mapping, Sequence

from tests.support.deployed import BIN, ROOT


def interrupted(
    words: Sequence[str], *, at: str, signal: signals.Signals, environment: Mapping[str, str] | None = None
) -> str:
    """Run a program of ours until it prints a line that matches a pattern, then send a signal to all of its processes.

    Args:
        words: Its name and arguments.
        at: Regular expression.
        signal: What to send.
        environment: Variables on top of our own.

    Returns:
        What it wrote.

    Raises:
        AssertionError: It ended by itself, or as if nothing had happened.
    """
    variables = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONUNBUFFERED": "1", **(environment or {})}
    said = []
    seen = False
    with subprocess.Popen(
        # What a shell without job control starts in the background ignores SIGINT, and so does all below it.
        ["env", "--default-signal=INT", str(BIN / words[0]), *words[1:]],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            said.append(line)
            if not seen and re.search(at, line):
                seen = True
                os.killpg(process.pid, signal)
    text = "".join(said)
    assert seen, f"it ended by itself, {at!r} was never seen:\n{text}"
    assert process.returncode != 0, f"it ended as if nothing had happened:\n{text}"
    return text
