"""Where on the body: the regions of the diary's drawing, and marks on it read and checked."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from backend.errors import Fault

FRONT, BACK = "front", "back"
LEFT, RIGHT, MIDDLE = "left", "right", "middle"
VIEWS, SIDES = (FRONT, BACK), (LEFT, RIGHT, MIDDLE)


@dataclass(frozen=True, slots=True)
class Region:
    """One region of the drawing: on which view it lies and on whose side, the patient's own."""

    id: str
    title: Mapping[str, str]
    view: str
    side: str


@dataclass(frozen=True, slots=True)
class BodyMark:
    """A symptom marked on one region; `palms`: how many of the patient's palms, None: not counted.

    A palm with its fingers is about 1 percent of the skin. What the palms add up to is a plain
    answer of its own (followups.toml, `mark.area`): a mark is kept as drawn and grades nothing.
    """

    symptom: str
    region: str
    palms: Decimal | None = None


_MIDDLE = (
    ("head_front", FRONT, "Face", "面部"),
    ("head_back", BACK, "Back of the head", "后脑"),
    ("neck_front", FRONT, "Front of the neck", "颈前"),
    ("neck_back", BACK, "Back of the neck", "颈后"),
    ("chest", FRONT, "Chest", "胸部"),
    ("abdomen", FRONT, "Belly", "腹部"),
    ("upper_back", BACK, "Upper back", "上背"),
    ("lower_back", BACK, "Lower back", "下背"),
    ("buttocks", BACK, "Buttocks", "臀部"),
    ("perineum", FRONT, "Between the legs", "会阴"),
)
# As one stands in the drawing: palms forward, soles seen from behind.
_PAIRED = (
    ("arm_upper_front", FRONT, "upper arm, front", "上臂前面"),
    ("arm_upper_back", BACK, "upper arm, back", "上臂后面"),
    ("arm_lower_front", FRONT, "forearm, front", "前臂前面"),
    ("arm_lower_back", BACK, "forearm, back", "前臂后面"),
    ("hand_palm", FRONT, "palm", "手掌"),
    ("hand_back", BACK, "back of the hand", "手背"),
    ("thigh_front", FRONT, "thigh, front", "大腿前面"),
    ("thigh_back", BACK, "thigh, back", "大腿后面"),
    ("leg_lower_front", FRONT, "lower leg, front", "小腿前面"),
    ("leg_lower_back", BACK, "lower leg, back", "小腿后面"),
    ("foot_sole", BACK, "sole of the foot", "脚底"),
    ("foot_top", FRONT, "top of the foot", "脚背"),
)
_SIDE_WORDS = ((LEFT, "Left", "左"), (RIGHT, "Right", "右"))

REGIONS: Mapping[str, Region] = MappingProxyType(
    {
        region.id: region
        for region in (
            *(Region(name, {"en": en, "zh": zh}, view, MIDDLE) for name, view, en, zh in _MIDDLE),
            *(
                Region(f"{side}_{name}", {"en": f"{en_side} {en}", "zh": zh_side + zh}, view, side)
                for name, view, en, zh in _PAIRED
                for side, en_side, zh_side in _SIDE_WORDS
            ),
        )
    }
)


def faults_of_marks(marks: Iterable[BodyMark], symptoms: Collection[str]) -> Iterator[Fault]:
    """Name what is wrong with marks on the drawing, with a JSON pointer each."""
    seen: set[tuple[str, str]] = set()
    for index, mark in enumerate(marks):
        where = f"/body_map/{index}"
        if mark.symptom not in symptoms:
            yield Fault(f"{where}/symptom", "unknown symptom")
        if mark.region not in REGIONS:
            yield Fault(f"{where}/region", "unknown region")
        if (mark.symptom, mark.region) in seen:
            yield Fault(where, "this symptom is marked twice on this region")
        seen.add((mark.symptom, mark.region))
