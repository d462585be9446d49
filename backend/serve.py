"""`python -m backend.serve`: the database if none is given, the migration, web and clock."""

import http.client
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.embedded import EmbeddedServer, EmbeddedServerError, listens
from backend.processes import Child, program, spawn, stop
from backend.secret_files import is_given

VAR = Path("var")
_HOST = "127.0.0.1"
# Push services want a contact, and an example has none.
_NOBODY = "mailto:nobody@example.org"
_START_SECONDS = 60.0
# Longer than gunicorn's own graceful_timeout.
_STOP_SECONDS = 40.0


class ServeError(Exception):
    """The system did not start; the text says what to do."""


@dataclass(frozen=True, slots=True)
class System:
    """A running system: where it answers, its settings, its processes by name."""

    url: str
    environment: Mapping[str, str]
    children: Mapping[str, Child]

    def wait(self) -> str:
        """Return the name of the first process that ends; normally none does."""
        while True:
            for name, child in self.children.items():
                if child.poll() is not None:
                    return name
            time.sleep(0.2)


@contextmanager
def running(given: Mapping[str, str], var: Path = VAR) -> Iterator[System]:
    """Start everything that `given` (an environment) lacks, and stop it in the reverse order.

    Without MONGODB_URI the embedded database runs on `var`/db; without SECRET_KEY one is made once
    and kept beside it, and so is a key for Web Push without WEBPUSH_KEY_FILE, but only then: a real
    database wants real secrets.

    Raises:
        ServeError: a part did not start.
        EmbeddedServerError: the same of the embedded database.
    """
    environment = dict(given)
    port = _port(environment.setdefault("PORT", "8000"))
    if listens(port):
        message = f"port {port} is in use; choose another with PORT=…"
        raise ServeError(message)
    with ExitStack() as stack:
        if not is_given(environment, "MONGODB_URI"):
            server = stack.enter_context(EmbeddedServer(var / "db"))
            environment["MONGODB_URI"] = server.uri
            if not is_given(environment, "SECRET_KEY"):
                environment["SECRET_KEY"] = _kept_secret(var / "secret_key")
            if not is_given(environment, "ENCRYPTION_KEY"):
                environment["ENCRYPTION_KEY"] = _kept_secret(var / "encryption_key")
            if not environment.get("WEBPUSH_KEY_FILE"):
                environment["WEBPUSH_KEY_FILE"] = str(_kept_key(var / "webpush_key.pem"))
                environment.setdefault("WEBPUSH_CONTACT", _NOBODY)
            if not environment.get("AUDIT_ANCHOR_DIR"):
                # In its own folder, which shows how it works; real anchors belong elsewhere.
                environment["AUDIT_ANCHOR_DIR"] = str((var / "anchors").resolve())
                environment["AUDIT_KEY_FILE"] = str(_kept_audit_key(var / "audit_key.pem"))
        _migrate(environment)
        children: dict[str, Child] = {}
        for name, command in (
            # The clock comes last and so stops first: nothing is sent while the web winds down.
            ("web", [program("gunicorn"), "--bind", f"{_HOST}:{port}", "wsgi:app"]),
            ("clock", [sys.executable, "-m", "jobs.clock"]),
        ):
            children[name] = spawn(command, environment=environment)
            stack.callback(stop, children[name], patience=_STOP_SECONDS)
        system = System(f"http://{_HOST}:{port}", environment, children)
        _await_web(port, system)
        yield system


def main() -> int:
    """Run until ctrl-C, SIGTERM, or the end of one of the processes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with running(os.environ) as system:
            sys.stdout.write(f"serving on {system.url} (ctrl-C stops it)\n")
            sys.stdout.flush()
            ended = system.wait()
            sys.stderr.write(f"the {ended} process ended; stopping the others\n")
            return 1
    except (ServeError, EmbeddedServerError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 0


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**16:
        message = f"PORT must be a number from 1 to 65535, not {text!r}"
        raise ServeError(message)
    return int(text)


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii")


def _kept_key(path: Path) -> Path:
    # Only where a key is made.
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    from backend.files.pem import write_private_key  # noqa: PLC0415

    if not path.exists():
        write_private_key(path, ec.generate_private_key(ec.SECP256R1()))
    return path.resolve()


def _kept_audit_key(path: Path) -> Path:
    from backend.services.audit_anchor import new_key  # noqa: PLC0415 - see _kept_key

    if not path.exists():
        new_key(path)
    return path.resolve()


def _migrate(environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backend.migrate"],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        message = f"the migration failed:\n{done.stderr or done.stdout}"
        raise ServeError(message)


def _await_web(port: int, system: System) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        for name, child in system.children.items():
            if child.poll() is not None:
                message = f"the {name} process ended at its start; its reason stands above"
                raise ServeError(message)
        connection = http.client.HTTPConnection(_HOST, port, timeout=5)
        try:
            connection.request("GET", "/livez")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    message = f"the web process does not answer on port {port}"
    raise ServeError(message)


if __name__ == "__main__":
    raise SystemExit(main())
