"""Open the day's windows, let late ones be missed, and remind."""

from backend.models.subject import subject_ids
from backend.models.window import due_reminders
from backend.services.diary_plan import follow_windows
from backend.services.reminder import remind
from jobs.each import for_each
from jobs.process import Process

# Reminders in one run; the next one follows half a minute later.
_MOST = 200


def follow_diaries(process: Process) -> int:
    """Bring every subject's windows to the present; give how many changed."""

    def follow(subject_id: str) -> int:
        return follow_windows(
            subject_id,
            study=process.study,
            fence=process.fence,
            now=process.clock(),
            ids=process.ids,
        )

    return for_each(subject_ids(), follow, process.stopping)


def remind_due(process: Process) -> int:
    """Owe every reminder that is due; give how many messages."""
    now = process.clock()
    due = {window.id: window for window in due_reminders(now, _MOST)}
    return for_each(
        due, lambda name: remind(due[name], fence=process.fence, now=now), process.stopping
    )
