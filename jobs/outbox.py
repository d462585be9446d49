"""Deliver what is owed: claim, send, settle, until nothing is due."""

import logging
import traceback
from concurrent.futures import FIRST_COMPLETED, Future, wait

from backend.models.outbox import OutboxEntry
from backend.services.outbox import claim_due, is_still_owed, settle, withdraw
from backend.services.outbox_hold import hold_back_old
from backend.services.reach import find_reach, lose_reach
from jobs.process import WORKERS, Process
from notifications import Address, Message, Outcome, neutral

_logger = logging.getLogger(__name__)

# How long a new entry may wait while others are still being sent, in seconds.
_LOOK_AGAIN = 0.5


def deliver_due(process: Process) -> int:
    """Send everything that is due and give the number of attempts.

    At most `WORKERS` entries are claimed at a time, so that no lease runs out in a queue. In a
    restored database nothing about what was before is sent until a human has released it.
    """
    hold_back_old(process.clock())
    attempts = 0
    sending: set[Future[None]] = set()
    while True:
        free = 0 if process.stopping.is_set() else WORKERS - len(sending)
        if free:
            claimed = claim_due(process.clock(), free, owner=process.owner)
            attempts += len(claimed)
            sending |= {process.pool.submit(_deliver, process, entry) for entry in claimed}
        if not sending:
            return attempts
        done, sending = wait(sending, timeout=_LOOK_AGAIN, return_when=FIRST_COMPLETED)
        for finished in done:
            # A failure here is the database's: the lease runs out and the entry comes again.
            finished.result()


def _deliver(process: Process, entry: OutboxEntry) -> None:
    # Asked last of all: who answered meanwhile is not rung for it.
    if not is_still_owed(entry):
        withdraw(entry, now=process.clock())
        return
    outcome = _send(process, entry)
    settled = settle(
        entry,
        outcome.kind,
        detail=outcome.detail,
        retry_after=outcome.retry_after,
        now=process.clock(),
        ids=process.ids,
    )
    _logger.info(
        "push",
        extra={
            "entry": entry.id,
            "channel": entry.channel,
            "attempt": entry.attempts,
            "outcome": outcome.kind,
            "detail": outcome.detail,
            "state": settled.state if settled is not None else "taken over",
        },
    )


def _send(process: Process, entry: OutboxEntry) -> Outcome:
    channel = process.channels.get(entry.channel)
    if channel is None:
        return Outcome("rejected", "channel is not configured")
    reach = find_reach(entry, gateway=process.gateway)
    if reach is None:
        return Outcome("rejected", "no reachable address")
    try:
        outcome = channel.send(Address.of(reach.kind, reach.value), _message(entry))
    except Exception as error:  # noqa: BLE001 - see below
        # Unforeseen, so perhaps sent. It must neither stop the others nor be tried for ever: the
        # attempts count, and the entry ends as dead where an operator sees it.
        _logger.error(  # noqa: TRY400 - the error's own text might quote an address
            "push failed",
            extra={
                "entry": entry.id,
                "error": type(error).__name__,
                "where": traceback.format_tb(error.__traceback__)[-1],
            },
        )
        return Outcome("unknown", type(error).__name__)
    if outcome.kind == "dead_address":
        lose_reach(entry, reach, now=process.clock())
    return outcome


def _message(entry: OutboxEntry) -> Message:
    stored = entry.message
    return neutral(
        stored["kind"],
        stored["locale"],
        id_=stored["id"],
        revision=stored["v"],
        tier=stored["tier"],
        collapse_key=entry.collapse_key,
    )
