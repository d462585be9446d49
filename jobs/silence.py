"""Look after those who have gone silent."""

from backend.models.subject import subject_ids
from backend.services.silence import watch_subject
from jobs.each import for_each
from jobs.process import Process


def watch_silence(process: Process) -> int:
    """Raise what silence means for each subject; give for how many something was written."""

    def watch(subject_id: str) -> int:
        return watch_subject(
            subject_id,
            study=process.study,
            ruleset=process.ruleset,
            fence=process.fence,
            now=process.clock(),
            ids=process.ids,
        )

    return for_each(subject_ids(), watch, process.stopping)
