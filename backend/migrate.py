"""`python -m backend.migrate`: bring the database to what this release needs, or back.

First the collections and indexes that documents declare, then the numbered steps of
`backend/models/migrations`, each written down when it is done; then the rules and the study.
"""

import argparse
import datetime as dt
import signal
import sys
import traceback
from collections.abc import Sequence

from pymongo.errors import PyMongoError

from backend.clinical.rules import load_ruleset
from backend.config import Config, ConfigurationError
from backend.context import new_id, system_clock
from backend.db import connect
from backend.models.indexes import migrate, missing_indexes
from backend.models.migrations import STEPS, Step
from backend.services.migration_lock import (
    LEASE,
    MigrationLock,
    MigrationLockLostError,
    migration_lock,
)
from backend.services.ruleset import keep_rules
from backend.services.schema import Move, SchemaError, plan, standing, take
from backend.services.shredding import reapply
from backend.services.study import keep_study, load_study

# A migration that was killed holds the lock until its lease runs out.
PATIENCE = LEASE + dt.timedelta(seconds=15)
DONE, FAILED, UNUSABLE, BUSY, UNFIT = range(5)


def main(words: Sequence[str] | None = None, steps: Sequence[Step] = STEPS) -> int:
    """Run from the command line; 0 done, 1 a step failed, 2 settings, 3 another runs, 4 no way."""
    asked = _parser().parse_args(words)
    # Ends as an exception does, so that the lock is given back.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(FAILED))
    try:
        config = Config.from_env()
        connect(config)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    try:
        if asked.plan:
            _tell(plan(asked.to, steps))
            return DONE
        with migration_lock(new_id(), clock=system_clock, patience=PATIENCE) as lock:
            return _run(config, asked.to, steps, lock)
    except SchemaError as error:
        sys.stderr.write(f"{error}\n")
        return UNFIT
    except PyMongoError as error:
        sys.stderr.write(f"the database does not answer as it should: {type(error).__name__}\n")
        return FAILED
    except MigrationLockLostError:
        sys.stderr.write("another migration is running: wait for it, then run this again\n")
        return BUSY


def _run(config: Config, to: int | None, steps: Sequence[Step], lock: MigrationLock) -> int:
    moves = plan(to, steps)
    here = standing(steps)
    going_back = any(move.back for move in moves)
    # What an older release declares, a newer one may have replaced: it makes nothing again.
    if not going_back and not here.newer:
        migrate()
    for move in moves:
        _tell((move,))
        try:
            take(move, config=config, lock=lock, clock=system_clock, ids=new_id)
        except (MigrationLockLostError, SystemExit, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001 - told without its text, which may quote a record
            where = "".join(traceback.format_tb(error.__traceback__))
            sys.stderr.write(f"{where}{type(error).__name__}: mend it and run this again\n")
            return FAILED
    version = standing(steps).version
    if going_back:
        sys.stdout.write(f"rolled back to version {version}; start the earlier release now\n")
        return DONE
    if again := reapply():
        sys.stdout.write(f"{again} keys of shredded subjects were here again; destroyed\n")
    ruleset, now = load_ruleset(), system_clock()
    keep_rules(ruleset, now=now)
    keep_study(config.study_file, load_study(config.study_file, ruleset), now=now)
    if here.newer:
        sys.stdout.write("a newer release has been here; this one can work with it\n")
        return DONE
    missing = missing_indexes()
    said = f"missing: {missing}" if missing else f"database is up to date (version {version})"
    sys.stdout.write(f"{said}\n")
    return FAILED if missing else DONE


def _tell(moves: Sequence[Move]) -> None:
    for move in moves:
        word = "roll back" if move.back else "resume" if move.again else "upgrade"
        marked = "; earlier releases must be stopped" if move.step.breaks and not move.back else ""
        sys.stdout.write(f"{word} step {move.step.number}: {move.step.name}{marked}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m backend.migrate", description=__doc__)
    parser.add_argument(
        "--plan", action="store_true", help="say what would be done; change nothing"
    )
    parser.add_argument("--to", type=int, metavar="N", help="go to version N, forwards or back")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
