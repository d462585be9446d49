"""Each invariant can fail: what it guards is broken on purpose, and it says so."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from simulator.invariants import Findings, check_all, check_witness
from simulator.invariants.evidence import Evidence
from simulator.people import REVIEWER
from tests.simulator.conftest import Shown

Stored = Mapping[str, list[dict[str, Any]]]
HOUR = dt.timedelta(hours=1)


def _drop(name: str, **where: object) -> Callable[[Stored], None]:
    """Give a break: the first document of a collection that fits is gone."""

    def broken(stored: Stored) -> None:
        rows = stored[name]
        rows.remove(next(one for one in rows if _fits(one, where)))

    return broken


def _double(name: str, **where: object) -> Callable[[Stored], None]:
    """Give a break: the same document is there a second time, under another id."""

    def broken(stored: Stored) -> None:
        rows = stored[name]
        rows.append({**next(one for one in rows if _fits(one, where)), "_id": "another"})

    return broken


def _set(name: str, changed: Mapping[str, object], **where: object) -> Callable[[Stored], None]:
    """Give a break: the first document that fits says something else."""

    def broken(stored: Stored) -> None:
        next(one for one in stored[name] if _fits(one, where)).update(changed)

    return broken


def _fits(one: Mapping[str, Any], where: Mapping[str, object]) -> bool:
    return all(one.get(name) == value for name, value in where.items())


def _unanswered(stored: Stored) -> None:
    """Let nobody have answered an alert, and no clock have followed it."""
    alert = next(one for one in stored["alerts"] if one["tier"] != "routine")
    alert["steps"] = alert["steps"][:1]
    alert["assessment_ids"] = alert["assessment_ids"][:1]


def _stepped(after: dt.timedelta) -> Callable[[Stored], None]:
    """Give a break: an unanswered alert went on so long after it rang."""

    def broken(stored: Stored) -> None:
        _unanswered(stored)
        alert = next(one for one in stored["alerts"] if one["tier"] != "routine")
        at = alert["raised_at"] + after
        alert["steps"] = [
            *alert["steps"],
            {"at": at, "step": "escalated", "by": "clock", "note": "step 2: duty_nurse"},
        ]

    return broken


def _held_instead(stored: Stored) -> None:
    """Let an alert have been rung again without a reason."""
    alert = stored["alerts"][0]
    again = {**alert["steps"][0], "step": "repeat"}
    alert["steps"] = [alert["steps"][0], again]
    alert["assessment_ids"] = [alert["assessment_ids"][0]] * 2


def _waiting_routine(stored: Stored) -> None:
    """Let a routine alert have waited for days at a site that was told of nothing."""
    alert = stored["alerts"][0]
    alert |= {"tier": "routine", "steps": alert["steps"][:1], "site": "S09"}


def _rung_for_nobody(stored: Stored) -> None:
    subject = next(one for one in stored["alerts"] if one["tier"] != "routine")["subject_id"]
    own = {one["_id"] for one in stored["alerts"] if one["subject_id"] == subject}
    stored["outbox"][:] = [one for one in stored["outbox"] if one["alert_id"] not in own]


def _left_owed(stored: Stored) -> None:
    entry = stored["outbox"][0]
    entry |= {"state": "due", "due_at": entry["created_at"]}


def _gap(stored: Stored) -> None:
    # A chain that goes on after its first entry.
    longer = next(one for one in stored["audit"] if one["seq"] == 2)
    first = {"stream": longer["stream"], "seq": 1}
    stored["audit"].remove(next(one for one in stored["audit"] if _fits(one, first)))


def _hole(stored: Stored) -> None:
    """Let a day in the middle of a subject's have no window."""
    windows = sorted(stored["windows"], key=lambda one: (one["subject_id"], one["day"]))
    middle = next(
        one
        for before, one, after in zip(windows, windows[1:], windows[2:], strict=False)
        if before["subject_id"] == one["subject_id"] == after["subject_id"]
    )
    stored["windows"].remove(middle)


def _never_closed(stored: Stored) -> None:
    """Let a window not know of its diary."""
    for window in stored["windows"]:
        window.pop("diary_id", None)


# The invariant's name, and what breaks it.
BREAKS: dict[str, Callable[[Stored], None]] = {
    "each receipt has its diary, word for word as it was sent": _drop("diaries"),
    "each diary's receipt reached the patient": _double("diaries"),
    "one diary per submission": _double("diaries"),
    "one version of a day's diary counts where it was corrected": _set(
        "diaries", {"superseded": False}, superseded=True
    ),
    "each diary has its assessment": _drop("assessments", source_kind="diary"),
    "each laboratory report has its assessment": _drop("assessments", source_kind="lab"),
    "one assessment per diary, report and day of silence": _double("assessments"),
    "each assessment has its diary or report": _drop("lab_results"),
    "each row of a laboratory's file is a result": _drop("lab_results"),
    "one result per row, however often the file was sent": _double("lab_results"),
    "each diary has closed its day's window": _never_closed,
    "each day between a subject's first and last window has one": _hole,
    "one window per subject and day": _double("windows"),
    "one record per dose that was entered": _double("exposures"),
    "each dose that was entered is there": _drop("exposures"),
    "each flag has its alert": _drop("alerts"),
    "one alert per flag of an assessment": _double("alerts"),
    "one open alert per cause at any moment": _double("alerts"),
    "each alert has the assessments that raised it": _set("alerts", {"flag_id": "ANOTHER"}),
    "each alert was raised, rung again or held as the rule says": _held_instead,
    "each alert was answered or went on to the next person": _unanswered,
    "no alert went on before its time": _stepped(dt.timedelta(seconds=1)),
    "each step of escalation within 15 s, kills apart": _stepped(30 * 24 * HOUR),
    "each routine alert that waited was told of in a digest": _waiting_routine,
    "each ring is owed to somebody": _rung_for_nobody,
    "each message was sent, withdrawn or handed to the next channel": _left_owed,
    "one message per ring, person and channel": _double("outbox"),
    "each diary and report is in the audit trail": _drop("audit", action="diary:record"),
    "one entry in the audit trail per diary and report": _double("audit", action="diary:record"),
    "each chain of the audit trail counts from 1 without a gap": _gap,
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_in_the_database_is_found(shown: Shown, stored: Stored, name: str) -> None:
    BREAKS[name](stored)
    # Kills and jumps are no excuse here, and the end is a day away.
    evidence = replace(shown.evidence, stored=stored, down=(), wall_of=dt.datetime.timestamp)
    assert name in check_all(evidence).broken()


def test_what_the_people_hold_is_believed(shown: Shown) -> None:
    told = shown.evidence.told
    changed = replace(
        told,
        sent={**told.sent, "never-answered": {"submission_id": "never-answered"}},
        receipts=[*told.receipts, replace(told.receipts[0], diary_id="another")],
        refusals=["a diary that was refused"],
    )
    broken = check_all(replace(shown.evidence, told=changed)).broken()
    assert set(broken) == WITH_PEOPLE


WITH_PEOPLE = {
    "nothing was refused or left unanswered for good",
    "each receipt has its diary, word for word as it was sent",
    "each diary that was sent has a receipt",
    "all receipts of one submission name one diary",
}


def test_a_diary_that_says_something_else_than_was_sent_is_found(
    shown: Shown, stored: Stored
) -> None:
    diary = stored["diaries"][0]
    diary["payload"] = diary["payload"].replace('"zone"', '"zona"')
    broken = check_all(replace(shown.evidence, stored=stored)).broken()
    assert broken == ["each receipt has its diary, word for word as it was sent"]


def test_what_fcm_saw_is_believed(shown: Shown) -> None:
    taken = [one for one in shown.evidence.received if one.answer == "200"]
    none = check_all(replace(shown.evidence, received=()))
    assert none.broken() == ["each push that counts as sent reached FCM"]
    tag = taken[0].json["message"]["android"]["notification"]["tag"]
    other = replace(taken[0], body=taken[0].body.replace(tag, "another-tag", 10))
    # The same message under the same name replaces itself on the phone; under another it is seen twice.
    assert check_all(replace(shown.evidence, received=[*taken, taken[0]])).broken() == []
    twice = replace(
        taken[0],
        body=taken[0].body.replace(f'"tag": "{tag}"', '"tag": "another"'),
    )
    assert twice.body != taken[0].body
    assert other.body != taken[0].body
    found = check_all(replace(shown.evidence, received=[*taken, twice])).broken()
    assert found == ["no push that a person would see twice"]


def test_a_push_that_came_late_is_found(shown: Shown) -> None:
    later = [replace(one, at=one.at + 300) for one in shown.evidence.received]
    findings = check_all(replace(shown.evidence, received=later))
    assert findings.broken() == ["each push that rings within 60 s after the diary, faults apart"]
    assert findings.is_whole


def test_the_reviewer_is_believed(shown: Shown, stored: Stored) -> None:
    team = shown.trial.team.values()
    reviewer = next(one for one in team if one.who.role == REVIEWER)
    stored["diaries"].append({"_id": "hidden"})
    stored["alerts"].append({"_id": "hidden"})
    findings = Findings()
    subjects = [phone.subject_id for phone in shown.trial.phones.values()]
    check_witness(replace(shown.evidence, stored=stored), findings, reviewer, subjects, 2)
    assert findings.broken() == [
        "a reviewer sees each diary through the API",
        "a reviewer sees each alert through the API",
    ]


def test_every_invariant_has_a_test_that_breaks_it(shown: Shown) -> None:
    elsewhere = WITH_PEOPLE | {
        "each push that counts as sent reached FCM",
        "no push that a person would see twice",
        "each push that rings within 60 s after the diary, faults apart",
        "a reviewer sees each diary through the API",
        "a reviewer sees each alert through the API",
    }
    assert {one.name for one in shown.findings.found} == BREAKS.keys() | elsewhere


@contextmanager
def _without(shown: Shown, name: str, query: Mapping[str, object]) -> Iterator[None]:
    """Take one document out of the real database, and put it back."""
    collection = shown.trial.database[name]
    taken = collection.find_one(dict(query))
    assert taken is not None
    collection.delete_one({"_id": taken["_id"]})
    try:
        yield
    finally:
        collection.insert_one(taken)


@contextmanager
def _with_another(shown: Shown, name: str, query: Mapping[str, object]) -> Iterator[None]:
    """Put one document into the real database a second time, and take it out again."""
    collection = shown.trial.database[name]
    found = dict(collection.find_one(dict(query)) or {})
    # What the unique index of open alerts would refuse.
    found.pop("open_key", None)
    collection.insert_one({**found, "_id": "another"})
    try:
        yield
    finally:
        collection.delete_one({"_id": "another"})


def _broken_now(shown: Shown) -> list[str]:
    evidence: Evidence = shown.read_again()
    return check_all(evidence).broken()


@pytest.mark.parametrize(
    ("name", "query", "invariant"),
    [
        ("diaries", {}, "each receipt has its diary, word for word as it was sent"),
        ("assessments", {"source_kind": "diary"}, "each diary has its assessment"),
        ("alerts", {}, "each flag has its alert"),
        ("audit", {"action": "diary:record"}, "each diary and report is in the audit trail"),
    ],
)
def test_what_is_taken_out_of_the_real_database_is_lost(
    shown: Shown, name: str, query: Mapping[str, object], invariant: str
) -> None:
    with _without(shown, name, query):
        assert invariant in _broken_now(shown)
    assert _broken_now(shown) == []


@pytest.mark.parametrize(
    ("name", "invariant"),
    [
        ("assessments", "one assessment per diary, report and day of silence"),
        ("alerts", "one alert per flag of an assessment"),
        ("outbox", "one message per ring, person and channel"),
    ],
)
def test_what_is_put_into_the_real_database_twice_is_doubled(
    shown: Shown, name: str, invariant: str
) -> None:
    with _with_another(shown, name, {}):
        assert invariant in _broken_now(shown)
    assert _broken_now(shown) == []
