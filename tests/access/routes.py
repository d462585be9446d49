"""One row per route: how to call it well, and whose thing it touches. A new route needs a row here.

A row's `path` and `send` get the world and who asks; `send` gives options of Flask's test client
(`json`, `data`, `query_string` …). They are asked for each request anew, so that a request that
changes something leaves the next one a fresh thing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from itertools import count
from typing import Any

from backend.access import Action, Actor, Grant, Role, may, may_manage, scope
from backend.fhir.registry import TYPES
from backend.listings.registry import LISTINGS
from backend.models.assessment import assessment_of
from backend.models.private_text import find_text, insert_text, sealed_text
from backend.pictures.registry import PICTURES
from backend.resources.page_files import load_pages
from backend.services.ruleset import keep_rules
from backend.services.study import keep_study
from tests.access.world import HERE, Who, World, bad_day, new_id, nothing
from tests.people import PASSWORD, enrolment, judgement
from tests.photos.pictures import snapshot

Ask = Callable[[World, Who], Mapping[str, Any]]
_days = count()


class Of(Enum):
    """Whose thing a route touches; the same words as the arguments of `may`."""

    ANYBODY = auto()
    SITE = auto()
    SUBJECT = auto()
    STAFF = auto()
    # Of every site: a grant at one of them is not enough.
    STUDY = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """One method of one route, and the status of its success."""

    method: str
    rule: str
    ok: int = 200
    of: Of = Of.ANYBODY
    path: Ask = nothing
    send: Ask = nothing
    # The request ends the caller's own sign-in: somebody just like them makes it.
    by_stand_in: bool = False
    # Leave that is asked for besides the route's own.
    also: Action | None = None

    def allows(self, actor: Actor, action: Action, subject_id: str) -> bool:
        """Say by `backend.access` alone whether the request must succeed."""
        if self.also is not None and not may(actor, self.also):
            return False
        if self.of is Of.SUBJECT:
            return may(actor, action, site=HERE, subject_id=subject_id)
        if self.of is Of.SITE:
            return may(actor, action, site=HERE)
        if self.of is Of.STAFF:
            return may_manage(actor, (Grant(Role.NURSE, HERE),))
        if self.of is Of.STUDY:
            return scope(actor, action).sites is None
        return may(actor, action)


def _subject(world: World, _: Who) -> Mapping[str, Any]:
    return {"subject_id": world.subject_id}


def _diary(world: World, _: Who) -> Mapping[str, Any]:
    return {"diary_id": world.diary_id}


def _event(world: World, _: Who) -> Mapping[str, Any]:
    return {"event_id": world.event_id}


def _assessment(world: World, _: Who) -> Mapping[str, Any]:
    found = assessment_of(world.diary_id)
    return {"assessment_id": "none" if found is None else found.id}


def _study_version(world: World, _: Who) -> Mapping[str, Any]:
    here = world.context
    keep_study(here.config.study_file, here.study, now=here.clock())
    return {"version": here.study.version}


def _rule_versions(world: World, _: Who) -> Mapping[str, Any]:
    here = world.context
    keep_rules(here.ruleset, now=here.clock())
    version = here.ruleset.version
    return {"query_string": {"first": version, "second": version}}


def _unblinded(_: World, __: Who) -> Mapping[str, Any]:
    return {"json": {"reason": "meeting of the monitoring committee"}}


def _export(world: World, who: Who) -> Mapping[str, Any]:
    return {"export_id": world.export_of(who)}


def _exported(world: World, who: Who) -> Mapping[str, Any]:
    return {"export_id": world.export_of(who), "name": "rows.csv"}


def _judged_serious(world: World, _: Who) -> Mapping[str, Any]:
    return {"event_id": world.judged_serious_event()}


def _svg(_: World, __: Who) -> Mapping[str, Any]:
    return {"kind": "svg"}


def _analyte(_: World, __: Who) -> Mapping[str, Any]:
    return {"query_string": {"analyte": "alt"}}


def _resource(name: str) -> Ask:
    def path(world: World, _: Who) -> Mapping[str, Any]:
        numbers = {
            "Questionnaire": "diary",
            "QuestionnaireResponse": world.diary_id,
            "AdverseEvent": world.event_id,
            "Observation": f"{world.diary_id}.temperature",
        }
        return {"number": numbers.get(name, world.subject_id)}

    return path


def _cut(_: World, __: Who) -> Mapping[str, Any]:
    return {"json": {"cutoff": "2026-02-20", "reason": "yearly safety report"}}


def _new_staff(_: World, __: Who) -> Mapping[str, Any]:
    return {
        "json": {
            "email": f"{new_id()}@example.org",
            "password": PASSWORD,
            "name": "New",
            "grants": [{"role": "nurse", "site": HERE}],
        }
    }


def _fresh_staff(world: World, _: Who) -> Mapping[str, Any]:
    return {"staff_id": world.fresh_staff()}


def _signed_in_staff(world: World, _: Who) -> Mapping[str, Any]:
    fresh = world.fresh_staff()
    stored = world.database["sessions"].find_one({"staff_id": fresh})
    return {"staff_id": fresh, "session_id": "none" if stored is None else stored["_id"]}


def _password(_: World, __: Who) -> Mapping[str, Any]:
    return {"json": {"old": PASSWORD, "new": PASSWORD + "!"}}


def _sign_in(world: World, _: Who) -> Mapping[str, Any]:
    staff = world.database["staff"].find_one({"_id": world.fresh_staff()})
    assert staff is not None
    return {"json": {"email": staff["email"], "password": PASSWORD}}


def _refresh(world: World, _: Who) -> Mapping[str, Any]:
    nurse = next(who for who in world.people if who.name == "nurse same site")
    tokens = world.stand_in(nurse).tokens
    assert tokens is not None
    return {"json": {"refresh_token": tokens.refresh_token}}


def _baseline(world: World, _: Who) -> Mapping[str, Any]:
    return {
        "json": {
            "rev": world.rev("subjects", world.subject_id),
            "baseline": {"baseline_weight_kg": 66},
            "reason": "weighed again",
        }
    }


def _milestone(world: World, _: Who) -> Mapping[str, Any]:
    rev = world.rev("subjects", world.subject_id)
    return {"json": {"rev": rev, "kind": world.fresh_milestone(), "on": "2025-01-01"}}


def _dose(_: World, __: Who) -> Mapping[str, Any]:
    # A day of its own each time: the same dose twice is refused.
    day = date(2025, 6, 1) + timedelta(days=next(_days))
    return {
        "json": {"component": "ql1706", "first": day.isoformat(), "dose": 325, "unit": "mg"},
    }


def _sample(_: World, __: Who) -> Mapping[str, Any]:
    result = {"analyte": "potassium", "value": 4.1, "unit": "mmol/L"}
    sample = {"submission_id": new_id(), "collected_at": "2026-03-01T08:00:00+00:00"}
    return {"json": {**sample, "results": [result]}}


def _call(_: World, __: Who) -> Mapping[str, Any]:
    return {"json": {**bad_day(), "symptoms": [], "observations": {"stools_per_day": 1}}}


def _photo(_: World, __: Who) -> Mapping[str, Any]:
    return {
        "query_string": {"photo_id": new_id(), "submission_id": new_id(), "kind": "hands"},
        "data": snapshot(),
        "content_type": "image/jpeg",
    }


def _finding(_: World, __: Who) -> Mapping[str, Any]:
    when = {"submission_id": new_id(), "observed_at": "2026-03-01T08:00:00+00:00"}
    return {"json": {**when, "values": {"qtc_ms": 440}}}


def _lab_file(_: World, __: Who) -> Mapping[str, Any]:
    return {"data": b"subject_id,collected_at,analyte,value,unit\n", "content_type": "text/csv"}


def _new_event(world: World, _: Who) -> Mapping[str, Any]:
    return {"json": judgement(world.context.study.components)}


def _judgement(world: World, _: Who) -> Mapping[str, Any]:
    rev = world.rev("adverse_events", world.event_id)
    return {"json": {**judgement(world.context.study.components), "rev": rev}}


def _signature(collection: str, thing: str) -> Ask:
    def body(world: World, _: Who) -> Mapping[str, Any]:
        rev = world.rev(collection, getattr(world, thing))
        return {"json": {"rev": rev, "meaning": "author", "password": PASSWORD}}

    return body


def _signed(world: World, _: Who) -> Mapping[str, Any]:
    return {"query_string": {"kind": "subject", "target_id": world.subject_id}}


def _contact(world: World, _: Who) -> Mapping[str, Any]:
    known = find_text(f"contact/{world.subject_id}")
    body = {"name": "A name", "phones": ["+86 10 5555 0100"]}
    return {"json": {**body, "rev": None if known is None else known.rev}}


def _subject_with_contact(world: World, _: Who) -> Mapping[str, Any]:
    of = f"contact/{world.subject_id}"
    if find_text(of) is None:
        now = world.context.clock()
        insert_text(sealed_text(of, world.subject_id, {"name": "A", "phones": ["1"]}, now=now))
    return {"subject_id": world.subject_id}


def _emergency(world: World, _: Who) -> Mapping[str, Any]:
    body = {"kind": "record", "reason": "in our emergency room"}
    return {"json": {**body, "subject_id": world.subject_id}}


def _first_code(world: World, who: Who) -> Mapping[str, Any]:
    return {"json": {"code": world.begun_factor(who)}}


def _own_factor(world: World, who: Who) -> Mapping[str, Any]:
    return {"json": {"password": PASSWORD, "code": world.confirmed_factor(who)}}


def _serious_event(world: World, _: Who) -> Mapping[str, Any]:
    return {"event_id": world.serious_event()}


def _report(world: World, _: Who) -> Mapping[str, Any]:
    sent = {"sent_at": "2026-03-01T09:00:00+00:00", "reference": "SAE-1"}
    return {"json": {**sent, "rev": world.rev("adverse_events", world.event_id)}}


def _here(_: World, __: Who) -> Mapping[str, Any]:
    return {"query_string": {"site": HERE}}


def _shift(world: World, _: Who) -> Mapping[str, Any]:
    hours = {"days": ["mon"], "begins": "08:00", "ends": "16:00"}
    return {"json": {"site": HERE, "staff_id": world.fresh_staff(), "role": "nurse", **hours}}


def _shift_made(world: World, _: Who) -> Mapping[str, Any]:
    return {"shift_id": world.fresh_shift()}


def _suppression(_: World, __: Who) -> Mapping[str, Any]:
    return {"json": {"flag_id": "RASH", "tiers": ["routine"], "site": HERE, "reason": "too many"}}


def _suppression_made(world: World, _: Who) -> Mapping[str, Any]:
    return {"suppression_id": world.fresh_suppression()}


_SUBJECT = "/api/v1/subjects/<string:subject_id>"

_LISTINGS = (
    Row("GET", "/api/v1/listings/"),
    *(
        row
        for listing in LISTINGS
        for path in [f"/api/v1/listings/{listing.name}"]
        for row in (
            Row("GET", path),
            Row(
                "GET",
                f"{path}.<any(csv, xlsx, pdf):kind>",
                path=lambda _, __: {"kind": "csv"},
            ),
            *(
                [Row("POST", f"{path}/unblinded", send=_unblinded)]
                if any(column.unblinding for column in listing.columns)
                else []
            ),
        )
    ),
)

_KIND = "<any(svg, png, pdf):kind>"
_PICTURES = tuple(
    row
    for picture in PICTURES
    for row in (
        (
            Row(
                "GET",
                f"{_SUBJECT}/pictures/{picture.name}.{_KIND}",
                200,
                Of.SUBJECT,
                lambda world, who: {**_subject(world, who), "kind": "svg"},
                _analyte if picture.of_analyte else nothing,
            ),
        )
        if picture.of_subject
        else (
            *(
                [Row("GET", f"/api/v1/pictures/{picture.name}.{_KIND}", path=_svg)]
                if picture.blinded
                else []
            ),
            *(
                [Row("POST", f"/api/v1/pictures/{picture.name}/by-arm", send=_unblinded)]
                if picture.by_arm
                else []
            ),
        )
    )
)

ROWS = (
    # Signing in
    Row("POST", "/api/v1/sessions", 201, send=_sign_in),
    Row("GET", "/api/v1/sessions"),
    Row("POST", "/api/v1/sessions/refresh", send=_refresh),
    Row("GET", "/api/v1/sessions/current"),
    Row("DELETE", "/api/v1/sessions/current", 204, by_stand_in=True),
    Row(
        "DELETE",
        "/api/v1/sessions/<string:session_id>",
        204,
        path=lambda world, who: {"session_id": world.fresh_session(who)},
    ),
    Row("DELETE", "/api/v1/sessions/others", by_stand_in=True),
    # Staff
    Row("GET", "/api/v1/staff"),
    Row("GET", "/api/v1/staff/<string:staff_id>/sessions", 200, Of.STAFF, _fresh_staff),
    Row("DELETE", "/api/v1/staff/<string:staff_id>/sessions", 200, Of.STAFF, _fresh_staff),
    Row(
        "DELETE",
        "/api/v1/staff/<string:staff_id>/sessions/<string:session_id>",
        204,
        Of.STAFF,
        _signed_in_staff,
    ),
    Row("POST", "/api/v1/staff", 201, Of.STAFF, send=_new_staff),
    Row(
        "PATCH",
        "/api/v1/staff/<string:staff_id>",
        200,
        Of.STAFF,
        lambda world, _: {"staff_id": world.fresh_staff()},
        lambda _, __: {"json": {"rev": 0, "active": False}},
    ),
    Row(
        "PUT",
        "/api/v1/staff/me/push-address",
        send=lambda _, __: {"json": {"channel": "fcm", "kind": "fid", "value": "f"}},
    ),
    Row("PUT", "/api/v1/staff/me/password", 204, send=_password, by_stand_in=True),
    # Study
    Row("GET", "/api/v1/study"),
    Row("GET", "/api/v1/study/versions"),
    Row("GET", "/api/v1/study/versions/<string:version>", path=_study_version),
    Row("GET", "/api/v1/instruments/diary"),
    Row("GET", "/api/v1/colleagues"),
    Row("GET", "/api/v1/overview"),
    # Rules
    Row("GET", "/api/v1/rules"),
    Row(
        "GET",
        "/api/v1/rules/<any(flag, grading, drug):kind>/<string:rule_id>",
        path=lambda _, __: {"kind": "flag", "rule_id": "DIARRHOEA"},
    ),
    Row("GET", "/api/v1/rules/versions"),
    Row("GET", "/api/v1/rules/comparison", send=_rule_versions),
    Row("POST", "/api/v1/rules/replay", send=lambda _, __: {"json": {"since": "2026-01-01"}}),
    Row("GET", "/api/v1/ctcae/terms", send=lambda _, __: {"query_string": {"q": "diar"}}),
    # Subjects
    Row("GET", "/api/v1/subjects"),
    Row("POST", "/api/v1/subjects", 201, Of.SITE, send=lambda _, __: {"json": enrolment(HERE)}),
    Row("GET", _SUBJECT, 200, Of.SUBJECT, _subject),
    Row("PATCH", _SUBJECT, 200, Of.SUBJECT, _subject, _baseline),
    Row("POST", f"{_SUBJECT}/milestones", 201, Of.SUBJECT, _subject, _milestone),
    Row("GET", f"{_SUBJECT}/exposures", 200, Of.SUBJECT, _subject),
    Row("POST", f"{_SUBJECT}/exposures", 201, Of.SUBJECT, _subject, _dose),
    Row("GET", f"{_SUBJECT}/labs", 200, Of.SUBJECT, _subject),
    Row("POST", f"{_SUBJECT}/labs", 201, Of.SUBJECT, _subject, _sample),
    # Judged row by row: a row of another site is refused within a report that succeeds.
    Row("POST", "/api/v1/labs/csv", send=_lab_file),
    # Phones
    Row("POST", f"{_SUBJECT}/activation-codes", 201, Of.SUBJECT, _subject),
    Row(
        "POST",
        "/api/v1/activations",
        201,
        send=lambda world, _: {"json": {"code": world.fresh_code()}},
    ),
    Row("GET", f"{_SUBJECT}/devices", 200, Of.SUBJECT, _subject),
    Row(
        "DELETE",
        f"{_SUBJECT}/devices/<string:device_id>",
        204,
        Of.SUBJECT,
        lambda world, who: {**_subject(world, who), "device_id": world.fresh_device()},
    ),
    Row("GET", "/api/v1/device"),
    Row("DELETE", "/api/v1/device", 204, by_stand_in=True),
    Row(
        "PUT",
        "/api/v1/device/push-address",
        send=lambda _, __: {"json": {"kind": "fid", "value": new_id()}},
    ),
    Row(
        "PUT",
        "/api/v1/device/reminder-time",
        send=lambda _, __: {"json": {"reminder_time": "19:30"}},
    ),
    Row("GET", "/api/v1/push-key"),
    # Diaries
    Row("POST", "/api/v1/diaries", 201, send=lambda _, __: {"json": bad_day()}),
    Row("POST", "/api/v1/diaries/batch", send=lambda _, __: {"json": {"items": [bad_day()]}}),
    Row("GET", "/api/v1/diaries/<string:diary_id>", 200, Of.SUBJECT, _diary),
    Row("GET", "/api/v1/diaries/<string:diary_id>/assessment", 200, Of.SUBJECT, _diary),
    Row("GET", "/api/v1/assessments/<string:assessment_id>", 200, Of.SUBJECT, _assessment),
    Row("GET", f"{_SUBJECT}/diaries", 200, Of.SUBJECT, _subject),
    # Photos
    Row("POST", "/api/v1/photos", 201, send=_photo),
    Row(
        "GET",
        "/api/v1/photos/<uuid:photo_id>",
        200,
        Of.SUBJECT,
        lambda world, _: {"photo_id": world.fresh_photo()},
    ),
    Row("GET", f"{_SUBJECT}/photos", 200, Of.SUBJECT, _subject),
    # Alerts
    Row("GET", "/api/v1/alerts"),
    Row(
        "GET",
        "/api/v1/alerts/<string:alert_id>",
        200,
        Of.SUBJECT,
        lambda world, _: {"alert_id": world.alert_id},
    ),
    Row("GET", "/api/v1/alerts/by-subject"),
    Row(
        "GET",
        "/api/v1/alerts/<string:alert_id>/ladder",
        200,
        Of.SUBJECT,
        lambda world, _: {"alert_id": world.alert_id},
    ),
    Row(
        "POST",
        "/api/v1/alerts/<string:alert_id>/steps",
        200,
        Of.SUBJECT,
        lambda world, _: {"alert_id": world.fresh_alert()},
        lambda world, _: {
            "json": {"step": "acknowledge", "rev": world.rev("alerts", world.alert_id)}
        },
    ),
    Row("POST", f"{_SUBJECT}/diaries", 201, Of.SUBJECT, _subject, _call),
    Row("GET", f"{_SUBJECT}/diary-plan", 200, Of.SUBJECT, _subject),
    Row(
        "POST",
        f"{_SUBJECT}/diary-plan/<string:day>/excuse",
        200,
        Of.SUBJECT,
        lambda world, _: {"subject_id": world.subject_id, "day": world.fresh_window()},
        lambda _, __: {"json": {"reason": "in hospital"}},
    ),
    Row("GET", "/api/v1/silent-subjects"),
    Row("GET", "/api/v1/alerts/stream"),
    Row("GET", f"{_SUBJECT}/findings", 200, Of.SUBJECT, _subject),
    Row("POST", f"{_SUBJECT}/findings", 201, Of.SUBJECT, _subject, _finding),
    Row("PUT", f"{_SUBJECT}/contact", 200, Of.SUBJECT, _subject, _contact),
    Row("GET", f"{_SUBJECT}/contact", 200, Of.SUBJECT, _subject_with_contact),
    Row("GET", f"{_SUBJECT}/pro-scores", 200, Of.SUBJECT, _subject),
    Row("GET", "/api/v1/pro-scores", send=lambda _, __: {"query_string": {"symptom": "fatigue"}}),
    # Adverse events
    Row("GET", "/api/v1/adverse-events/<string:event_id>", 200, Of.SUBJECT, _event),
    Row(
        "POST",
        "/api/v1/adverse-events/<string:event_id>/adjudications",
        201,
        Of.SUBJECT,
        _event,
        _judgement,
    ),
    Row(
        "POST",
        "/api/v1/adverse-events/<string:event_id>/signatures",
        201,
        Of.SUBJECT,
        _event,
        _signature("adverse_events", "event_id"),
    ),
    Row(
        "POST",
        f"{_SUBJECT}/signatures",
        201,
        Of.SUBJECT,
        _subject,
        _signature("subjects", "subject_id"),
    ),
    Row("GET", "/api/v1/signatures", 200, Of.SUBJECT, send=_signed),
    Row(
        "POST",
        "/api/v1/adverse-events/<string:event_id>/reports",
        201,
        Of.SUBJECT,
        _serious_event,
        _report,
    ),
    Row(
        "POST",
        "/api/v1/subjects/<string:subject_id>/adverse-events",
        201,
        Of.SUBJECT,
        _subject,
        _new_event,
    ),
    Row(
        "GET",
        "/api/v1/adverse-events/<string:event_id>/sae-draft",
        200,
        Of.SUBJECT,
        _judged_serious,
    ),
    Row(
        "GET",
        "/api/v1/adverse-events/<string:event_id>/sae-draft.pdf",
        200,
        Of.SUBJECT,
        _judged_serious,
    ),
    *(
        row
        for name in ("incidence", "exposure-rates", "first-event", "strata")
        for row in (
            Row("GET", f"/api/v1/tables/{name}"),
            Row("POST", f"/api/v1/tables/{name}/by-arm", send=_unblinded),
        )
    ),
    *_LISTINGS,
    *_PICTURES,
    # FHIR
    Row("GET", "/fhir/R5/metadata"),
    *(Row("GET", f"/fhir/R5/{name}") for name in TYPES),
    *(
        Row("GET", f"/fhir/R5/{name}/<string:number>", 200, of, _resource(name))
        for name in TYPES
        for of in [Of.ANYBODY if name == "Questionnaire" else Of.SUBJECT]
    ),
    # Datasets for regulators
    Row("GET", "/api/v1/submission/datasets"),
    Row(
        "GET",
        "/api/v1/submission/datasets/<string:name>.<any(xpt, json):kind>",
        path=lambda _, __: {"name": "dm", "kind": "json"},
    ),
    Row(
        "GET",
        "/api/v1/submission/<any(sdtm, adam):kind>.zip",
        path=lambda _, __: {"kind": "adam"},
    ),
    Row(
        "POST",
        "/api/v1/submission/<any(sdtm, adam):kind>/unblinded",
        path=lambda _, __: {"kind": "adam"},
        send=_unblinded,
        also=Action.SUBMISSION_READ,
    ),
    # Exports
    Row("GET", "/api/v1/exports/"),
    Row(
        "POST",
        "/api/v1/exports/",
        202,
        send=lambda _, __: {"json": {"listing": "adverse-events"}},
    ),
    Row("GET", "/api/v1/exports/<string:export_id>", path=_export),
    Row("GET", "/api/v1/exports/<string:export_id>/files/<string:name>", path=_exported),
    Row("GET", "/api/v1/exports/<string:export_id>/archive.zip", path=_export),
    # Data cuts
    Row("GET", "/api/v1/data-cuts/"),
    Row("POST", "/api/v1/data-cuts/", 202, Of.STUDY, send=_cut),
    Row(
        "GET",
        "/api/v1/data-cuts/<string:cut_id>",
        path=lambda world, _: {"cut_id": world.cut_id()},
    ),
    Row(
        "POST",
        "/api/v1/data-cuts/<string:cut_id>/signatures",
        201,
        Of.STUDY,
        lambda world, _: {"cut_id": world.cut_id("complete")},
        lambda _, __: {"json": {"rev": 0, "meaning": "approval", "password": PASSWORD}},
    ),
    # Emergency access
    Row("GET", "/api/v1/break-glass"),
    # What it opens must not be open for them in the other rows.
    Row("POST", "/api/v1/break-glass", 201, send=_emergency, by_stand_in=True),
    Row(
        "POST",
        "/api/v1/break-glass/<string:record_id>/review",
        200,
        Of.SITE,
        lambda world, _: {"record_id": world.fresh_emergency()},
        lambda _, __: {"json": {"finding": "treated elsewhere, as said"}},
    ),
    # The second factor
    Row("GET", "/api/v1/staff/me/second-factor"),
    Row(
        "POST",
        "/api/v1/staff/me/second-factor",
        201,
        send=lambda _, __: {"json": {"password": PASSWORD}},
    ),
    Row(
        "POST",
        "/api/v1/staff/me/second-factor/confirmation",
        200,
        send=_first_code,
        by_stand_in=True,
    ),
    Row(
        "POST",
        "/api/v1/staff/me/second-factor/removal",
        204,
        send=_own_factor,
        by_stand_in=True,
    ),
    Row(
        "DELETE",
        "/api/v1/staff/<string:staff_id>/second-factor",
        204,
        Of.STAFF,
        lambda world, _: {"staff_id": world.staff_with_factor()},
    ),
    # Duty and noise
    Row(
        "POST",
        "/api/v1/receipts",
        204,
        send=lambda world, _: {"json": {"id": world.alert_id, "v": "0", "kind": "opened"}},
    ),
    Row("GET", "/api/v1/unreachable"),
    Row("GET", "/api/v1/rosters", 200, Of.SITE, send=_here),
    Row("GET", "/api/v1/rosters/on-duty", 200, Of.SITE, send=_here),
    Row("POST", "/api/v1/rosters", 201, Of.SITE, send=_shift),
    Row("DELETE", "/api/v1/rosters/<string:shift_id>", 204, Of.SITE, _shift_made),
    Row("GET", "/api/v1/suppressions"),
    Row("POST", "/api/v1/suppressions", 201, Of.SITE, send=_suppression),
    Row(
        "POST",
        "/api/v1/suppressions/<string:suppression_id>/steps",
        200,
        Of.SITE,
        _suppression_made,
        lambda _, __: {"json": {"step": "switch_on", "reason": "looked at in shadow", "rev": 0}},
    ),
    # Audit
    Row("GET", "/api/v1/audit"),
    # Operations and documentation
    Row("GET", "/livez"),
    # No clock process runs beside these tests.
    Row("GET", "/readyz", 503),
    Row("GET", "/metrics"),
    Row("GET", "/api/v1/docs"),
    # The pages themselves hold nothing: what they show comes from the routes above.
    Row("GET", "/"),
    Row("GET", "/app/"),
    Row(
        "GET",
        "/app/<any('sw.js', 'manifest.webmanifest'):name>",
        path=lambda _, __: {"name": "sw.js"},
    ),
    Row("GET", "/staff/"),
    Row(
        "GET",
        "/pages/<string:version>/<path:name>",
        path=lambda _, __: {"version": load_pages().version, "name": "shared/base.css"},
    ),
    Row("GET", "/api/v1/docs/<string:name>", path=lambda _, __: {"name": "page.css"}),
)
