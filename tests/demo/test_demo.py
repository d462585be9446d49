"""`python -m backend.demo`: seeds once, tells the accounts, keeps them, and refuses half a seeding."""

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from backend.embedded import free_port

SUBJECTS = 3
DAYS = 7
_ACCOUNT = re.compile(
    r"^  (?P<email>\S+@demo\.example) +(?P<password>\S{12,}) +"
    r"(?P<site>S\d\d|all sites)(?P<arm>, sees the arm)?$",
    re.MULTILINE,
)
_SEEDED = re.compile(r"^(\d+) diaries of (\d+) subjects in \d+ s$", re.MULTILINE)
# The clock process pushes to the same console whenever it is time.
_PUSH = re.compile(r"^\S+ push .*\n", re.MULTILINE)
_FIRST_LINE, _LAST_LINE = "API and its documentation ", "ctrl-C stops everything\n"


class Demo:
    """The demo with a folder of its own and, on a given server, a database of its own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(free_port()),
            "MONGODB_DATABASE": f"test_demo_{uuid.uuid4().hex[:12]}",
        }
        self.given = os.environ.get("MONGODB_URI")
        if self.given:
            self.environment |= {
                "MONGODB_URI": self.given,
                "SECRET_KEY": "only-for-tests-" * 3,
                "ENCRYPTION_KEY": "only-for-tests-" * 3,
            }

    def start(self) -> subprocess.CompletedProcess[str]:
        """Run it until it has told everything."""
        small = ["--subjects", str(SUBJECTS), "--weeks", str(DAYS // 7)]
        return subprocess.run(
            [sys.executable, "-m", "backend.demo", *small, "--no-wait", "--var", str(self.var)],
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )

    def forget(self) -> None:
        """Leave nothing on a given server; the embedded one's data is in the folder."""
        if self.given:
            with MongoClient[dict[str, object]](self.given) as client:
                client.drop_database(self.environment["MONGODB_DATABASE"])


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    own = Demo(tmp_path)
    yield own
    own.forget()


def said(output: str) -> str:
    """Give what the demo tells at its end: where to look, and who can sign in."""
    text = _PUSH.sub("", output)
    assert text.count(_FIRST_LINE) == text.count(_LAST_LINE) == 1, output
    return text[text.index(_FIRST_LINE) : text.index(_LAST_LINE)]


def test_it_seeds_once_and_tells_the_same_accounts_again(demo: Demo) -> None:
    first = demo.start()
    assert first.returncode == 0, first.stderr
    seeded = _SEEDED.search(first.stdout)
    assert seeded is not None, first.stdout
    assert 0 < int(seeded[1]) <= SUBJECTS * DAYS
    assert int(seeded[2]) == SUBJECTS
    told = _ACCOUNT.findall(said(first.stdout))
    stored = json.loads((demo.var / "demo.json").read_text(encoding="utf-8"))
    assert told == [
        (
            one["email"],
            one["password"],
            one["site"] or "all sites",
            ", sees the arm" if one["unblinded"] else "",
        )
        for one in stored
    ]
    assert len({email for email, *_ in told}) == len(told) == 8

    second = demo.start()
    assert second.returncode == 0, second.stderr
    assert _SEEDED.search(second.stdout) is None
    # The nurse could sign in, and her work is what it was.
    assert said(second.stdout) == said(first.stdout)


def test_half_a_seeding_is_refused_and_says_what_to_do(demo: Demo) -> None:
    (demo.var / "demo.begun").touch()
    refused = demo.start()
    assert refused.returncode == 2
    assert refused.stderr.endswith(
        f"an earlier demo was cut off while seeding: remove {demo.var}/ and start again\n"
    )
    assert _ACCOUNT.search(refused.stdout) is None
    assert not (demo.var / "demo.json").exists()
