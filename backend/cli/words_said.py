"""Words of the grading cases whose value has to be read: times, plus signs, mild and severe."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import pairwise

from backend.clinical.rules import Ruleset

Meant = list[tuple[str, object]]

SEVERITIES = {"none": 0, "no": 0, "absent": 0, "mild": 1, "moderate": 2, "severe": 3, "intense": 3}
STRENGTH_WORDS = (
    "symptoms",
    "symptom_severity",
    "severity",
    "difficulty",
    "impairment",
    "unsteadiness",
    "disorientation",
    "discomfort",
    "voice_change",
    "odor",
    "sleep_difficulty",
)
# Skin of hands and feet: what the criteria call slight and what goes with pain.
MARKED = ("peel", "blister", "bleed", "crack", "fissure", "desquam")
EPISODES_APART_MINUTES = 5
DAY_MINUTES = 24 * 60


def read(word: str, value: object, line: Mapping[str, object], ruleset: Ruleset) -> Meant | None:
    """Return the facts that a word with this value means; None where its value means itself."""
    if word in STRENGTH_WORDS and isinstance(value, str):
        return _strength(value, ruleset, pain_only=False)
    if word == "pain" and isinstance(value, str):
        return _strength(value, ruleset, pain_only=True)
    reader = _READERS.get(word)
    return None if reader is None else reader(value, line)


def _strength(value: str, ruleset: Ruleset, *, pain_only: bool) -> Meant:
    """Read mild, moderate and severe as the answer 1, 2 or 3 of every symptom that can be meant.

    None says that nothing is noticed, too.
    """
    strength = SEVERITIES.get(value.strip().lower())
    if strength is None:
        return []
    facts = [
        f"{symptom.id}_severity"
        for symptom in ruleset.symptoms.values()
        if "severity" in symptom.attributes and (not pain_only or _hurts(symptom.id))
    ]
    meant: Meant = [(fact, Decimal(strength)) for fact in (*facts, "low_mood_severity", "severity")]
    return meant if strength or pain_only else [*meant, ("symptomatic", False)]


def _hurts(symptom: str) -> bool:
    return "pain" in symptom or symptom in ("headache", "mouth_sores")


def _episode_times(value: object, _: Mapping[str, object]) -> Meant:
    """Count episodes that are 5 minutes apart; a time after midnight follows the one before."""
    if not isinstance(value, list):
        return [("vomiting_episodes_24h", value)]
    minutes = [_minutes(str(time)) for time in value]
    if None in minutes:
        return [("vomiting_episodes_24h", value)]
    clock = [minute for minute in minutes if minute is not None]
    gaps = [(after - before) % DAY_MINUTES for before, after in pairwise(clock)]
    count = bool(clock) + sum(gap >= EPISODES_APART_MINUTES for gap in gaps)
    return [("vomiting_episodes_24h", Decimal(count))]


def _minutes(time: str) -> int | None:
    hours, colon, minutes = time[-5:].partition(":")
    if not colon or not hours.isdigit() or not minutes.isdigit():
        return None
    return int(hours) * 60 + int(minutes)


def _dipstick(value: object, _: Mapping[str, object]) -> Meant:
    text = str(value).strip().lower().replace(" ", "")
    grades = {"negative": "0", "neg": "0", "-": "0", "none": "0", "trace": "0.5", "±": "0.5"}
    signs = {"+" * count: str(count) for count in range(1, 5)}
    number = {**grades, **signs}.get(text, text.rstrip("+"))
    known = number.replace(".", "").isdigit()
    return [("urine_protein_dipstick", Decimal(number) if known else value)]


def _skin_changes(value: object, _: Mapping[str, object]) -> Meant:
    text = str(value).lower()
    if text in ("none", "no", "false"):
        look = "none"
    elif "severe" in text:
        look = "severe"
    elif "minimal" not in text and any(part in text for part in MARKED):
        look = "marked"
    else:
        look = "minimal"
    return [("skin_changes", look)]


def _dyspnea(value: object, _: Mapping[str, object]) -> Meant:
    text = str(value).strip().lower().replace(" ", "_").removeprefix("at_")
    names = {"none": "nothing", "minimal": "minimal_exertion", "moderate": "moderate_exertion"}
    return [("dyspnea_with", names.get(text, text))]


def _pattern(value: object, _: Mapping[str, object]) -> Meant:
    text = str(value).strip().lower()
    constipation = {"intermittent": "occasional"}.get(text, text)
    meant: Meant = [("constipation_pattern", constipation), ("pattern", text)]
    if text in ("persistent", "intermittent", "occasional"):
        meant.append(("persistent", text == "persistent"))
    return meant


def _extent(value: object, _: Mapping[str, object]) -> Meant:
    text = str(value).strip().lower()
    meant: Meant = [("extent", {"generalized": "widespread"}.get(text, text)), ("sites", text)]
    if text in ("localized", "generalized"):
        meant.append(("generalized", text == "generalized"))
    return meant


def _intensity(value: object, _: Mapping[str, object]) -> Meant:
    strength = SEVERITIES.get(str(value).strip().lower())
    return [] if strength is None else [("itching_severity", Decimal(strength))]


def _abdominal_pain(value: object, _: Mapping[str, object]) -> Meant:
    if not isinstance(value, str):
        return [("abdominal_pain", value)]
    strength = SEVERITIES.get(value.strip().lower())
    if strength is None:
        return []
    number = Decimal(strength)
    return [
        ("abdominal_pain_severity", number),
        ("abdominal_pain", strength > 0),
        ("severe_abdominal_pain", strength >= SEVERITIES["severe"]),
    ]


def _asymptomatic(value: object, _: Mapping[str, object]) -> Meant:
    return [("symptomatic", not value if isinstance(value, bool) else value)]


def _regular_diet(value: object, _: Mapping[str, object]) -> Meant:
    return [("eating_changed", not value if isinstance(value, bool) else value)]


def _drugs(value: object, _: Mapping[str, object]) -> Meant:
    if not isinstance(value, Decimal):
        return [("monotherapy_indicated", value)]
    return [("monotherapy_indicated", value >= 1), ("intensified_therapy_indicated", value > 1)]


def _pads(value: object, _: Mapping[str, object]) -> Meant:
    return [
        (
            "pad_use",
            {True: "occasional", False: "none"}[value] if isinstance(value, bool) else value,
        )
    ]


def _weight_change(value: object, _: Mapping[str, object]) -> Meant:
    if not isinstance(value, Decimal):
        return [("weight_gain_percent", value)]
    return [("weight_gain_percent", value), ("weight_loss_percent", -value)]


def _sustained(value: object, line: Mapping[str, object]) -> Meant:
    """Read a sustained temperature together with how long it lasted."""
    hours = next((line[word] for word in SUSTAINED_HOURS if word in line), None)
    minutes = next((line[word] for word in SUSTAINED_MINUTES if word in line), None)
    if isinstance(minutes, Decimal):
        hours = minutes / 60
    if not isinstance(value, Decimal):
        return [("temperature_c", value)]
    meant: Meant = [] if "single_temperature_c" in line else [("temperature_c", value)]
    if isinstance(hours, Decimal):
        # CTCAE v4.03, febrile neutropenia: 38.0 degrees or more for more than one hour.
        meant.append(("fever_sustained_1h", value >= Decimal("38.0") and hours > 1))
    return meant


def _duration(value: object, line: Mapping[str, object]) -> Meant:
    """Read how long a temperature lasted, where one was given beside it."""
    if "sustained_temperature_c" in line:
        return _sustained(line["sustained_temperature_c"], line)
    temperature = next((line[word] for word in TEMPERATURES if word in line), None)
    if not isinstance(value, Decimal) or not isinstance(temperature, Decimal):
        return []
    return [*_sustained(temperature, line), ("hours_above_40_c", value)]


def _hours_from_38(value: object, _: Mapping[str, object]) -> Meant:
    return [("fever_sustained_1h", value > 1 if isinstance(value, Decimal) else value)]


def _minutes_from_38(value: object, line: Mapping[str, object]) -> Meant:
    return _hours_from_38(value / 60 if isinstance(value, Decimal) else value, line)


TEMPERATURES = ("temperature_c", "single_temperature_c")
SUSTAINED_HOURS = (
    "sustained_hours",
    "sustained_h",
    "duration_hours",
    "duration_h",
    "hours_sustained",
    "hours",
    "temperature_duration_hours",
    "sustained_duration_hours",
)
SUSTAINED_MINUTES = (
    "sustained_minutes",
    "sustained_min",
    "sustained_duration_minutes",
    "sustained_duration_min",
    "duration_minutes",
    "duration_min",
)
HOURS_FROM_38 = ("hours_at_or_above_38", "hours_above_38", "hours_ge_38")
MINUTES_FROM_38 = ("minutes_at_or_above_38", "minutes_above_38", "minutes_ge_38")

_READERS: Mapping[str, Callable[[object, Mapping[str, object]], Meant]] = {
    "episode_times": _episode_times,
    "dipstick": _dipstick,
    "urine_dipstick": _dipstick,
    "proteinuria_dipstick": _dipstick,
    "skin_changes": _skin_changes,
    "dyspnea_with": _dyspnea,
    "shortness_of_breath_with": _dyspnea,
    "pattern": _pattern,
    "extent": _extent,
    "intensity": _intensity,
    "abdominal_pain": _abdominal_pain,
    "asymptomatic": _asymptomatic,
    "regular_diet": _regular_diet,
    "able_to_eat_regular_diet": _regular_diet,
    "antihypertensive_drugs": _drugs,
    "number_of_drugs": _drugs,
    "drugs": _drugs,
    "drugs_indicated": _drugs,
    "number_of_drugs_indicated": _drugs,
    "antihypertensive_drugs_indicated": _drugs,
    "number_of_antihypertensive_drugs": _drugs,
    "pads_indicated": _pads,
    "weight_change_percent": _weight_change,
    "sustained_temperature_c": _sustained,
    **dict.fromkeys(SUSTAINED_HOURS, _duration),
    **dict.fromkeys(SUSTAINED_MINUTES, _duration),
    **dict.fromkeys(HOURS_FROM_38, _hours_from_38),
    **dict.fromkeys(MINUTES_FROM_38, _minutes_from_38),
    # Said to say that the adult column applies; there is no other.
    "adult": lambda _value, _line: [],
}


def words() -> frozenset[str]:
    """Return the words whose value is read here."""
    return frozenset((*_READERS, *STRENGTH_WORDS, "pain"))
