"""The database's version: does this release fit it, what is to be done, and doing it step by step."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from backend.config import Config
from backend.db import transaction
from backend.models import audit
from backend.models import schema_step as stored
from backend.models.audit import AuditEntry
from backend.models.migrations import STEPS, Step
from backend.models.migrations.step import Work
from backend.models.schema_step import SchemaStep
from backend.services.migration_lock import MigrationLock

TOO_NEW = (
    "a newer release has changed this database so that this one cannot work with it: "
    "start the newer one, or roll back with it (docs/deployment.md)"
)


class SchemaError(Exception):
    """The database cannot be brought where it was asked to be; the text says why."""


@dataclass(frozen=True, slots=True)
class Move:
    """One step to take, up or (`back`) down; `again`: it was interrupted before."""

    step: Step
    back: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How database and release fit: steps the database still lacks, and those only it knows.

    `strange` are steps of another history: the same number under another name.
    """

    version: int
    lacking: tuple[Step, ...]
    newer: tuple[SchemaStep, ...]
    strange: tuple[SchemaStep, ...]

    @property
    def too_new(self) -> bool:
        """Tell whether this release must not work on this database."""
        return bool(self.strange) or any(step.breaks for step in self.newer)

    @property
    def fits(self) -> bool:
        """Tell whether this release finds what it needs."""
        return not self.too_new and not self.lacking


def standing(steps: Sequence[Step] = STEPS) -> Standing:
    """Compare the steps of this release with those that the database has been through."""
    begun = {step.id: step for step in stored.all_steps()}
    known = {step.number: step for step in steps}
    done = {number for number, step in begun.items() if step.done_at is not None}
    return Standing(
        version=max(done, default=0),
        lacking=tuple(step for step in steps if step.number not in done),
        newer=tuple(step for number, step in begun.items() if number not in known),
        strange=tuple(
            step
            for number, step in begun.items()
            if number in known and known[number].name != step.name
        ),
    )


def is_too_new() -> bool:
    """Tell whether this release must not work here; False where the database does not answer."""
    try:
        return standing().too_new
    except PyMongoError:
        # An outage is told by `/readyz`, and ends.
        return False


def plan(to: int | None = None, steps: Sequence[Step] = STEPS) -> tuple[Move, ...]:
    """Say what leads to version `to` (None: the newest that this release knows).

    Raises:
        SchemaError: the database is too new, `to` is no version, or a step has no way back.
    """
    here = standing(steps)
    if here.too_new:
        named = ", ".join(f"{step.id} ({step.name})" for step in (*here.newer, *here.strange))
        message = f"this release does not know what the database has been through: {named}"
        raise SchemaError(message)
    if to is None:
        to = max((step.number for step in steps), default=0)
    elif to not in (0, *(step.number for step in steps)):
        message = f"this release knows no version {to}"
        raise SchemaError(message)
    begun = {step.id for step in stored.all_steps()}
    back = tuple(
        Move(step, back=True)
        for step in reversed(steps)
        if step.number > to and step.number in begun
    )
    if back and here.newer:
        message = "a newer release has been here: let that one roll back its steps first"
        raise SchemaError(message)
    for move in back:
        if move.step.down is None:
            message = (
                f"step {move.step.number} ({move.step.name}) has no way back: restore a backup"
            )
            raise SchemaError(message)
    return back + tuple(
        Move(step, again=step.number in begun) for step in here.lacking if step.number <= to
    )


def take(
    move: Move,
    *,
    config: Config,
    lock: MigrationLock,
    clock: Callable[[], dt.datetime],
    ids: Callable[[], str],
) -> None:
    """Take one step and write it down, with its entry in the audit trail.

    Raises:
        MigrationLockLostError: another migration has taken over; what is done is done.
    """
    step, work = move.step, Work(config, clock(), lock.check)
    # A step that is half way back is one that is not done.
    stored.begin(SchemaStep(step.number, step.name, work.now, step.breaks))
    change = step.down if move.back else step.up
    if change is not None:
        change(work)
    lock.check()

    def write(session: ClientSession) -> None:
        if move.back:
            stored.forget(step.number, session=session)
        else:
            stored.finish(step.number, at=clock(), session=session)
        entry = AuditEntry(
            id=ids(),
            at=clock(),
            actor_id="machine",
            action="schema:rollback" if move.back else "schema:upgrade",
            target=f"step/{step.number}",
            details={"name": step.name, "breaks": step.breaks},
        )
        audit.append(entry, session=session)

    transaction(write)
