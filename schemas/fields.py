"""Field types that all schemas share: strict numbers, aware moments, calendar days, IANA zones."""

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import marshmallow as ma

# Beyond it JSON readers lose digits (RFC 8259, section 6).
LARGEST_EXACT = 2**53

# How a phone or an installed page can be pushed.
PUSH_KINDS = ("fid", "token", "webpush")
PUSHED_TO = (
    "Firebase installation id (fid), registration token (token), or a browser's PushSubscription "
    "as compact JSON (webpush)"
)

# No patient, dose or sample of this study is older; an earlier year is a slip of the finger.
EARLIEST_YEAR = 1900


class Number(ma.fields.Decimal):
    """A JSON number, read as the decimal that was written; text, booleans and NaN are refused."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - marshmallow's options
        super().__init__(allow_nan=False, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: Any, **kwargs: Any) -> Decimal:  # noqa: ANN401
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid")
        return super()._deserialize(str(value), attr, data, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ANN401, ARG002
        return None if value is None else plain_number(value)


class Flag(ma.fields.Boolean):
    """A JSON true or false; "yes", 1 and "0" are refused, not guessed at."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ANN401, ARG002
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Moment(ma.fields.AwareDateTime):
    """An ISO 8601 time with its offset; a time without one is refused, not guessed."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - marshmallow's options
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dt.datetime:  # noqa: ANN401
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        moment: dt.datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
            moment.astimezone(dt.UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error
        if moment.year < EARLIEST_YEAR:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return moment


class Day(ma.fields.Date):
    """A calendar day, YYYY-MM-DD."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - marshmallow's options
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dt.date:  # noqa: ANN401
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        day: dt.date = super()._deserialize(value, attr, data, **kwargs)
        if day.year < EARLIEST_YEAR or day.year > dt.MAXYEAR - 1:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return day


class Zone(ma.fields.String):
    """An IANA time zone such as Asia/Shanghai."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - marshmallow's options
        super().__init__(**{"metadata": {"example": "Asia/Shanghai"}, **kwargs})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ANN401
        zone: str = super()._deserialize(value, attr, data, **kwargs)
        if zone not in _zones():
            message = "not an IANA time zone"
            raise ma.ValidationError(message)
        return zone


class PlainValues(ma.fields.Dict):
    """A mapping of plain answers; decimals leave as JSON numbers."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ANN401, ARG002
        return None if value is None else plain(value)


def plain(value: Any) -> Any:  # noqa: ANN401 - any nesting of stored values
    """Turn stored values into JSON ones: decimals to numbers, days to text, deep inside too."""
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: plain(below) for name, below in value.items()}
    if isinstance(value, list | tuple):
        return [plain(below) for below in value]
    return value


def plain_number(value: Decimal | int) -> int | float:
    """Give the JSON number that reads as this decimal."""
    value = Decimal(value)
    whole = value == value.to_integral_value() and abs(value) <= LARGEST_EXACT
    return int(value) if whole else float(value)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
