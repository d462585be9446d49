"""Send at once what has just been owed: by change stream where the server has one, else by polling."""

import logging
import threading
from collections.abc import Callable

from pymongo.errors import OperationFailure, PyMongoError

from backend.models.outbox import watch_new

_logger = logging.getLogger(__name__)
# After a lost connection; polling goes on meanwhile.
_AGAIN_SECONDS = 5.0


def watch_outbox(stopping: threading.Event, wake: Callable[[], object]) -> None:
    """Call `wake` for each new message until the process stops.

    A server without change streams ends this at once, and says so once: the job that asks every
    second what is due is then all there is, and enough.
    """
    while not stopping.is_set():
        try:
            for _ in watch_new(stopping.is_set):
                wake()
        except OperationFailure as error:
            _logger.info("no change streams here: polling", extra={"code": error.code})
            return
        except PyMongoError:
            stopping.wait(_AGAIN_SECONDS)
