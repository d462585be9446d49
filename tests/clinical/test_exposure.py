"""What is on board on one day: by hand, by properties, and against the reference's patient days."""

import datetime as dt
import json
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.clinical.exposure import (
    COMPONENTS,
    GIVEN,
    INFUSED,
    OMITTED,
    ORAL,
    PAUSED,
    STOPPED,
    Dose,
    days_since,
    exposure_facts,
)
from backend.clinical.facts import fault_of
from tests.clinical.ruleset import REFERENCE, reference, ruleset

# A Monday: radiotherapy runs from Monday to Friday.
START = dt.date(2026, 1, 5)


def day(number: int) -> dt.date:
    """Give study day `number`; day 1 is the first."""
    return START + dt.timedelta(days=number - 1)


def cycle(number: int, first: int) -> list[Dose]:
    return [
        Dose("ql1706", day(first), cycle=number),
        Dose("oxaliplatin", day(first), cycle=number, amount_per_m2=Decimal(130)),
        *(Dose(name, day(first), day(first + 13), cycle=number) for name in ORAL),
    ]


def fractions(first: int) -> list[Dose]:
    return [Dose("radiotherapy", day(first + number)) for number in range(5)]


def trial(arm: str) -> list[Dose]:
    """Give the doses of scenario_cases.json, meta.timeline_assumptions."""
    starts = [1, 22, 57, 78, 99, 120] if arm == "A" else [15, 36, 57, 78, 99, 120]
    radiotherapy = fractions(43) if arm == "A" else fractions(1)
    cycles = [cycle(number, first) for number, first in enumerate(starts, start=1)]
    return [*radiotherapy, *(dose for doses in cycles for dose in doses)]


def scenarios() -> list[dict[str, Any]]:
    path = REFERENCE / "scenario_cases.json"
    return json.loads(path.read_text(encoding="utf-8"))["cases"] if path.exists() else []


# Known to us where the scenario leaves them out: the drug's last cycle, and how long ago the newest
# treatment of any kind was; no rule may rest on their absence.
_WE_SAY_MORE = {"capecitabine_cycle", "days_since_last_any_treatment", "cycle", "cycle_day"}


@pytest.mark.parametrize("case", scenarios(), ids=lambda case: case["id"])
def test_the_patient_days_of_the_reference(case: dict[str, Any]) -> None:
    context = {
        name: value
        for name, value in case["context"].items()
        if name not in ("arm", "phase", "baseline")
    }
    found = exposure_facts(trial(case["context"]["arm"]), on=day(context["study_day"]))
    for name, expected in context.items():
        if expected is None:
            assert name in _WE_SAY_MORE or name not in found, (name, found[name])
        else:
            assert found[name] == expected, name


def test_the_reference_has_its_patient_days() -> None:
    reference("scenario_cases.json")
    assert len(scenarios()) == 59


def test_before_the_first_dose_nothing_is_known_but_that_nothing_is_taken() -> None:
    assert exposure_facts(trial("A"), on=day(0)) == {
        "regorafenib_on": False,
        "capecitabine_on": False,
    }


def test_no_cycle_during_radiotherapy_between_the_cycles() -> None:
    assert exposure_facts(trial("A"), on=day(42))["cycle"] == 2
    assert "cycle" not in exposure_facts(trial("A"), on=day(43))
    assert exposure_facts(trial("A"), on=day(57))["cycle_day"] == 1


def test_a_delayed_cycle_counts_on() -> None:
    facts = exposure_facts(cycle(1, 1), on=day(26))
    assert (facts["cycle"], facts["cycle_day"], facts["capecitabine_cycle"]) == (1, 26, 1)


def test_an_open_run_is_taken_until_a_pause_says_otherwise() -> None:
    doses = [Dose("regorafenib", day(1), cycle=1)]
    facts = exposure_facts(doses, on=day(9))
    assert facts["regorafenib_on"] is True
    assert facts["regorafenib_days_since_start"] == 8
    assert facts["regorafenib_paused"] is False
    doses.append(Dose("regorafenib", day(7), kind=PAUSED))
    facts = exposure_facts(doses, on=day(9))
    assert facts["regorafenib_on"] is False
    assert facts["days_since_last_regorafenib"] == 3
    assert facts["regorafenib_paused"] is True
    assert facts["days_since_regorafenib_paused"] == 2
    assert "regorafenib_days_since_start" not in facts
    assert "days_since_regorafenib_resumed" not in facts


def test_a_dechallenge_and_a_rechallenge() -> None:
    doses = [
        Dose("regorafenib", day(1), day(5)),
        Dose("regorafenib", day(6), kind=PAUSED),
        Dose("regorafenib", day(12), day(20)),
    ]
    facts = exposure_facts(doses, on=day(11))
    assert (facts["regorafenib_paused"], facts["days_since_regorafenib_paused"]) == (True, 5)
    facts = exposure_facts(doses, on=day(14))
    assert facts["regorafenib_paused"] is False
    assert facts["days_since_regorafenib_resumed"] == 2
    assert facts["regorafenib_days_since_start"] == 2
    facts = exposure_facts(doses, on=day(25))
    assert facts["regorafenib_on"] is False
    assert facts["regorafenib_paused"] is False
    assert facts["days_since_regorafenib_resumed"] == 13


def test_an_open_run_that_was_paused_does_not_go_on_behind_the_next_one() -> None:
    doses = [
        Dose("regorafenib", day(1)),
        Dose("regorafenib", day(7), kind=PAUSED),
        Dose("regorafenib", day(12), day(20)),
    ]
    assert exposure_facts(doses, on=day(20))["regorafenib_on"] is True
    facts = exposure_facts(doses, on=day(24))
    assert (facts["regorafenib_on"], facts["days_since_last_regorafenib"]) == (False, 4)


def test_the_planned_days_without_the_drug_are_no_dechallenge() -> None:
    assert exposure_facts(cycle(1, 1), on=day(18))["capecitabine_paused"] is False


def test_a_pause_with_its_last_day_ends_by_itself() -> None:
    doses = [Dose("capecitabine", day(1), day(14)), Dose("capecitabine", day(4), day(6), PAUSED)]
    assert exposure_facts(doses, on=day(6))["capecitabine_on"] is False
    facts = exposure_facts(doses, on=day(7))
    assert facts["capecitabine_on"] is True
    assert facts["days_since_capecitabine_resumed"] == 0
    # Three days without: a new course.
    assert facts["capecitabine_days_since_start"] == 0


def test_two_missed_days_are_one_course() -> None:
    doses = [Dose("capecitabine", day(1), day(4)), Dose("capecitabine", day(7), day(14))]
    assert exposure_facts(doses, on=day(8))["capecitabine_days_since_start"] == 7


def test_stopped_for_good() -> None:
    doses = [*cycle(1, 1), Dose("capecitabine", day(6), kind=STOPPED)]
    facts = exposure_facts(doses, on=day(6))
    assert (facts["capecitabine_on"], facts["days_since_last_capecitabine"]) == (False, 1)
    assert facts["regorafenib_on"] is True


def test_the_sum_of_oxaliplatin_is_known_only_where_every_dose_is() -> None:
    doses = [*cycle(1, 1), *cycle(2, 22)]
    assert exposure_facts(doses, on=day(30))["oxaliplatin_cumulative_mg_m2"] == 260
    doses.append(Dose("oxaliplatin", day(43), cycle=3))
    facts = exposure_facts(doses, on=day(50))
    assert "oxaliplatin_cumulative_mg_m2" not in facts
    assert facts["oxaliplatin_doses"] == 3


def test_radiotherapy_over_a_weekend_ends_on_the_tuesday_after() -> None:
    wednesday = [Dose("radiotherapy", day(3))]
    assert exposure_facts(wednesday, on=day(3))["days_since_scrt_end"] == -6
    until_friday = [*wednesday, Dose("radiotherapy", day(4)), Dose("radiotherapy", day(5))]
    assert exposure_facts(until_friday, on=day(6))["days_since_scrt_end"] == -3
    assert exposure_facts(until_friday, on=day(9))["days_since_scrt_end"] == 0


def test_fractions_that_did_not_come_are_not_waited_for() -> None:
    three = fractions(1)[:3]
    assert exposure_facts(three, on=day(5))["days_since_scrt_end"] == 0
    assert exposure_facts(three, on=day(6))["days_since_scrt_end"] == 3
    stopped = [*three, Dose("radiotherapy", day(4), kind=STOPPED)]
    assert exposure_facts(stopped, on=day(4))["days_since_scrt_end"] == 1


# Properties.

_days = st.integers(1, 120).map(day)
_cycles = st.none() | st.integers(1, 6)


@st.composite
def doses(draw: st.DrawFn) -> Dose:
    component = draw(st.sampled_from(COMPONENTS))
    first = draw(_days)
    if component not in ORAL:
        kind = draw(st.sampled_from((GIVEN, GIVEN, OMITTED, STOPPED)))
        amount = draw(st.none() | st.integers(1, 200).map(Decimal))
        return Dose(component, first, first, kind, draw(_cycles), amount)
    last = draw(st.none() | st.integers(0, 30).map(lambda more: first + dt.timedelta(days=more)))
    kind = draw(st.sampled_from((GIVEN, GIVEN, GIVEN, OMITTED, PAUSED, STOPPED)))
    return Dose(component, first, last, kind, draw(_cycles))


_histories = st.lists(doses(), max_size=14)


@settings(deadline=None)
@given(_histories, _days)
def test_every_fact_is_declared_and_has_its_type(history: list[Dose], on: dt.date) -> None:
    for name, value in exposure_facts(history, on=on).items():
        assert name in ruleset().facts
        assert fault_of(ruleset().facts[name], value) is None


@settings(deadline=None)
@given(_histories, _days, st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(
    history: list[Dose], on: dt.date, chance: random.Random
) -> None:
    mixed = list(history)
    chance.shuffle(mixed)
    assert exposure_facts(mixed, on=on) == exposure_facts(history, on=on)


@settings(deadline=None)
@given(_histories, _days)
def test_the_future_and_what_was_omitted_change_nothing(history: list[Dose], on: dt.date) -> None:
    past = [dose for dose in history if dose.first <= on and dose.kind != OMITTED]
    assert exposure_facts(past, on=on) == exposure_facts(history, on=on)


@settings(deadline=None)
@given(_histories, _days, st.integers(-50, 50))
def test_only_the_distance_in_days_counts(history: list[Dose], on: dt.date, weeks: int) -> None:
    by = dt.timedelta(weeks=weeks)
    moved = [
        Dose(
            dose.component,
            dose.first + by,
            dose.last and dose.last + by,
            dose.kind,
            dose.cycle,
            dose.amount_per_m2,
        )
        for dose in history
    ]
    assert exposure_facts(moved, on=on + by) == exposure_facts(history, on=on)


@settings(deadline=None)
@given(_histories, _days)
def test_an_oral_drug_is_on_exactly_on_the_days_taken(history: list[Dose], on: dt.date) -> None:
    """Hold the intervals against a plain walk from day to day."""
    facts = exposure_facts(history, on=on)
    for name in ORAL:
        runs = [d for d in history if (d.component, d.kind) == (name, GIVEN)]
        pauses = [d for d in history if d.component == name and d.kind in (PAUSED, STOPPED)]

        def taken(at: dt.date, runs: list[Dose] = runs, pauses: list[Dose] = pauses) -> bool:
            if not any(
                run.first <= at <= (run.last or at)
                and (run.last or not any(run.first < later.first <= at for later in runs))
                for run in runs
            ):
                return False
            return not any(
                pause.first <= at
                and (pause.last is None or at <= pause.last)
                and not any(pause.first < run.first <= at for run in runs)
                for pause in pauses
            )

        past = [at for number in range(1, 121) if (at := day(number)) <= on and taken(at)]
        assert facts[f"{name}_on"] is taken(on)
        last = facts.get(f"days_since_last_{name}")
        assert last == ((on - past[-1]).days if past else None)


@settings(deadline=None)
@given(_histories, _days)
def test_days_fit_together(history: list[Dose], on: dt.date) -> None:
    facts = exposure_facts(history, on=on)
    if "days_since_first_ql1706" in facts:
        first, last = facts["days_since_first_ql1706"], facts["days_since_last_ql1706"]
        assert isinstance(first, Decimal)
        assert isinstance(last, Decimal)
        assert 0 <= last <= first < facts["study_day"]  # type: ignore[operator]
    for name in ORAL:
        assert (facts.get(f"days_since_last_{name}") == 0) is facts[f"{name}_on"]
        assert (f"{name}_days_since_start" in facts) is facts[f"{name}_on"]
        assert not (facts[f"{name}_on"] and facts[f"{name}_paused"])


@settings(deadline=None)
@given(_histories, _days)
def test_one_more_dose_of_oxaliplatin_is_one_more(history: list[Dose], on: dt.date) -> None:
    before = exposure_facts(history, on=on).get("oxaliplatin_doses", Decimal(0))
    after = exposure_facts([*history, Dose("oxaliplatin", on)], on=on)
    assert isinstance(before, Decimal)
    assert after["oxaliplatin_doses"] == before + 1
    assert after["days_since_oxaliplatin"] == 0


def test_the_components_are_named_once() -> None:
    assert set(COMPONENTS) == {*INFUSED, *ORAL, "radiotherapy"}


def test_days_since_names_only_what_was_ever_taken() -> None:
    doses = [Dose("ql1706", day(1), cycle=1), Dose("capecitabine", day(1), day(14), cycle=1)]
    assert days_since(exposure_facts(doses, on=day(10))) == {"ql1706": 9, "capecitabine": 0}
    assert days_since(exposure_facts([], on=day(10))) == {}
