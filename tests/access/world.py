"""One of everybody and one of everything, for the walk over all routes."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import flask
import pyotp
from flask.testing import FlaskClient
from pymongo.database import Database

from backend.access import Action, Actor, Grant, Role, may
from backend.context import Context
from backend.db import transaction
from backend.listings.selection import EVERYTHING
from backend.models.activation import ActivationCode, insert_code
from backend.models.break_glass import BreakGlass, insert_break_glass
from backend.models.data_cut import DataCut, find_cut, insert_cut
from backend.models.device import DeviceRecord, insert_device
from backend.models.export import ExportFile, ExportRecord, insert_export
from backend.models.photo import PhotoRecord, insert_photo, sealed_image
from backend.models.roster import RosterShift, insert_shift
from backend.models.session import insert_session
from backend.models.staff import StaffRecord, insert_staff
from backend.models.suppression import Suppression, insert_suppression
from backend.models.window import WindowRecord, insert_window
from backend.services.second_factor import Asking, begin_enrolment, confirm_enrolment
from backend.services.session import open_session
from backend.services.subject import MILESTONES
from backend.services.tokens import TokenPair, keyed_hash
from tests.people import Person, dosed, enrolled, judgement, password_hash

_days = count(1)
HERE, ELSEWHERE = "S01", "S02"
CODE = "0123456789AB"


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who asks: who they are by the rules of `backend.access`, and their tokens.

    `actor` None: somebody whose token, if any, is no good.
    """

    name: str
    actor: Actor | None
    tokens: TokenPair | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Give the header of a request."""
        return {"Authorization": f"Bearer {self.tokens.access_token}"} if self.tokens else {}


@dataclass(frozen=True, slots=True)
class World:
    """A running application with subjects at two sites and all that belongs to the first."""

    app: flask.Flask
    client: FlaskClient
    database: Database[dict[str, Any]]
    people: tuple[Who, ...]
    subject_id: str
    far_subject_id: str
    diary_id: str
    alert_id: str
    event_id: str

    @property
    def context(self) -> Context:
        """Give the application's context."""
        context: Context = self.app.extensions["backend"]
        return context

    def rev(self, collection: str, key: str) -> int:
        """Give the present revision of a stored thing."""
        stored = self.database[collection].find_one({"_id": key})
        assert stored is not None
        return int(stored["rev"])

    def fresh_alert(self) -> str:
        """Give a new alert that nobody has answered."""
        stored = self.database["alerts"].find_one({"_id": self.alert_id})
        assert stored is not None
        copy = {name: value for name, value in stored.items() if name != "open_key"}
        return str(self.database["alerts"].insert_one({**copy, "_id": new_id()}).inserted_id)

    def fresh_emergency(self) -> str:
        """Give an emergency access that nobody has reviewed."""
        now = self.context.clock()
        record = BreakGlass(
            id=new_id(),
            kind="record",
            subject_id=self.subject_id,
            site=HERE,
            staff_id="somebody",
            role="nurse",
            reason="in our emergency room",
            opened_at=now,
            until=now,
        )
        transaction(lambda session: insert_break_glass(record, session=session))
        return record.id

    def serious_event(self) -> str:
        """Give a copy of the adverse event that must be reported."""
        stored = self.database["adverse_events"].find_one({"_id": self.event_id})
        assert stored is not None
        due = {"_id": new_id(), "report_by": self.context.clock()}
        return str(self.database["adverse_events"].insert_one({**stored, **due}).inserted_id)

    def judged_serious_event(self) -> str:
        """Give a copy of the adverse event that a clinician has judged serious."""
        number = self.serious_event()
        said = {
            **judgement(("ql1706",), seriousness=["hospitalisation"]),
            "id": new_id(),
            "at": self.context.clock(),
            "by": "somebody",
            "signed_as": "investigator",
            "event_rev": 0,
            "meddra_code": "10009887",
            "aware_at": self.context.clock(),
        }
        change = {"$set": {"adjudications": [said]}}
        self.database["adverse_events"].update_one({"_id": number}, change)
        return number

    def fresh_shift(self) -> str:
        """Give a new shift of the first site."""
        shift = RosterShift(
            id=new_id(),
            site=HERE,
            staff_id="somebody",
            role="nurse",
            days=("mon",),
            begins="08:00",
            ends="16:00",
            made_at=self.context.clock(),
            made_by="somebody",
        )
        transaction(lambda session: insert_shift(shift, session=session))
        return shift.id

    def fresh_suppression(self) -> str:
        """Give a new suppression in shadow at the first site."""
        now = self.context.clock()
        made = Suppression(new_id(), "RASH", ("routine",), HERE, "shadow", now, (), 0)
        transaction(lambda session: insert_suppression(made, session=session))
        return made.id

    def fresh_window(self) -> str:
        """Give a day on which a diary of the first subject is expected."""
        now = self.context.clock()
        day = now.date() - timedelta(days=next(_days))
        window = WindowRecord(
            id=new_id(),
            subject_id=self.subject_id,
            site=HERE,
            day=day,
            zone="Asia/Shanghai",
            phase="cycle",
            asks=(),
            opens_at=now,
            due_at=now,
            closes_at=now,
            state="missed",
            steps=(),
            rev=0,
        )
        transaction(lambda session: insert_window(window, session=session))
        return day.isoformat()

    def cut_id(self, state: str = "waiting") -> str:
        """Give a data cut."""
        cut = DataCut(
            id=f"cut-{state}",
            cutoff=self.context.clock().date(),
            reason="yearly safety report",
            asked_at=self.context.clock(),
            asked_by="somebody",
            study_version="1",
            ruleset_version="1",
            state=state,
        )
        if find_cut(cut.id) is None:
            transaction(lambda session: insert_cut(cut, session=session))
        return cut.id

    def export_of(self, who: Who) -> str:
        """Give a finished export that somebody asked for."""
        now, owner = self.context.clock(), who.actor.id if who.actor else "nobody"
        made = ExportRecord(
            id=new_id(),
            kind="listing",
            listing="adverse-events",
            format="csv",
            query=EVERYTHING.stored(),
            cut=None,
            unblinded=False,
            asked_at=now,
            asked_by=owner,
            state="complete",
            files=(ExportFile("rows.csv", 0, "00" * 32, 0),),
        )
        transaction(lambda session: insert_export(made, session=session))
        return made.id

    def fresh_photo(self) -> uuid.UUID:
        """Give a new photo of the first subject."""
        made = uuid.uuid4()
        photo = PhotoRecord(
            id=str(made),
            submission_id=new_id(),
            subject_id=self.subject_id,
            site=HERE,
            kind="hands",
            received_at=self.context.clock(),
            sent_by="somebody",
            received_sha256="00" * 32,
            stored_sha256="00" * 32,
            width=1,
            height=1,
            size=1,
        )
        image = sealed_image(photo.id, self.subject_id, b"x")
        transaction(lambda session: insert_photo(photo, image, session=session))
        return made

    def fresh_staff(self) -> str:
        """Give a new member of staff of the first site."""
        return join_staff(self.context, "fresh", Grant(Role.NURSE, HERE)).actor_id

    def fresh_session(self, who: Who) -> str:
        """Give a new sign-in of somebody; of a person without an account, one that is not theirs."""
        staff_id = who.actor.id if who.actor else "nobody"
        here = self.context
        record, _ = open_session(
            config=here.config, now=here.clock(), ids=here.ids, staff_id=staff_id
        )
        insert_session(record)
        return record.id

    def fresh_device(self) -> str:
        """Give a new phone of the first subject."""
        return join_phone(self.context, "fresh", self.subject_id).actor_id.removeprefix("device/")

    def fresh_code(self) -> str:
        """Give the one-time code, as good as new."""
        here = self.context
        self.database["activation_codes"].delete_many({})
        code = ActivationCode(
            id=keyed_hash(here.config, "activation", CODE),
            subject_id=self.subject_id,
            site=HERE,
            issued_by="somebody",
            issued_at=here.clock(),
            expires_at=here.clock().replace(year=here.clock().year + 1),
        )
        transaction(lambda session: insert_code(code, session=session))
        return CODE

    def fresh_milestone(self) -> str:
        """Give a milestone that the first subject has not reached."""
        stored = self.database["subjects"].find_one({"_id": self.subject_id})
        assert stored is not None
        reached = {milestone["kind"] for milestone in stored["milestones"]}
        return next(kind for kind in MILESTONES if kind not in reached)

    def begun_factor(self, who: Who) -> str:
        """Let somebody begin a second factor; give the code that confirms it."""
        if who.actor is None or not may(who.actor, Action.SESSION_SELF):
            return "000000"
        begun = begin_enrolment(actor=who.actor, now=self.context.clock())
        return pyotp.TOTP(begun.secret).at(self.context.clock())

    def confirmed_factor(self, who: Who) -> str:
        """Let somebody have a second factor; give a code that is good instead of theirs."""
        code = self.begun_factor(who)
        if who.actor is None or not may(who.actor, Action.SESSION_SELF):
            return code
        here = self.context
        asking = Asking(here.config, here.clock(), here.ids)
        return confirm_enrolment(code, actor=who.actor, asking=asking)[0]

    def staff_with_factor(self) -> str:
        """Give a nurse of this site with a second factor."""
        nurse = Actor(self.fresh_staff(), (Grant(Role.NURSE, HERE),))
        begin_enrolment(actor=nurse, now=self.context.clock())
        return nurse.id

    def stand_in(self, who: Who) -> Who:
        """Give somebody new who may do the same, for a request that ends their own sign-in."""
        if who.actor is None:
            return who
        if who.actor.subject_id is not None:
            return join_phone(self.context, who.name, who.actor.subject_id).who
        return join_staff(self.context, who.name, *who.actor.grants).who


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody new with their id."""

    who: Who
    actor_id: str


def build(app: flask.Flask, database: Database[dict[str, Any]]) -> World:
    """Make everybody and everything."""
    here: Context = app.extensions["backend"]
    client = app.test_client()

    def one(name: str, *grants: Grant) -> Who:
        return join_staff(here, name, *grants).who

    nurse = one("nurse same site", Grant(Role.NURSE, HERE))
    far_nurse = one("nurse other site", Grant(Role.NURSE, ELSEWHERE))
    own, other = (enrolled(_person(client, nurse), HERE) for _ in range(2))
    far = enrolled(_person(client, far_nurse), ELSEWHERE, zone="Europe/Berlin")
    patient = join_phone(here, "patient own", own).who
    people = (
        Who("anonymous", None),
        Who("forged token", None, TokenPair("x.y.z", 900, "x.y.z")),
        patient,
        join_phone(here, "patient other", other).who,
        join_phone(here, "patient other site", far).who,
        nurse,
        far_nurse,
        one("nurse all sites", Grant(Role.NURSE)),
        one("investigator same site", Grant(Role.INVESTIGATOR, HERE)),
        one("investigator other site", Grant(Role.INVESTIGATOR, ELSEWHERE, unblinded=True)),
        one("safety reviewer blinded", Grant(Role.SAFETY_REVIEWER)),
        one("safety reviewer unblinded", Grant(Role.SAFETY_REVIEWER, unblinded=True)),
        one("safety reviewer other site", Grant(Role.SAFETY_REVIEWER, ELSEWHERE)),
        one("data manager", Grant(Role.DATA_MANAGER)),
        one("data manager other site", Grant(Role.DATA_MANAGER, ELSEWHERE)),
        one("administrator", Grant(Role.ADMINISTRATOR)),
        one("administrator same site", Grant(Role.ADMINISTRATOR, HERE)),
        one("administrator other site", Grant(Role.ADMINISTRATOR, ELSEWHERE)),
        one(
            "nurse here, manager there",
            Grant(Role.NURSE, HERE),
            Grant(Role.DATA_MANAGER, ELSEWHERE),
        ),
        one("without a role"),
    )
    dosed(_person(client, nurse), own, "2026-01-12")
    receipt = _person(client, patient).post("/diaries", bad_day())
    assert receipt.status_code == 201, receipt.text
    return World(
        app=app,
        client=client,
        database=database,
        people=people,
        subject_id=own,
        far_subject_id=far,
        diary_id=receipt.get_json()["diary_id"],
        alert_id=_one_id(database, "alerts"),
        event_id=_one_id(database, "adverse_events"),
    )


def bad_day() -> dict[str, Any]:
    """Give a diary that raises alerts."""
    return {
        "submission_id": new_id(),
        "day": "2026-03-02",
        "reported_at": "2026-03-02T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "symptoms": [{"symptom": "abdominal_pain", "frequency": 3, "severity": 3}],
        "observations": {"stools_per_day": 10},
        "vitals": [{"vital": "temperature", "value": 38.9, "unit": "Cel"}],
    }


def join_staff(here: Context, name: str, *grants: Grant) -> Joined:
    """Make a member of staff who is signed in, without the cost of a password each time."""
    staff = StaffRecord(
        id=here.ids(),
        email=f"{here.ids()}@example.org",
        password_hash=password_hash(),
        name=name,
        grants=grants,
        active=True,
        channel="console",
        created_at=here.clock(),
        rev=0,
    )
    record, tokens = open_session(
        config=here.config, now=here.clock(), ids=here.ids, staff_id=staff.id
    )

    def story(session: Any) -> None:  # noqa: ANN401 - pymongo's session
        insert_staff(staff, session=session)
        insert_session(record, session=session)

    transaction(story)
    return Joined(Who(name, Actor(staff.id, grants), tokens), staff.id)


def join_phone(here: Context, name: str, subject_id: str) -> Joined:
    """Make an active phone of a subject."""
    site = subject_id.partition("-")[0]
    device = DeviceRecord(here.ids(), subject_id, site, here.clock(), "phone")
    record, tokens = open_session(
        config=here.config, now=here.clock(), ids=here.ids, device_id=device.id
    )

    def story(session: Any) -> None:  # noqa: ANN401 - pymongo's session
        insert_device(device, session=session)
        insert_session(record, session=session)

    transaction(story)
    actor = Actor(f"device/{device.id}", (Grant(Role.PATIENT, site),), subject_id=subject_id)
    return Joined(Who(name, actor, tokens), actor.id)


def new_id() -> str:
    """Give a fresh id."""
    return str(uuid.uuid4())


def nothing(*_: object) -> Mapping[str, Any]:
    """Give no path parameters and no body."""
    return {}


def _person(client: FlaskClient, who: Who) -> Person:
    assert who.tokens is not None
    return Person(client, who.tokens.access_token, who.name)


def _one_id(database: Database[dict[str, Any]], collection: str) -> str:
    stored = database[collection].find_one({})
    assert stored is not None, f"the diary made nothing in {collection}"
    return str(stored["_id"])
