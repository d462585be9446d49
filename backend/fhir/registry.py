"""Every type of resource that is served: who may read it, how it is found, and by what it is searched."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from backend.access import Action
from backend.fhir.adverse_events import find_adverse_events
from backend.fhir.found import Found, Reading
from backend.fhir.observations import find_observations
from backend.fhir.people import find_patients, find_research_subjects
from backend.fhir.questionnaires import diary_questionnaire, find_responses


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One type. `parameters` are FHIR's search parameters by name, with their type."""

    name: str
    module: str
    action: Action
    find: Callable[[Reading], Iterator[Found]]
    parameters: dict[str, str]

    def check(self, resource: dict[str, Any]) -> dict[str, Any]:
        """Build the resource through fhir.resources, which refuses what is none, and give it as JSON.

        Raises:
            pydantic.ValidationError: it is no resource of this type.
        """
        from importlib import import_module  # noqa: PLC0415 - fhir.resources is slow to load

        model = getattr(import_module(f"fhir.resources.{self.module}"), self.name)
        made: dict[str, Any] = model.model_validate(resource).model_dump(mode="json")
        return made


_PATIENT = {"patient": "reference", "subject": "reference"}
_ID, _DATE, _CODE = {"_id": "token"}, {"date": "date"}, {"code": "token"}

TYPES = {
    each.name: each
    for each in (
        ResourceType(
            "Questionnaire",
            "questionnaire",
            Action.STUDY_READ,
            lambda reading: iter((diary_questionnaire(reading),)),
            {**_ID, **_CODE},
        ),
        ResourceType(
            "QuestionnaireResponse",
            "questionnaireresponse",
            Action.DIARY_READ,
            find_responses,
            {**_ID, **_PATIENT, **_DATE, **_CODE},
        ),
        ResourceType(
            "Observation",
            "observation",
            Action.LAB_READ,
            find_observations,
            {**_ID, **_PATIENT, **_DATE, **_CODE},
        ),
        ResourceType(
            "AdverseEvent",
            "adverseevent",
            Action.ADVERSE_EVENT_READ,
            find_adverse_events,
            {**_ID, **_PATIENT, **_DATE, **_CODE},
        ),
        ResourceType(
            "ResearchSubject",
            "researchsubject",
            Action.SUBJECT_READ,
            find_research_subjects,
            {**_ID, **_PATIENT, **_DATE},
        ),
        ResourceType("Patient", "patient", Action.SUBJECT_READ, find_patients, dict(_ID)),
    )
}
