"""A real clock process: started, watched by what it writes, ended by SIGTERM or SIGKILL."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60.0


@contextmanager
def clock_process(
    settings: Mapping[str, str], output: Path, *command: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m jobs.clock` (or another module) until the block ends, at the latest.

    Its standard output is appended to `output`, its log to a file beside it.
    """
    with output.open("ab") as out, output.with_suffix(".log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *(command or ("jobs.clock",))],
            cwd=ROOT,
            env={**settings},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=log,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def await_true(condition: Callable[[], bool], *, process: subprocess.Popen[bytes]) -> None:
    """Wait until `condition` holds; fail when the process ends before, or after `PATIENCE`."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, "the clock process ended by itself"
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
