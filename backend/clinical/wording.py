"""Values and names as a clinician reads them in a reason."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from backend.clinical.facts import Value

# No measurement is recorded with more decimals; what has more was computed.
_MEASURED = 8


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Drop repeats, keep the order."""
    return tuple(dict.fromkeys(names))


def shown(fact: str, values: Mapping[str, Value]) -> str:
    """Write a fact's name with its value."""
    value = values.get(fact)
    return f"{fact} (unknown)" if value is None else f"{fact} {plain(value)}"


def plain(value: Value) -> str:
    """Write a value as a clinician would: 100, not 1E+2; 1.5, not 1.50; 40.5556, not 28 digits."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        if len(text.partition(".")[2]) > _MEASURED:
            text = f"{value:.4f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)
