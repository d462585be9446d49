"""What every channel shares: a neutral message, an address, a typed outcome, the channel itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Never, Protocol, Self, cast, get_args

from notifications.texts import TEXTS, Text

AddressKind = Literal["fid", "token", "email", "console", "url", "webpush"]
OutcomeKind = Literal["accepted", "retry", "dead_address", "rejected", "unknown"]
Tier = Literal["emergency", "urgent", "same_day", "routine"]

DATA_KEYS = frozenset({"t", "id", "v"})

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_REVISION = re.compile(r"[0-9]{1,9}", re.ASCII)
_DETAIL = re.compile(r"[A-Za-z0-9 ._-]{1,80}", re.ASCII)
# Printable ASCII without spaces: nothing that could break a header, a log line or a URL.
_ADDRESS: Mapping[AddressKind, re.Pattern[str]] = {
    "fid": re.compile(r"[!-~]{1,256}", re.ASCII),
    "token": re.compile(r"[!-~]{1,4096}", re.ASCII),
    "email": re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}", re.ASCII),
    "console": re.compile(r"[!-~]{1,256}", re.ASCII),
    "url": re.compile(r"https?://[!-~]{1,2000}", re.ASCII),
    # A browser's subscription as JSON; the channel reads it.
    "webpush": re.compile(r"\{[!-~]{1,4095}", re.ASCII),
}


class NotNeutralError(ValueError):
    """A message would carry something else than a fixed text and three identifiers."""


class BadAddressError(ValueError):
    """An address has an unknown kind or a value that its kind cannot have."""


@dataclass(frozen=True, slots=True)
class Message:
    """A fixed text and `data = {t, id, v}`: kind, identifier (UUID) and revision of what it is about.

    Anything else is refused here, so no channel can be handed a name, a symptom or a grade.
    `tier` decides how urgently a device rings; `collapse_key` (UUID) lets a repeat replace the first.

    Raises:
        NotNeutralError: a text, key or value is not one of the allowed ones.
    """

    title: str
    body: str
    data: Mapping[str, str]
    collapse_key: str
    tier: Tier

    def __post_init__(self) -> None:
        """Refuse what is not neutral; keep a copy of `data` that nobody can change."""
        if self.data.keys() != DATA_KEYS:
            _refuse("data must have exactly the keys t, id and v")
        if Text(self.title, self.body) not in TEXTS.get(self.data["t"], {}).values():
            _refuse("title and body must be one of the fixed texts of their kind")
        if not _UUID.fullmatch(self.data["id"]) or not _UUID.fullmatch(self.collapse_key):
            _refuse("id and collapse_key must be UUIDs")
        if not _REVISION.fullmatch(self.data["v"]):
            _refuse("v must be a revision number")
        if self.tier not in get_args(Tier):
            _refuse("tier is unknown")
        object.__setattr__(self, "data", MappingProxyType(dict(self.data)))


@dataclass(frozen=True, slots=True)
class Address:
    """Where one recipient can be reached; its value stays out of logs.

    Raises:
        BadAddressError: the kind is unknown, or the value is empty, too long or not plain ASCII.
    """

    kind: AddressKind
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what could break a header, a line or a URL."""
        pattern = _ADDRESS.get(self.kind)
        if pattern is None or not pattern.fullmatch(self.value):
            message = "the value is not an address of its kind"
            raise BadAddressError(message)

    @classmethod
    def of(cls, kind: str, value: str) -> Self:
        """Build an address from stored texts, checked like any other."""
        return cls(cast("AddressKind", kind), value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt, as far as the sender can know.

    - `accepted`: the service took it over. That is not delivery.
    - `retry`: it was not taken now; try later, not before `retry_after` seconds where given.
    - `dead_address`: this address will never work again.
    - `rejected`: refused for a reason that time does not mend (settings, rights, form).
    - `unknown`: no answer came; it may have been taken. Send again with the same collapse key.

    `detail` is a short word for operators and holds nothing of message, address or answer.
    """

    kind: OutcomeKind
    detail: str
    retry_after: float | None = None

    def __post_init__(self) -> None:
        """Refuse a detail in which payload could hide."""
        if not _DETAIL.fullmatch(self.detail):
            message = "an outcome's detail must be a short plain word"
            raise ValueError(message)


class Channel(Protocol):
    """One way to reach a recipient. `send` may block for as long as its own timeouts allow."""

    @property
    def name(self) -> str:
        """Give the name under which sites and staff choose this channel."""

    @property
    def kinds(self) -> frozenset[AddressKind]:
        """Give the kinds of address that this channel can serve."""

    def send(self, address: Address, message: Message) -> Outcome:
        """Try once to hand over a message; every foreseeable fault is an `Outcome`."""

    def close(self) -> None:
        """Let go of connections; the channel is not used after."""


def neutral(
    kind: str, locale: str, *, id_: str, revision: int | str, tier: str, collapse_key: str
) -> Message:
    """Build the one message of a kind in a language ("zh-CN" counts as "zh", unknown as English).

    Raises:
        NotNeutralError: kind or tier is unknown, or an identifier is not a UUID.
    """
    texts = TEXTS.get(kind)
    if texts is None:
        _refuse("kind is unknown")
    text = texts.get(locale.partition("-")[0].lower(), texts["en"])
    data = {"t": kind, "id": id_, "v": str(revision)}
    return Message(text.title, text.body, data, collapse_key, cast("Tier", tier))


def is_served(channel: Channel, address: Address) -> Outcome | None:
    """Give the refusal if a channel is handed a kind of address that it cannot serve."""
    if address.kind in channel.kinds:
        return None
    return Outcome("rejected", f"{channel.name} cannot serve {address.kind}")


def _refuse(reason: str) -> Never:
    raise NotNeutralError(reason)
