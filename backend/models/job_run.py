"""What the clock's jobs have done: the newest run of each, for metrics and readiness."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from mongoengine import FloatField, IntField, StringField

from backend.models.base import StoredDocument, from_bson, to_bson
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class JobRun:
    """The newest known run of one job. `lag_seconds`: how much later than planned it began.

    `failures` in a row; `last_success` None: it never succeeded.
    """

    id: str
    owner: str
    started_at: dt.datetime
    duration_seconds: float
    lag_seconds: float
    failures: int
    last_success: dt.datetime | None = None


class JobRunDocument(StoredDocument):
    """Stored form of `JobRun`."""

    id = StringField(primary_key=True)
    owner = StringField(required=True)
    started_at = UtcDateTimeField(required=True)
    duration_seconds = FloatField(required=True)
    lag_seconds = FloatField(required=True)
    failures = IntField(required=True)
    last_success = UtcDateTimeField()

    meta = {"collection": "job_runs", "indexes": []}


def keep_run(run: JobRun) -> None:
    """Store a run in place of the job's earlier one; a failure leaves the last success as it was."""
    changes = {name: value for name, value in to_bson(run).items() if value is not None}
    changes.pop("_id", None)
    _collection().update_one({"_id": run.id}, {"$set": changes}, upsert=True)


def all_runs() -> tuple[JobRun, ...]:
    """Give the newest run of each job by name."""
    return tuple(from_bson(JobRun, stored) for stored in _collection().find().sort("_id", 1))


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return JobRunDocument._get_collection()  # noqa: SLF001
