"""Open the day's windows, let late ones be missed, and remind."""

from backend.models.subject import subject_ids
from backend.models.window import due_reminders
from backend.services.diary_plan import follow_windows
from backend.services.reminder import remind
from jobs.process import Process

# Reminders in one run; the next one follows half a minute later.
_MOST = 200


def follow_diaries(process: Process) -> int:
    """Bring every subject's windows to the present; give how many changed."""
    changed = 0
    for subject_id in subject_ids():
        if process.stopping.is_set():
            break
        changed += follow_windows(
            subject_id,
            study=process.study,
            fence=process.fence,
            now=process.clock(),
            ids=process.ids,
        )
    return changed


def remind_due(process: Process) -> int:
    """Owe every reminder that is due; give how many messages."""
    now = process.clock()
    return sum(remind(window, fence=process.fence, now=now) for window in due_reminders(now, _MOST))
