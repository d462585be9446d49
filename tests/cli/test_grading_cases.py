"""Every worked case of the reference, and cases of the same kind beside them."""

import json
from decimal import Decimal
from typing import Any

import pytest

from backend.cli.clinical import grade_line
from tests.clinical.ruleset import reference, reference_rows, ruleset

CASES = reference_rows("grading_cases.csv")


def answer(kind: str, words: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps({"kind": kind, "input": words})
    line = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return dict(grade_line(line, ruleset()))


def grade_of(kind: str, words: dict[str, Any], term: str) -> int | None:
    grades = {grade["term"]: grade for grade in answer(kind, words)["grades"]}
    assert term in grades, sorted(grades)
    found = grades[term]["grade"]
    assert found is None or isinstance(found, int)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case_id"])
def test_case(case: dict[str, str]) -> None:
    expected = int(case["expected_grade"]) if case["expected_grade"] else None
    words = json.loads(case["input_json"])
    assert grade_of(case["kind"], words, case["ctcae_term"]) == expected, case["reason"]
    assert "unread" not in answer(case["kind"], words)


def test_the_cases_are_there() -> None:
    reference("grading_cases.csv")
    assert len(CASES) == 242
    assert len([case for case in CASES if case["reason"].startswith("AMBIGUOUS")]) == 14


LAB = [
    (
        {"analyte": "troponin T", "value": 20, "unit": "ng/L", "uln": 14, "mi_cutoff": 52},
        "Cardiac troponin T increased",
        1,
    ),
    ({"analyte": "triglycerides", "value": 150, "unit": "mg/dL"}, "Hypertriglyceridemia", 1),
    (
        {"analyte": "cholesterol", "value": 7.76, "unit": "mmol/L", "uln": 5.2},
        "Cholesterol high",
        2,
    ),
    ({"analyte": "magnesium", "value": 1.24, "unit": "mmol/L", "uln": 1.05}, "Hypermagnesemia", 3),
    (
        {"analyte": "aPTT", "value": 40, "unit": "s", "uln": 36, "hemorrhage": True},
        "Activated partial thromboplastin time prolonged",
        3,
    ),
    (
        {"analyte": "WBC", "value": 2.9, "unit": "10*9/L", "lln": 4.0},
        "White blood cell decreased",
        2,
    ),
    (
        {"analyte": "platelets", "value": 74, "unit": "G/L", "lln": 150},
        "Platelet count decreased",
        2,
    ),
    (
        {"analyte": "platelets", "value": 74, "unit": "K/uL", "lln": 150},
        "Platelet count decreased",
        2,
    ),
    ({"analyte": "haemoglobin", "value": 99, "unit": "G/L", "lln": 120}, "Anemia", 2),
    (
        {"analyte": "total bilirubin", "value": 32, "unit": "µmol/L", "uln": 21},
        "Blood bilirubin increased",
        2,
    ),
    (
        {"analyte": "ALT", "value": 121, "unit": "IU/L", "uln": 40},
        "Alanine aminotransferase increased",
        2,
    ),
    ({"analyte": "ALT", "value": 100, "unit": "U/L"}, "Alanine aminotransferase increased", None),
    ({"analyte": "ANC", "value": 1.7, "unit": "10^9/L"}, "Neutrophil count decreased", None),
    ({"analyte": "haemoglobin", "value": 10, "unit": "furlong", "lln": 12}, "Anemia", None),
    (
        {"analyte": "glucose", "value": 10, "unit": "mmol/L", "uln": 7.8, "fasting": False},
        "Hyperglycemia",
        None,
    ),
    ({"analyte": "glucose", "value": 10, "unit": "mmol/L", "uln": 5.6}, "Hyperglycemia", None),
    (
        {"analyte": "glucose", "value": 3.5, "unit": "mmol/L", "lln": 3.9, "seizures": True},
        "Hypoglycemia",
        4,
    ),
    (
        {
            "analyte": "INR",
            "value": 5,
            "unit": "ratio",
            "uln": 1.1,
            "baseline": 2,
            "on_anticoagulation": True,
        },
        "INR increased",
        2,
    ),
    (
        {"analyte": "calcium", "value": 2.0, "unit": "mmol/L", "lln": 2.15, "albumin_g_l": 30},
        "Hypocalcemia",
        0,
    ),
    (
        {"analyte": "calcium", "value": 2.0, "unit": "mmol/L", "lln": 2.15, "albumin_g_l": 45},
        "Hypocalcemia",
        2,
    ),
    (
        {
            "analyte": "potassium",
            "value": 6.5,
            "unit": "mmol/L",
            "lln": 3.5,
            "uln": 5.0,
            "symptomatic": True,
        },
        "Hypokalemia",
        0,
    ),
    (
        {"analyte": "ALT", "value": None, "unit": "U/L", "uln": 40},
        "Alanine aminotransferase increased",
        None,
    ),
    ({"anc_10e9_l": None}, "Neutrophil count decreased", None),
    ({"egfr_ml_min": 29}, "Chronic kidney disease", 3),
    ({"dipstick": "1+"}, "Proteinuria", 1),
    ({"dipstick": "++"}, "Proteinuria", 2),
    ({"dipstick": "4+"}, "Proteinuria", 2),
    ({"dipstick": "negative"}, "Proteinuria", 0),
    ({"dipstick": "trace"}, "Proteinuria", 0),
    (
        {"analyte": "eGFR", "value": 59, "unit": "mL/min/1.73m2", "lln": 90},
        "Chronic kidney disease",
        2,
    ),
]
CLINICAL = [
    ({"tsh": 8.0, "tsh_uln": 4.2, "symptomatic": False}, "Hypothyroidism", 1),
    ({"tsh": 4.2, "tsh_uln": 4.2, "symptomatic": False}, "Hypothyroidism", 0),
    ({"morning_cortisol_nmol_l": 60, "symptoms": "none"}, "Adrenal insufficiency", 1),
    ({"tsh": 0.01, "tsh_lln": 0.4, "thyroid_suppression_indicated": True}, "Hyperthyroidism", 2),
    ({"symptoms": "moderate", "medical_intervention_indicated": True}, "Adrenal insufficiency", 2),
    ({"symptoms": "severe", "life_threatening": True}, "Adrenal insufficiency", 4),
    ({"morning_cortisol_nmol_l": 80, "symptoms": "moderate"}, "Adrenal insufficiency", 2),
]
NUMERIC = [
    ({"stools_per_day": 3, "baseline_stools_per_day": 2, "incontinence": True}, "Diarrhea", 3),
    (
        {"stools_per_day": 5, "baseline_stools_per_day": 2, "limits_self_care_adl": True},
        "Diarrhea",
        3,
    ),
    ({"ostomy_output": "moderate"}, "Diarrhea", 2),
    ({"stools_per_day": None, "baseline_stools_per_day": 2}, "Diarrhea", None),
    ({"combined_ulcer_size_cm": 2.1}, "Skin ulceration", 3),
    ({"unstimulated_saliva_ml_per_min": 0.2}, "Dry mouth", 2),
    ({"episodes_24h": 0}, "Vomiting", 0),
    ({"episodes_24h": 2, "tube_feeding_indicated": True}, "Vomiting", 3),
    (
        {"episode_times": ["08:00", "08:05", "08:10", "12:00", "15:00", "23:58", "00:04"]},
        "Vomiting",
        3,
    ),
    ({"episode_times": []}, "Vomiting", 0),
    ({"bsa_percent": 8, "superinfection_oral_antibiotics_indicated": True}, "Rash acneiform", 3),
    ({"bsa_percent": 9, "iv_intervention_indicated": True}, "Urticaria", 3),
    ({"bsa_percent": 15, "erythema": True}, "Dry skin", 2),
    ({"bsa_percent": 35, "fluid_or_electrolyte_abnormality": True}, "Bullous dermatitis", 4),
    ({"bsa_percent": 5, "painful_blisters": True}, "Bullous dermatitis", 2),
    ({"bsa_percent": 12, "pruritus": True}, "Rash maculo-papular", 2),
    ({"hair_loss_percent": 30, "wig_needed": True}, "Alopecia", 2),
    ({"inter_limb_discrepancy_percent": 30.5}, "Edema limbs", 3),
]
TEXT = [
    ({"present": True, "relieved_by_rest": True}, "Fatigue", 1),
    ({"skin_changes": "erythema", "pain": False}, "Palmar-plantar erythrodysesthesia syndrome", 1),
    ({"skin_changes": "none"}, "Palmar-plantar erythrodysesthesia syndrome", 0),
    ({"pain": "mild"}, "Mucositis oral", 1),
    ({"pain": "none"}, "Pain", 0),
    ({"appetite_loss": True, "eating_habits_changed": True}, "Nausea", 2),
    ({"oral_intake_decreased": True, "significant_weight_loss": False}, "Nausea", 2),
    ({"significant_weight_loss": True}, "Anorexia", 3),
    ({"dyspnea_with": "moderate exertion"}, "Dyspnea", 1),
    ({"dyspnea_with": "at rest"}, "Dyspnea", 3),
    ({"pattern": "persistent", "laxative_use": "regular"}, "Constipation", 2),
    ({"extent": "widespread", "pattern": "intermittent"}, "Pruritus", 2),
    ({"intensity": "intense", "pattern": "constant"}, "Pruritus", 3),
    ({"extent": "generalized"}, "Bruising", 2),
    ({"abdominal_pain": "severe", "peritoneal_signs": True}, "Colitis", 3),
    ({"abdominal_pain": "moderate"}, "Abdominal pain", 2),
    ({"symptomatic": False}, "Pneumonitis", 1),
    ({"symptomatic": False, "intervention_indicated": False}, "Pneumonitis", 1),
    ({"symptomatic": False, "intervention_indicated": False}, "Mucositis oral", 1),
    (
        {"interruption_indicated": False, "intervention_indicated": False},
        "Infusion related reaction",
        1,
    ),
    ({"oral_intake_decreased": True, "dehydration": False, "malnutrition": False}, "Nausea", 2),
    ({"pads_indicated": True}, "Urinary incontinence", 2),
    ({"threats_of_harm": True}, "Depression", 4),
    ({"asymptomatic": True}, "Pneumonitis", 1),
    ({"symptomatic": True, "limits_instrumental_adl": True}, "Pneumonitis", 2),
    ({"symptomatic": True, "able_to_eat_regular_diet": True}, "Dysphagia", 1),
    ({"symptomatic": True, "altered_eating": True}, "Dysphagia", 2),
    ({"difficulty": "severe"}, "Insomnia", 3),
    ({"pads": "daily"}, "Fecal incontinence", 2),
    ({"limits_self_care_adl": True}, "Dizziness", 3),
    ({"interruption_indicated": True, "responds_promptly": True}, "Infusion related reaction", 2),
    ({"iv_fluids_indicated": True, "iv_fluids_hours": 12}, "Dehydration", 2),
]
VITAL = [
    ({"temperature_f": 104.1}, "Fever", 3),
    (
        {"anc_10e9_l": 0.9, "sustained_temperature_c": 38.0, "sustained_hours": 1.5},
        "Febrile neutropenia",
        3,
    ),
    (
        {"anc_10e9_l": 0.9, "sustained_temperature_c": 38.0, "duration_minutes": 60},
        "Febrile neutropenia",
        0,
    ),
    ({"anc_10e9_l": 0.9, "temperature_c": 38.1, "duration_hours": 2}, "Febrile neutropenia", 3),
    ({"anc_10e9_l": 0.9, "sustained_temperature_c": 38.4}, "Febrile neutropenia", 3),
    (
        {"anc_10e9_l": 0.9, "temperature_c": 38.0, "minutes_at_or_above_38": 61},
        "Febrile neutropenia",
        3,
    ),
    (
        {"anc_10e9_l": 0.9, "temperature_c": 38.0, "sustained_over_1h": True},
        "Febrile neutropenia",
        3,
    ),
    ({"anc_10e9_l": 0.9, "hours_ge_38": 1, "temperature_c": 38.0}, "Febrile neutropenia", 0),
    ({"anc_mm3": 900, "single_temperature_f": 101.3}, "Febrile neutropenia", 3),
    ({"temperature_c": 40.5, "duration_hours": 25}, "Fever", 4),
    ({"systolic": 118, "diastolic": 78, "monotherapy_indicated": True}, "Hypertension", 2),
    ({"systolic": 118, "diastolic": 78, "number_of_drugs": 2}, "Hypertension", 3),
    (
        {"systolic": 135, "diastolic": 88, "baseline_diastolic": 65, "symptomatic": True},
        "Hypertension",
        2,
    ),
    ({"systolic": 130, "diastolic": 85, "drugs_indicated": 2}, "Hypertension", 3),
    ({"systolic": None, "diastolic": 75}, "Hypertension", None),
    ({"qtc_ms": None}, "Electrocardiogram QT corrected interval prolonged", None),
    ({"weight_change_percent": -10}, "Weight loss", 2),
    ({"baseline_weight_kg": None, "weight_kg": 80}, "Weight loss", None),
    (
        {"qtc_ms": 510, "torsade_de_pointes": True},
        "Electrocardiogram QT corrected interval prolonged",
        4,
    ),
    ({"ef_percent": 45}, "Ejection fraction decreased", 2),
    ({"spo2_exercise_percent": 86, "spo2_rest_percent": 92}, "Hypoxia", 2),
]
PRO = [
    ({"pro_ctcae_symptom": "Fatigue", "severity": 0, "interference": None}, "Fatigue", 0),
    ({"pro_ctcae_symptom": "Fatigue", "severity": 3}, "Fatigue", None),
    ({"pro_ctcae_symptom": "hair_loss", "amount": 4}, "Alopecia", 2),
    ({"pro_ctcae_symptom": "Nausea"}, "Nausea", None),
    ({"pro_ctcae_symptom": "Breast swelling and tenderness", "severity": 2}, "Gynecomastia", 2),
]
NEIGHBOURS = [
    pytest.param(kind, *case, id=f"{kind}-{case[1]}-{number}")
    for kind, cases in (
        ("lab", LAB),
        ("clinical", CLINICAL),
        ("symptom_numeric", NUMERIC),
        ("symptom_text", TEXT),
        ("vital", VITAL),
        ("pro_composite", PRO),
    )
    for number, case in enumerate(cases)
]


@pytest.mark.parametrize(("kind", "words", "term", "expected"), NEIGHBOURS)
def test_neighbour(kind: str, words: dict[str, Any], term: str, expected: int | None) -> None:
    assert grade_of(kind, words, term) == expected
    assert "unread" not in answer(kind, words)
