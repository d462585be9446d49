"""Protocol deviations in reporting: only what the stored times prove, one row each."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from backend.access import Action
from backend.analysis.subjects import by_subject
from backend.clinical import windows as clinical
from backend.clinical.diaryplan import EXCUSED, MISSED
from backend.files.sheet import DAY, DECIMAL, INTEGER
from backend.listings.base import Asked, Column, Listing
from backend.listings.by_subject import ARM, SITE, SUBJECT, later, since
from backend.listings.deviation_rules import KINDS
from backend.models.adverse_event import stream_adverse_events
from backend.models.alert import stream_alerts_of_subjects
from backend.models.diary import stream_diaries
from backend.models.exposure import stream_exposures
from backend.models.lab import stream_results
from backend.models.subject import stream_subjects
from backend.models.window import stream_windows
from backend.services.assessment import LABS_COUNT_FOR
from backend.services.sae import SAE_REPORT

Row = Mapping[str, Any]
KEY = ("subject_id", "day", "kind", "id")


COLUMNS = (
    SUBJECT,
    SITE,
    ARM,
    Column("day", "Day", "DV.DVSTDTC", itemgetter("day"), DAY),
    Column("last_day", "Last day", "DV.DVENDTC", lambda row: row.get("last_day"), DAY),
    Column("kind", "Kind", "DV.DVDECOD", itemgetter("kind")),
    Column("deviation", "Deviation", "DV.DVTERM", lambda row: KINDS[row["kind"]].title),
    Column("detail", "Detail", "SUPPDV", itemgetter("detail")),
    Column("count", "How many", "SUPPDV", lambda row: row.get("count", 1), INTEGER),
    Column("hours_late", "Hours late", "SUPPDV", lambda row: row.get("hours"), DECIMAL),
    Column("rule", "Rule that was not kept", "SUPPDV", lambda row: KINDS[row["kind"]].rule),
    Column("source", "Source of the rule", "SUPPDV", lambda row: KINDS[row["kind"]].source),
    Column("id", "First record", "DV.DVSPID", itemgetter("id")),
)


def _stream(asked: Asked) -> Iterator[Row]:
    start, frame, sites = since(asked), asked.frame, asked.sites
    mark = None if start is None else (start, "", "")
    windows = by_subject(stream_windows(frame, sites, since=start))
    fields = ("marks", "reported_at", "received_at", "device_zone")
    diaries = by_subject(stream_diaries(frame, sites, since=start, fields=fields))
    events = by_subject(stream_adverse_events(frame, sites, after=mark))
    alerts = by_subject(stream_alerts_of_subjects(frame, sites, since=start))
    labs = by_subject(stream_results(frame, sites, since=start))
    doses = by_subject(stream_exposures(frame, sites, since=start))
    for subject in stream_subjects(frame, sites, since=start):
        number, zone = subject["_id"], ZoneInfo(subject["zone"])
        found = chain(
            _missed(windows(number)),
            chain.from_iterable(map(_diary, diaries(number))),
            _serious(events(number), asked.now, zone),
            _alerts(alerts(number), asked.now, zone),
            _labs(labs(number)),
            _doses(doses(number), zone),
        )
        who = {"subject_id": number, "site": subject["site"]}
        yield from later(asked, KEY, ({**who, **row} for row in found))


def _missed(windows: Iterable[Row]) -> Iterator[Row]:
    """Give each run of missed diaries: expected ones in a row, an excused one between them or not."""
    run: list[Row] = []
    for window in chain(windows, [{"state": "end"}]):
        if window["state"] == MISSED:
            run.append(window)
        elif window["state"] != EXCUSED and run:
            phases = ", ".join(dict.fromkeys(one["phase"] for one in run))
            yield {
                "kind": "diary_missed",
                "day": run[0]["day"],
                "last_day": run[-1]["day"],
                "detail": f"phase: {phases}",
                "count": len(run),
                "id": run[0]["_id"],
            }
            run = []


def _diary(diary: Row) -> Iterator[Row]:
    """Give what the marks of a diary prove; a later version of a day that was written is no delay."""
    day = dt.date.fromisoformat(diary["day"])
    zone = ZoneInfo(diary["device_zone"])
    base = {"day": diary["day"], "id": diary["_id"]}
    marks = set(diary["marks"])
    if clinical.CLOCK_SKEWED in marks:
        times = _text(diary["reported_at"]), _text(diary["received_at"])
        told = "written at {} by the phone, received at {}".format(*times)
        yield {**base, "kind": "diary_clock", "detail": told}
    if clinical.AMENDED in marks:
        return
    if clinical.LATE in marks:
        noon = dt.datetime.combine(
            day + dt.timedelta(days=1), clinical.ON_TIME_UNTIL, tzinfo=zone
        ).astimezone(dt.UTC)
        told = f"received at {_text(diary['received_at'])}"
        yield {
            **base,
            "kind": "diary_late",
            "detail": told,
            "hours": _hours(diary["received_at"] - noon),
        }
    if clinical.BACKFILLED in marks:
        days = (diary["reported_at"].astimezone(zone).date() - day).days
        yield {**base, "kind": "diary_backfilled", "detail": f"written {days} days after its day"}


def _serious(events: Iterable[Row], now: dt.datetime, zone: ZoneInfo) -> Iterator[Row]:
    for event in events:
        due = event.get("report_by")
        if due is None:
            continue
        sent = min((report["sent_at"] for report in event.get("reports", ())), default=None)
        if (sent or now) <= due:
            continue
        yield {
            "kind": "sae_overdue" if sent is None else "sae_late",
            "day": _day(due, zone),
            "detail": f"due by {_text(due)}, "
            + ("not reported" if sent is None else f"reported at {_text(sent)}"),
            "hours": _hours((sent or now) - due),
            "id": event["_id"],
        }


def _alerts(alerts: Iterable[Row], now: dt.datetime, zone: ZoneInfo) -> Iterator[Row]:
    """Give alerts answered too late, or waiting; a serious event's report has its own kind."""
    for alert in alerts:
        taken, due = alert.get("acknowledged_at"), alert["acknowledge_by"]
        own = alert["flag_id"] == SAE_REPORT or alert.get("suppressed")
        if own or (taken or now) <= due:
            continue
        yield {
            "kind": "alert_late",
            "day": _day(alert["rung_at"], zone),
            "detail": f"{alert['flag_id']}, {alert['tier']}: due by {_text(due)}, "
            + ("not taken" if taken is None else f"taken at {_text(taken)}"),
            "hours": _hours((taken or now) - due),
            "id": alert["_id"],
        }


def _labs(results: Iterable[Row]) -> Iterator[Row]:
    """Give reports entered late, one row for all results of a report."""
    reports: dict[str, list[Row]] = {}
    for result in results:
        if result["recorded_at"] - result["collected_at"] > LABS_COUNT_FOR:
            reports.setdefault(result["report_id"], []).append(result)
    for report_id, own in reports.items():
        due = own[0]["collected_at"] + LABS_COUNT_FOR
        yield {
            "kind": "lab_entered_late",
            "day": own[0]["day"],
            "detail": f"results: {', '.join(sorted(result['analyte'] for result in own))}; entered at"
            f" {_text(own[0]['recorded_at'])}",
            "count": len(own),
            "hours": _hours(own[0]["recorded_at"] - due),
            "id": report_id,
        }


def _doses(doses: Iterable[Row], zone: ZoneInfo) -> Iterator[Row]:
    """Give doses entered late; a correction says when it was corrected, not when it was entered."""
    for dose in doses:
        entered = dose["recorded_at"].astimezone(zone).date()
        days = (entered - dt.date.fromisoformat(dose["first"])).days
        if dose.get("corrects") is None and days > LABS_COUNT_FOR.days:
            yield {
                "kind": "dose_entered_late",
                "day": dose["first"],
                "detail": f"{dose['component']}: entered {days} days after its day",
                "id": dose["_id"],
            }


def _hours(late: dt.timedelta) -> float:
    return round(late.total_seconds() / 3600, 1)


def _day(moment: dt.datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).date().isoformat()


def _text(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds")


REPORTING_DEVIATIONS = Listing(
    name="reporting-deviations",
    title="Protocol deviations in reporting",
    # Of an alert it says no more than the assessment that raised it, and when it was taken.
    action=Action.ASSESSMENT_READ,
    columns=COLUMNS,
    key=KEY,
    stream=_stream,
    population="What the stored times prove; each row says which rule, and whose",
)
