"""Values and names as a clinician reads them in a reason."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from backend.clinical.facts import Value

# More decimals than these nobody measured: they come from a division.
MOST_DECIMALS = 6
SHOWN_DECIMALS = 3


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Drop repeats, keep the order."""
    return tuple(dict.fromkeys(names))


def shown(fact: str, values: Mapping[str, Value]) -> str:
    """Write a fact's name with its value."""
    value = values.get(fact)
    return f"{fact} (unknown)" if value is None else f"{fact} {plain(value)}"


def plain(value: Value) -> str:
    """Write a value as a clinician would: 100, not 1E+2; 1.5, not 1.50; 2.503… for an endless ratio.

    Cut and marked, never rounded: 2.9996 is not shown as 3.
    """
    if not isinstance(value, Decimal):
        return str(value)
    whole, _, decimals = f"{value:f}".partition(".")
    decimals = decimals.rstrip("0")
    if len(decimals) > MOST_DECIMALS:
        return f"{whole}.{decimals[:SHOWN_DECIMALS]}…"
    return f"{whole}.{decimals}" if decimals else whole
