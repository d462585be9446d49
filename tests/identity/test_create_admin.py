"""`flask staff create-admin`: the first account, from the machine itself."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import flask
import pytest
from pymongo.database import Database

from tests.people import PASSWORD

Stored = Database[dict[str, Any]]
ROOT = Path(__file__).parent.parent.parent


def run(app: flask.Flask, *arguments: str, typed: str) -> tuple[int, str]:
    # No terminal, as in a script: the password is one line of standard input.
    result = app.test_cli_runner().invoke(args=["staff", "create-admin", *arguments], input=typed)
    return result.exit_code, result.output


def test_an_administrator_is_made_who_can_sign_in(app: flask.Flask, database: Stored) -> None:
    status, said = run(app, "First@example.org", typed=f"{PASSWORD}\n")
    assert status == 0, said
    assert PASSWORD not in said
    (stored,) = database["staff"].find()
    assert stored["email"] == "first@example.org"
    assert stored["grants"] == [
        {"role": "administrator", "site": None, "unblinded": False, "subject_id": None}
    ]
    body = {"email": "first@example.org", "password": PASSWORD}
    assert app.test_client().post("/api/v1/sessions", json=body).status_code == 201
    entry = database["audit"].find_one({"action": "staff:create"})
    assert entry is not None
    assert (entry["actor_id"], entry["target"]) == ("machine", f"staff/{stored['_id']}")


@pytest.mark.parametrize(
    ("email", "typed", "fault"),
    [
        ("first@example.org", "short\n", "'password'"),
        ("first@example.org", "", "'password'"),
        ("first", f"{PASSWORD}\n", "'email'"),
    ],
)
def test_what_the_api_would_refuse_makes_nothing(
    app: flask.Flask, database: Stored, email: str, typed: str, fault: str
) -> None:
    status, said = run(app, email, typed=typed)
    assert status == 1
    assert fault in said
    assert database["staff"].count_documents({}) == 0


def test_a_taken_e_mail_is_said_so(app: flask.Flask, database: Stored) -> None:
    typed = f"{PASSWORD}\n"
    assert run(app, "first@example.org", typed=typed)[0] == 0
    status, said = run(app, "FIRST@example.org", typed=typed)
    assert status != 0
    assert "account already" in said
    assert database["staff"].count_documents({}) == 1


def test_a_terminal_is_asked_twice_without_an_echo(
    settings: dict[str, str], database: Stored
) -> None:
    status, said = in_terminal(settings, [PASSWORD, PASSWORD])
    assert status == 0, said
    assert said.count("Password") == 1
    assert PASSWORD not in said
    (stored,) = database["staff"].find({"email": "a@b.example"})
    # By a process of its own, so at the full cost: RFC 9106, section 4, second profile.
    assert stored["password_hash"].startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_mistyped_password_is_asked_for_again(settings: dict[str, str], database: Stored) -> None:
    status, said = in_terminal(settings, [PASSWORD, "something else", PASSWORD, PASSWORD])
    assert status == 0, said
    assert "do not match" in said
    assert database["staff"].count_documents({}) == 1


def in_terminal(settings: dict[str, str], lines: list[str]) -> tuple[int, str]:
    """Run the command with a terminal of its own and type `lines`, each when it is asked for."""
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "flask", "--app", "wsgi"]
    with subprocess.Popen(
        [*command, "staff", "create-admin", "a@b.example"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        said = ""
        for line in lines:
            said += _read_until(controller, ": ")
            os.write(controller, f"{line}\n".encode())
        said += _read_until(controller, None)
    os.close(controller)
    return process.returncode, said


def _read_until(controller: int, mark: str | None) -> str:
    said = ""
    while mark is None or not said.endswith(mark):
        try:
            chunk = os.read(controller, 1024)
        except OSError:
            # Linux says so when the last process has left the terminal.
            return said
        if not chunk:
            return said
        said += chunk.decode()
    return said
