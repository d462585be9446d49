"""Tables as sheets, from which each kind of file is written; the rules of the tests are printed."""

from collections.abc import Iterator, Mapping
from typing import Any

from backend.files.sheet import DECIMAL, INTEGER, Sheet, SheetColumn
from backend.services.review import facts_of
from backend.services.unblinding import BLINDED, UNBLINDED
from backend.statistics import comparison, rates, survival
from backend.statistics import strata as strata_statistics
from backend.tables.exposure_rates import TIME, ExposureRates
from backend.tables.first_event import FirstEvents
from backend.tables.incidence import GRADES, Cell, IncidenceTable
from backend.tables.population import (
    GRADE,
    POPULATION,
    SMALL_CELL,
    TOTAL,
    WINDOW,
    Asked,
    Made,
)
from backend.tables.strata import StrataTable

_P = "p = {:.4f}"


def incidence_sheet(table: IncidenceTable, asked: Asked) -> Sheet:
    """Give the incidence table as a sheet: a line for everything, each SOC and each term."""
    columns = [SheetColumn("soc", "System organ class"), SheetColumn("term", "CTCAE v4.03 term")]
    for name, label in (("any", "any grade"), ("severe", "grade 3 or more")):
        for arm in table.made.population:
            columns += [
                SheetColumn(f"{name}_{arm}", f"{_of(arm)}, {label}", INTEGER),
                SheetColumn(f"{name}_{arm}_percent", f"{_of(arm)}, {label}, %", DECIMAL),
            ]
        if not table.made.blinded:
            columns += _comparison_columns(name, label)
    for arm in table.made.population:
        columns += [
            SheetColumn(f"grade_{grade}_{arm}", f"{_of(arm)}, worst grade {grade}", INTEGER)
            for grade in GRADES
        ]

    def rows() -> Iterator[Mapping[str, Any]]:
        for row in table.rows:
            line: dict[str, Any] = {"soc": row.soc or "Any event", "term": row.term}
            for name, cell in (("any", row.any_grade), ("severe", row.severe)):
                line |= _cell(name, cell, blinded=table.made.blinded)
            for arm, counts in row.by_grade.items():
                line |= {f"grade_{grade}_{arm}": count for grade, count in counts.items()}
            yield line

    without = "hidden" if table.without_events is None else str(table.without_events)
    return _sheet(
        "incidence",
        "Incidence of adverse events by system organ class and term",
        (columns, rows()),
        table.made,
        asked,
        notes=(
            f"Patients without an event: {without}",
            f"Test: {comparison.RULE}",
            f"Interval: {comparison.INTERVAL}",
        ),
    )


def rates_sheet(table: ExposureRates, asked: Asked) -> Sheet:
    """Give the exposure-adjusted rates as a sheet."""
    columns = [SheetColumn("soc", "System organ class"), SheetColumn("term", "CTCAE v4.03 term")]
    for arm in table.made.population:
        columns += [
            SheetColumn(f"patients_{arm}", f"{_of(arm)}, patients", INTEGER),
            SheetColumn(f"years_{arm}", f"{_of(arm)}, patient-years", DECIMAL),
            SheetColumn(f"rate_{arm}", f"{_of(arm)}, per {rates.PER_YEARS} patient-years", DECIMAL),
            SheetColumn(f"low_{arm}", f"{_of(arm)}, 95 % from", DECIMAL),
            SheetColumn(f"high_{arm}", f"{_of(arm)}, 95 % to", DECIMAL),
        ]
    if not table.made.blinded:
        columns += [
            SheetColumn("ratio", "Rate ratio", DECIMAL),
            SheetColumn("ratio_low", "Ratio, 95 % from", DECIMAL),
            SheetColumn("ratio_high", "Ratio, 95 % to", DECIMAL),
            SheetColumn("p", "p", DECIMAL),
        ]

    def rows() -> Iterator[Mapping[str, Any]]:
        for row in table.rows:
            line: dict[str, Any] = {"soc": row.soc or "Any event", "term": row.term}
            for arm, rate in row.rates.items():
                line |= {
                    f"patients_{arm}": rate and rate.patients,
                    f"years_{arm}": rate and round(rate.patient_years, 2),
                    f"rate_{arm}": rate and _short(rate.rate),
                    f"low_{arm}": rate and _short(rate.low),
                    f"high_{arm}": rate and _short(rate.high),
                }
            found = row.comparison
            line |= {
                "ratio": found and _short(found.ratio),
                "ratio_low": found and _short(found.low),
                "ratio_high": found and _short(found.high),
                "p": found and _exact(found.p),
            }
            yield line

    return _sheet(
        "exposure-rates",
        "Exposure-adjusted incidence rates of adverse events",
        (columns, rows()),
        table.made,
        asked,
        notes=(TIME, rates.RULE, rates.INTERVAL),
    )


def first_events_sheet(table: FirstEvents, asked: Asked) -> Sheet:
    """Give the times to the first event as a sheet: a line for each step of each curve."""
    columns = [
        SheetColumn("event", "Event"),
        SheetColumn("arm", "Patients of"),
        SheetColumn("day", "Day since the first dose (1: that day)", INTEGER),
        SheetColumn("at_risk", "At risk", INTEGER),
        SheetColumn("events", "Events", INTEGER),
        SheetColumn("free", "Event-free", DECIMAL),
        SheetColumn("low", "95 % from", DECIMAL),
        SheetColumn("high", "95 % to", DECIMAL),
        SheetColumn("incidence", "Cumulative incidence", DECIMAL),
    ]
    notes = [survival.METHOD]
    for row in table.rows:
        event = _event(row.least_grade, table.term)
        for arm, curve in row.curves.items():
            if curve is None:
                notes.append(f"{event}, {_of(arm)}: hidden, a small cell")
                continue
            median = "not reached" if curve.median is None else f"day {curve.median}"
            notes.append(
                f"{event}, {_of(arm)}: {curve.patients} patients, {curve.events} with the event, "
                f"{curve.competing} died without, {curve.censored} censored; median {median}"
            )
        if row.log_rank is not None:
            test = _P.format(row.log_rank.p)
            notes.append(f"{event}: log-rank chi-square {row.log_rank.chi_square:.3f}, {test}")

    def rows() -> Iterator[Mapping[str, Any]]:
        for row in table.rows:
            for arm, curve in row.curves.items():
                for step in curve.steps if curve is not None else ():
                    yield {
                        "event": _event(row.least_grade, table.term),
                        "arm": _of(arm),
                        "day": step.day,
                        "at_risk": step.at_risk,
                        "events": step.events,
                        "free": _exact(step.free),
                        "low": _exact(step.low),
                        "high": _exact(step.high),
                        "incidence": _exact(step.incidence),
                    }

    return _sheet(
        "first-event",
        "Time from the first dose to the first adverse event",
        (columns, rows()),
        table.made,
        asked,
        notes=tuple(notes),
    )


def strata_sheet(table: StrataTable, asked: Asked) -> Sheet:
    """Give the rates by stratum as a sheet."""
    columns = [SheetColumn("event", "Event"), SheetColumn("stratum", "MRF")]
    for arm in table.made.population:
        columns += [
            SheetColumn(f"patients_{arm}", f"{_of(arm)}, with the event", INTEGER),
            SheetColumn(f"population_{arm}", f"{_of(arm)}, patients", INTEGER),
        ]
    notes = [strata_statistics.METHOD]
    for row in table.rows:
        test = row.test
        if test is not None:
            odds = (
                "no value"
                if test.odds_ratio is None
                else (f"{test.odds_ratio:.3f} ({test.low:.3f} to {test.high:.3f})")
            )
            agree = (
                "" if test.homogeneity_p is None else f"; homogeneity p = {test.homogeneity_p:.4f}"
            )
            notes.append(
                f"{_event(row.least_grade, None)}: CMH {test.statistic:.3f}, {_P.format(test.p)}, "
                f"{test.strata_used} strata; common odds ratio {odds}{agree}"
            )

    def rows() -> Iterator[Mapping[str, Any]]:
        for row in table.rows:
            for each in row.strata:
                line: dict[str, Any] = {
                    "event": _event(row.least_grade, None),
                    "stratum": each.stratum,
                }
                for arm in each.population:
                    line[f"patients_{arm}"] = each.patients[arm]
                    line[f"population_{arm}"] = each.population[arm]
                yield line

    return _sheet(
        "strata",
        "Adverse events within the strata of the randomisation",
        (columns, rows()),
        table.made,
        asked,
        notes=tuple(notes),
    )


def _sheet(
    name: str,
    title: str,
    content: tuple[list[SheetColumn], Iterator[Mapping[str, Any]]],
    made: Made,
    asked: Asked,
    *,
    notes: tuple[str, ...],
) -> Sheet:
    label = BLINDED if made.blinded else UNBLINDED
    size = ", ".join(f"{_of(arm)}: {count}" for arm, count in made.population.items())
    facts = facts_of(
        asked.frame,
        asked.study,
        asked.ruleset,
        label=label,
        population=POPULATION,
        sites=asked.sites,
    )
    open_notes = [
        WINDOW.format(days=asked.study.safety_window_days),
        GRADE,
        f"Courses that no clinician has judged: {made.unjudged}",
        f"Enrolled and not treated, so not counted: {made.not_treated}",
        f"Without a last treatment on record, so with an open window: {made.window_open}",
    ]
    if made.blinded:
        open_notes.append(
            f"An empty cell is hidden: 1 to {SMALL_CELL - 1} patients, or all but so many"
        )
    columns, rows = content
    return Sheet(
        name=f"{name}-{made.group}-{label}",
        title=f"{title} ({made.group})",
        facts=(*facts, ("Patients", size)),
        columns=columns,
        rows=rows,
        made_at=asked.frame.now,
        notes=(*open_notes, *notes),
    )


def _comparison_columns(name: str, label: str) -> list[SheetColumn]:
    return [
        SheetColumn(f"{name}_difference", f"Difference, {label}, points", DECIMAL),
        SheetColumn(f"{name}_low", "95 % from", DECIMAL),
        SheetColumn(f"{name}_high", "95 % to", DECIMAL),
        SheetColumn(f"{name}_p", f"p, {label}", DECIMAL),
        SheetColumn(f"{name}_test", "Test"),
        SheetColumn(f"{name}_why", "Why this test"),
    ]


def _cell(name: str, cell: Cell, *, blinded: bool) -> dict[str, Any]:
    line: dict[str, Any] = {}
    for arm, count in cell.patients.items():
        line[f"{name}_{arm}"] = count
        line[f"{name}_{arm}_percent"] = cell.percent[arm]
    found = cell.comparison
    if not blinded:
        line |= {
            f"{name}_difference": found and _short(found.difference),
            f"{name}_low": found and _short(found.low),
            f"{name}_high": found and _short(found.high),
            f"{name}_p": found and _exact(found.p),
            f"{name}_test": found and found.test,
            f"{name}_why": found and found.why,
        }
    return line


def _event(least: int, term: str | None) -> str:
    what = term or "Any event"
    return what if least == 1 else f"{what}, grade {least} or more"


def _of(arm: str) -> str:
    return "All" if arm == TOTAL else f"Arm {arm}"


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _exact(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
