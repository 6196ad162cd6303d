"""The provider plugin as a process: it ends with Pulumi's engine, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PLUGIN = Path(sys.executable).parent / "pulumi-resource-trunkline"
SECONDS = 30.0
# Stands in for the engine: starts the plugin as Pulumi does, tells its process id, and waits to be killed.
ENGINE = """
import subprocess, sys
plugin = subprocess.Popen([sys.argv[1], "127.0.0.1:1"], stdout=subprocess.PIPE)
plugin.stdout.readline()
print(plugin.pid, flush=True)
plugin.wait()
"""


def test_the_plugin_ends_with_a_killed_engine() -> None:
    with subprocess.Popen([sys.executable, "-c", ENGINE, PLUGIN], stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        plugin = int(engine.stdout.readline())
        assert _lives(plugin)
        engine.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + SECONDS
    while _lives(plugin):
        assert time.monotonic() < deadline, f"process {plugin} outlives its engine"
        time.sleep(0.1)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
