"""`verify_audit` finds the first entry that was altered, removed or moved, and says what it cannot show."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import pytest

from backend.models.audit_chain import digest
from backend.services import audit_anchor
from backend.services.audit_anchor import anchor, new_key, read_anchors, read_key
from backend.services.audit_verify import (
    ALTERED,
    CUT,
    FORKED,
    GONE,
    INSERTED,
    LIMITS,
    REMOVED,
    REORDERED,
    UNCHAINED,
    verify_audit,
)
from tests.audit.conftest import Stored
from tests.conftest import START, Clock
from tests.people import Person, staff

Tamper = Callable[[Stored, str], object]


def place(database: Stored, stream: str, seq: int) -> dict[str, Any]:
    found = database["audit"].find_one({"stream": stream, "seq": seq})
    assert found is not None
    return found


def altered(database: Stored, stream: str) -> object:
    return database["audit"].update_one(
        {"stream": stream, "seq": 3}, {"$set": {"actor_id": "somebody else"}}
    )


def altered_in_time(database: Stored, stream: str) -> object:
    at = place(database, stream, 3)["at"]
    return database["audit"].update_one(
        {"stream": stream, "seq": 3}, {"$set": {"at": at.replace(year=2025)}}
    )


def removed(database: Stored, stream: str) -> object:
    return database["audit"].delete_one({"stream": stream, "seq": 3})


def reordered(database: Stored, stream: str) -> None:
    """Let two entries change places, each with a digest that fits it."""
    third, fourth = place(database, stream, 3), place(database, stream, 4)
    for entry, seq in ((third, 4), (fourth, 3)):
        entry["seq"] = seq
        entry["sha256"] = digest(entry)
        database["audit"].replace_one({"_id": entry["_id"]}, entry)


def sealed_again(database: Stored, stream: str) -> None:
    """Alter an entry and compute its digest anew: the one after it tells."""
    entry = {**place(database, stream, 2), "actor_id": "somebody else"}
    entry["sha256"] = digest(entry)
    database["audit"].replace_one({"_id": entry["_id"]}, entry)


def inserted(database: Stored, stream: str) -> None:
    entry = {**place(database, stream, 2), "_id": "a second one"}
    database["audit"].insert_one(entry)


def cut(database: Stored, stream: str) -> object:
    return database["audit"].delete_many({"stream": stream, "seq": {"$gte": 3}})


def gone(database: Stored, stream: str) -> object:
    return database["audit"].delete_many({"stream": stream})


def unchained(database: Stored, stream: str) -> object:  # noqa: ARG001 - one of many
    entry = {"_id": "loose", "at": START, "actor_id": "x", "action": "y", "target": "z"}
    return database["audit"].insert_one(entry)


def rewritten(database: Stored, stream: str) -> None:
    """Do what a forger with the whole database can: change one entry and the chain after it."""
    rows = list(database["audit"].find({"stream": stream}).sort("seq", 1))
    rows[1]["actor_id"] = "somebody else"
    for before, row in zip([None, *rows], rows, strict=False):
        row["previous"] = before["sha256"] if before else "0" * 64
        row["sha256"] = digest(row)
        database["audit"].replace_one({"_id": row["_id"]}, row)
    database["audit_heads"].update_one({"_id": stream}, {"$set": {"sha256": rows[-1]["sha256"]}})


def test_a_trail_as_it_was_written_is_whole(subject_id: str, database: Stored) -> None:
    found = verify_audit({})
    assert found.faults == ()
    assert found.entries == database["audit"].count_documents({})
    assert found.streams == len(database["audit"].distinct("stream")) >= 3
    seqs = [row["seq"] for row in database["audit"].find({"subject_id": subject_id}).sort("seq", 1)]
    assert seqs == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("tamper", "kind", "seq"),
    [
        (altered, ALTERED, 3),
        (altered_in_time, ALTERED, 3),
        (removed, REMOVED, 4),
        (reordered, REORDERED, 3),
        (sealed_again, REORDERED, 3),
        (inserted, INSERTED, 2),
        (cut, CUT, 3),
        (gone, GONE, 1),
    ],
)
def test_the_first_wrong_place_is_named(
    subject_id: str, database: Stored, tamper: Tamper, kind: str, seq: int
) -> None:
    stream = f"subject/{subject_id}"
    tamper(database, stream)
    (fault,) = verify_audit({}).faults
    assert (fault.kind, fault.stream, fault.seq) == (kind, stream, seq)


def test_an_entry_beside_all_chains_is_named(subject_id: str, database: Stored) -> None:
    unchained(database, subject_id)
    (fault,) = verify_audit({}).faults
    assert (fault.kind, fault.entry_id) == (UNCHAINED, "loose")


def test_of_faults_in_two_streams_the_older_stands_first(
    subject_id: str, app: flask.Flask, database: Stored, clock: Clock
) -> None:
    clock.advance(seconds=60)
    later = staff(app, "investigator", "S01")
    removed(database, f"subject/{subject_id}")
    database["audit"].update_many({"actor_id": later.id}, {"$set": {"action": "nothing"}})
    faults = verify_audit({}).faults
    assert [fault.kind for fault in faults] == [REMOVED, ALTERED]


def test_a_chain_that_was_computed_anew_is_seen_by_its_anchor_alone(
    subject_id: str, database: Stored, tmp_path: Path
) -> None:
    new_key(tmp_path / "key.pem")
    key = read_key(tmp_path / "key.pem")
    folder = tmp_path / "anchors"
    assert anchor(folder, key, study_id="test", now=START) >= 3
    known = read_anchors(folder, audit_anchor.public_text(key.public_key())).digests
    assert verify_audit(known).faults == ()
    rewritten(database, f"subject/{subject_id}")
    # This is what a chain does not prove, and what is said with each verification.
    assert verify_audit({}).faults == ()
    assert any("chain anew" in limit for limit in LIMITS)
    (fault,) = verify_audit(known).faults
    assert (fault.kind, fault.seq) == (FORKED, 7)


def test_a_stream_that_is_gone_with_its_head_is_missed_by_its_anchor(
    subject_id: str, database: Stored, tmp_path: Path
) -> None:
    new_key(tmp_path / "key.pem")
    anchor(tmp_path, read_key(tmp_path / "key.pem"), study_id="test", now=START)
    known = read_anchors(tmp_path, None).digests
    stream = f"subject/{subject_id}"
    gone(database, stream)
    database["audit_heads"].delete_one({"_id": stream})
    assert verify_audit({}).faults == ()
    (fault,) = verify_audit(known).faults
    assert (fault.kind, fault.stream) == (GONE, stream)


def test_a_tail_cut_off_with_its_head_moved_back_is_missed_by_its_anchor(
    subject_id: str, database: Stored, tmp_path: Path
) -> None:
    new_key(tmp_path / "key.pem")
    anchor(tmp_path, read_key(tmp_path / "key.pem"), study_id="test", now=START)
    stream = f"subject/{subject_id}"
    cut(database, stream)
    last = place(database, stream, 2)
    database["audit_heads"].update_one(
        {"_id": stream}, {"$set": {"seq": 2, "sha256": last["sha256"]}}
    )
    assert verify_audit({}).faults == ()
    (fault,) = verify_audit(read_anchors(tmp_path, None).digests).faults
    assert (fault.kind, fault.seq) == (CUT, 3)


def test_a_head_that_points_elsewhere_is_named(subject_id: str, database: Stored) -> None:
    stream = f"subject/{subject_id}"
    database["audit_heads"].update_one({"_id": stream}, {"$set": {"sha256": "0" * 64}})
    (fault,) = verify_audit({}).faults
    assert fault.kind == FORKED


def test_the_command_says_whole_or_where_not_and_what_it_does_not_prove(
    subject_id: str, app: flask.Flask, database: Stored, nurse: Person
) -> None:
    run = app.test_cli_runner().invoke
    good = run(args=["audit", "verify"])
    assert good.exit_code == 0, good.output
    assert "whole" in good.output
    assert all(limit in good.output for limit in LIMITS)
    assert "no anchors" in good.output
    altered(database, f"subject/{subject_id}")
    bad = run(args=["audit", "verify"])
    assert bad.exit_code == 1
    assert f"altered: subject/{subject_id} place 3" in bad.output
    assert "NOT WHOLE" in bad.output
    assert nurse.id
