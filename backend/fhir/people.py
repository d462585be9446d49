"""Patient and ResearchSubject: a number and a place in the study; no name, no birth date, no arm."""

import datetime as dt
from collections.abc import Iterator

from backend.clinical.milestones import status_of
from backend.fhir.found import Found, Reading
from backend.fhir.terminology import SUBJECT_NUMBER, patient
from backend.models.subject import stream_subjects


def find_patients(reading: Reading) -> Iterator[Found]:
    """Give each subject as a Patient that is an identifier alone."""
    for stored in stream_subjects(
        reading.frame, reading.sites, since=reading.since, subject=reading.subject
    ):
        number = stored["_id"]
        yield Found(
            number,
            number,
            None,
            frozenset(),
            {
                "resourceType": "Patient",
                "id": number,
                "identifier": [{"system": SUBJECT_NUMBER, "value": number}],
            },
        )


def find_research_subjects(reading: Reading) -> Iterator[Found]:
    """Give each subject's place in the study; the arm is never in it."""
    for stored in stream_subjects(
        reading.frame, reading.sites, since=reading.since, subject=reading.subject
    ):
        number = stored["_id"]
        days = {each["kind"]: each["on"] for each in stored["milestones"]}
        begun = days.get("randomised") or stored["enrolled_at"].date().isoformat()
        ended = days.get("off_study")
        milestones = {kind: dt.date.fromisoformat(day) for kind, day in days.items()}
        yield Found(
            number,
            number,
            dt.date.fromisoformat(begun),
            frozenset(),
            {
                "resourceType": "ResearchSubject",
                "id": number,
                "identifier": [{"system": SUBJECT_NUMBER, "value": number}],
                "status": "retired" if ended else "active",
                "progress": [
                    {
                        "subjectState": {"text": status_of(milestones).replace("_", " ")},
                    }
                ],
                "period": {"start": begun} | ({"end": ended} if ended else {}),
                "study": {
                    "identifier": {"system": "urn:pro-ae:study", "value": reading.study.id},
                    "display": reading.study.title,
                },
                "subject": patient(number),
            },
        )
