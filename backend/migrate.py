"""`python -m backend.migrate`: create collections and indexes, and say where they differ."""

import sys

from backend.clinical.rules import load_ruleset
from backend.config import Config, ConfigurationError
from backend.context import system_clock
from backend.db import connect
from backend.models.indexes import migrate, missing_indexes
from backend.services.ruleset import keep_rules
from backend.services.study import keep_study, load_study


def main() -> int:
    """Run from the command line."""
    try:
        config = Config.from_env()
        connect(config)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    migrate()
    ruleset, now = load_ruleset(), system_clock()
    keep_rules(ruleset, now=now)
    keep_study(config.study_file, load_study(config.study_file, ruleset), now=now)
    missing = missing_indexes()
    sys.stdout.write("database is up to date\n" if not missing else f"missing: {missing}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
