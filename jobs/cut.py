"""Take the data cuts that were asked for."""

from backend.services.data_cut import take_next_cut
from jobs.process import Process


def take_cuts(process: Process) -> int:
    """Take every cut that waits; give how many were worked on."""
    worked = 0
    while not process.stopping.is_set() and take_next_cut(
        fence=process.fence, now=process.clock(), stopping=process.stopping.is_set
    ):
        worked += 1
    return worked
