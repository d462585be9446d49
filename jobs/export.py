"""Make the exports that were asked for, and let old ones go."""

from backend.exports.making import make_next_export
from backend.models.export import remove_older_than
from backend.services.retention import EXPORTS_KEPT
from jobs.process import Process


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
    return remove_older_than(process.clock() - EXPORTS_KEPT)
