"""AdverseEvent: a course with the clinician's word, and the machine's grade as what it is."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from backend.fhir.found import Found, Reading, codes_of
from backend.fhir.terminology import (
    CLINICIAN_GRADE,
    COMPONENT,
    CRITERION,
    MEDDRA,
    OUTCOME,
    PROVISIONAL_GRADE,
    RELATEDNESS,
    SERIOUSNESS,
    concept,
    patient,
)
from backend.models.adverse_event import stream_adverse_events


def find_adverse_events(reading: Reading) -> Iterator[Found]:
    """Give each course; the clinician's grade and the provisional one are two extensions.

    Before anybody has judged it its `status` is `in-progress` and it has no seriousness.
    """
    after = None if reading.since is None else (reading.since, "", "")
    for stored in stream_adverse_events(
        reading.frame, reading.sites, after=after, subject=reading.subject
    ):
        judged = stored["adjudications"][-1] if stored.get("adjudications") else None
        said = judged or stored
        code = concept(MEDDRA, said["meddra_code"], said["term"])
        resource: dict[str, Any] = {
            "resourceType": "AdverseEvent",
            "id": stored["_id"],
            "status": "completed" if judged else "in-progress",
            "actuality": "actual",
            "code": code,
            "subject": patient(stored["subject_id"]),
            "occurrencePeriod": _period(said),
            "recordedDate": stored["recorded_at"].isoformat(timespec="seconds"),
            "extension": _grades(stored, judged),
        }
        if judged is not None:
            resource |= _judged(judged)
        yield Found(
            stored["subject_id"],
            stored["_id"],
            dt.date.fromisoformat(said["onset"]),
            codes_of(code),
            resource,
        )


def _period(said: dict[str, Any]) -> dict[str, str]:
    return {"start": said["onset"]} | ({"end": said["end"]} if said.get("end") else {})


def _grades(stored: dict[str, Any], judged: dict[str, Any] | None) -> list[dict[str, Any]]:
    found = []
    if judged is not None:
        found.append({"url": CLINICIAN_GRADE, "valueInteger": judged["grade"]})
    if stored.get("worst_grade") is not None:
        found.append({"url": PROVISIONAL_GRADE, "valueInteger": stored["worst_grade"]})
    return found


def _judged(judged: dict[str, Any]) -> dict[str, Any]:
    serious = "serious" if judged["seriousness"] else "non-serious"
    seriousness = concept(SERIOUSNESS, serious)
    if judged["seriousness"]:
        seriousness["extension"] = [
            {"url": CRITERION, "valueString": name} for name in judged["seriousness"]
        ]
    return {
        "seriousness": seriousness,
        "outcome": [concept(OUTCOME, judged["outcome"])],
        "detected": judged["aware_at"].isoformat(timespec="seconds"),
        "suspectEntity": [
            {
                "instanceCodeableConcept": concept(COMPONENT, component),
                "causality": {"entityRelatedness": concept(RELATEDNESS, word)},
            }
            for component, word in sorted(judged["relations"].items())
        ],
    }
