"""Let go what is kept no longer by the study's rules."""

from backend.services.retention import apply_rules
from jobs.process import Process


def apply_retention(process: Process) -> int:
    """Remove what is due; give how many."""
    return apply_rules(
        process.study,
        now=process.clock(),
        ids=process.ids,
        stopping=process.stopping.is_set,
    )
