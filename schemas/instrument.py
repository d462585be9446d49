"""The diary's questions, for an app to draw."""

import marshmallow as ma
from marshmallow import validate

from backend.clinical.bodymap import SIDES, VIEWS
from schemas.fields import Number

LANGUAGES = ("en", "zh")


class LanguageQuery(ma.Schema):
    """In which language."""

    language = ma.fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))


class SymptomItemOut(ma.Schema):
    """One question; answers are 0 to `highest`."""

    attribute = ma.fields.String()
    code = ma.fields.String(metadata={"description": "Item code of PRO-CTCAE"})
    text = ma.fields.String(metadata={"description": "Our own question"})
    official = ma.fields.String(
        allow_none=True,
        metadata={"description": "The instrument's own text, where the study has loaded it"},
    )
    highest = ma.fields.Integer()


class SymptomAskedOut(ma.Schema):
    """One symptom with its questions in the order asked."""

    symptom = ma.fields.String()
    title = ma.fields.String()
    category = ma.fields.String()
    items = ma.fields.List(ma.fields.Nested(SymptomItemOut))


class ObservationAskedOut(ma.Schema):
    """One plain question."""

    name = ma.fields.String()
    text = ma.fields.String()
    type = ma.fields.String()
    unit = ma.fields.String(allow_none=True)
    minimum = Number(allow_none=True)
    maximum = Number(allow_none=True)
    choices = ma.fields.List(ma.fields.String())
    choice_titles = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        metadata={"description": "What a button says for each choice"},
    )


class VitalAskedOut(ma.Schema):
    """One unit of one vital sign; a value outside the limits is refused as a slip."""

    vital = ma.fields.String()
    unit = ma.fields.String(metadata={"description": "UCUM", "example": "Cel"})
    minimum = Number(allow_none=True)
    maximum = Number(allow_none=True)


class AfterAnswerOut(ma.Schema):
    """Plain questions asked where a plain answer is one of `values`."""

    observation = ma.fields.String()
    values = ma.fields.List(ma.fields.String())
    ask = ma.fields.List(ma.fields.String())


class AfterSymptomOut(ma.Schema):
    """Plain questions asked where any answer about the symptom is `least` or more."""

    symptom = ma.fields.String()
    least = ma.fields.Integer()
    ask = ma.fields.List(ma.fields.String())


class BodyRegionOut(ma.Schema):
    """One region of the drawing of the body."""

    id = ma.fields.String()
    title = ma.fields.String()
    view = ma.fields.String(validate=validate.OneOf(VIEWS))
    side = ma.fields.String(
        validate=validate.OneOf(SIDES), metadata={"description": "The patient's own left or right"}
    )


class DiaryInstrumentOut(ma.Schema):
    """Everything that a diary can say."""

    version = ma.fields.String()
    language = ma.fields.String()
    official_language = ma.fields.String(allow_none=True)
    symptoms = ma.fields.List(ma.fields.Nested(SymptomAskedOut))
    observations = ma.fields.List(ma.fields.Nested(ObservationAskedOut))
    vitals = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.List(ma.fields.String()))
    vital_limits = ma.fields.List(ma.fields.Nested(VitalAskedOut))
    danger = ma.fields.List(
        ma.fields.String(), metadata={"description": "Plain questions for one screen, asked first"}
    )
    every_day = ma.fields.List(ma.fields.String())
    after_answers = ma.fields.List(ma.fields.Nested(AfterAnswerOut))
    after_symptoms = ma.fields.List(ma.fields.Nested(AfterSymptomOut))
    body_marks = ma.fields.List(
        ma.fields.String(), metadata={"description": "Symptoms marked on a drawing of the body"}
    )
    body_regions = ma.fields.List(ma.fields.Nested(BodyRegionOut))
    area_answers = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        metadata={
            "description": "Symptom to the plain answer, in percent, that its palms add up to"
        },
    )
    photos = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        metadata={"description": "Symptom to the kind of photo that helps to judge it"},
    )
