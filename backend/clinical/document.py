"""Read rule files strictly: every key is asked for by name, and a key nobody asked for is an error."""

import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import NoReturn, TypeVar

T = TypeVar("T")


class RuleError(Exception):
    """A rule file says something that the engine does not know; the text names file and key."""


def read_toml(path: Path) -> dict[str, object]:
    """Read one TOML file with decimal numbers.

    Raises:
        RuleError: the file is not valid TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path.name}: {error}"
        raise RuleError(message) from error


def to_decimal(value: object) -> Decimal | None:
    """Return an int or Decimal as Decimal; None for anything else, a bool included."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    return value if isinstance(value, Decimal) else None


class Table:
    """One TOML table that notices which of its keys were read."""

    __slots__ = ("_unread", "_values", "where")

    def __init__(self, values: object, where: str) -> None:
        if not isinstance(values, Mapping):
            message = f"{where}: a table is expected, not {values!r}"
            raise RuleError(message)
        self.where = where
        self._values: dict[str, object] = {str(key): value for key, value in values.items()}
        self._unread = set(self._values)

    def __contains__(self, key: str) -> bool:
        """Say whether the file has the key; this does not count as reading it."""
        return key in self._values

    def names(self) -> tuple[str, ...]:
        """Return all keys in the order of the file."""
        return tuple(self._values)

    def raw(self, key: str) -> object:
        """Return the value of a key, None where it is absent."""
        self._unread.discard(key)
        return self._values.get(key)

    def refuse(self, key: str, expected: str) -> NoReturn:
        """Refuse the value of a key.

        Raises:
            RuleError: always; it names file, key, what is expected and what was found.
        """
        found = self._values.get(key, "nothing")
        message = f"{self.where}: {key} must be {expected}, not {found!r}"
        raise RuleError(message)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default the key is required and not empty."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, "a text")
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """Return a text that is one of the choices."""
        value = self.text(key, default)
        if value not in choices:
            self.refuse(key, f"one of {', '.join(choices)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; empty where the key is absent."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse(key, "a list of texts")
        return tuple(value)

    def number(self, key: str) -> Decimal | None:
        """Return a number, None where the key is absent."""
        value = self.raw(key)
        if value is None:
            return None
        number = to_decimal(value)
        if number is None:
            self.refuse(key, "a number")
        return number

    def flag(self, key: str) -> bool:
        """Return a boolean; false where the key is absent."""
        value = self.raw(key)
        if value is None:
            return False
        if not isinstance(value, bool):
            self.refuse(key, "true or false")
        return value

    def table(self, key: str) -> "Table":
        """Return a table within this table."""
        return Table(self.raw(key), f"{self.where}: {key}")

    def tables(self, key: str) -> tuple["Table", ...]:
        """Return a list of tables; empty where the key is absent."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.refuse(key, "a list of tables")
        return tuple(
            Table(item, f"{self.where}: {key} {index}") for index, item in enumerate(value, start=1)
        )

    def languages(self, key: str) -> dict[str, str]:
        """Return a text in every language of the diary: English and Simplified Chinese."""
        table = self.table(key)
        found = {language: table.text(language) for language in ("en", "zh")}
        table.done()
        return found

    def optional(self, key: str, read: Callable[[str], T]) -> T | None:
        """Return what `read` makes of the key, None where the key is absent."""
        return read(key) if key in self._values else None

    def done(self) -> None:
        """Refuse keys that nothing asked for.

        Raises:
            RuleError: there are such keys.
        """
        if self._unread:
            message = f"{self.where}: unknown {', '.join(sorted(self._unread))}"
            raise RuleError(message)
