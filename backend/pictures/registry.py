"""Every picture there is: who may see it, whether it is of one subject, and whether it has the arms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.access import Action
from backend.pictures.asked import PictureAsked
from backend.pictures.compliance import draw_compliance
from backend.pictures.grades_by_cycle import draw_cycle_grades
from backend.pictures.hys_law import draw_hys_law
from backend.pictures.lab_trends import draw_lab_trend
from backend.pictures.response import draw_responses
from backend.pictures.swimmer import draw_swimmer
from backend.pictures.symptom_days import draw_symptom_days
from backend.pictures.timeline import draw_timeline
from backend.pictures.tornado import draw_tornado


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture. `blinded`: it may be seen without the arms; `by_arm`: with them, for a reason."""

    name: str
    title: str
    action: Action
    draw: Callable[[PictureAsked], Any]
    of_subject: bool = False
    blinded: bool = True
    by_arm: bool = False
    of_analyte: bool = False


PICTURES = (
    Picture(
        "timeline",
        "Doses, symptoms, samples and events",
        Action.ASSESSMENT_READ,
        draw_timeline,
        of_subject=True,
    ),
    Picture(
        "symptoms", "Symptoms by day", Action.ASSESSMENT_READ, draw_symptom_days, of_subject=True
    ),
    Picture(
        "lab-trend",
        "Results over time",
        Action.LAB_READ,
        draw_lab_trend,
        of_subject=True,
        of_analyte=True,
    ),
    Picture("swimmer", "Time on study", Action.EXPOSURE_READ, draw_swimmer, by_arm=True),
    Picture(
        "grades-by-cycle",
        "Worst grade by cycle",
        Action.ADVERSE_EVENT_READ,
        draw_cycle_grades,
        by_arm=True,
    ),
    Picture(
        "tornado",
        "Adverse events by arm",
        Action.ADVERSE_EVENT_READ,
        draw_tornado,
        blinded=False,
        by_arm=True,
    ),
    Picture("hys-law", "eDISH", Action.LAB_READ, draw_hys_law),
    Picture("compliance", "Diaries expected and done", Action.ASSESSMENT_READ, draw_compliance),
    Picture("alert-response", "Time from a diary to an answer", Action.ALERT_READ, draw_responses),
)
