"""Secrets from files, as containers are given them; what is wrong stops the start and says why."""

import re
from pathlib import Path

import pytest

from backend.config import Config, ConfigurationError
from backend.secret_files import LONGEST, SECRETS

KEY = "a-secret-key-of-more-than-32-characters"
GIVEN = {
    "MONGODB_URI": "mongodb://user:password@127.0.0.1/",
    "SECRET_KEY": KEY,
    "ENCRYPTION_KEY": KEY,
}
FIELDS = {name: name.lower() for name in SECRETS}


def file_of(folder: Path, text: str | bytes, mode: int = 0o400) -> str:
    path = folder / "secret"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize("name", SECRETS)
def test_each_secret_may_come_from_a_file(tmp_path: Path, name: str) -> None:
    without = {key: value for key, value in GIVEN.items() if key != name}
    # An editor's last line end is no part of it.
    found = Config.from_env({**without, f"{name}_FILE": file_of(tmp_path, f"{KEY}\n")})
    assert getattr(found, FIELDS[name]) == KEY


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_given_twice_is_refused(tmp_path: Path, name: str) -> None:
    both = {**GIVEN, name: KEY, f"{name}_FILE": file_of(tmp_path, KEY)}
    with pytest.raises(ConfigurationError, match=f"{name} and {name}_FILE are both set"):
        Config.from_env(both)


def test_an_empty_setting_is_none() -> None:
    # As compose writes `${SECRET_KEY_FILE:-}`.
    assert Config.from_env({**GIVEN, "SECRET_KEY_FILE": ""}).secret_key == KEY


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (b"", 0o400, "is empty"),
        (b" \n", 0o400, "is empty"),
        (b"\xff\xfe" * 40, 0o400, "not text in UTF-8"),
        (b"x" * (LONGEST + 1), 0o400, "longer than"),
        (KEY.encode(), 0o602, "anybody may write"),
        (b"too short", 0o400, "at least 32"),
    ],
)
def test_an_unusable_file_stops_the_start(
    tmp_path: Path, content: bytes, mode: int, said: str
) -> None:
    path = file_of(tmp_path, content, mode)
    with pytest.raises(ConfigurationError, match=said) as caught:
        Config.from_env(
            {"MONGODB_URI": "mongodb://127.0.0.1/", "ENCRYPTION_KEY": KEY, "SECRET_KEY_FILE": path}
        )
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("path", ["/nowhere/at/all", "/"])
def test_a_file_that_is_none_stops_the_start(path: str) -> None:
    with pytest.raises(ConfigurationError, match=r"SECRET_KEY_FILE: .* cannot be read"):
        Config.from_env(
            {"MONGODB_URI": "mongodb://127.0.0.1/", "ENCRYPTION_KEY": KEY, "SECRET_KEY_FILE": path}
        )


@pytest.mark.parametrize("mode", [0o444, 0o644])
def test_what_docker_and_kubernetes_mount_is_taken(tmp_path: Path, mode: int) -> None:
    given = {
        "MONGODB_URI": "mongodb://127.0.0.1/",
        "ENCRYPTION_KEY": KEY,
        "SECRET_KEY_FILE": file_of(tmp_path, KEY, mode),
    }
    assert Config.from_env(given).secret_key == KEY


def test_a_configuration_that_is_printed_shows_no_secret() -> None:
    shown = repr(Config.from_env({**GIVEN, **dict.fromkeys(SECRETS, "do-not-show-this-" * 3)}))
    assert "do-not-show" not in shown


def test_every_secret_of_the_readme_is_one_here() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    table = readme.partition("## Settings")[2].partition("## Operations")[0]
    secret = {
        name
        for name in re.findall(r"`([A-Z][A-Z_]+)`", table)
        if name.endswith(("_PASSWORD", "_SECRET", "_TOKEN", "_KEY", "_URI", "_NEXT", "_PREVIOUS"))
    }
    assert secret == set(SECRETS)
