"""A trial with something in nearly every collection, and a second database beside it."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bson
import flask
import pytest
from bson.raw_bson import RawBSONDocument
from click.testing import Result
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database

from backend.access import Grant, Role
from backend.config import Config
from backend.context import Context
from backend.db import connect, transaction
from backend.files.sealed import new_key
from backend.models import roster
from backend.services.backup import FLEETING
from backend.services.backup_key import public_pem, read_private
from backend.services.data_cut import take_next_cut
from backend.services.lease import Fence, hold_clock
from backend.services.ruleset import keep_rules
from backend.services.study import keep_study
from tests.conftest import START, Clock
from tests.listings.trial import COMPONENTS, alt, measured, wrote
from tests.people import Person, dosed, enrolled, judgement, phone, staff, staff_with
from tests.photos.pictures import snapshot

Stored = Database[dict[str, Any]]
Run = Callable[..., Result]


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def reviewer(app: flask.Flask) -> Person:
    return staff_with(app, (Grant(Role.SAFETY_REVIEWER, None, unblinded=True),))


@pytest.fixture
def patient(nurse: Person) -> Person:
    """Give the phone of a treated subject."""
    subject = enrolled(nurse)
    dosed(nurse, subject, "2026-02-01")
    return phone(nurse, subject)


@pytest.fixture
def trial(
    app: flask.Flask, nurse: Person, reviewer: Person, patient: Person, clock: Clock
) -> Person:
    """Fill the database as a trial does, and give the nurse who knows it."""
    here: Context = app.extensions["backend"]
    keep_rules(here.ruleset, now=START)
    keep_study(here.config.study_file, here.study, now=START)
    clinician = staff(app, "investigator")
    first = str(patient.get("/sessions/current").get_json()["subject_id"])
    for number in (first, enrolled(nurse)):
        for day in ("2026-02-27", "2026-02-28", "2026-03-01"):
            wrote(
                nurse,
                number,
                day,
                symptoms=[{"symptom": "abdominal_pain", "frequency": 3, "severity": 3}],
                observations={"stools_per_day": 9, "rectal_bleeding": "moderate"},
            )
        measured(nurse, number, "2026-03-01T06:00:00+00:00", alt(160))
        judged = judgement(COMPONENTS, term="Colitis")
        assert clinician.post(f"/subjects/{number}/adverse-events", judged).status_code == 201
        nurse.post(f"/subjects/{number}/activation-codes")
    ids = {"photo_id": str(uuid.uuid4()), "submission_id": str(uuid.uuid4()), "kind": "hands"}
    sent = patient.call(
        "POST", "/photos", query_string=ids, data=snapshot(), content_type="image/jpeg"
    )
    assert sent.status_code == 201, sent.text
    alert = nurse.get("/alerts").get_json()["items"][0]
    step = {"step": "acknowledge", "rev": alert["rev"]}
    assert nurse.post(f"/alerts/{alert['id']}/steps", step).status_code == 200
    assert reviewer.post("/exports/", {"listing": "adverse-events"}).status_code == 202
    cut = {"cutoff": "2026-03-02", "reason": "yearly report"}
    assert reviewer.post("/data-cuts/", cut).status_code == 202
    fence = Fence(hold_clock("this clock", now=clock()))
    assert take_next_cut(fence=fence, now=clock(), stopping=lambda: False)
    shift = roster.RosterShift(
        str(uuid.uuid4()), "S01", nurse.id, "nurse", ("mon",), "08:00", "16:00", START, "somebody"
    )
    transaction(lambda session: roster.insert_shift(shift, session=session))
    return nurse


@pytest.fixture
def odd(database: Stored) -> Iterator[None]:
    """Store documents that come back otherwise from a dict, in a collection of no document's."""
    values = [
        {"_id": 1, "b": 1, "a": bson.Int64(1), "c": 1.0, "d": bson.Decimal128("1.50")},
        {"_id": 2, "nan": float("nan"), "deep": {"z": [{"y": None}, []], "a": {}}},
        {"_id": "2", "at": dt.datetime(1960, 1, 1, tzinfo=dt.UTC), "bin": bson.Binary(b"\0", 128)},
        {"_id": uuid.UUID(int=7), "text": "腹泻 \U0001f912", "re": bson.Regex("a", "i")},
    ]
    options = bson.CodecOptions(uuid_representation=bson.UuidRepresentation.STANDARD)
    database["odd"].insert_many(
        [RawBSONDocument(bson.encode(value, codec_options=options)) for value in values]  # type: ignore[misc]
    )
    database.create_collection("odd.empty")
    yield
    database.drop_collection("odd")
    database.drop_collection("odd.empty")


@pytest.fixture
def cuts_dropped(database: Stored) -> Iterator[None]:
    """Drop the copies of data cuts after the test: the next one empties documents only."""
    yield
    for name in database.list_collection_names():
        if name.startswith("cut."):
            dropped(database[name])


@dataclass(frozen=True, slots=True)
class Other:
    """A second database beside the worker's own, and a way to let the application use it."""

    config: Config
    database: Stored

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Let the application use this database for a while."""
        connect(replace(self.config, mongodb_database=self.database.name))
        try:
            yield
        finally:
            connect(self.config)


@pytest.fixture
def other(config: Config) -> Iterator[Other]:
    """Give a second database, without a collection in it."""
    with MongoClient(config.mongodb_uri, tz_aware=True) as client:
        name = f"{config.mongodb_database}_2"
        client.drop_database(name)
        yield Other(config, client[name])
        for collection in client[name].list_collection_names():
            client[name][collection].delete_many({})
        client.drop_database(name)


def dropped(collection: Collection[dict[str, Any]]) -> None:
    """Drop a collection; emptied first, because dropping what is in it costs the embedded server more."""
    collection.delete_many({})
    collection.drop()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    new_key(tmp_path / "private.pem")
    return tmp_path / "private.pem"


@pytest.fixture
def public_file(key_file: Path) -> Path:
    path = key_file.with_name("public.pem")
    path.write_text(public_pem(read_private(key_file).public_key()), encoding="ascii")
    return path


@pytest.fixture
def run(app: flask.Flask, public_file: Path) -> Iterator[Run]:
    """Give what runs a command as an operator does, with a key to back up for."""
    here: Context = app.extensions["backend"]
    app.extensions["backend"] = replace(
        here, config=replace(here.config, backup_public_key_file=public_file)
    )
    runner = app.test_cli_runner()
    yield lambda *args: runner.invoke(args=[str(arg) for arg in args])
    app.extensions["backend"] = here


def rows(database: Stored) -> dict[str, set[bytes]]:
    """Give every document of every collection as it is stored."""
    raw = bson.CodecOptions(document_class=RawBSONDocument)
    return {
        name: {document.raw for document in database.get_collection(name, codec_options=raw).find()}
        for name in database.list_collection_names()
        if name not in FLEETING
    }


def index_names(database: Stored) -> set[tuple[str, str]]:
    """Give every index."""
    return {
        (name, str(index["name"]))
        for name in database.list_collection_names()
        for index in database[name].list_indexes()
    }
