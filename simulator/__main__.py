"""`python -m simulator`: let a seeded trial happen under faults, then say what was lost, doubled or late."""

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from simulator.drive import Pace
from simulator.faults import Kills
from simulator.invariants import Evidence, Findings, check_all, check_witness, read_evidence
from simulator.people import REVIEWER
from simulator.plan import default_start, make_plan
from simulator.report import as_lines, make_report
from simulator.run import Lived, Options, lived


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, check, print; 1 where something was lost or doubled."""
    asked = _asked(arguments)
    start = asked.start or default_start(asked.seed, asked.days)
    plan = make_plan(asked.seed, asked.patients, asked.days, start)
    options = Options(
        kills=asked.kills,
        weather=not asked.fair,
        pace=Pace(asked.writers, asked.beat),
        unlocks=asked.unlock,
        # A database of the machine's own choice; else an embedded one, which can be killed too.
        uri=os.environ.get("MONGODB_URI") or None,
    )
    with lived(plan, options) as trial:
        report = make_report(trial, examine(trial, gather(trial)))
    sys.stdout.write("\n".join(as_lines(report)) + "\n")
    if asked.report is not None:
        asked.report.with_suffix(".json").write_text(report.as_json(), encoding="utf-8")
        asked.report.with_suffix(".md").write_text(report.as_markdown(), encoding="utf-8")
    return 0 if report.is_whole else 1


def gather(trial: Lived) -> Evidence:
    """Read everything that can be seen from the outside, as of the moment when the clocks stopped."""
    return read_evidence(
        trial.database,
        told=trial.told,
        received=trial.stub.received,
        study=trial.system.folder / "study.toml",
        now=trial.now,
        wall_of=trial.keeper.wall_of,
        down=trial.system.down,
        foul=trial.weather.foul,
    )


def examine(trial: Lived, evidence: Evidence) -> Findings:
    """Check all invariants, the last ones through the eyes of a reviewer."""
    findings = check_all(evidence)
    reviewer = next(one for one in trial.team.values() if one.who.role == REVIEWER)
    subjects = [phone.subject_id for phone in trial.phones.values()]
    check_witness(evidence, findings, reviewer, subjects, readers=4)
    return findings


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--patients", type=int, default=20)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--start",
        type=dt.date.fromisoformat,
        help="first day; default: so that clocks change, in spring for even seeds, in autumn for odd",
    )
    parser.add_argument(
        "--kills",
        type=_kills,
        default=Kills(20, 60),
        metavar="LEAST-MOST",
        help="seconds between two kills (default 20-60), or none",
    )
    parser.add_argument("--fair", action="store_true", help="FCM never misbehaves")
    parser.add_argument(
        "--unlock",
        action="store_true",
        help="end what a killed process left open at once, as an operator may, not after a minute",
    )
    parser.add_argument("--writers", type=int, default=12, help="phones that send at a time")
    parser.add_argument("--beat", type=float, default=1.2, help="least seconds of each moment")
    parser.add_argument("--report", type=Path, help="write NAME.json and NAME.md")
    return parser.parse_args(arguments)


def _kills(text: str) -> Kills | None:
    if text == "none":
        return None
    least, _, most = text.partition("-")
    try:
        kills = Kills(float(least), float(most or least))
    except ValueError as error:
        message = f"seconds such as 20-60, or none; not {text!r}"
        raise argparse.ArgumentTypeError(message) from error
    if not 0 < kills.least <= kills.most:
        message = "the first number must be above 0 and not above the second"
        raise argparse.ArgumentTypeError(message)
    return kills


if __name__ == "__main__":
    raise SystemExit(main())
