"""The image: small, nobody's root, no secret; its very commands run from the very files it holds."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from backend.embedded import free_port
from tests.deploy.files import ROOT, compose, copied, instructions, words

SEED = {"PYTHONDONTWRITEBYTECODE": "1", "WEB_CONCURRENCY": "1"}


def rest_of(word: str) -> list[str]:
    return [rest for found, rest in instructions() if found == word]


def test_the_image_is_pinned_small_and_not_roots() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert rest_of("FROM") == ["${PYTHON_IMAGE} AS packages", "${PYTHON_IMAGE}"]
    assert rest_of("ARG") == ["PYTHON_IMAGE=python:3.12-slim-bookworm"]
    assert instructions().index(("USER", "10001:10001")) > max(
        number for number, (word, _) in enumerate(instructions()) if word in {"COPY", "RUN"}
    )
    assert rest_of("STOPSIGNAL") == ["SIGTERM"]
    install = rest_of("RUN")[0]
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    assert "curl" not in text
    for word in ("SECRET", "PASSWORD", "TOKEN", "MONGODB_URI"):
        assert word not in text


def test_only_what_is_copied_gets_into_the_build() -> None:
    let_in = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    assert let_in == {*copied(), "requirements.txt"}
    assert all((ROOT / source).exists() for source in let_in)


def test_the_packages_are_the_pinned_ones_but_for_the_embedded_database() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    command = next(part for part in rest_of("RUN")[0].split("&&") if " sed " in part)
    program = words(command.split(">")[0].strip())
    made = subprocess.run(program, cwd=ROOT, check=True, capture_output=True, text=True)
    pins = [line for line in lines if "==" in line]
    left = [line for line in made.stdout.splitlines() if "==" in line]
    assert [pin for pin in pins if pin not in left] == [
        pin for pin in pins if pin.startswith("secantusdb==")
    ]
    # The hashes of the removed pin went with it, and no other's did.
    assert made.stdout.count("--hash=") < (ROOT / "requirements.txt").read_text().count("--hash=")
    for one, following in zip(made.stdout.splitlines(), made.stdout.splitlines()[1:], strict=False):
        if "==" in one:
            assert "--hash=sha256:" in following


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Give a folder with what the image holds, and nothing else."""
    for source in copied():
        here = ROOT / source
        if here.is_dir():
            shutil.copytree(
                here, tmp_path / source, ignore=shutil.ignore_patterns("__pycache__", "demo")
            )
        else:
            shutil.copy(here, tmp_path / source)
    return tmp_path


def run_as_the_image(command: list[str]) -> list[str]:
    """Give the command with this Python's programs in place of the image's."""
    if command[0] == "python":
        return [sys.executable, *command[1:]]
    return [sys.executable, "-m", *command]


def files_in(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_its_commands_start_from_its_files_and_write_nothing_there(
    image: Path, settings: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    services, port = compose()["services"], free_port()
    scratch = tmp_path_factory.mktemp("tmp")
    environment = {
        **settings,
        **SEED,
        "PATH": os.environ["PATH"],
        "TMPDIR": str(scratch),
        "HOME": str(scratch),
        "MPLCONFIGDIR": str(scratch),
        "MONGODB_DATABASE": f"{settings['MONGODB_DATABASE']}_image",
        "STUDY_FILE": services["web"]["environment"]["STUDY_FILE"].removeprefix("/srv/app/"),
    }
    before = files_in(image)
    migrated = subprocess.run(
        run_as_the_image(services["migrate"]["command"]),
        cwd=image,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert migrated.returncode == 0, migrated.stderr
    assert "database is up to date" in migrated.stdout
    web, clock = services["web"]["command"], services["clock1"]["command"]
    assert web == words(rest_of("CMD")[0])
    bound = [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in web]
    (check,) = rest_of("HEALTHCHECK")
    asked = words(check[check.index("CMD") + 3 :].strip())
    asked = [word.replace(":8000/", f":{port}/") for word in asked]
    with (image.parent / "log").open("wb") as log:
        # Before anybody listens.
        assert subprocess.run(run_as_the_image(asked), check=False, stderr=log).returncode
        running = [
            subprocess.Popen(run_as_the_image(command), cwd=image, env=environment, stderr=log)
            for command in (bound, clock)
        ]
        try:
            await_ready(port)
            assert subprocess.run(run_as_the_image(asked), check=False).returncode == 0
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
            ends = [process.wait(timeout=40) for process in running]
    assert ends == [0, 0]
    assert files_in(image) == before


def await_ready(port: int) -> None:
    """Wait until the web process finds everything that a diary needs, the clock among it."""
    deadline, body = time.monotonic() + 60, ""
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            body = answer.read().decode()
        except OSError:
            time.sleep(0.1)
            continue
        finally:
            connection.close()
        if answer.status == 200:
            return
        time.sleep(0.1)
    pytest.fail(f"never ready: {body}")
