"""One contract for every channel: what a service does becomes the right outcome."""

from collections.abc import Iterator

import pytest

from notifications import CHANNELS, Address, Message, neutral
from tests.notifications.rigs import IMPOSSIBLE, RIGS, Rig
from tests.stubs.faults import CUT, DEAD, ERROR, HANG, OK, QUOTA, UNAVAILABLE

ALERT = "6b1f8f6e-3c1d-4b58-9a5e-0f5c1d2e3a4b"

EXPECTED = {
    OK: "accepted",
    DEAD: "dead_address",
    QUOTA: "retry",
    ERROR: "retry",
    UNAVAILABLE: "retry",
    HANG: "unknown",
    CUT: "unknown",
}


@pytest.fixture(params=sorted(RIGS))
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with RIGS[request.param]() as built:
        yield built


@pytest.fixture
def message() -> Message:
    return neutral("alert", "en", id_=ALERT, revision=3, tier="emergency", collapse_key=ALERT)


def test_every_channel_is_under_this_contract() -> None:
    assert RIGS.keys() == CHANNELS.keys()


def test_name_is_the_one_in_the_registry(rig: Rig) -> None:
    assert rig.channel.name in CHANNELS


CASES = [
    (name, fault)
    for name in sorted(RIGS)
    for fault in EXPECTED
    if fault not in IMPOSSIBLE.get(name, ())
]
RECOVERING = [(name, fault) for name, fault in CASES if fault == DEAD]


@pytest.mark.parametrize(("rig", "fault"), CASES, indirect=["rig"])
def test_outcome_tells_what_the_service_did(rig: Rig, message: Message, fault: str) -> None:
    rig.plan(fault)
    outcome = rig.channel.send(rig.address, message)
    assert outcome.kind == EXPECTED[fault]
    if fault == QUOTA and rig.quota_wait is not None:
        assert outcome.retry_after is not None
        assert rig.quota_wait[0] <= outcome.retry_after <= rig.quota_wait[1]
    if fault in (OK, DEAD, HANG, CUT):
        assert outcome.retry_after is None
    for private in (rig.address.value, message.title, message.body, ALERT):
        assert private not in outcome.detail


def test_what_is_accepted_has_arrived_once(rig: Rig, message: Message) -> None:
    assert rig.channel.send(rig.address, message).kind == "accepted"
    (arrived,) = rig.received()
    assert ALERT in arrived


@pytest.mark.parametrize(("rig", "fault"), RECOVERING, indirect=["rig"])
def test_channel_works_again_after_a_fault(rig: Rig, fault: str, message: Message) -> None:
    rig.plan(fault)
    rig.channel.send(rig.address, message)
    rig.plan(OK)
    assert rig.channel.send(rig.address, message).kind == "accepted"


def test_repeat_is_byte_for_byte_the_same_message(rig: Rig, message: Message) -> None:
    """So that whoever gets it twice can tell, by its id and collapse key."""
    rig.channel.send(rig.address, message)
    rig.channel.send(rig.address, message)
    first, second = rig.received()
    assert first.count(ALERT) == second.count(ALERT) > 0


def test_address_of_another_kind_is_rejected_and_nothing_sent(rig: Rig, message: Message) -> None:
    every_kind = (
        Address("fid", "f" * 22),
        Address("token", "t" * 140),
        Address("email", "nurse@site.example"),
        Address("console", "staff-1"),
        Address("url", "https://elsewhere.example/hook"),
        Address("webpush", "{}"),
    )
    foreign = [address for address in every_kind if address.kind not in rig.channel.kinds]
    assert len(foreign) >= 3
    for address in foreign:
        assert rig.channel.send(address, message).kind == "rejected"
    assert rig.received() == []
