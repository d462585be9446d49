"""SDTM LB, VS and QS: results and answers as they were reported, what is missing among them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from backend.analysis.subjects import AnalysisSubject
from backend.clinical.diaryplan import EXCUSED, MISSED
from backend.models.base import number_of
from backend.models.diary import stream_diaries
from backend.models.lab import stream_results
from backend.models.window import stream_windows
from backend.submission.events import further, qualifiers
from backend.submission.metadata import tests
from backend.submission.source import Row, Source, epoch, iso, study_day
from backend.submission.validate import pieces

_UNITS = {
    "temperature_c": "C",
    "temperature_f": "F",
    "sbp_mmhg": "mmHg",
    "dbp_mmhg": "mmHg",
    "heart_rate_bpm": "beats/min",
    "respiratory_rate": "breaths/min",
    "spo2_percent": "%",
    "weight_kg": "kg",
}
_PRO = "PRO-CTCAE V1.0"
# The whole diary of a day that did not come.
_ALL_CODE, _ALL_NAME = "QSALL", "All Questions of the Day"


def laboratory(source: Source) -> Iterator[Row]:
    """Give LB: value and limits in the laboratory's own unit, which is the standard one too."""
    for subject, stored in source.by_subject(stream_results(source.frame, source.sites)):
        last_before = _last_before(stored, subject)
        for number, result in enumerate(stored, start=1):
            code, name = tests("LB")[result["analyte"]]
            value, low, high = (number_of(result.get(key)) for key in ("value", "lln", "uln"))
            day = dt.date.fromisoformat(result["day"])
            fasting = result.get("fasting")
            yield source.identified("LB", subject) | {
                "LBSEQ": number,
                "LBSPID": result["_id"],
                "LBTESTCD": code,
                "LBTEST": name,
                "LBORRES": _text(value),
                "LBORRESU": result["unit_reported"],
                "LBORNRLO": _text(low),
                "LBORNRHI": _text(high),
                "LBSTRESC": _text(value),
                "LBSTRESN": _float(value),
                "LBSTRESU": result["unit"],
                "LBSTNRLO": _float(low),
                "LBSTNRHI": _float(high),
                "LBNRIND": _indicator(value, low, high),
                "LBLOBXFL": "Y" if result["_id"] in last_before else None,
                "LBFAST": None if fasting is None else "Y" if fasting else "N",
                "EPOCH": epoch(day, subject),
                "LBDTC": _local(result["collected_at"], subject),
                "LBDY": study_day(day, subject),
            }


def vital_signs(source: Source) -> Iterator[Row]:
    """Give VS: what was measured at home and said in the diary that counts."""
    for subject, diaries in _diaries(source):
        number = 0
        for diary in diaries:
            day = dt.date.fromisoformat(diary["day"])
            for fact, (code, name) in tests("VS").items():
                value = number_of(diary["answers"].get(fact))
                if value is None:
                    continue
                number += 1
                yield source.identified("VS", subject) | {
                    "VSSEQ": number,
                    "VSSPID": diary["_id"],
                    "VSTESTCD": code,
                    "VSTEST": name,
                    "VSORRES": _text(value),
                    "VSORRESU": _UNITS[fact],
                    "VSSTRESC": _text(value),
                    "VSSTRESN": _float(value),
                    "VSSTRESU": _UNITS[fact],
                    "EPOCH": epoch(day, subject),
                    "VSDTC": iso(day),
                    "VSDY": study_day(day, subject),
                }


def questionnaires(source: Source) -> Iterator[Row]:
    """Give QS: each answered item, 0 to 4, and each day of which no diary came as NOT DONE."""
    for subject, row in _questions(source):
        # What does not fit goes on in SUPPQS (SDTMIG 4.5.3.2).
        reason = next(iter(pieces(row.get("QSREASND"))), None)
        yield source.identified("QS", subject) | row | {"QSREASND": reason}


def supplemental_qs(source: Source) -> Iterator[Row]:
    """Give SUPPQS: the rest of a long reason for which no diary came."""
    for subject, row in _questions(source):
        rest = pieces(row.get("QSREASND"))[1:]
        found = [
            (further("QSREASND", number), "Reason Not Performed", part, "")
            for number, part in enumerate(rest, start=1)
        ]
        yield from qualifiers(source, subject, ("QS", "QSSEQ", row["QSSEQ"]), found)


def _questions(source: Source) -> Iterator[tuple[AnalysisSubject, Row]]:
    """Give each subject's rows of QS by day, with the whole reason."""
    items = {
        f"{symptom.id}_{item.attribute}": (
            _code(item.code),
            f"{symptom.pro_ctcae or symptom.title['en']}, {item.attribute}"[:40].strip(),
            symptom.category[:40].strip(),
        )
        for symptom in source.ruleset.symptoms.values()
        for item in symptom.items
    }
    windows = stream_windows(source.frame, source.sites)
    gaps = {
        subject.id: [window for window in own if window["state"] in (MISSED, EXCUSED)]
        for subject, own in source.by_subject(windows)
    }
    answered = {subject.id: diaries for subject, diaries in _diaries(source)}
    for subject in source.subjects.values():
        rows = [
            *(row for diary in answered.get(subject.id, []) for row in _answers(diary, items)),
            *(_not_done(window) for window in gaps.get(subject.id, [])),
        ]
        rows.sort(key=lambda row: (row["QSDTC"], row["QSTESTCD"], row["QSSPID"]))
        for number, row in enumerate(rows, start=1):
            day = dt.date.fromisoformat(row["QSDTC"])
            yield (
                subject,
                {
                    "QSSEQ": number,
                    **row,
                    "QSCAT": _PRO,
                    "EPOCH": epoch(day, subject),
                    "QSDY": study_day(day, subject),
                },
            )


def _answers(diary: Mapping[str, Any], items: Mapping[str, tuple[str, str, str]]) -> Iterator[Row]:
    for name, score in diary["scores"].items():
        if name in items:
            code, title, category = items[name]
            yield {
                "QSSPID": diary["_id"],
                "QSTESTCD": code,
                "QSTEST": title,
                "QSSCAT": category,
                "QSORRES": str(score),
                "QSSTRESC": str(score),
                "QSSTRESN": int(score),
                "QSDTC": diary["day"],
            }


def _not_done(window: Mapping[str, Any]) -> Row:
    said = [step["reason"] for step in window["steps"] if step.get("reason")]
    return {
        "QSSPID": window["_id"],
        "QSTESTCD": _ALL_CODE,
        "QSTEST": _ALL_NAME,
        "QSSTAT": "NOT DONE",
        "QSREASND": said[-1] if said else None,
        "QSDTC": window["day"],
    }


def _diaries(source: Source) -> Iterator[tuple[AnalysisSubject, list[Mapping[str, Any]]]]:
    """Give each subject's diaries that count, the oldest day first; replaced versions are left out."""
    for subject, stored in source.by_subject(stream_diaries(source.frame, source.sites)):
        current = [diary for diary in stored if not diary["superseded"]]
        yield subject, sorted(current, key=lambda diary: (diary["day"], diary["_id"]))


def _last_before(stored: list[Mapping[str, Any]], subject: AnalysisSubject) -> set[str]:
    """Give the last result of each analyte before the day of the first dose."""
    if subject.first_dose is None:
        return set()
    first = subject.first_dose.isoformat()
    # The stream is by day: a later one takes the place of an earlier one.
    last = {result["analyte"]: str(result["_id"]) for result in stored if result["day"] < first}
    return set(last.values())


def _code(code: str) -> str:
    """Give an item's short name: PROCTCAE_17A_SCL becomes PT17A."""
    return f"PT{code.split('_')[1]}"


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _indicator(value: Decimal | None, low: Decimal | None, high: Decimal | None) -> str | None:
    """Say where a value lies; nothing where a limit that decides it is not known."""
    if value is None:
        return None
    if low is not None and value < low:
        return "LOW"
    if high is not None and value > high:
        return "HIGH"
    # With one limit alone it may still be beyond the other.
    return "NORMAL" if low is not None and high is not None else None


def _local(moment: dt.datetime, subject: AnalysisSubject) -> str:
    """Give a moment by the clock on the subject's wall, with its offset."""
    return moment.astimezone(ZoneInfo(subject.zone)).isoformat(timespec="seconds")
