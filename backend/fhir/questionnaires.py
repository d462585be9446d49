"""Questionnaire and QuestionnaireResponse: the diary in our own words, and each version that came."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from backend.clinical.rules import Ruleset
from backend.clinical.symptoms import SCALES
from backend.fhir.found import Found, Reading
from backend.fhir.terminology import PRO_CTCAE, concept, patient
from backend.models.diary import stream_diaries

DIARY = "diary"
_STAFF = "entered_by_staff"


def diary_questionnaire(reading: Reading) -> Found:
    """Give the diary's items: a group for each symptom, a whole number from 0 for each answer."""
    items = []
    codes = set()
    for symptom in reading.ruleset.symptoms.values():
        answers = []
        for item in symptom.items:
            codes.add((PRO_CTCAE, item.code))
            answers.append(
                {
                    "linkId": f"{symptom.id}_{item.attribute}",
                    "code": concept(PRO_CTCAE, item.code)["coding"],
                    "text": item.question["en"],
                    "type": "integer",
                    "answerOption": [
                        {"valueInteger": score} for score in range(SCALES[item.attribute] + 1)
                    ],
                }
            )
        items.append(
            {"linkId": symptom.id, "text": symptom.title["en"], "type": "group", "item": answers}
        )
    return Found(
        "",
        DIARY,
        None,
        frozenset(codes),
        {
            "resourceType": "Questionnaire",
            "id": DIARY,
            "url": f"urn:pro-ae:questionnaire:{DIARY}",
            "version": reading.ruleset.version,
            "title": "Daily diary (structure of PRO-CTCAE, our own short words)",
            "status": "active",
            "subjectType": ["Patient"],
            "item": items,
        },
    )


def find_responses(reading: Reading) -> Iterator[Found]:
    """Give each version of each diary; one that was replaced is `entered-in-error`, its heir `amended`.

    An item that was not answered is not there: a missing answer is never 0.
    """
    for stored in stream_diaries(
        reading.frame, reading.sites, since=reading.since, subject=reading.subject
    ):
        number = stored["subject_id"]
        answered = _items(stored["scores"], reading.ruleset)
        status = "amended" if stored["version"] > 1 else "completed"
        resource: dict[str, Any] = {
            "resourceType": "QuestionnaireResponse",
            "id": stored["_id"],
            "questionnaire": f"urn:pro-ae:questionnaire:{DIARY}",
            "status": "entered-in-error" if stored["superseded"] else status,
            "subject": patient(number),
            "authored": stored["reported_at"].isoformat(timespec="seconds"),
        }
        if _STAFF not in stored["marks"]:
            resource["source"] = patient(number)
        if answered:
            resource["item"] = answered
        codes = frozenset(
            (PRO_CTCAE, item.code)
            for symptom in reading.ruleset.symptoms.values()
            for item in symptom.items
            if f"{symptom.id}_{item.attribute}" in stored["scores"]
        )
        day = dt.date.fromisoformat(stored["day"])
        yield Found(number, stored["_id"], day, codes, resource)


def _items(scores: dict[str, int], ruleset: Ruleset) -> list[dict[str, Any]]:
    found = []
    for symptom in ruleset.symptoms.values():
        answers = [
            {"linkId": name, "answer": [{"valueInteger": int(scores[name])}]}
            for item in symptom.items
            for name in [f"{symptom.id}_{item.attribute}"]
            if name in scores
        ]
        if answers:
            found.append({"linkId": symptom.id, "item": answers})
    return found
