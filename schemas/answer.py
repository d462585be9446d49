"""A plain answer about a fact: a number, yes or no, or one of its choices."""

from decimal import Decimal
from typing import Any

import marshmallow as ma

from schemas.fields import Number

LONGEST_CHOICE = 64


class Answer(ma.fields.Field[bool | Decimal | str]):
    """A number as the decimal that was written, true or false, or a text."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - marshmallow's options
        super().__init__(**{"metadata": {"type": ["number", "boolean", "string"]}, **kwargs})

    def _deserialize(
        self,
        value: Any,  # noqa: ANN401 - whatever JSON came
        attr: str | None,
        data: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> bool | Decimal | str:
        if isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return Number().deserialize(value, attr, data, **kwargs)
        if isinstance(value, str) and 0 < len(value) <= LONGEST_CHOICE:
            return value
        message = "a number, true, false or a choice is expected"
        raise ma.ValidationError(message)
