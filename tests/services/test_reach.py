"""Whom an address belongs to, and what happens to it when it turns out to be dead."""

import dataclasses
from typing import Any

import pytest
from pymongo.database import Database

from backend.models.base import to_bson
from backend.models.device import DeviceRecord, find_device
from backend.models.outbox import OutboxEntry
from backend.models.staff import StaffRecord, find_staff
from backend.services.reach import PUSH_CHANNELS, Reach, find_reach, lose_reach
from tests.conftest import START
from tests.jobs.conftest import owed

Stored = Database[dict[str, Any]]

NURSE = StaffRecord(
    id="nurse-1",
    email="nurse@site.example",
    password_hash="",
    name="N. Urse",
    grants=(),
    active=True,
    channel="fcm",
    created_at=START,
    rev=3,
    push_kind="fid",
    push_value="fid-1",
)
PHONE = DeviceRecord(
    id="phone-1",
    subject_id="S01-0001",
    site="S01",
    activated_at=START,
    label="phone",
    push_kind="token",
    push_value="token-1",
)


def store(database: Stored, record: StaffRecord | DeviceRecord) -> None:
    collection = "staff" if isinstance(record, StaffRecord) else "devices"
    fields = {name: value for name, value in to_bson(record).items() if value is not None}
    database[collection].replace_one({"_id": record.id}, fields, upsert=True)


def to_staff(channel: str) -> OutboxEntry:
    return owed(now=START, channel=channel, recipient_id=NURSE.id)


def to_phone(channel: str = "fcm") -> OutboxEntry:
    return owed(now=START, channel=channel, recipient_kind="device", recipient_id=PHONE.id)


@pytest.mark.parametrize(
    ("channel", "reach"),
    [
        ("fcm", Reach("fid", "fid-1")),
        ("email", Reach("email", "nurse@site.example")),
        ("console", Reach("console", "nurse-1")),
        ("webhook", None),
    ],
)
def test_staff_have_an_address_per_channel(
    database: Stored, channel: str, reach: Reach | None
) -> None:
    store(database, NURSE)
    assert find_reach(to_staff(channel)) == reach


@pytest.mark.parametrize("channel", ["fcm", "email"])
def test_staff_who_left_or_never_were_are_unreachable(database: Stored, channel: str) -> None:
    assert find_reach(to_staff(channel)) is None
    store(database, dataclasses.replace(NURSE, active=False))
    assert find_reach(to_staff(channel)) is None


def test_staff_without_a_phone_have_a_mailbox(database: Stored) -> None:
    store(database, dataclasses.replace(NURSE, push_kind=None, push_value=None))
    assert find_reach(to_staff("fcm")) is None
    assert find_reach(to_staff("email")) is not None


def test_a_patients_phone_has_its_push_address_alone(database: Stored) -> None:
    assert find_reach(to_phone()) is None
    store(database, PHONE)
    assert find_reach(to_phone()) == Reach("token", "token-1")
    assert find_reach(to_phone("email")) is None


@pytest.mark.parametrize("field", ["revoked_at", "push_dead_at"])
def test_a_phone_that_is_revoked_or_dead_is_unreachable(database: Stored, field: str) -> None:
    store(database, dataclasses.replace(PHONE, **{field: START}))  # type: ignore[arg-type]
    assert find_reach(to_phone()) is None


@pytest.mark.parametrize(("kind", "channel"), [("token", "fcm"), ("webpush", "webpush")])
def test_an_address_is_pushed_to_by_the_channel_of_its_kind(
    database: Stored, kind: str, channel: str
) -> None:
    store(database, dataclasses.replace(PHONE, push_kind=kind))
    store(database, dataclasses.replace(NURSE, push_kind=kind, push_value="token-1"))
    (other,) = PUSH_CHANNELS - {channel}
    for to in (to_phone, to_staff):
        assert find_reach(to(channel)) == Reach(kind, "token-1")
        assert find_reach(to(other)) is None
        lose_reach(to(channel), Reach(kind, "token-1"), now=START)
        assert find_reach(to(channel)) is None


def test_a_dead_address_is_marked_with_its_time(database: Stored) -> None:
    store(database, PHONE)
    lose_reach(to_phone(), Reach("token", "token-1"), now=START)
    device = find_device(PHONE.id)
    assert device is not None
    assert device.push_dead_at == START


def test_a_new_address_outlives_the_death_of_the_old_one(database: Stored) -> None:
    store(database, PHONE)
    store(database, NURSE)
    lose_reach(to_phone(), Reach("token", "token-0"), now=START)
    lose_reach(to_staff("fcm"), Reach("fid", "fid-0"), now=START)
    assert find_device(PHONE.id) == PHONE
    assert find_staff(NURSE.id) == NURSE


def test_staff_lose_the_phone_and_keep_the_mailbox(database: Stored) -> None:
    store(database, NURSE)
    lose_reach(to_staff("email"), Reach("email", NURSE.email), now=START)
    assert find_staff(NURSE.id) == NURSE
    lose_reach(to_staff("fcm"), Reach("fid", "fid-1"), now=START)
    left = dataclasses.replace(NURSE, push_kind=None, push_value=None, rev=NURSE.rev + 1)
    assert find_staff(NURSE.id) == left
    database["staff"].delete_one({"_id": NURSE.id})
    lose_reach(to_staff("fcm"), Reach("fid", "fid-1"), now=START)
