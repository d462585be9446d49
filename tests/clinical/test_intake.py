"""A diary read into facts: what is understood, and a pointer for every fault."""

from decimal import Decimal

import pytest

from backend.clinical.bodymap import BACK, FRONT, LEFT, MIDDLE, REGIONS, RIGHT, BodyMark
from backend.clinical.intake import SymptomEntry, VitalEntry, read_diary, read_statements
from backend.clinical.rules import Ruleset, load_ruleset
from backend.errors import InvalidInput


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return load_ruleset()


def faults(ruleset: Ruleset, **parts: object) -> dict[str, str]:
    content = {"symptoms": (), "observations": {}, "vitals": ()} | parts
    with pytest.raises(InvalidInput) as refused:
        read_diary(**content, ruleset=ruleset)  # type: ignore[arg-type]
    return {fault.pointer: fault.detail for fault in refused.value.faults}


def test_scores_answers_and_measurements_are_read(ruleset: Ruleset) -> None:
    intake = read_diary(
        (SymptomEntry("abdominal_pain", {"frequency": 2, "severity": 3}),),
        {"stools_per_day": 5, "incontinence_new": False, "vomiting_episodes_24h": None},
        (
            VitalEntry("temperature", Decimal("38.4"), "Cel"),
            VitalEntry("weight", Decimal(150), "[lb_av]"),
            VitalEntry("glucose", Decimal("9.2"), "mmol/L"),
        ),
        ruleset,
    )
    assert intake.scores == {"abdominal_pain_frequency": 2, "abdominal_pain_severity": 3}
    assert intake.answers == {
        "stools_per_day": Decimal(5),
        "incontinence_new": False,
        "temperature_c": Decimal("38.4"),
        # 150 lb x 0.45359237 kg/lb = 68.0388555 kg
        "weight_kg": Decimal("68.0389"),
    }
    assert intake.labs["glucose"].value == Decimal("9.2")
    assert intake.labs["glucose"].unit == "mmol/L"


def test_a_number_is_the_decimal_that_was_written(ruleset: Ruleset) -> None:
    intake = read_diary((), {"rash_bsa_percent": 1.1}, (), ruleset)
    assert intake.answers["rash_bsa_percent"] == Decimal("1.1")


def test_every_fault_has_its_pointer(ruleset: Ruleset) -> None:
    found = faults(
        ruleset,
        symptoms=(
            SymptomEntry("no_such", {"severity": 1}),
            SymptomEntry("dry_mouth", {"frequency": 1}),
            SymptomEntry("rash", {"presence": 2}),
            SymptomEntry("acne", {"severity": 1}),
            SymptomEntry("acne", {"severity": 2}),
        ),
        observations={
            "stools_per_day": "many",
            "no_such": 1,
            "a/b~c": 1,
            "weight_loss_percent": 12,
            "abdominal_pain_severity": 3,
            "vomiting_episodes_24h": 1000,
        },
        vitals=(
            VitalEntry("aura", Decimal(1), "Cel"),
            VitalEntry("temperature", Decimal(310), "K"),
            VitalEntry("temperature", Decimal(384), "Cel"),
            VitalEntry("pulse", Decimal(70), "/min"),
            VitalEntry("pulse", Decimal(90), "/min"),
            VitalEntry("glucose", Decimal(0), "mmol/L"),
        ),
    )
    assert sorted(found) == [
        "/observations/abdominal_pain_severity",
        "/observations/a~1b~0c",
        "/observations/no_such",
        "/observations/stools_per_day",
        "/observations/vomiting_episodes_24h",
        "/observations/weight_loss_percent",
        "/symptoms/0/symptom",
        "/symptoms/1/frequency",
        "/symptoms/2/presence",
        "/symptoms/4/severity",
        "/vitals/0/vital",
        "/vitals/1/unit",
        "/vitals/2/value",
        "/vitals/4/vital",
        "/vitals/5/value",
    ]
    assert found["/vitals/1/unit"] == "one of Cel, [degF] is expected"


def test_what_staff_state_beside_a_report_is_read(ruleset: Ruleset) -> None:
    said = {"on_anticoagulation": True, "qtc_ms": 480}
    assert read_statements(said, ruleset) == {"on_anticoagulation": True, "qtc_ms": Decimal(480)}


def test_a_statement_that_staff_are_not_asked_is_refused(ruleset: Ruleset) -> None:
    said = {"stools_per_day": 3, "no_such": 1, "on_anticoagulation": "perhaps"}
    with pytest.raises(InvalidInput) as refused:
        read_statements(said, ruleset)
    assert [fault.pointer for fault in refused.value.faults] == [
        "/statements/stools_per_day",
        "/statements/no_such",
        "/statements/on_anticoagulation",
    ]


def test_marks_on_the_body_become_no_fact(ruleset: Ruleset) -> None:
    marks = (BodyMark("rash", "chest", Decimal("2.5")), BodyMark("rash", "left_hand_palm"))
    intake = read_diary((), {}, (), ruleset, marks)
    assert intake == read_diary((), {}, (), ruleset)


def test_every_fault_of_a_mark_has_its_pointer(ruleset: Ruleset) -> None:
    found = faults(
        ruleset,
        symptoms=(SymptomEntry("no_such", {"severity": 1}),),
        body_map=(
            BodyMark("no_such", "shoulder"),
            BodyMark("rash", "chest"),
            BodyMark("itching", "chest"),
            BodyMark("rash", "chest", Decimal(1)),
        ),
    )
    assert found == {
        "/symptoms/0/symptom": "unknown symptom",
        "/body_map/0/symptom": "unknown symptom",
        "/body_map/0/region": "unknown region",
        "/body_map/3": "this symptom is marked twice on this region",
    }


def test_the_drawing_has_each_limb_on_both_sides_and_words_for_all() -> None:
    assert len(REGIONS) == 10 + 2 * 12
    assert all(key == region.id for key, region in REGIONS.items())
    assert {region.view for region in REGIONS.values()} == {FRONT, BACK}
    for region in REGIONS.values():
        assert set(region.title) == {"en", "zh"}
        other = {LEFT: RIGHT, RIGHT: LEFT, MIDDLE: MIDDLE}[region.side]
        twin = REGIONS[region.id.replace(f"{region.side}_", f"{other}_")]
        assert (twin.side, twin.view) == (other, region.view)
    for language in ("en", "zh"):
        assert len({region.title[language] for region in REGIONS.values()}) == len(REGIONS)
