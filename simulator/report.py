"""The run's report: what happened, then what was lost, doubled or late; as a table, JSON, Markdown."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from simulator.invariants.findings import DOUBLED, KINDS, LATE, LOST, Finding, Findings
from simulator.run import Lived


@dataclass(frozen=True, slots=True)
class Report:
    """Sections of named numbers, and the invariants."""

    title: str
    sections: Mapping[str, Mapping[str, object]]
    invariants: tuple[Finding, ...]
    totals: Mapping[str, int]

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing was lost and nothing doubled."""
        return not self.totals[LOST] and not self.totals[DOUBLED]

    def as_json(self) -> str:
        """Give it for a machine."""
        return json.dumps(asdict(self), indent=1, default=str) + "\n"

    def as_markdown(self) -> str:
        """Give it for a reader."""
        lines = [f"# {self.title}", ""]
        lines += [
            f"**Lost {self.totals[LOST]}, doubled {self.totals[DOUBLED]}, late {self.totals[LATE]}.**",
            "",
        ]
        for name, rows in self.sections.items():
            lines += [f"## {name}", "", "| what | value |", "|---|---:|"]
            lines += [f"| {what} | {_shown(value)} |" for what, value in rows.items()]
            lines.append("")
        lines += [
            "## Invariants",
            "",
            "| may be | invariant | checked on | broken |",
            "|---|---|---:|---:|",
        ]
        lines += [
            f"| {one.kind} | {one.name} | {one.seen} | {len(one.faults)} |"
            for one in self.invariants
        ]
        broken = [one for one in self.invariants if one.faults]
        if broken:
            lines += ["", "## Broken", ""]
            lines += [f"- {one.name}: {'; '.join(one.named)}" for one in broken]
        return "\n".join(lines) + "\n"


def make_report(lived: Lived, findings: Findings) -> Report:
    """Put together what a run has shown."""
    plan, told, system = lived.plan, lived.told, lived.system
    posted = {receipt.submission_id for receipt in told.receipts}
    bursts = Counter(entry.burst for entry in plan.entries if entry.burst > 1)
    skews = [abs(patient.skew).total_seconds() / 3600 for patient in plan.people if patient.skew]
    times = sorted(receipt.took * 1000 for receipt in told.receipts)
    answers = Counter(one.answer for one in lived.stub.received)
    shifts = Counter[str]()
    for (shift, _), many in told.answers.items():
        shifts[shift] += many
    sections: dict[str, dict[str, object]] = {
        "Run": {
            "seed": plan.seed,
            "database": lived.server,
            "seconds to enrol everybody": lived.set_up,
            "seconds of the trial itself": lived.lasted,
            "seconds until nothing was owed any more": lived.rest,
        },
        "Trial": {
            "patients": len(plan.people),
            "days": plan.days,
            "first day": plan.start,
            "changes of daylight saving": ", ".join(f"{z} {d}" for z, d in plan.changes()),
            "diaries if nobody forgot": plan.expected,
            "diaries written": sum(entry.amends is None for entry in plan.entries),
            "corrections": sum(entry.amends is not None for entry in plan.entries),
            "diaries with a receipt": len(posted),
            "receipts, repeats included": len(told.receipts),
            "phones with a wrong clock": len(skews),
            "farthest off, hours": max(skews, default=0.0),
            "phones that crossed a zone": sum(one.travels is not None for one in plan.people),
            "diaries that waited on an offline phone": sum(
                entry.burst > 1 for entry in plan.entries
            ),
            "longest burst": max(bursts, default=0),
            "tokens exchanged by phones": sum(one.renewals for one in lived.phones.values()),
            **told.counts,
        },
        "Answers to alerts": {
            **{f"by the {shift} shift": many for shift, many in sorted(shifts.items())},
            **{f"{step}, {shift}": many for (shift, step), many in sorted(told.answers.items())},
        },
        "Faults": {
            **{f"kills of the {name}": many for name, many in system.kills.items()},
            **{f"starts of {name}": many for name, many in system.starts.items()},
            **{f"FCM: times of {name}": many for name, many in lived.weather.planned.items()},
            **{f"FCM answered {name}": many for name, many in sorted(answers.items())},
            **{f"API answered {name}": n for name, n in sorted(lived.line.answers.items())},
        },
        "Speed, under these faults": {
            "diaries per second, of the trial's time": len(posted) / lived.lasted,
            "POST of a diary, ms, p50": _quantile(times, 0.5),
            "POST of a diary, ms, p99": _quantile(times, 0.99),
            **findings.numbers,
        },
    }
    return Report(
        title=f"Simulated trial: {len(plan.people)} patients, {plan.days} days, seed {plan.seed}",
        sections=sections,
        invariants=tuple(findings.found),
        totals={kind: findings.count(kind) for kind in KINDS},
    )


def as_lines(report: Report) -> list[str]:
    """Give the report for a terminal."""
    lines = [report.title, ""]
    for name, rows in report.sections.items():
        lines += [name, *(f"  {what:60} {_shown(value):>14}" for what, value in rows.items()), ""]
    lines += ["Invariants", *(f"  {_line(one)}" for one in report.invariants), ""]
    totals: Sequence[tuple[str, Any]] = tuple(report.totals.items())
    return [*lines, ", ".join(f"{kind} {many}" for kind, many in totals)]


def _line(one: Finding) -> str:
    named = f"  {'; '.join(one.named)}" if one.faults else ""
    return f"{one.kind:8}{one.name:66}{one.seen:>8} {len(one.faults):>6}{named}"


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _shown(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
