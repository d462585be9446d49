"""What a running process carries with it: settings, study, rule set, clock and ids."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from backend.clinical.rules import Ruleset
from backend.config import Config
from backend.models.study import Study


def system_clock() -> dt.datetime:
    """Give the time now in UTC, cut to the millisecond that the database keeps."""
    now = dt.datetime.now(tz=dt.UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def new_id() -> str:
    """Give a fresh random identifier."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Context:
    """One per process; tests hand in their own clock and ids."""

    config: Config
    ruleset: Ruleset
    study: Study
    clock: Callable[[], dt.datetime] = system_clock
    ids: Callable[[], str] = new_id
