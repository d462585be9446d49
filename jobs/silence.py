"""Look after those who have gone silent."""

from backend.models.subject import subject_ids
from backend.services.silence import watch_subject
from jobs.process import Process


def watch_silence(process: Process) -> int:
    """Raise what silence means for each subject; give for how many something was written."""
    written = 0
    for subject_id in subject_ids():
        if process.stopping.is_set():
            break
        written += watch_subject(
            subject_id,
            study=process.study,
            ruleset=process.ruleset,
            now=process.clock(),
            ids=process.ids,
        )
    return written
