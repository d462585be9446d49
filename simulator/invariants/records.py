"""Receipts and diaries, diaries and assessments, laboratory rows, windows: none lost, none doubled."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from simulator.invariants.evidence import Evidence, Stored, twice
from simulator.invariants.findings import DOUBLED, LOST, Findings


def check_records(evidence: Evidence, findings: Findings) -> None:
    """Check what was written against what the people hold in their hands."""
    _refusals(evidence, findings)
    _diaries(evidence, findings)
    _assessments(evidence, findings)
    _labs(evidence, findings)
    _windows(evidence, findings)
    _doses(evidence, findings)


def _refusals(evidence: Evidence, findings: Findings) -> None:
    asked = len(evidence.told.receipts) + len(evidence.told.refusals)
    findings.add(
        LOST, "nothing was refused or left unanswered for good", asked, evidence.told.refusals
    )


def _diaries(evidence: Evidence, findings: Findings) -> None:
    told, diaries = evidence.told, evidence.stored["diaries"]
    by_id = {str(one["_id"]): one for one in diaries}
    findings.add(
        LOST,
        "each receipt has its diary, word for word as it was sent",
        len(told.receipts),
        (
            receipt.diary_id
            for receipt in told.receipts
            if not _is_kept(
                by_id.get(receipt.diary_id), receipt.submission_id, told.sent, receipt.subject_id
            )
        ),
    )
    received = {receipt.diary_id for receipt in told.receipts}
    findings.add(
        LOST,
        "each diary's receipt reached the patient",
        len(diaries),
        by_id.keys() - received,
    )
    findings.add(
        LOST,
        "each diary that was sent has a receipt",
        len(told.sent),
        told.sent.keys() - {receipt.submission_id for receipt in told.receipts},
    )
    findings.add(
        DOUBLED,
        "one diary per submission",
        len(diaries),
        twice((one["subject_id"], one["submission_id"]) for one in diaries),
    )
    named: defaultdict[str, set[str]] = defaultdict(set)
    for receipt in told.receipts:
        named[receipt.submission_id].add(receipt.diary_id)
    findings.add(
        DOUBLED,
        "all receipts of one submission name one diary",
        len(named),
        (submission for submission, ids in named.items() if len(ids) > 1),
    )
    findings.add(
        DOUBLED,
        "one version of a day's diary counts where it was corrected",
        sum(one["version"] > 1 for one in diaries),
        twice((one["subject_id"], one["day"]) for one in diaries if not one["superseded"]),
    )


def _is_kept(
    diary: Stored | None, submission: str, sent: Mapping[str, Stored], subject: str
) -> bool:
    if diary is None or diary["submission_id"] != submission or diary["subject_id"] != subject:
        return False
    # `sent_at` is another one each time that it is sent.
    kept, body = json.loads(diary["payload"]), dict(sent[submission])
    # The patient's own words are sealed and apart; that they are there, their reading shows.
    body.pop("free_text", None)
    if isinstance(body.get("amends"), dict):
        body["amends"] = {**body["amends"], "reason": None}
    kept.pop("sent_at", None)
    body.pop("sent_at", None)
    return bool(kept == json.loads(json.dumps(body)) and diary["day"] == body["day"])


def _assessments(evidence: Evidence, findings: Findings) -> None:
    assessed = Counter(str(one["source_id"]) for one in evidence.stored["assessments"])
    sources = {
        "diary": {str(one["_id"]) for one in evidence.stored["diaries"]},
        "laboratory report": {str(one["report_id"]) for one in evidence.stored["lab_results"]},
    }
    for kind, ids in sources.items():
        findings.add(
            LOST,
            f"each {kind} has its assessment",
            len(ids),
            (one for one in ids if not assessed[one]),
        )
    findings.add(
        DOUBLED,
        "one assessment per diary, report and day of silence",
        len(assessed),
        (source for source, many in assessed.items() if many > 1),
    )
    known = sources["diary"] | sources["laboratory report"]
    findings.add(
        LOST,
        "each assessment has its diary or report",
        sum(assessed.values()),
        (
            one["_id"]
            for one in evidence.stored["assessments"]
            if one["source_kind"] != "silence" and one["source_id"] not in known
        ),
    )


def _labs(evidence: Evidence, findings: Findings) -> None:
    results = evidence.stored["lab_results"]
    # The files have one result per patient and week: value and analyte tell which.
    stored = Counter((one["subject_id"], one["analyte"], str(one["value"])) for one in results)
    told = Counter(
        (row.subject_id, row.analyte.lower(), str(row.value)) for row in evidence.told.labs
    )
    kept = Counter(
        {(who, name.lower(), _plain(value)): n for (who, name, value), n in stored.items()}
    )
    expected = Counter({(who, name, _plain(value)): n for (who, name, value), n in told.items()})
    findings.add(
        LOST,
        "each row of a laboratory's file is a result",
        sum(expected.values()),
        (expected - kept).elements(),
    )
    findings.add(
        DOUBLED,
        "one result per row, however often the file was sent",
        len(results),
        [
            *twice((one["subject_id"], one["submission_id"], one["analyte"]) for one in results),
            *(kept - expected).elements(),
        ],
    )


def _plain(value: str) -> str:
    return f"{float(value):g}"


def _windows(evidence: Evidence, findings: Findings) -> None:
    windows = {(one["subject_id"], one["day"]): one for one in evidence.stored["windows"]}
    diaries = {(one["subject_id"], one["day"]) for one in evidence.stored["diaries"]}
    findings.add(
        LOST,
        "each diary has closed its day's window",
        len(diaries),
        (key for key in diaries if key in windows and windows[key].get("diary_id") is None),
    )
    days: defaultdict[str, set[date]] = defaultdict(set)
    for subject, day in windows:
        days[subject].add(date.fromisoformat(day))
    findings.add(
        LOST,
        "each day between a subject's first and last window has one",
        len(windows),
        (
            f"{subject} {day}"
            for subject, known in days.items()
            for day in _between(min(known), max(known))
            if day not in known
        ),
    )
    findings.add(
        DOUBLED,
        "one window per subject and day",
        len(evidence.stored["windows"]),
        twice((one["subject_id"], one["day"]) for one in evidence.stored["windows"]),
    )


def _between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _doses(evidence: Evidence, findings: Findings) -> None:
    doses = evidence.stored["exposures"]
    findings.add(
        DOUBLED,
        "one record per dose that was entered",
        len(doses),
        twice(
            (one["subject_id"], one["component"], one["first"], one.get("cycle")) for one in doses
        ),
    )
    entered = int(evidence.told.counts["doses entered"])
    findings.add(
        LOST, "each dose that was entered is there", entered, range(max(0, entered - len(doses)))
    )
