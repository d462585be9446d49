"""An assessment with every reason: scores, provisional grades, flags, questions."""

import marshmallow as ma

from schemas.fields import PlainValues


class AssessmentOut(ma.Schema):
    """One run of one rule set over one diary or lab report.

    Grades are provisional: a clinician's grade is another fact and lives with the adverse event.
    """

    notice = ma.fields.Constant(
        "Grades are provisional; actions inform, for the investigator's decision."
    )
    id = ma.fields.String()
    subject_id = ma.fields.String()
    source_kind = ma.fields.String()
    source_id = ma.fields.String()
    day = ma.fields.Date()
    at = ma.fields.AwareDateTime()
    ruleset_version = ma.fields.String()
    study_version = ma.fields.String()
    tier = ma.fields.String()
    irae = PlainValues(metadata={"description": "level none, possible or suspected, and organs"})
    scores = ma.fields.List(PlainValues())
    grades = ma.fields.List(PlainValues())
    flags = ma.fields.List(PlainValues())
    questions = ma.fields.List(PlainValues())
    facts = PlainValues(metadata={"description": "Every fact the engine was given, by name"})
