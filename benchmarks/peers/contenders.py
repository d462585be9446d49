"""The three that are measured: ours, bare Flask with pymongo, and Eve; all under our gunicorn settings."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.embedded import free_port
from backend.processes import Child, program, spawn, stop
from benchmarks.load import Request, send_all

ROOT = Path(__file__).parent.parent.parent
EVE = ROOT / "benchmarks" / "eve" / "requirements.txt"
WORKERS = 2
START_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Contender:
    """One of the three: its WSGI app, the gunicorn that runs it, the collections that it reads."""

    name: str
    app: str
    gunicorn: str
    diaries: str
    alerts: str


@dataclass(frozen=True, slots=True)
class Running:
    """A contender that answers."""

    contender: Contender
    url: str
    process: Child

    def worker_memory(self) -> float:
        """Give the mean proportional set size of its workers, in MiB (Linux)."""
        sizes = [_pss(worker) for worker in _children(self.process.pid)]
        return sum(sizes) / len(sizes) / 1024


def contenders(folder: Path) -> tuple[Contender, ...]:
    """Give the three; Eve's environment is made in `folder` unless it is there already."""
    ours = program("gunicorn")
    return (
        Contender("ours", "wsgi:app", ours, "diaries", "alerts"),
        Contender("bare", "benchmarks.bare:app", ours, "bare_diaries", "bare_alerts"),
        Contender("Eve", "benchmarks.eve.app:app", _eve(folder), "eve_diaries", "eve_alerts"),
    )


@contextmanager
def served(
    all_three: tuple[Contender, ...], environment: dict[str, str]
) -> Iterator[list[Running]]:
    """Serve all of them until the block ends."""
    with ExitStack() as stack:
        yield [stack.enter_context(_served(each, environment)) for each in all_three]


def seconds_to_first_answer(
    contender: Contender, question: Request, environment: dict[str, str]
) -> float:
    """Start it, ask until it answers with 200, stop it, and give the seconds to that answer."""
    begun = time.perf_counter()
    with _served(contender, environment, question) as _:
        return time.perf_counter() - begun


@contextmanager
def _served(
    contender: Contender, environment: dict[str, str], question: Request | None = None
) -> Iterator[Running]:
    port = free_port()
    command = [contender.gunicorn, "--config", "gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
    process = spawn(
        [*command, "--workers", str(WORKERS), "--log-level", "warning", contender.app],
        environment={**environment, "PYTHONPATH": str(ROOT)},
    )
    running = Running(contender, f"http://127.0.0.1:{port}", process)
    try:
        _await(running, question)
        yield running
    finally:
        stop(process, patience=40)


def _await(running: Running, question: Request | None) -> None:
    """Ask until there is an answer; without a question any answer will do."""
    asked = question or Request("/api/v1/alerts", None)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            send_all(running.url, [asked], connections=1, seconds=START_SECONDS)
        except RuntimeError as error:
            # Refused connections, and the answer to somebody without a token.
            if question is None and " 401 " in str(error):
                return
            if running.process.poll() is not None or time.monotonic() > deadline:
                message = f"{running.contender.name} did not start: {error}"
                raise RuntimeError(message) from error
            time.sleep(0.01)
        else:
            return


def _eve(folder: Path) -> str:
    """Make Eve's environment of the pinned packages once; give its gunicorn."""
    done = folder / "requirements.txt"
    if not done.exists() or done.read_bytes() != EVE.read_bytes():
        print("installing Eve into an environment of its own", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-qq"]
        options = ["--disable-pip-version-check", "--require-hashes", "-r", str(EVE)]
        subprocess.run([*pip, *options], check=True)
        done.write_bytes(EVE.read_bytes())
    return str(folder / "bin" / "gunicorn")


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def _pss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    message = f"no proportional set size of process {pid}"
    raise RuntimeError(message)


def machine() -> str:
    """Say on what it ran: cores, Python, commit."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=10"],  # noqa: S607 - the caller's git
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{os.cpu_count()} cores; Python {python}; commit {commit.stdout.strip() or 'unknown'}"
