"""No text about a person's health can reach a service: whatever is tried, only fixed texts arrive."""

import dataclasses
import itertools
import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from notifications import Message, neutral
from notifications.base import NotNeutralError
from tests.notifications.rigs import RIGS, Rig

ID = "6b1f8f6e-3c1d-4b58-9a5e-0f5c1d2e3a4b"

HEALTH = [
    "Diarrhoea grade 3",
    "腹泻 3级",
    "Zhang Wei",
    "S01-0001",
    "regorafenib",
    "Site 02",
    "38.9 C",
]
anything = st.one_of(
    st.sampled_from(HEALTH),
    st.text(min_size=1),
    st.builds("{} {}".format, st.sampled_from(HEALTH), st.text()),
    st.builds(
        "{}-{:04d}".format, st.from_regex(r"S[0-9]{2}", fullmatch=True), st.integers(0, 9999)
    ),
)
GOOD = neutral("alert", "en", id_=ID, revision=0, tier="urgent", collapse_key=ID)
FIELDS = [field.name for field in dataclasses.fields(Message)]


@given(text=anything, field=st.sampled_from([name for name in FIELDS if name != "data"]))
def test_no_field_of_a_message_takes_a_free_text(text: str, field: str) -> None:
    assume(text != getattr(GOOD, field))
    assume(text not in ("emergency", "urgent", "same_day", "routine"))
    with pytest.raises(NotNeutralError):
        dataclasses.replace(GOOD, **{field: text})  # type: ignore[arg-type]


@given(text=anything, key=st.one_of(st.sampled_from(["t", "id", "v"]), anything))
def test_no_data_field_takes_a_free_text(text: str, key: str) -> None:
    # A number and a kind of message are what the fields are for.
    assume(not re.fullmatch(r"[0-9]{1,9}", text))
    assume(text not in (ID, "alert"))
    with pytest.raises(NotNeutralError):
        dataclasses.replace(GOOD, data={**GOOD.data, key: text})


@pytest.fixture(scope="module")
def rigs() -> Iterator[list[Rig]]:
    opened = [make() for make in RIGS.values()]
    yield [context.__enter__() for context in opened]
    for context in reversed(opened):
        context.__exit__(None, None, None)


def _usual(rig: Rig) -> str:
    """Give what a channel sends with a good message: nothing of it comes from a person."""
    sent = rig.received()
    if not sent:
        assert rig.channel.send(rig.address, GOOD).kind == "accepted"
        sent = rig.received()
    return sent[0]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.fixed_dictionaries(
        dict.fromkeys(("kind", "locale", "id_", "revision", "tier", "collapse_key"), anything)
    ),
    free=st.sets(st.sampled_from(["kind", "id_", "revision", "tier", "collapse_key"])),
)
def test_services_receive_only_fixed_texts(
    rigs: list[Rig], texts: dict[str, str], free: set[str]
) -> None:
    """Some fields are good, the others and the language are arbitrary texts."""
    fields = {"kind": "alert", "id_": ID, "revision": "0", "tier": "urgent", "collapse_key": ID}
    tried = {**fields, **{name: texts[name] for name in free}}
    usual = "".join(_usual(rig) for rig in rigs)
    before = [len(rig.received()) for rig in rigs]
    try:
        message = neutral(tried.pop("kind"), texts["locale"], **tried)
    except NotNeutralError:
        assert free
        message = None
    if message is not None:
        for rig in rigs:
            assert rig.channel.send(rig.address, message).kind == "accepted"
    for rig, count in zip(rigs, before, strict=True):
        arrived = rig.received()[count:]
        assert len(arrived) == (message is not None)
        for payload, text in itertools.product(arrived, texts.values()):
            # Short texts occur in any payload ("a", "12"), and parts of its own fixed words.
            assert len(text) < 6 or text not in payload or text in usual
