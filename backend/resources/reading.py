"""From where a review reads: the live data or a data cut, with the rule set that goes with it."""

from dataclasses import dataclass

from backend.clinical.rules import Ruleset
from backend.models.frame import Frame
from backend.models.study import Study
from backend.resources.base import context
from backend.services.data_cut import frame_of
from backend.services.ruleset import rules_in_force


@dataclass(frozen=True, slots=True)
class Reading:
    """A frame, the study, and the rule set that was in force in that frame."""

    frame: Frame
    study: Study
    ruleset: Ruleset


def reading_of(cut: str | None) -> Reading:
    """Give from where to read.

    Raises:
        NotFound: there is no such cut, it is not complete, or its rule set was never kept.
    """
    here = context()
    frame = frame_of(cut, now=here.clock())
    return Reading(frame, here.study, rules_in_force(frame.ruleset_version, here.ruleset))
