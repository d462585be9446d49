"""Observation: laboratory results, vital signs, PRO-CTCAE composites and findings of staff."""

import datetime as dt
import heapq
import uuid
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from backend.analysis.subjects import by_subject
from backend.fhir.found import Found, Reading, codes_of
from backend.fhir.terminology import (
    ANALYTE,
    CATEGORY,
    FINDING,
    SCORE,
    VITAL,
    concept,
    patient,
    quantity,
)
from backend.models.assessment import stream_assessments
from backend.models.base import number_of
from backend.models.diary import stream_diaries
from backend.models.finding import stream_findings
from backend.models.lab import stream_results


def find_observations(reading: Reading) -> Iterator[Found]:
    """Give every observation by subject; each kind's stream is by subject already."""
    return heapq.merge(
        _results(reading),
        _vitals(reading),
        _composites(reading),
        _findings(reading),
        key=attrgetter("subject_id"),
    )


def _results(reading: Reading) -> Iterator[Found]:
    for stored in stream_results(
        reading.frame, reading.sites, since=reading.since, subject=reading.subject
    ):
        code = concept(ANALYTE, stored["analyte"])
        resource = _observation(stored["_id"], "laboratory", code, stored["subject_id"])
        resource["effectiveDateTime"] = stored["collected_at"].isoformat(timespec="seconds")
        resource["valueQuantity"] = quantity(float(stored["value"].to_decimal()), stored["unit"])
        limits = {
            name: quantity(float(limit), stored["unit"])
            for name, key in (("low", "lln"), ("high", "uln"))
            for limit in [number_of(stored.get(key))]
            if limit is not None
        }
        if limits:
            resource["referenceRange"] = [limits]
        day = dt.date.fromisoformat(stored["day"])
        yield Found(stored["subject_id"], stored["_id"], day, codes_of(code), resource)


def _vitals(reading: Reading) -> Iterator[Found]:
    # What is measured in another unit is stored in this one (data/vitals.toml).
    measured = {
        known.fact: (vital, unit)
        for vital, units in reading.ruleset.vitals.items()
        for unit, known in units.items()
        if known.fact is not None and known.factor is None
    }
    for stored in stream_diaries(
        reading.frame, reading.sites, since=reading.since, subject=reading.subject
    ):
        if stored["superseded"]:
            continue
        for fact, (vital, unit) in measured.items():
            value = number_of(stored["answers"].get(fact))
            if value is None:
                continue
            code = concept(VITAL, vital)
            number = f"{stored['_id']}.{vital.replace('_', '-')}"
            resource = _observation(number, "vital-signs", code, stored["subject_id"])
            resource["effectiveDateTime"] = stored["day"]
            resource["valueQuantity"] = quantity(float(value), unit)
            resource["derivedFrom"] = [{"reference": f"QuestionnaireResponse/{stored['_id']}"}]
            day = dt.date.fromisoformat(stored["day"])
            yield Found(stored["subject_id"], number, day, codes_of(code), resource)


def _composites(reading: Reading) -> Iterator[Found]:
    diaries = by_subject(
        stream_diaries(
            reading.frame,
            reading.sites,
            since=reading.since,
            subject=reading.subject,
            fields=("superseded",),
        )
    )
    seen = stream_assessments(
        reading.frame,
        reading.sites,
        fields=("scores",),
        since=reading.since,
        subject=reading.subject,
    )
    for number, assessments in groupby(seen, key=itemgetter("subject_id")):
        current = {diary["_id"] for diary in diaries(number) if not diary["superseded"]}
        for stored in assessments:
            if stored["source_id"] not in current:
                continue
            for score in stored["scores"]:
                if score.get("composite") is None:
                    continue
                code = concept(SCORE, score["symptom"])
                oid = f"{stored['_id']}.{score['symptom'].replace('_', '-')}"
                resource = _observation(oid, "survey", code, number)
                resource["effectiveDateTime"] = stored["day"]
                # A composite from 0 to 3 is a score, not a CTCAE grade.
                resource["valueInteger"] = int(score["composite"])
                resource["derivedFrom"] = [
                    {"reference": f"QuestionnaireResponse/{stored['source_id']}"}
                ]
                day = dt.date.fromisoformat(stored["day"])
                yield Found(number, oid, day, codes_of(code), resource)


def _findings(reading: Reading) -> Iterator[Found]:
    for stored in stream_findings(
        reading.frame, reading.sites, since=reading.since, subject=reading.subject
    ):
        for fact, said in stored["values"].items():
            code = concept(FINDING, fact)
            # A fact's name may be longer than the 64 letters that an id has.
            number = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{FINDING}:{stored['_id']}:{fact}"))
            resource = _observation(number, "exam", code, stored["subject_id"])
            resource["effectiveDateTime"] = stored["observed_at"].isoformat(timespec="seconds")
            declared = reading.ruleset.facts.get(fact)
            unit = None if declared is None else declared.unit
            resource |= _value(said, unit)
            day = dt.date.fromisoformat(stored["day"])
            yield Found(stored["subject_id"], number, day, codes_of(code), resource)


def _observation(number: str, category: str, code: dict[str, Any], subject: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": number,
        "status": "final",
        "category": [concept(CATEGORY, category)],
        "code": code,
        "subject": patient(subject),
    }


def _value(said: object, unit: str | None) -> dict[str, Any]:
    if isinstance(said, bool):
        return {"valueBoolean": said}
    number = number_of(said)
    if number is None:
        return {"valueString": str(said)}
    return {"valueQuantity": quantity(float(number), unit) if unit else {"value": float(number)}}
