"""A message can only be neutral, an address only an address, an outcome's detail only a word."""

import dataclasses
from typing import Any

import pytest

from notifications.base import Address, BadAddressError, Message, NotNeutralError, Outcome, neutral
from notifications.texts import TEXTS

ID = "6b1f8f6e-3c1d-4b58-9a5e-0f5c1d2e3a4b"


def build(kind: str = "alert", locale: str = "en", **changes: Any) -> Message:  # noqa: ANN401
    fields: dict[str, Any] = {"id_": ID, "revision": 0, "tier": "urgent", "collapse_key": ID}
    return neutral(kind, locale, **{**fields, **changes})


@pytest.mark.parametrize("kind", TEXTS)
def test_every_kind_has_a_text_in_both_languages(kind: str) -> None:
    english, chinese = build(kind, "en"), build(kind, "zh")
    assert english.title.isascii()
    assert not chinese.title.isascii()
    assert english.data == chinese.data == {"t": kind, "id": ID, "v": "0"}


@pytest.mark.parametrize(
    ("locale", "like"),
    [
        ("zh-CN", "zh"),
        ("zh-Hans-CN", "zh"),
        ("ZH", "zh"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_regional_languages_and_unknown_ones_find_a_text(locale: str, like: str) -> None:
    assert build(locale=locale) == build(locale=like)


def test_revision_may_be_a_number_or_its_text() -> None:
    assert build(revision=12) == build(revision="12")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "diarrhoea"},
        {"id_": "S01-0001"},
        {"id_": ID.upper()},
        {"id_": f"{ID}\n"},
        {"revision": "grade 3"},
        {"revision": -1},
        {"revision": "٣"},
        {"collapse_key": "S01-0001/colitis"},
        {"tier": "grade 4"},
    ],
)
def test_whatever_could_carry_a_meaning_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NotNeutralError):
        build(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Grade 3 diarrhoea"},
        {"body": "Mr. Smith reports blood"},
        {"title": TEXTS["test"]["en"].title},
        {"data": {"t": "alert", "id": ID}},
        {"data": {"t": "alert", "id": ID, "v": "0", "grade": "3"}},
        {"data": {"t": "colitis", "id": ID, "v": "0"}},
    ],
)
def test_message_cannot_be_made_another_way(changes: dict[str, Any]) -> None:
    with pytest.raises(NotNeutralError):
        dataclasses.replace(build(), **changes)


def test_data_cannot_be_changed_afterwards() -> None:
    given = {"t": "alert", "id": ID, "v": "0"}
    message = dataclasses.replace(build(), data=given)
    given["v"] = "grade 3"
    assert message.data["v"] == "0"
    with pytest.raises(TypeError):
        message.data["v"] = "grade 3"  # type: ignore[index]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "nurse@site.example\nBcc: all@world.example"),
        ("email", "two@a.example,three@b.example"),
        ("email", "no-at-sign"),
        ("fid", ""),
        ("fid", "with space"),
        ("token", "t" * 4097),
        ("console", "line\nbreak"),
        ("url", "file:///etc/passwd"),
        ("url", "https://host/ path"),
        ("pigeon", "loft-1"),
    ],
)
def test_bad_addresses_are_refused(kind: str, value: str) -> None:
    with pytest.raises(BadAddressError):
        Address.of(kind, value)


def test_good_address_is_the_same_from_stored_texts() -> None:
    assert Address.of("email", "nurse@site.example") == Address("email", "nurse@site.example")


def test_an_address_does_not_show_its_value() -> None:
    assert "nurse" not in repr(Address("email", "nurse@site.example"))


@pytest.mark.parametrize("detail", ["", "line\nbreak", "Ödem", "x" * 81, '{"token": "abc"}'])
def test_detail_cannot_hold_payload(detail: str) -> None:
    with pytest.raises(ValueError, match="short plain word"):
        Outcome("retry", detail)
