"""Sign the ends of the audit trail's chains at intervals, where a folder and a key are set."""

import datetime as dt

from backend.services.audit_anchor import anchor, is_due, read_key
from jobs.process import Process


def anchor_audit(process: Process) -> int:
    """Write an anchor if the newest one is too old; give how many chains it holds."""
    anchoring = process.anchoring
    if anchoring is None:
        return 0
    now, every = process.clock(), dt.timedelta(seconds=anchoring.every_seconds)
    if not is_due(anchoring.folder, every, now=now):
        return 0
    key = read_key(anchoring.key_file)
    return anchor(anchoring.folder, key, study_id=process.study.id, now=now)
