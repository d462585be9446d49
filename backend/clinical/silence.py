"""Whom to call first of those who fell silent: points for the last word, the drugs, the day; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.clinical.document import RuleError, Table

NAMES = ("last_grade", "missing", "open_alert", "on_treatment", "nadir")
# These count per unit (grade, diary, alert), the others once.
_PER_UNIT = ("last_grade", "missing", "open_alert")


@dataclass(frozen=True, slots=True)
class Weight:
    """Points for one sign with a value from `least` to `most` (None: no limit), and its words."""

    points: int
    text: str
    least: int
    most: int | None


def parse_silence(raw: Mapping[str, object]) -> dict[str, Weight]:
    """Read silence.toml.

    Raises:
        RuleError: an unknown key, or a sign that is missing.
    """
    document = Table(raw, "silence.toml")
    weights = {}
    for name in document.names():
        table = document.table(name)
        points, least, most = (table.number(key) for key in ("points", "from", "until"))
        if points is None or least is None:
            table.refuse("points", "given, and from")
        weights[name] = Weight(
            int(points), table.text("text"), int(least), None if most is None else int(most)
        )
        table.done()
    if set(weights) != set(NAMES):
        message = f"silence.toml: one table for each of {', '.join(NAMES)}"
        raise RuleError(message)
    return weights


def weigh_silence(
    signs: Mapping[str, int | None], weights: Mapping[str, Weight]
) -> tuple[int, tuple[str, ...]]:
    """Give the points of a silent subject, and why in words, the heaviest first.

    A sign that is not known (None) weighs nothing and is not mentioned.
    """
    found = []
    for name, weight in weights.items():
        value = signs.get(name)
        if (
            value is None
            or value < weight.least
            or (weight.most is not None and value > weight.most)
        ):
            continue
        points = weight.points * (value if name in _PER_UNIT else 1)
        found.append((points, weight.text.format(value=value)))
    ranked = sorted(found, key=lambda each: -each[0])
    return sum(points for points, _ in found), tuple(text for _, text in ranked)
