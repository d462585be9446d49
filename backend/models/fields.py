"""Strict field types: a time is aware and in UTC, never a string that is guessed at."""

import datetime as dt
from typing import Any

from mongoengine.base import BaseField


class UtcDateTimeField(BaseField):
    """An aware datetime, stored in UTC to the millisecond; mongoengine's own reads 01/02 as it likes."""

    def validate(self, value: Any, clean: bool = True) -> None:  # noqa: ANN401, ARG002, FBT001, FBT002 - mongoengine's signature
        """Refuse anything but an aware datetime."""
        if not isinstance(value, dt.datetime) or value.tzinfo is None:
            self.error("a time must be a datetime with a zone")

    def to_mongo(self, value: dt.datetime) -> dt.datetime:
        """Store in UTC."""
        return value.astimezone(dt.UTC)
