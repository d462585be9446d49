"""The live work list: everything once, then what changes, and after a break what was missed."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from werkzeug.test import TestResponse

from backend.resources import alert_stream
from tests.alerts.conftest import (  # noqa: F401 - fixtures
    Send,
    build,
    console,
    nurse,
    process,
    send,
    study,
    subject_id,
)
from tests.people import Person, staff

Event = tuple[str, str, Any]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_stream, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(alert_stream, "LIFE_SECONDS", 1.0)
    monkeypatch.setattr(alert_stream, "HEARTBEAT_SECONDS", 0.3)


def opened(reader: Person, mark: str | None = None) -> TestResponse:
    headers = {} if mark is None else {"Last-Event-ID": mark}
    answer = reader.call("GET", "/alerts/stream", headers=headers, buffered=False)
    assert answer.status_code == 200
    assert answer.content_type == "text/event-stream; charset=utf-8"
    return answer


def events(answer: TestResponse) -> Iterator[Event]:
    """Read events as a browser would: name, id and data; comments and `retry` are passed by."""
    for chunk in answer.iter_encoded():
        fields = dict(line.split(": ", 1) for line in chunk.decode().splitlines() if ": " in line)
        if "event" in fields:
            yield fields["event"], fields["id"], json.loads(fields["data"])


def whole(reader: Person, mark: str | None = None) -> list[Event]:
    with opened(reader, mark) as answer:
        return list(events(answer))


def listed(reader: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.get("/alerts").get_json()["items"]
    return found


def test_it_begins_with_the_whole_list_as_the_list_shows_it(send: Send, nurse: Person) -> None:  # noqa: F811
    send(10)
    first, *others = whole(nurse)
    assert first[0] == "reset"
    assert [data for _, _, data in others] == listed(nurse)
    assert {kind for kind, _, _ in others} == {"alert"}


def test_what_happens_while_one_looks_on_is_told(send: Send, nurse: Person) -> None:  # noqa: F811
    with opened(nurse) as answer:
        told = events(answer)
        assert next(told)[0] == "reset"
        send(7)
        kind, _, alert = next(told)
        assert (kind, alert["tier"]) == ("alert", "urgent")
        step = {"step": "acknowledge", "rev": alert["rev"]}
        assert nurse.post(f"/alerts/{alert['id']}/steps", step).status_code == 200
        kind, _, taken = next(told)
        assert (kind, taken["state"], taken["rev"]) == ("alert", "acknowledged", alert["rev"] + 1)
        closing = {"step": "close", "note": "better", "rev": taken["rev"]}
        assert nurse.post(f"/alerts/{alert['id']}/steps", closing).status_code == 200
        kind, _, data = next(told)
        assert (kind, data) == ("closed", {"id": alert["id"]})


def test_after_a_break_nothing_is_repeated_and_nothing_missed(send: Send, nurse: Person) -> None:  # noqa: F811
    send(7)
    mark = whole(nurse)[-1][1]
    assert whole(nurse, mark) == []
    send(10, day="2026-03-01")
    again = whole(nurse, mark)
    assert again[0][0] == "reset"
    assert [data["id"] for _, _, data in again[1:]] == [alert["id"] for alert in listed(nurse)]
    # A mark of the middle, or of somebody else's list, is no promise.
    assert whole(nurse, again[0][1])[0][0] == "reset"


def test_nobody_sees_another_sites_alerts(app: flask.Flask, send: Send) -> None:  # noqa: F811
    send(10)
    elsewhere = whole(staff(app, "nurse", "S02"))
    assert [kind for kind, _, _ in elsewhere] == ["reset"]
    assert staff(app, "data_manager").get("/alerts/stream").status_code == 403


def test_the_line_is_kept_open_and_ends_by_itself(nurse: Person) -> None:  # noqa: F811
    with opened(nurse) as answer:
        chunks = [chunk.decode() for chunk in answer.iter_encoded()]
    assert chunks[0] == "retry: 500\n\n"
    assert chunks.count(":\n\n") >= 2


def test_whoever_finds_no_place_is_told_what_is_new_and_comes_back(
    send: Send,  # noqa: F811
    nurse: Person,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send(7)
    monkeypatch.setattr(alert_stream, "_places", threading.BoundedSemaphore(1))
    with opened(nurse) as first:
        told = first.iter_encoded()
        assert next(told) == b"retry: 500\n\n"
        with opened(nurse) as second:
            chunks = [chunk.decode() for chunk in second.iter_encoded()]
        assert chunks[0] == "retry: 3000\n\n"
        assert len(chunks) == 2 + len(listed(nurse))
    assert whole(nurse)[0][0] == "reset"
