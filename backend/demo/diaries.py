"""What a made-up patient writes on one day: ordinary treatment, and a story in the last days."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from backend.demo.trial import CYCLE, Person

# Symptom -> how strong it tends to be around the worst days of a cycle (0 to 4).
_USUAL: Mapping[str, float] = {
    "fatigue": 1.6,
    "nausea": 1.0,
    "decreased_appetite": 1.0,
    "numbness_tingling": 0.8,
    "hand_foot": 0.7,
    "mouth_sores": 0.5,
    "diarrhea": 1.0,
    "abdominal_pain": 0.5,
    "taste_changes": 0.8,
    "itching": 0.4,
    "cough": 0.2,
    "headache": 0.3,
    "dizziness": 0.3,
    "palpitations": 0.1,
    "shortness_of_breath": 0.1,
    "vomiting": 0.3,
}
# Story -> symptom -> score on the last day; half of it the day before.
STORY_SCORES: Mapping[str, Mapping[str, int]] = {
    "colitis": {"diarrhea": 4, "abdominal_pain": 3},
    "fever": {"chills": 2, "fatigue": 3},
    "hand_foot": {"hand_foot": 3},
    "rash": {"itching": 2},
    "vomiting": {"vomiting": 3, "nausea": 3},
    "neuropathy": {"numbness_tingling": 3},
    "breathless": {"shortness_of_breath": 2, "cough": 2},
    "hypertension": {"headache": 1},
}


def diary(
    person: Person, day: dt.date, zone: str, items: Mapping[str, list[str]]
) -> dict[str, Any]:
    """Give the body of one diary; `items` are the attributes that each symptom is asked by."""
    chance = person.random_for("diary", day)
    wave = _wave(person, day)
    act = _act(person, day)
    symptoms = []
    for symptom, usual in _USUAL.items():
        told = int(STORY_SCORES.get(person.story, {}).get(symptom, 0) * act)
        felt = chance.gauss(usual * wave, 0.5)
        symptoms.append(_answers(symptom, max(told, min(3, max(0, round(felt)))), items))
    for symptom, told in STORY_SCORES.get(person.story, {}).items():
        if symptom not in _USUAL and act:
            symptoms.append(_answers(symptom, int(told * act), items))
    hour = chance.randint(17, 21)
    written = dt.datetime.combine(day, dt.time(hour, chance.randint(0, 59)), tzinfo=dt.UTC)
    return {
        "submission_id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{person.index}/{day}")),
        "day": day.isoformat(),
        "reported_at": written.isoformat(),
        "zone": zone,
        "symptoms": symptoms,
        "observations": _observations(person, day, wave, act),
        "vitals": _vitals(person, day, act),
    }


def _wave(person: Person, day: dt.date) -> float:
    """Be strongest around day 8 of each 21-day cycle, and weaker after the first."""
    number = (day - person.first_day).days
    return max(0.1, 1.0 - abs(number % CYCLE - 8) / 10)


def _act(person: Person, day: dt.date) -> float:
    """Give how far the story has come: 0 before it, 0.5 a day before the end, 1 at the end."""
    left = (person.days[-1] - day).days
    return {0: 1.0, 1: 0.5}.get(left, 0.0)


def _answers(symptom: str, score: int, items: Mapping[str, list[str]]) -> dict[str, Any]:
    entry: dict[str, Any] = {"symptom": symptom}
    for place, attribute in enumerate(items[symptom]):
        entry[attribute] = min(score, 1) if attribute == "presence" else max(0, score - place // 2)
        if score == 0:  # what follows a "none" is not asked
            break
    return entry


def _observations(person: Person, day: dt.date, wave: float, act: float) -> dict[str, Any]:
    chance = person.random_for("observations", day)
    stools = int(person.baseline["baseline_stools_per_day"]) + max(
        0, round(chance.gauss(wave, 0.8))
    )
    found: dict[str, Any] = {"incontinence_new": False}
    if person.story == "colitis" and act:
        stools += int(6 * act)
        found |= {"rectal_bleeding": "moderate", "bleeding_change": "new"}
    if person.story == "vomiting" and act:
        found["vomiting_episodes_24h"] = int(7 * act)
    if person.story == "rash" and act:
        found["rash_bsa_percent"] = int(34 * act)
    if person.story == "chest_pain" and act == 1:
        found["chest_pain"] = True
    return {"stools_per_day": stools, **found}


def _vitals(person: Person, day: dt.date, act: float) -> list[dict[str, Any]]:
    chance = person.random_for("vitals", day)
    base = person.baseline
    temperature = round(base["baseline_temperature_c"] + chance.gauss(0, 0.15), 1)
    systolic = round(base["baseline_sbp_mmhg"] + chance.gauss(0, 5))
    diastolic = round(base["baseline_dbp_mmhg"] + chance.gauss(0, 4))
    spo2 = min(100, round(base["baseline_spo2_percent"] + chance.gauss(0, 0.5)))
    if person.story == "fever" and act:
        temperature = round(37.4 + 1.2 * act, 1)
    if person.story == "hypertension" and act:
        systolic, diastolic = systolic + round(46 * act), diastolic + round(28 * act)
    if person.story == "breathless" and act:
        spo2 -= round(5 * act)
    loss = (day - person.first_day).days * 0.02
    readings = (
        ("temperature", temperature, "Cel"),
        ("systolic_bp", systolic, "mm[Hg]"),
        ("diastolic_bp", diastolic, "mm[Hg]"),
        ("pulse", round(base["baseline_heart_rate_bpm"] + chance.gauss(0, 5)), "/min"),
        ("spo2", spo2, "%"),
        ("weight", round(base["baseline_weight_kg"] - loss + chance.gauss(0, 0.2), 1), "kg"),
    )
    return [{"vital": name, "value": value, "unit": unit} for name, value, unit in readings]
