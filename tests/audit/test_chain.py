"""One chain per stream: without a gap, whoever writes at once; undone with its transaction."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import flask
import pytest
from pymongo.client_session import ClientSession

from backend.db import transaction
from backend.models.audit import AuditEntry, append, changed
from backend.models.audit_chain import digest
from backend.services.audit_verify import verify_audit
from tests.audit.conftest import Stored
from tests.conftest import START

WRITERS, EACH = 6, 5


def entry(name: str, subject: str | None = None) -> AuditEntry:
    return AuditEntry(name, START, "somebody", "test", "thing/1", subject_id=subject)


def test_writers_at_once_make_one_chain_without_a_gap(app: flask.Flask, database: Stored) -> None:
    assert app

    def write(number: int) -> None:
        for turn in range(EACH):
            append(entry(f"{number}-{turn}", "S01-0001"))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    rows = list(database["audit"].find({"stream": "subject/S01-0001"}).sort("seq", 1))
    assert [row["seq"] for row in rows] == list(range(1, WRITERS * EACH + 1))
    assert verify_audit({}).faults == ()


def test_several_entries_of_one_transaction_follow_each_other(
    app: flask.Flask, database: Stored
) -> None:
    assert app

    def story(session: ClientSession) -> None:
        for name in ("a", "b", "c"):
            append(entry(name), session=session)

    transaction(story)
    rows = database["audit"].find({"stream": "actor/somebody"}).sort("seq", 1)
    assert [(row["_id"], row["seq"]) for row in rows] == [("a", 1), ("b", 2), ("c", 3)]
    assert verify_audit({}).faults == ()


def test_what_is_undone_leaves_no_place_behind(app: flask.Flask, database: Stored) -> None:
    assert app

    def story(session: ClientSession) -> None:
        append(entry("undone"), session=session)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        transaction(story)
    append(entry("done"))
    (row,) = database["audit"].find({})
    assert (row["_id"], row["seq"]) == ("done", 1)


def test_the_digest_is_of_every_value_and_name(app: flask.Flask, database: Stored) -> None:
    assert app
    append(entry("one", "S01-0001"))
    stored = database["audit"].find_one({})
    assert stored is not None
    assert digest(stored) == stored["sha256"]
    for name, value in stored.items():
        if name != "sha256":
            other = value + dt.timedelta(milliseconds=1) if isinstance(value, dt.datetime) else "x"
            assert digest({**stored, name: other}) != stored["sha256"], name
    assert digest({**stored, "more": None}) != stored["sha256"]


def test_what_changed_is_named_with_both_values() -> None:
    assert changed({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 5, "d": 4}) == {
        "b": {"old": 2, "new": 5},
        "c": {"old": 3, "new": None},
        "d": {"old": None, "new": 4},
    }
