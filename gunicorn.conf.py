"""How gunicorn serves `wsgi:app`; PORT and WEB_CONCURRENCY are read by gunicorn itself."""

import os
import shutil
import tempfile
from typing import Any

# Each worker counts for itself into this folder; /metrics adds them up. A new one for each start.
_COUNTS = tempfile.mkdtemp(prefix="pro-ae-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _COUNTS

worker_class = "gthread"
workers = 2
# A request waits for the database, not for the processor; eight may be live work lists
# (backend/resources/alert_stream.py), and the others answer beside them.
threads = 12
# A diary that was taken in is committed before its worker goes.
graceful_timeout = 30
timeout = 60
# Idle connections cost no thread here; longer than a proxy keeps its own (nginx: 60 s), else a
# request can meet a connection that is just being closed.
keepalive = 65
# Off: it would write a socket outside the project, into the home folder.
control_socket_disable = True
# Each worker connects to the database after the fork (PyMongo is not fork-safe).
preload_app = False


def child_exit(server: Any, worker: Any) -> None:  # noqa: ANN401, ARG001 - gunicorn's hook
    """Let the counts of a worker that ended be added up once more and no gauge stay behind."""
    # Imported here: prometheus_client decides at its import whether to count for several processes.
    from prometheus_client import multiprocess  # noqa: PLC0415

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:  # noqa: ANN401, ARG001 - gunicorn's hook
    """Leave nothing behind."""
    shutil.rmtree(_COUNTS, ignore_errors=True)
