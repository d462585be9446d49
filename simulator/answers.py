"""What a made-up patient answers on one day: little, or one story of what the drugs may do; pure."""

from collections.abc import Mapping
from typing import Any

from backend.demo.diaries import STORY_SCORES
from simulator.people import Patient, chance

# The daily items of the study's plan, all asked each day; the chance that one is felt a little.
_DAILY: Mapping[str, float] = {
    "diarrhea": 0.0,
    "abdominal_pain": 0.05,
    "nausea": 0.2,
    "vomiting": 0.0,
    "decreased_appetite": 0.2,
    "mouth_sores": 0.0,
    "fatigue": 0.4,
    "chills": 0.0,
    "cough": 0.0,
    "shortness_of_breath": 0.0,
    "palpitations": 0.0,
    "dizziness": 0.05,
    "headache": 0.1,
    "itching": 0.05,
    "hand_foot": 0.0,
    "numbness_tingling": 0.05,
    "blurred_vision": 0.0,
    "nosebleed": 0.0,
    "fecal_incontinence": 0.0,
}
# Story -> symptom -> score: the demo's, and one that only looks like colitis.
_SCORES: Mapping[str, Mapping[str, int]] = {
    **STORY_SCORES,
    "proctitis": {"diarrhea": 2, "abdominal_pain": 1},
}
# Story -> plain answers; stools are counted above the patient's own.
_STOOLS: Mapping[str, int] = {"colitis": 7, "proctitis": 3}
_PLAIN: Mapping[str, Mapping[str, Any]] = {
    "colitis": {"rectal_bleeding": "moderate", "bleeding_change": "new"},
    "proctitis": {"rectal_bleeding": "streaks", "bleeding_change": "new"},
    "vomiting": {"vomiting_episodes_24h": 7},
    "rash": {"rash_bsa_percent": 34},
    "chest_pain": {"chest_pain": True},
}


def content(
    seed: int, patient: Patient, number: int, story: str, items: Mapping[str, list[str]]
) -> dict[str, Any]:
    """Give symptoms, observations and vitals of a day; `items`: the attributes each symptom is asked by."""
    luck = chance(seed, "answers", patient.index, number)
    told = _SCORES.get(story, {})
    symptoms = [
        _answer(name, told.get(name, int(luck.random() < often)), items[name])
        for name, often in _DAILY.items()
    ]
    stools = int(patient.baseline["baseline_stools_per_day"]) + _STOOLS.get(story, 0)
    return {
        "symptoms": symptoms,
        "observations": {
            "stools_per_day": stools,
            "incontinence_new": False,
            **_PLAIN.get(story, {}),
        },
        "vitals": [
            {"vital": name, "value": value, "unit": unit}
            for name, value, unit in _vitals(patient, story, luck.gauss(0, 1))
        ],
    }


def _answer(symptom: str, score: int, attributes: list[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"symptom": symptom}
    for place, attribute in enumerate(attributes):
        entry[attribute] = min(score, 1) if attribute == "presence" else max(0, score - place // 2)
        if score == 0:  # what follows a "none" is not asked
            break
    return entry


def _vitals(patient: Patient, story: str, swing: float) -> list[tuple[str, float, str]]:
    base = patient.baseline
    fever = 1.9 if story == "fever" else 0.0
    pressure = 50 if story == "hypertension" else 0
    return [
        ("temperature", round(base["baseline_temperature_c"] + 0.1 * swing + fever, 1), "Cel"),
        ("systolic_bp", round(base["baseline_sbp_mmhg"] + 3 * swing) + pressure, "mm[Hg]"),
        (
            "diastolic_bp",
            round(base["baseline_dbp_mmhg"] + 2 * swing) + pressure * 3 // 5,
            "mm[Hg]",
        ),
        ("pulse", round(base["baseline_heart_rate_bpm"] + 3 * swing), "/min"),
        ("weight", round(base["baseline_weight_kg"] + 0.1 * swing, 1), "kg"),
    ]
