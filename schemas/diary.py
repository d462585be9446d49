"""Diaries in, receipts out."""

import hashlib
from decimal import Decimal
from typing import Any

import marshmallow as ma
import orjson
from marshmallow import validate

from backend.clinical.bodymap import BodyMark
from backend.services.diary import Amendment, Submission, SymptomEntry, VitalEntry
from schemas.fields import Day, Moment, Number, PlainValues, Zone

_SCORE = validate.Range(0, 4)
# Palms are counted in halves; a hundred are the whole skin.
_PALMS, _STEP = validate.Range(0, 100), Decimal("0.5")
# Carries the raw body through marshmallow; a key of this name from outside is overwritten.
_RAW = "\0raw"


def canonical(payload: dict[str, Any]) -> str:
    """Give the body as JSON text with sorted keys: what is kept, and what a repeat is held against.

    Raises:
        marshmallow.ValidationError: the body is nested too deeply to be a diary.
    """
    try:
        return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError as error:
        message = "nested too deeply"
        raise ma.ValidationError(message) from error


class SymptomIn(ma.Schema):
    """One symptom: only the attributes that it is asked by; 0 is none, 4 the most."""

    symptom = ma.fields.String(
        required=True,
        validate=validate.Length(1, 64),
        metadata={"description": "Id from GET /instruments/diary", "example": "diarrhea"},
    )
    frequency = ma.fields.Integer(strict=True, validate=_SCORE)
    severity = ma.fields.Integer(strict=True, validate=_SCORE)
    interference = ma.fields.Integer(strict=True, validate=_SCORE)
    presence = ma.fields.Integer(strict=True, validate=validate.Range(0, 1))
    amount = ma.fields.Integer(strict=True, validate=_SCORE)

    @ma.post_load
    def _entry(self, data: dict[str, Any], **_: object) -> SymptomEntry:
        name = data.pop("symptom")
        return SymptomEntry(name, data)


class VitalIn(ma.Schema):
    """One measurement with its UCUM unit."""

    vital = ma.fields.String(
        required=True, validate=validate.Length(1, 32), metadata={"example": "temperature"}
    )
    value = Number(required=True, metadata={"example": 38.4})
    unit = ma.fields.String(
        required=True, validate=validate.Length(1, 16), metadata={"example": "Cel"}
    )

    @ma.post_load
    def _entry(self, data: dict[str, Any], **_: object) -> VitalEntry:
        return VitalEntry(**data)


def _in_halves(palms: Decimal) -> None:
    if palms % _STEP:
        message = "Steps of 0.5 are expected."
        raise ma.ValidationError(message)


class BodyMarkIn(ma.Schema):
    """One symptom marked on one region of the body."""

    symptom = ma.fields.String(
        required=True,
        validate=validate.Length(1, 64),
        metadata={"description": "Id from GET /instruments/diary", "example": "rash"},
    )
    region = ma.fields.String(
        required=True,
        validate=validate.Length(1, 32),
        metadata={
            "description": "Id of a body region from GET /instruments/diary",
            "example": "left_arm_lower_front",
        },
    )
    palms = Number(
        load_default=None,
        allow_none=True,
        validate=(_PALMS, _in_halves),
        metadata={
            "description": "How many of the patient's own palms, in halves; null: not counted",
            "example": 2.5,
        },
    )

    @ma.post_load
    def _mark(self, data: dict[str, Any], **_: object) -> BodyMark:
        return BodyMark(**data)


class AmendmentIn(ma.Schema):
    """Which earlier submission this one corrects, and why."""

    submission_id = ma.fields.UUID(required=True)
    reason = ma.fields.String(required=True, validate=validate.Length(3, 500))

    @ma.post_load
    def _amendment(self, data: dict[str, Any], **_: object) -> Amendment:
        return Amendment(str(data["submission_id"]), data["reason"])


class DiaryIn(ma.Schema):
    """One day's diary as the phone sends it.

    A field that this version does not know is kept in the raw payload and named in the receipt:
    a newer app must not lose a diary.
    """

    class Meta:
        """Keep what is not known."""

        unknown = ma.INCLUDE

    submission_id = ma.fields.UUID(
        required=True, metadata={"description": "Made by the phone; a repeat gets the same receipt"}
    )
    day = Day(required=True, metadata={"description": "The day reported on, in the patient's zone"})
    reported_at = Moment(required=True, metadata={"description": "The phone's clock when saved"})
    sent_at = Moment(metadata={"description": "The phone's clock when sent; shows a skewed clock"})
    zone = Zone(required=True, metadata={"description": "IANA zone of the phone"})
    symptoms = ma.fields.List(
        ma.fields.Nested(SymptomIn), load_default=list, validate=validate.Length(max=100)
    )
    observations = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.Length(1, 64)),
        load_default=dict,
        validate=validate.Length(max=200),
        metadata={
            "description": "Plain answers by name, see GET /instruments/diary; null: not answered",
            "example": {"stools_per_day": 5, "dizzy_on_standing": False},
        },
    )
    vitals = ma.fields.List(
        ma.fields.Nested(VitalIn), load_default=list, validate=validate.Length(max=20)
    )
    body_map = ma.fields.List(
        ma.fields.Nested(BodyMarkIn),
        load_default=list,
        # Every symptom that is drawn on every region would be more than a body can bear.
        validate=validate.Length(max=200),
        metadata={
            "description": "What was drawn on the body. It grades nothing: send the area that the "
            "palms add up to as the plain answer that `area_answers` names."
        },
    )
    free_text = ma.fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=4000)
    )
    amends = ma.fields.Nested(AmendmentIn, load_default=None, allow_none=True)

    @ma.pre_load
    def _keep_raw(self, data: Any, **_: object) -> Any:  # noqa: ANN401 - whatever JSON came
        return {**data, _RAW: data} if isinstance(data, dict) else data

    @ma.post_load
    def _submission(self, data: dict[str, Any], **_: object) -> Submission:
        payload = data.pop(_RAW)
        known = {name: data.pop(name) for name in tuple(data) if name in self.fields}
        known["submission_id"] = str(known["submission_id"])
        known["body_map"] = tuple(known["body_map"])
        # The patient's own words are kept sealed and apart, and so is what nobody here knows: it can
        # be words.
        unread = {name: payload[name] for name in sorted(data)}
        apart = {"free_text", *unread}
        plain = {name: value for name, value in payload.items() if name not in apart}
        if isinstance(plain.get("amends"), dict):
            plain["amends"] = {**plain["amends"], "reason": None}
        return Submission(
            **{"sent_at": None, **known},
            unread_fields=tuple(unread),
            unread=canonical(unread) if unread else None,
            payload=canonical(plain),
            content_sha256=_digest(plain),
            whole_sha256=_digest(payload),
        )


def _digest(payload: dict[str, Any]) -> str:
    # The phone says anew when it sends.
    sent = {name: value for name, value in payload.items() if name != "sent_at"}
    return hashlib.sha256(canonical(sent).encode()).hexdigest()


class BatchIn(ma.Schema):
    """Diaries that waited on an offline phone; each is judged on its own."""

    items = ma.fields.List(
        ma.fields.Dict(),
        required=True,
        validate=validate.Length(1, 50),
        metadata={"description": "Each as in POST /diaries"},
    )


class QuestionOut(ma.Schema):
    """A question whose answer would settle a grade or a flag."""

    fact = ma.fields.String()
    text = ma.fields.String()


class NextStepOut(ma.Schema):
    """What the patient should do now, in plain words."""

    kind = ma.fields.String(
        validate=validate.OneOf(("self_care", "call_clinic", "emergency")),
    )
    text = ma.fields.String()


class ReceiptOut(ma.Schema):
    """Proof that the study team has the diary."""

    submission_id = ma.fields.UUID()
    diary_id = ma.fields.String()
    subject_id = ma.fields.String()
    day = ma.fields.Date()
    version = ma.fields.Integer()
    received_at = ma.fields.AwareDateTime()
    marks = ma.fields.List(ma.fields.String())
    unread_fields = ma.fields.List(ma.fields.String())
    next_step = ma.fields.Nested(NextStepOut)
    questions = ma.fields.List(ma.fields.Nested(QuestionOut))


class BatchItemOut(ma.Schema):
    """What became of one item of a batch: the status and body it would have had alone."""

    status = ma.fields.Integer()
    receipt = ma.fields.Nested(ReceiptOut)
    problem = ma.fields.Dict()


class BatchOut(ma.Schema):
    """One result per item, in the order sent."""

    items = ma.fields.List(ma.fields.Nested(BatchItemOut))


class BodyMarkOut(ma.Schema):
    """One symptom marked on one region of the body."""

    symptom = ma.fields.String()
    region = ma.fields.String()
    palms = Number(allow_none=True)


class DiaryOut(ma.Schema):
    """A diary as stored."""

    id = ma.fields.String()
    submission_id = ma.fields.String()
    subject_id = ma.fields.String()
    day = ma.fields.Date()
    version = ma.fields.Integer()
    reported_at = ma.fields.AwareDateTime()
    device_zone = ma.fields.String()
    received_at = ma.fields.AwareDateTime()
    entered_by = ma.fields.String()
    marks = ma.fields.List(ma.fields.String())
    answers = PlainValues()
    scores = PlainValues()
    body_map = ma.fields.List(ma.fields.Nested(BodyMarkOut))
    free_text = ma.fields.String(allow_none=True)
    shredded = ma.fields.Boolean(
        metadata={"description": "The patient's own words were here, and their key was destroyed"}
    )
    amends = ma.fields.String(allow_none=True)
    amendment_reason = ma.fields.String(allow_none=True)
    superseded = ma.fields.Boolean()


class DiaryPageOut(ma.Schema):
    """A page of diaries, newest day first."""

    items = ma.fields.List(ma.fields.Nested(DiaryOut))
    next = ma.fields.String(allow_none=True)
