"""Child processes that end with their parent: the embedded database, the web and the clock."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

Child = subprocess.Popen[bytes]

# Runs before the program, in its process. Linux signals a child whose parent was killed if the
# child asks for it, and only the child can ask. Done by exec, because preexec_fn is not safe beside
# threads. The signal comes when the *thread* that started the child ends: start from a lasting one.
_ASK = """
import ctypes, os, sys
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sys.argv[2]))
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent ended before the start")
os.execv(sys.argv[3], sys.argv[3:])
"""


def program(name: str) -> str:
    """Give the path of a console script that is installed beside the running Python."""
    return str(Path(sys.executable).parent / name)


def spawn(
    command: Sequence[str],
    *,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
    orphaned: signal.Signals = signal.SIGTERM,
) -> Child:
    """Start `command` (its first word is a path); it gets the signal `orphaned` when we end.

    Output is appended to `log`, or goes where ours goes. The child has a process group of its own:
    ctrl-C reaches the parent alone, which then stops its children in the right order.
    Where the system is not Linux, a parent that is killed outright leaves its children behind.
    """
    words = list(command)
    if sys.platform == "linux":
        words = [
            sys.executable,
            "-I",
            "-S",
            "-c",
            _ASK,
            str(os.getpid()),
            str(int(orphaned)),
            *words,
        ]
    if log is None:
        return subprocess.Popen(  # noqa: S603 - only our own programs and arguments
            words, stdin=subprocess.DEVNULL, env=environment, process_group=0
        )
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603 - only our own programs and arguments
            words,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
            process_group=0,
        )


def stop(process: Child, *, patience: float) -> int:
    """Ask the process to end, kill it after `patience` seconds, and give its exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
