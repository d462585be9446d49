"""`migrate` by numbered steps: up, twice, interrupted, one at a time, back; and who may work then."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mongoengine
import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from backend.config import Config
from backend.db import connect
from backend.migrate import BUSY, DONE, FAILED, UNFIT, main
from backend.models.lease import find_lease, take_lease
from backend.models.migrations import STEPS, Step
from backend.models.migrations.step import Work, nothing
from backend.models.schema_step import SchemaStep, begin
from backend.services.migration_lock import MigrationLockLostError, migration_lock
from backend.services.schema import standing

ROOT = Path(__file__).parent.parent.parent
# This release's newest version, and the steps of a later one.
NOW = len(STEPS)
NEXT, AFTER = NOW + 1, NOW + 2
BATCH = 10
COUNT = 35

Documents = Database[dict[str, Any]]


class Halt(BaseException):
    """The process is gone at this moment."""


def widen(halt_after: int | None = None) -> Callable[[Work], None]:
    """Give a step that writes each weight in grams beside kilograms, batch by batch."""

    def up(work: Work) -> None:
        rows = mongoengine.get_db()["t_weights"]
        batches = 0
        while found := list(rows.find({"grams": {"$exists": False}}).limit(BATCH)):
            if batches == halt_after:
                raise Halt
            work.beat()
            for row in found:
                change = {"$set": {"grams": row["kg"] * 1000}, "$inc": {"changed": 1}}
                rows.update_one({"_id": row["_id"]}, change)
            batches += 1

    return up


def narrow(work: Work) -> None:
    """Take the grams away again."""
    work.beat()
    mongoengine.get_db()["t_weights"].update_many({}, {"$unset": {"grams": "", "changed": ""}})


def release(halt_after: int | None = None) -> tuple[Step, ...]:
    """Give the steps of a later release than this one."""
    return (*STEPS, Step(NEXT, "weights in grams", widen(halt_after), narrow))


@pytest.fixture
def old(
    database: Documents, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Documents]:
    """Give a database as an earlier release left it, and its settings in the environment."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    database["t_weights"].insert_many([{"_id": n, "kg": n} for n in range(COUNT)])
    ended = {"revoked_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}
    where = {"push_kind": "fcm", "push_value": "a-token"}
    database["devices"].insert_many(
        [{"_id": "ended", **ended, **where}, {"_id": "in use", **where}, {"_id": "silent", **ended}]
    )
    handler = signal.getsignal(signal.SIGTERM)
    yield database
    signal.signal(signal.SIGTERM, handler)
    database.drop_collection("t_weights")


def grams(database: Documents) -> list[int | None]:
    return [row.get("grams") for row in database["t_weights"].find().sort("_id", 1)]


def test_an_old_database_is_brought_up_and_a_second_run_changes_nothing(
    old: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [step.number for step in standing().lacking] == [step.number for step in STEPS]
    assert main([], release()) == DONE
    assert grams(old) == [n * 1000 for n in range(COUNT)]
    assert "push_value" not in old["devices"].find_one({"_id": "ended"})
    assert old["devices"].find_one({"_id": "in use"})["push_value"] == "a-token"
    assert capsys.readouterr().out.splitlines()[-1] == f"database is up to date (version {NEXT})"
    told = list(old["audit"].find({"action": "schema:upgrade"}).sort("target", 1))
    assert [entry["target"] for entry in told] == [
        f"step/{number}" for number in range(1, NEXT + 1)
    ]
    before = {name: list(old[name].find()) for name in ("schema_steps", "t_weights", "audit")}
    assert main([], release()) == DONE
    assert before == {name: list(old[name].find()) for name in before}


def test_an_interrupted_step_is_resumed_where_it_was(
    old: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Halt):
        main([], release(halt_after=2))
    assert grams(old).count(None) == COUNT - 2 * BATCH
    found = standing(release())
    assert (found.version, [step.number for step in found.lacking]) == (NOW, [NEXT])
    assert main(["--plan"], release()) == DONE
    assert capsys.readouterr().out.splitlines()[-1] == f"resume step {NEXT}: weights in grams"
    assert main([], release()) == DONE
    # Nobody was changed twice.
    assert [row["changed"] for row in old["t_weights"].find()] == [1] * COUNT
    assert standing(release()).fits


def test_a_killed_migration_is_succeeded_by_the_next(old: Documents) -> None:
    code = (
        "import sys, time, backend.migrate as m; from backend.models.migrations import Step\n"
        "def up(work):\n    print('begun', flush=True); time.sleep(60)\n"
        "sys.exit(m.main([], (*m.STEPS, Step(len(m.STEPS) + 1, 'weights in grams', up))))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        # Ends with the process, should that end by itself.
        assert "begun\n" in process.stdout
        process.kill()
    lease = find_lease("migration")
    assert lease is not None
    assert lease.until > dt.datetime.now(tz=dt.UTC)
    # What waiting half a minute does.
    old["leases"].update_one(
        {"_id": "migration"}, {"$set": {"until": lease.until - dt.timedelta(60)}}
    )
    assert main([], release()) == DONE
    assert None not in grams(old)


def test_plan_changes_nothing(old: Documents, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--plan"], release()) == DONE
    told = capsys.readouterr().out.splitlines()
    assert told == [f"upgrade step {step.number}: {step.name}" for step in release()]
    assert old["schema_steps"].count_documents({}) == 0
    assert set(grams(old)) == {None}


def test_a_step_is_rolled_back_and_done_again(
    old: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], release()) == DONE
    assert main(["--to", str(NOW)], release()) == DONE
    assert "start the earlier release now" in capsys.readouterr().out
    assert set(grams(old)) == {None}
    assert standing().fits
    assert (
        old["audit"].count_documents({"action": "schema:rollback", "target": f"step/{NEXT}"}) == 1
    )
    assert main([], release()) == DONE
    assert grams(old) == [n * 1000 for n in range(COUNT)]
    assert main(["--to", "77"], release()) == UNFIT


def test_a_way_back_that_was_interrupted_is_not_a_version(old: Documents) -> None:
    def half(_work: Work) -> None:
        mongoengine.get_db()["t_weights"].update_many(
            {"_id": {"$lt": 5}}, {"$unset": {"grams": ""}}
        )
        raise Halt

    assert main([], release()) == DONE
    with pytest.raises(Halt):
        main(["--to", str(NOW)], (*STEPS, Step(NEXT, "weights in grams", widen(), half)))
    assert not standing(release()).fits
    assert main(["--to", str(NOW)], release()) == DONE
    assert set(grams(old)) == {None}


def test_a_step_without_a_way_back_says_so(
    old: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = (
        *STEPS,
        Step(NEXT, "weights in grams", widen()),
        Step(AFTER, "one more", nothing, nothing),
    )
    assert main([], steps) == DONE
    assert main(["--to", str(NOW)], steps) == UNFIT
    assert f"step {NEXT} (weights in grams) has no way back" in capsys.readouterr().err
    # Nothing was rolled back half way: all is checked first.
    assert standing(steps).version == AFTER
    assert None not in grams(old)


def test_a_failing_step_is_told_without_what_it_was_about(
    old: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_work: Work) -> None:
        row = mongoengine.get_db()["t_weights"].find_one({"_id": 7})
        raise ValueError(row)

    steps = (*STEPS, Step(NEXT, "weights in grams", fail), Step(AFTER, "one more", nothing))
    assert main([], steps) == FAILED
    told = capsys.readouterr()
    assert "ValueError" in told.err
    assert "kg" not in told.err + told.out
    assert standing(steps).version == NOW
    assert old["leases"].find_one({"_id": "migration"})["until"] <= dt.datetime.now(tz=dt.UTC)


def test_only_one_migration_runs(
    old: Documents, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("backend.migrate.PATIENCE", dt.timedelta(seconds=0.3))
    now = dt.datetime.now(tz=dt.UTC)
    assert take_lease("migration", "another", now=now, until=now + dt.timedelta(seconds=30))
    assert main([], release()) == BUSY
    assert "another migration is running" in capsys.readouterr().err
    assert set(grams(old)) == {None}
    # One that was thought dead and comes to life stops at its next batch, and finishes nothing.
    clock = lambda: dt.datetime.now(tz=dt.UTC)  # noqa: E731
    later = now + dt.timedelta(seconds=60)
    with migration_lock("second", clock=lambda: later, patience=dt.timedelta(0)) as lock:
        lock.check()
        old["leases"].update_one({"_id": "migration"}, {"$set": {"owner": "third"}})
        with pytest.raises(MigrationLockLostError):
            lock.check()
    assert clock() < later


def test_an_earlier_release_works_beside_an_expansion_and_refuses_a_contraction(
    old: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], release()) == DONE
    # This release knows one step less.
    assert standing().fits
    assert main([]) == DONE
    assert "a newer release has been here" in capsys.readouterr().out
    assert main(["--to", "0"]) == UNFIT
    contracted = (*release(), Step(AFTER, "kilograms removed", nothing, nothing, breaks=True))
    assert main([], contracted) == DONE
    assert standing().too_new
    assert not standing().fits
    assert main([]) == UNFIT
    assert f"{AFTER} (kilograms removed)" in capsys.readouterr().err
    assert main(["--to", str(NEXT)], contracted) == DONE
    assert standing().fits
    assert old["schema_steps"].count_documents({}) == NEXT


def test_the_same_number_of_another_history_is_refused(old: Documents) -> None:
    assert main([], (*STEPS, Step(NEXT, "something else", nothing, nothing))) == DONE
    assert standing(release()).too_new
    assert main([], release()) == UNFIT
    assert set(grams(old)) == {None}


def test_readyz_says_whether_database_and_release_fit(client: FlaskClient, old: Documents) -> None:
    def check() -> str:
        return str(client.get("/readyz").get_json()["checks"]["schema"])

    assert check() == "failed"  # not migrated yet
    assert main([]) == DONE
    assert check() == "ok"
    begin(SchemaStep(99, "of a later release", dt.datetime.now(tz=dt.UTC), breaks=True))
    # Begun is enough: half of it may be done.
    assert check() == "failed"
    old["schema_steps"].delete_one({"_id": 99})
    assert check() == "ok"


@pytest.mark.parametrize(
    ("command", "status"),
    # gunicorn ends its master too when a worker ends by 4.
    [(("-m", "jobs.clock"), 3), (("-c", "import wsgi"), 4)],
)
def test_a_process_of_an_earlier_release_does_not_start(
    old: Documents, config: Config, command: tuple[str, ...], status: int
) -> None:
    begin(SchemaStep(99, "of a later release", dt.datetime.now(tz=dt.UTC), breaks=True))
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert "a newer release has changed this database" in done.stderr
    assert time.monotonic() - began < 60
    assert old["leases"].count_documents({"_id": "clock"}) == 0
    connect(config)


def test_the_steps_of_this_release_are_numbered_from_one_without_a_gap() -> None:
    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))
    assert len({step.name for step in STEPS}) == len(STEPS)
    modules = sorted((ROOT / "backend" / "models" / "migrations").glob("s[0-9]*.py"))
    assert [int(module.name[1:5]) for module in modules] == [step.number for step in STEPS]
