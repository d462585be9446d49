"""Is this system fit to serve: the database, its indexes, the rules, the study, the clock."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from backend.clinical.rules import Ruleset
from backend.db import is_reachable
from backend.models.alert import count_open_by_tier, oldest_unanswered_by_tier
from backend.models.backup import last_backup
from backend.models.indexes import missing_indexes
from backend.models.job_run import JobRun, all_runs
from backend.models.outbox import ACCEPTED, CANCELLED, count_by_state, oldest_due
from backend.models.restore import is_half_restored
from backend.models.study import Study
from backend.services.lease import is_clock_running
from backend.services.schema import standing
from backend.services.study import is_kept


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each check by name; `version` is that of the rule set in force."""

    checks: Mapping[str, bool]
    ruleset_version: str

    @property
    def ready(self) -> bool:
        """Tell whether every check holds."""
        return all(self.checks.values())


def check_readiness(ruleset: Ruleset, study: Study, *, now: dt.datetime) -> Readiness:
    """Check everything that a diary needs; without a database the rest is not asked."""
    database = is_reachable()
    return Readiness(
        {
            "database": database,
            "indexes": database and not missing_indexes(),
            # Neither a step of `migrate` that is owed, nor one that this release cannot work with.
            "schema": database and standing().fits,
            "ruleset": bool(ruleset.flags and ruleset.gradings),
            # A changed study file counts once `migrate` has kept its version for good.
            "study": database and is_kept(study),
            # Half a restore is no trial: whoever wrote into it would lose it again.
            "restore": database and not is_half_restored(),
            "clock": database and is_clock_running(now),
        },
        ruleset.version,
    )


def owed_by_state() -> Mapping[str, int]:
    """Count the messages that are not settled yet, and the dead ones, by state."""
    return {
        state: count
        for state, count in count_by_state().items()
        if state not in (ACCEPTED, CANCELLED)
    }


def oldest_owed_seconds(now: dt.datetime) -> float:
    """Give how long the oldest due message has waited, in seconds; 0 where none is due."""
    due = oldest_due()
    return 0.0 if due is None else max(0.0, (now - due).total_seconds())


def last_backup_at() -> dt.datetime | None:
    """Give when the newest good backup was completed; None: never."""
    found = last_backup()
    return None if found is None else found.completed_at


def open_alerts_by_tier() -> Mapping[str, int]:
    """Count the alerts that nobody has closed, by tier."""
    return count_open_by_tier()


def unanswered_by_tier(now: dt.datetime) -> Mapping[str, tuple[int, float]]:
    """Count the alerts that nobody has taken, by tier, with the age of the oldest in seconds."""
    return {
        tier: (count, 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds()))
        for tier, (count, oldest) in oldest_unanswered_by_tier().items()
    }


def job_runs() -> tuple[JobRun, ...]:
    """Give the newest run of each of the clock's jobs."""
    return all_runs()
