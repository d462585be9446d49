"""`GET /alerts/stream`: the work list as server-sent events (HTML Living Standard, section 9.2)."""

import json
import threading
import time
from collections.abc import Iterator

import flask
from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, actor, allow
from backend.services.alert_stream import Change, WorkWatch
from schemas.alert import AlertOut

blueprint = Noun(
    "alert-stream", __name__, url_prefix="/api/v1/alerts", description="The work list, live"
)

# A stream keeps a thread of its worker (gunicorn.conf.py): so many at once. Whoever finds no place is
# told what is new and asked to come back soon, so that answering an alert never waits for a watcher.
PLACES = 8
_places = threading.BoundedSemaphore(PLACES)
# Then the reader comes back with the mark: whoever lost their leave is out by then, and a worker that
# is to stop waits no longer than gunicorn's graceful timeout.
LIFE_SECONDS = 25.0
POLL_SECONDS = 1.0
# A comment now and then shows proxies and readers that the line is open.
HEARTBEAT_SECONDS = 10.0
AGAIN_MS, SOON_MS = 500, 3000


@blueprint.route("/stream")
class AlertStream(MethodView):
    """The work list as it changes."""

    @allow(Action.ALERT_READ)
    @blueprint.response(200, {"type": "string"}, content_type="text/event-stream")
    def get(self) -> flask.Response:
        """Follow the open alerts: `reset`, `alert` (as in the list) and `closed`; resume by Last-Event-ID."""
        watch = WorkWatch(actor())
        mark = flask.request.headers.get("Last-Event-ID")
        return flask.Response(
            flask.stream_with_context(_lines(watch, mark)),
            content_type="text/event-stream; charset=utf-8",
            # A proxy that gathers lines would hold an emergency back.
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )


def _lines(watch: WorkWatch, mark: str | None) -> Iterator[str]:
    stays = _places.acquire(blocking=False)
    try:
        yield f"retry: {AGAIN_MS if stays else SOON_MS}\n\n"
        yield from map(_event, watch.resume(mark))
        if stays:
            yield from _followed(watch)
    finally:
        if stays:
            _places.release()


def _followed(watch: WorkWatch) -> Iterator[str]:
    end = time.monotonic() + LIFE_SECONDS
    beat = time.monotonic() + HEARTBEAT_SECONDS
    while time.monotonic() < end:
        time.sleep(POLL_SECONDS)
        yield from map(_event, watch.news())
        if time.monotonic() >= beat:
            beat += HEARTBEAT_SECONDS
            yield ":\n\n"


def _event(change: Change) -> str:
    data: object = {} if change.alert_id is None else {"id": change.alert_id}
    if change.alert is not None:
        data = AlertOut().dump(change.alert)
    # JSON has no raw line break, so one data line is enough.
    return f"id: {change.mark}\nevent: {change.kind}\ndata: {json.dumps(data)}\n\n"
