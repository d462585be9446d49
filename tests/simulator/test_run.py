"""A small trial over HTTP with the real processes and a killed web process: all invariants hold."""

import json

from simulator.invariants import DOUBLED, LATE, LOST
from simulator.plan import AGAIN, AT_ONCE
from simulator.report import as_lines, make_report
from tests.simulator.conftest import DAYS, PATIENTS, Shown


def test_nothing_is_lost_doubled_or_late(shown: Shown) -> None:
    assert shown.findings.broken() == []
    assert {finding.kind for finding in shown.findings.found} == {LOST, DOUBLED, LATE}


def test_it_was_a_trial_with_faults(shown: Shown) -> None:
    trial = shown.trial
    assert trial.system.kills["web"] >= 1
    assert trial.system.starts["web"] == trial.system.kills["web"] + 1
    entries = trial.plan.entries
    assert {one.submission_id for one in entries} == {
        one.submission_id for one in trial.told.receipts
    }
    assert max(one.burst for one in entries) > 1
    assert {AGAIN, AT_ONCE} <= {one.repeat for one in entries}
    repeats = sum(one.repeat != "" for one in entries)
    assert len(trial.told.receipts) >= len(entries) + repeats - max(one.burst for one in entries)
    assert trial.told.labs
    assert shown.findings.numbers["alerts"] > 0
    assert shown.findings.numbers["pushes that FCM took"] > 0
    assert trial.told.answers


def test_the_report_says_what_was_run_and_what_was_found(shown: Shown) -> None:
    report = make_report(shown.trial, shown.findings)
    assert report.is_whole
    told = json.loads(report.as_json())
    assert told["totals"] == {"lost": 0, "doubled": 0, "late": 0}
    assert told["sections"]["Trial"]["diaries if nobody forgot"] == PATIENTS * DAYS
    text = report.as_markdown()
    assert "**Lost 0, doubled 0, late 0.**" in text
    assert all(finding.name in text for finding in shown.findings.found)
    assert as_lines(report)[-1] == "lost 0, doubled 0, late 0"
