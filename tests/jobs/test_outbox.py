"""Delivery: each outcome leads an entry where it belongs, and one slow send holds up no other."""

import datetime as dt
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from pymongo.database import Database

from backend.context import new_id
from backend.models.alert import AlertRecord
from backend.models.base import to_bson
from backend.models.outbox import OutboxEntry, of_alert
from backend.services.outbox import (
    BACKOFF,
    LEASE,
    LONGEST_PAUSE,
    MAX_ATTEMPTS,
    MAX_REJECTIONS,
    RINGING_ATTEMPTS,
    RINGING_PAUSE,
    claim_due,
    settle,
)
from jobs.outbox import deliver_due
from jobs.process import WORKERS, Process
from notifications import Address, Message, Outcome
from notifications.base import AddressKind
from tests.conftest import Clock
from tests.jobs.conftest import Owe

Build = Callable[..., Process]


@dataclass
class Scripted:
    """A channel (by the protocol) at the place of the console, with outcomes as told."""

    outcomes: list[Outcome | Exception]
    sent: list[str] = field(default_factory=list)
    name: ClassVar[str] = "console"
    kinds: ClassVar[frozenset[AddressKind]] = frozenset({"console"})

    def send(self, _address: Address, message: Message) -> Outcome:
        """Note the message and give the next outcome."""
        self.sent.append(message.data["id"])
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self) -> None:
        """Hold nothing."""


def stored(entry: OutboxEntry) -> OutboxEntry:
    (found,) = of_alert(entry.alert_id)
    return found


def test_what_is_due_is_written_to_the_console_and_accepted(
    process: Process, owe: Owe, console: io.StringIO
) -> None:
    entry = owe()
    assert deliver_due(process) == 1
    assert console.getvalue().endswith(f"push urgent alert {entry.alert_id} v0 to nurse-1\n")
    settled = stored(entry)
    assert (settled.state, settled.attempts, settled.settled_at) == ("accepted", 1, process.clock())


def test_nothing_is_sent_twice_or_before_its_time(
    process: Process, owe: Owe, console: io.StringIO, clock: Clock
) -> None:
    owe()
    owe(due_at=clock() + dt.timedelta(seconds=1))
    assert deliver_due(process) == 1
    assert deliver_due(process) == 0
    clock.advance(seconds=1)
    assert deliver_due(process) == 1
    assert len(console.getvalue().splitlines()) == 2


def test_more_than_one_round_is_sent_in_one_run(
    process: Process, owe: Owe, console: io.StringIO
) -> None:
    entries = [owe() for _ in range(3 * WORKERS)]
    assert deliver_due(process) == 3 * WORKERS
    written = console.getvalue()
    assert all(written.count(entry.alert_id) == 1 for entry in entries)


def tiered(owe: Owe, tier: str) -> OutboxEntry:
    alert = new_id()
    message = {"kind": "alert", "locale": "en", "id": alert, "v": "0", "tier": tier}
    return owe(alert_id=alert, message=message)


@pytest.mark.parametrize(
    ("kind", "tier", "attempts", "longest"),
    [
        ("retry", "routine", MAX_ATTEMPTS, BACKOFF[-1]),
        ("unknown", "same_day", MAX_ATTEMPTS, BACKOFF[-1]),
        # What rings is never more than a minute behind the end of an outage.
        ("retry", "urgent", RINGING_ATTEMPTS, RINGING_PAUSE),
        ("unknown", "emergency", RINGING_ATTEMPTS, RINGING_PAUSE),
    ],
)
def test_failed_attempts_come_back_later_and_later_and_then_end(
    build: Build,
    owe: Owe,
    clock: Clock,
    kind: Any,  # noqa: ANN401 - OutcomeKind
    tier: str,
    attempts: int,
    longest: dt.timedelta,
) -> None:
    channel = Scripted([Outcome(kind, "HTTP 503")] * attempts)
    process = build(console=channel)
    entry = tiered(owe, tier)
    pauses = []
    for _ in range(attempts - 1):
        assert deliver_due(process) == 1
        waiting = stored(entry)
        assert (waiting.state, waiting.last_detail, waiting.lease_owner) == (
            "due",
            "HTTP 503",
            None,
        )
        pauses.append(waiting.due_at - clock())
        clock.advance(seconds=pauses[-1].total_seconds() - 0.001)
        assert deliver_due(process) == 0
        clock.advance(seconds=0.001)
    assert pauses[: len(BACKOFF)] == [min(pause, longest) for pause in BACKOFF]
    assert set(pauses[len(BACKOFF) :]) == {longest}
    assert deliver_due(process) == 1
    assert stored(entry).state == "dead"


@pytest.mark.parametrize(
    ("asked", "pause"),
    [(1.0, BACKOFF[0]), (40.0, dt.timedelta(seconds=40)), (86400.0, LONGEST_PAUSE)],
)
def test_the_service_says_when_to_come_back(
    build: Build, owe: Owe, clock: Clock, asked: float, pause: dt.timedelta
) -> None:
    process = build(console=Scripted([Outcome("retry", "HTTP 429", asked)]))
    entry = owe()
    deliver_due(process)
    assert stored(entry).due_at - clock() == pause


def test_unforeseen_error_counts_as_an_attempt_and_stops_nobody_else(
    build: Build, owe: Owe, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "nurse@site.example"
    channel = Scripted([RuntimeError(secret), Outcome("accepted", "ok")])
    process = build(console=channel)
    owe()
    owe()
    assert deliver_due(process) == 2
    assert sorted(channel.sent) == sorted(set(channel.sent))
    assert secret not in caplog.text
    assert "RuntimeError" in {getattr(record, "error", None) for record in caplog.records}


@pytest.mark.parametrize(("kind", "attempts"), [("rejected", MAX_REJECTIONS), ("dead_address", 1)])
def test_refused_console_is_the_end_of_the_line(
    build: Build,
    owe: Owe,
    clock: Clock,
    kind: Any,  # noqa: ANN401 - OutcomeKind
    attempts: int,
) -> None:
    channel = Scripted([Outcome(kind, "no")] * attempts)
    process = build(console=channel)
    entry = owe()
    for _ in range(attempts):
        assert stored(entry).state == "due"
        assert deliver_due(process) == 1
        clock.advance(hours=1)
    assert stored(entry).state == "dead"


def test_dead_address_hands_on_at_once(build: Build, owe: Owe, console: io.StringIO) -> None:
    process = build()
    entry = owe("email")
    (held,) = claim_due(process.clock(), 1, owner=process.owner)
    settle(
        held, "dead_address", detail="SMTP 550", retry_after=None, now=process.clock(), ids=new_id
    )
    assert deliver_due(process) == 1
    assert console.getvalue().count(entry.alert_id) == 1


@pytest.mark.parametrize("answered", [True, False])
def test_answered_alert_does_not_ring(
    process: Process,
    owe: Owe,
    console: io.StringIO,
    database: Database[dict[str, Any]],
    answered: bool,  # noqa: FBT001 - pytest hands it over by name
) -> None:
    entry = owe()
    now = process.clock()
    alert = AlertRecord(
        id=entry.alert_id,
        subject_id="S01-0001",
        site="S01",
        flag_id="colitis",
        tier="urgent",
        tier_rank=1,
        state="acknowledged" if answered else "new",
        title="",
        reason="",
        assessment_ids=(),
        raised_at=now,
        rung_at=now,
        acknowledge_by=now,
        steps=(),
        rev=1,
        acknowledged_at=now if answered else None,
    )
    database["alerts"].insert_one(to_bson(alert))
    assert deliver_due(process) == 1
    assert stored(entry).state == ("cancelled" if answered else "accepted")
    assert console.getvalue().count(entry.alert_id) == (0 if answered else 1)


@pytest.mark.parametrize(("channel", "hops"), [("fcm", 3), ("webhook", 3), ("email", 2)])
def test_channel_that_is_not_configured_hands_on_until_somebody_sees_it(
    process: Process, owe: Owe, console: io.StringIO, channel: str, hops: int
) -> None:
    entry = owe(channel)
    assert deliver_due(process) == hops
    *dead, last = sorted(of_alert(entry.alert_id), key=lambda one: one.state == "accepted")
    assert {one.state for one in dead} == {"dead"}
    assert (last.channel, last.state, last.message) == ("console", "accepted", entry.message)
    assert console.getvalue().count(entry.alert_id) == 1


def test_a_patients_reminder_does_not_go_to_the_staffs_console(
    process: Process, owe: Owe, console: io.StringIO, clock: Clock
) -> None:
    entry = owe("fcm", recipient_kind="device")
    for _ in range(MAX_REJECTIONS):
        assert deliver_due(process) == 1
        clock.advance(hours=1)
    assert stored(entry).state == "dead"
    assert console.getvalue() == ""


def test_a_process_that_stops_claims_nothing_more(process: Process, owe: Owe) -> None:
    entry = owe()
    process.stopping.set()
    assert deliver_due(process) == 0
    assert stored(entry).state == "due"


def test_a_slow_send_holds_up_no_other(build: Build, owe: Owe) -> None:
    released, blocked = threading.Event(), threading.Event()

    class SlowForOne(Scripted):
        def send(self, address: Address, message: Message) -> Outcome:
            if message.data["id"] == slow.alert_id:
                blocked.set()
                assert released.wait(20)
            return super().send(address, message)

    channel = SlowForOne([Outcome("accepted", "ok")] * 2)
    slow = owe()
    process = build(console=channel)
    run = threading.Thread(target=deliver_due, args=(process,))
    run.start()
    assert blocked.wait(10)
    quick = owe()
    for _ in range(100):
        if stored(quick).state == "accepted":
            break
        threading.Event().wait(0.05)
    assert stored(quick).state == "accepted"
    assert stored(slow).state == "leased"
    released.set()
    run.join()
    assert stored(slow).state == "accepted"


def test_two_clocks_send_each_message_once(build: Build, owe: Owe) -> None:
    count = 40
    entries = [owe() for _ in range(count)]
    channel = Scripted([Outcome("accepted", "ok")] * count)
    clocks = [build(owner=f"clock-{n}", console=channel) for n in range(2)]
    runs = [threading.Thread(target=deliver_due, args=(process,)) for process in clocks]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    # One that found only what the other took may leave early, never with something left undone.
    assert sorted(channel.sent) == sorted(entry.alert_id for entry in entries)
    assert {stored(entry).state for entry in entries} == {"accepted"}


def test_expired_lease_is_taken_over_and_its_old_holder_cannot_settle(
    owe: Owe, clock: Clock, database: Database[dict[str, Any]]
) -> None:
    entry = owe()
    (held,) = claim_due(clock(), 5, owner="dead clock")
    clock.advance(seconds=LEASE.total_seconds() - 0.001)
    assert claim_due(clock(), 5, owner="new clock") == ()
    clock.advance(seconds=0.001)
    (taken,) = claim_due(clock(), 5, owner="new clock")
    assert (taken.id, taken.lease_owner, taken.attempts) == (entry.id, "new clock", 2)
    late = {"detail": "ok", "retry_after": None, "now": clock(), "ids": lambda: "new"}
    for outcome in ("accepted", "retry", "rejected"):
        assert settle(held, outcome, **late) is None  # type: ignore[arg-type]
    assert stored(entry) == taken
    assert database["outbox"].count_documents({}) == 1


def test_expired_leases_are_not_behind_all_that_is_due(owe: Owe, clock: Clock) -> None:
    first = owe()
    claim_due(clock(), 1, owner="dead clock")
    clock.advance(seconds=LEASE.total_seconds() + 1)
    for _ in range(3):
        owe()
    claimed = claim_due(clock(), 2, owner="new clock")
    assert first.id in {entry.id for entry in claimed}
