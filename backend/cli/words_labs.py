"""Results as the grading cases write them: one `analyte` with its limits, or `tsh` beside `tsh_uln`."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from backend.clinical.facts import LabValue, is_measurable
from backend.clinical.rules import Ruleset

# What a line calls a limit -> what a result calls it.
LIMITS = {
    "lln": "lln",
    "uln": "uln",
    "baseline": "baseline",
    "mi_cutoff": "decision_limit",
    "mi_level": "decision_limit",
}


# How a word ends -> the unit that it says.
SUFFIXES = {
    "nmol_l": "nmol/L",
    "pmol_l": "pmol/L",
    "umol_l": "umol/L",
    "mmol_l": "mmol/L",
    "ml_min": "mL/min/1.73m2",
    "miu_l": "mIU/L",
    "u_l": "U/L",
    "ug_dl": "ug/dL",
    "ng_dl": "ng/dL",
    "mg_dl": "mg/dL",
    "g_dl": "g/dL",
    "g_l": "g/L",
    "ng_ml": "ng/mL",
    "ng_l": "ng/L",
    "10e9_l": "10^9/L",
    "per_mm3": "/mm3",
    "mm3": "/mm3",
}


def take(words: dict[str, object], ruleset: Ruleset) -> dict[str, LabValue]:
    """Take the words that are about results out of the line; returns the results by analyte.

    Raises:
        ValueError: an unknown analyte, a value or limit that is no number or cannot be.
    """
    found: dict[str, LabValue] = {}
    if "analyte" in words:
        analyte, lab = _named(words, ruleset)
        refuse_impossible("value", analyte, lab, ruleset)
        found[analyte] = lab
    for word in list(words):
        analyte_id, stem, unit = _read_word(word, ruleset)
        if analyte_id is not None and analyte_id not in found:
            lab = LabValue(_number(word, words.pop(word)), unit)
            found[analyte_id] = _limited(lab, stem, words)
            refuse_impossible(word, analyte_id, found[analyte_id], ruleset)
    return found


def refuse_impossible(word: str, analyte: str, lab: LabValue, ruleset: Ruleset) -> None:
    """Refuse what no sample can have, as entry does: a wrong unit must not look normal.

    Raises:
        ValueError: a value outside plausible.toml, a negative one in a unit that it does not hold,
            a limit or baseline that is not above 0 (a lower limit may be 0).
    """
    unit = ruleset.plausible.unit_of(analyte, lab.unit)
    fault = ruleset.plausible.fault_of(analyte, lab.value, unit) if unit else None
    if lab.value < 0:
        fault = "0 or more is expected"
    if fault is not None:
        message = f"{word}: {fault}"
        raise ValueError(message)
    if any(limit is not None and limit <= 0 for limit in (lab.uln, lab.baseline)):
        message = f"{word}: an upper limit and a baseline above 0 are expected"
        raise ValueError(message)
    if lab.lln is not None and lab.lln < 0:
        message = f"{word}: a lower limit of 0 or more is expected"
        raise ValueError(message)


def take_open(words: dict[str, object], line: Mapping[str, object], ruleset: Ruleset) -> set[str]:
    """Take the words about results whose value is null; returns these results by `lab:<analyte>`."""
    found = set()
    for word in line.keys() - words.keys():
        name = str(words.get("analyte", "")) if word == "value" else word
        analyte_id, stem, _ = _read_word(name, ruleset)
        if analyte_id is not None:
            found.add(f"lab:{analyte_id}")
            if word == "value":
                for other in ("analyte", "unit", "fasting", *LIMITS):
                    words.pop(other, None)
            else:
                for limit in LIMITS:
                    words.pop(f"{stem}_{limit}", None)
    return found


def _read_word(word: str, ruleset: Ruleset) -> tuple[str | None, str, str]:
    """Read a word such as `tsh` or `hb_g_l` as analyte, stem of its limits, and unit."""
    analyte_id = ruleset.units.analyte(word)
    if analyte_id is not None:
        return analyte_id, word, ruleset.units.analytes[analyte_id].unit
    for suffix, unit in SUFFIXES.items():
        stem = word.removesuffix(f"_{suffix}")
        analyte_id = ruleset.units.analyte(stem) if stem != word else None
        if analyte_id is not None:
            return analyte_id, stem, unit
    return None, word, ""


def _named(words: dict[str, object], ruleset: Ruleset) -> tuple[str, LabValue]:
    name = str(words.pop("analyte"))
    analyte = ruleset.units.analyte(name)
    if analyte is None:
        message = f"analyte: {name!r} is not known"
        raise ValueError(message)
    fasting = words.pop("fasting", None)
    if fasting is not None and not isinstance(fasting, bool):
        message = "fasting: true or false is expected"
        raise ValueError(message)
    if "value" not in words:
        message = "value: a result needs a value"
        raise ValueError(message)
    value = _number("value", words.pop("value"))
    lab = LabValue(value, str(words.pop("unit", "")), fasting=fasting)
    return analyte, _limited(lab, "", words)


def _limited(lab: LabValue, stem: str, words: dict[str, object]) -> LabValue:
    """Take the limits that belong to a result: `uln`, or `tsh_uln` beside `tsh`."""
    found: dict[str, Decimal] = {}
    for name, limit in LIMITS.items():
        word = f"{stem}_{name}" if stem else name
        if word in words:
            found[limit] = _number(word, words.pop(word))
    return replace(
        lab,
        lln=found.get("lln"),
        uln=found.get("uln"),
        baseline=found.get("baseline"),
        decision_limit=found.get("decision_limit"),
    )


def _number(word: str, value: object) -> Decimal:
    if is_measurable(value):
        return value
    message = f"{word}: a number is expected"
    raise ValueError(message)
