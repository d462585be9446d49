"""Make the exports that were asked for, and let old ones go."""

import datetime as dt

from backend.exports.making import make_next_export
from backend.models.export import remove_older_than
from jobs.process import Process

# Whoever needs one longer has fetched it: a data cut makes the same bytes again.
KEPT = dt.timedelta(days=14)


def make_exports(process: Process) -> int:
    """Make every export that waits; give how many were worked on."""
    worked = 0
    while not process.stopping.is_set() and make_next_export(
        study=process.study,
        ruleset=process.ruleset,
        fence=process.fence,
        now=process.clock(),
        stopping=process.stopping.is_set,
    ):
        worked += 1
    return worked


def drop_exports(process: Process) -> int:
    """Remove exports that were asked for two weeks ago; give how many."""
    return remove_older_than(process.clock() - KEPT)
