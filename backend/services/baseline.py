"""What is known of a subject before treatment: values by name and laboratory results, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from backend.clinical.facts import LabValue, Value, fault_of
from backend.clinical.rules import Ruleset
from backend.errors import Fault
from backend.services.sample import Laboratory, Reported, read_result

# What the record says about a person: measured before treatment, and who they are and what they take.
_GROUPS = ("baseline", "history")


@dataclass(frozen=True, slots=True)
class BaselineLab:
    """One laboratory result before treatment, as the laboratory reported it."""

    reported: Reported
    collected_on: date | None


def baseline_faults(baseline: Mapping[str, Value], ruleset: Ruleset) -> tuple[Fault, ...]:
    """Name what is unknown, of the wrong type or out of range."""
    faults = []
    for name, value in baseline.items():
        declared = ruleset.facts.get(name)
        pointer = "/baseline/" + name.replace("~", "~0").replace("/", "~1")
        if declared is None or declared.group not in _GROUPS or declared.asked != "record":
            faults.append(Fault(pointer, "unknown baseline value"))
        elif detail := fault_of(declared, value):
            faults.append(Fault(pointer, detail))
    return tuple(faults)


def read_baseline_labs(
    labs: tuple[BaselineLab, ...], laboratory: Laboratory, *, today: date
) -> tuple[dict[str, LabValue], tuple[Fault, ...]]:
    """Read the results before treatment, by analyte; `today` is the subject's."""
    found: dict[str, LabValue] = {}
    faults: list[Fault] = []
    for index, lab in enumerate(labs):
        where = f"/baseline_labs/{index}"
        measured, wrong = read_result(lab.reported, where, laboratory)
        faults += wrong
        if lab.collected_on is not None and lab.collected_on > today:
            faults.append(Fault(f"{where}/collected_on", "this day has not come yet"))
        if measured is None:
            continue
        if measured.analyte in found:
            faults.append(Fault(f"{where}/analyte", "given twice"))
        found[measured.analyte] = LabValue(
            measured.value,
            measured.unit,
            measured.lln,
            measured.uln,
            collected_on=lab.collected_on,
        )
    return found, tuple(faults)
