"""Anchors: signed, in order, never written over; each fault of a folder is named."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import flask
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.config import Config, ConfigurationError
from backend.context import new_id
from backend.services.audit_anchor import (
    AnchorError,
    anchor,
    is_due,
    new_key,
    public_text,
    read_anchors,
    read_key,
)
from jobs.anchor import anchor_audit
from jobs.process import Anchoring, Process, build_process
from tests.audit.conftest import Stored
from tests.conftest import START, Clock
from tests.people import Person, enrolled

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def key(tmp_path: Path) -> Ed25519PrivateKey:
    new_key(tmp_path / "key.pem")
    return read_key(tmp_path / "key.pem")


@pytest.fixture
def folder(subject_id: str, nurse: Person, key: Ed25519PrivateKey, tmp_path: Path) -> Path:
    """Give a folder with three anchors, with an enrolment between each two."""
    assert subject_id
    for number in range(3):
        anchor(tmp_path / "kept", key, study_id="test", now=START + number * HOUR)
        enrolled(nurse)
    return tmp_path / "kept"


@pytest.fixture
def process(config: Config, clock: Clock, tmp_path: Path) -> Iterator[Process]:
    """Give a clock as its settings make it."""
    anchored = replace(
        config, audit_anchor_dir=tmp_path / "kept", audit_key_file=tmp_path / "key.pem"
    )
    process = build_process(anchored, clock=clock, ids=new_id)
    yield process
    process.close()


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def test_anchors_hold_every_chain_s_end_and_only_what_grew_since(
    folder: Path, key: Ed25519PrivateKey, database: Stored
) -> None:
    found = read_anchors(folder, public_text(key.public_key()))
    assert (found.files, found.newest) == (3, START + 2 * HOUR)
    anchored = set(found.digests)
    late = {"subject/S01-0004"}
    assert anchored | late == set(database["audit"].distinct("stream"))
    for stream, places in found.digests.items():
        for seq, sha256 in places.items():
            row = database["audit"].find_one({"stream": stream, "seq": seq})
            assert row is not None
            assert row["sha256"] == sha256


def test_the_key_is_its_owner_s_alone_and_an_anchor_is_read_only(
    folder: Path, tmp_path: Path
) -> None:
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    assert {file.stat().st_mode & 0o777 for file in files(folder)} == {0o444}
    with pytest.raises(FileExistsError):
        new_key(tmp_path / "key.pem")


def test_another_key_a_changed_file_and_a_missing_one_are_named(
    folder: Path, key: Ed25519PrivateKey
) -> None:
    stranger = public_text(Ed25519PrivateKey.generate().public_key())
    with pytest.raises(AnchorError, match="not signed with this key"):
        read_anchors(folder, stranger)
    first, middle, _ = files(folder)
    told = json.loads(middle.read_text(encoding="utf-8"))
    told["heads"][0][2] = "0" * 64
    kept = middle.read_bytes()
    middle.chmod(0o644)
    middle.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(AnchorError, match=f"{middle.name} was not signed"):
        read_anchors(folder, public_text(key.public_key()))
    middle.write_bytes(kept)
    assert read_anchors(folder, None).files == 3
    first.unlink()
    with pytest.raises(AnchorError, match=f"{middle.name} does not follow"):
        read_anchors(folder, None)


def test_a_second_anchor_in_one_second_writes_over_nothing(
    folder: Path, key: Ed25519PrivateKey
) -> None:
    before = files(folder)[-1].read_bytes()
    with pytest.raises(FileExistsError):
        anchor(folder, key, study_id="test", now=START + 2 * HOUR)
    assert files(folder)[-1].read_bytes() == before
    assert list(folder.glob(".*")) == []


def test_a_file_that_is_none_and_a_key_that_is_none_are_named(folder: Path, tmp_path: Path) -> None:
    (folder / "audit-20990101T000000Z.json").write_text("{}", encoding="utf-8")
    with pytest.raises(AnchorError, match="is no anchor"):
        read_anchors(folder, None)
    (folder / "audit-later.json").write_text("{}", encoding="utf-8")
    with pytest.raises(AnchorError, match="not named as an anchor"):
        is_due(folder, HOUR, now=START)
    (tmp_path / "none.pem").write_text("none", encoding="utf-8")
    with pytest.raises(AnchorError, match="no private key"):
        read_key(tmp_path / "none.pem")


def test_the_clock_anchors_at_its_interval(
    subject_id: str, key: Ed25519PrivateKey, tmp_path: Path, clock: Clock, process: Process
) -> None:
    assert subject_id
    assert key
    assert process.anchoring == Anchoring(tmp_path / "kept", tmp_path / "key.pem", 900)
    assert anchor_audit(process) >= 3
    clock.advance(seconds=899)
    assert anchor_audit(process) == 0
    clock.advance(seconds=1)
    assert anchor_audit(process) >= 3
    assert len(files(tmp_path / "kept")) == 2


def test_folder_and_key_belong_together(settings: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="belong together"):
        Config.from_env({**settings, "AUDIT_ANCHOR_DIR": "anchors"})
    assert Config.from_env(settings).audit_anchor_dir is None


def test_the_commands_make_a_key_and_say_its_public_half(app: flask.Flask, tmp_path: Path) -> None:
    run: Any = app.test_cli_runner().invoke
    file = tmp_path / "made.pem"
    made = run(args=["audit", "new-key", str(file)])
    assert made.exit_code == 0, made.output
    assert made.output == run(args=["audit", "public-key", str(file)]).output
    assert made.output.strip() == public_text(read_key(file).public_key())
    again = run(args=["audit", "new-key", str(file)])
    assert (again.exit_code, "there already" in again.output) == (1, True)
    unset = run(args=["audit", "anchor"])
    assert (unset.exit_code, "not set" in unset.output) == (1, True)
