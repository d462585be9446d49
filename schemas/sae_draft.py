"""The draft of a serious event's report, out."""

import marshmallow as ma

from schemas.fields import Number


class SuspectDrugOut(ma.Schema):
    """One component of the treatment."""

    component = ma.fields.String()
    name = ma.fields.String()
    route = ma.fields.String()
    plan = ma.fields.String()
    first = ma.fields.Date(allow_none=True)
    last = ma.fields.Date(allow_none=True)
    doses = ma.fields.Integer(metadata={"description": "Infusions, fractions, or runs of days"})
    last_dose = Number(allow_none=True)
    unit = ma.fields.String()
    relation = ma.fields.String(allow_none=True)
    action = ma.fields.String(allow_none=True)
    days_to_onset = ma.fields.Integer(allow_none=True)


class RelevantResultOut(ma.Schema):
    """One laboratory result near the event, as reported."""

    analyte = ma.fields.String()
    day = ma.fields.Date()
    value = Number()
    unit = ma.fields.String()
    lln = Number(allow_none=True)
    uln = Number(allow_none=True)


class SaeDraftOut(ma.Schema):
    """A draft, never sent by itself; `missing` names what a person must fill in."""

    draft = ma.fields.Constant("not sent; to be completed, checked and signed by a person")
    event_id = ma.fields.String()
    event_rev = ma.fields.Integer()
    drafted_at = ma.fields.AwareDateTime()
    study_id = ma.fields.String()
    study_title = ma.fields.String()
    site = ma.fields.String()
    subject_id = ma.fields.String()
    sex = ma.fields.String(allow_none=True)
    weight_kg = Number(allow_none=True)
    onset = ma.fields.Date()
    end = ma.fields.Date(allow_none=True)
    term = ma.fields.String()
    meddra_code = ma.fields.String()
    soc = ma.fields.String()
    clinician_grade = ma.fields.Integer()
    provisional_grade = ma.fields.Integer(allow_none=True)
    criteria = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Boolean())
    outcome = ma.fields.String()
    immune_related = ma.fields.Boolean()
    special_interest = ma.fields.Boolean()
    aware_at = ma.fields.AwareDateTime()
    report_by = ma.fields.AwareDateTime()
    first_report_at = ma.fields.AwareDateTime(allow_none=True)
    reason = ma.fields.String()
    signed_as = ma.fields.String()
    judged_at = ma.fields.AwareDateTime()
    earlier_judgements = ma.fields.Integer()
    drugs = ma.fields.List(ma.fields.Nested(SuspectDrugOut))
    results = ma.fields.List(ma.fields.Nested(RelevantResultOut))
    history = ma.fields.List(ma.fields.String())
    flags = ma.fields.List(ma.fields.String())
    candidate_causes = ma.fields.List(ma.fields.String())
    missing = ma.fields.List(ma.fields.String())
