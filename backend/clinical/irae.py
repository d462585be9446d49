"""How far a day's flags speak for an immune-related event: none, possible or suspected."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from backend.clinical.wording import unique

NONE, POSSIBLE, SUSPECTED = "none", "possible", "suspected"
# Worse while the steroid is tapered: the event is known already, whatever the day's window says.
FLARE = "IRAE_FLARE_ON_TAPER"


class Sign(Protocol):
    """What of a flag counts here."""

    @property
    def id(self) -> str:
        """Give the flag's id."""

    @property
    def tier(self) -> str:
        """Give the flag's tier."""

    @property
    def organs(self) -> tuple[str, ...]:
        """Give the organs whose immune-related event would raise it."""

    @property
    def weak(self) -> bool:
        """Say whether many other causes raise it as well."""


@dataclass(frozen=True, slots=True)
class Irae:
    """The level (none, possible, suspected) and the organs; a provisional hint, never a diagnosis."""

    level: str
    organs: tuple[str, ...]


def irae_of(flags: Iterable[Sign], *, in_window: bool) -> Irae:
    """Say how far the flags speak for an immune-related event (safety rules section 10, P).

    `in_window`: from the first QL1706 dose to 365 days after the last.
    """
    capable = [flag for flag in flags if _is_capable(flag) and (in_window or flag.id == FLARE)]
    if not capable:
        return Irae(NONE, ())
    organs = unique(organ for flag in capable for organ in flag.organs)
    strong = any(not flag.weak and flag.tier != "routine" for flag in capable)
    return Irae(SUSPECTED if strong else POSSIBLE, organs)


def _is_capable(flag: Sign) -> bool:
    """A weak sign without an organ says nothing while it is routine (a loss of weight below 10 %)."""
    return flag.id == FLARE or bool(flag.organs) or (flag.weak and flag.tier != "routine")
