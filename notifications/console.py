"""The console channel: one line per message, where no other channel is configured."""

import datetime as dt
import sys
import threading
from collections.abc import Callable
from typing import ClassVar, TextIO

from notifications.base import Address, AddressKind, Message, Outcome, is_served


class ConsoleChannel:
    """Writes `time tier kind id revision recipient` as one flushed line."""

    name: ClassVar[str] = "console"
    kinds: ClassVar[frozenset[AddressKind]] = frozenset({"console"})

    def __init__(
        self, *, clock: Callable[[], dt.datetime], stream: Callable[[], TextIO] | None = None
    ) -> None:
        self._clock = clock
        self._stream = stream or (lambda: sys.stdout)
        # Text streams are not made for several writers at once.
        self._lock = threading.Lock()

    def send(self, address: Address, message: Message) -> Outcome:
        """Write the line."""
        if refusal := is_served(self, address):
            return refusal
        time = self._clock().astimezone(dt.UTC).isoformat(timespec="milliseconds")
        data = message.data
        line = (
            f"{time} push {message.tier} {data['t']} {data['id']} v{data['v']} to {address.value}\n"
        )
        try:
            stream = self._stream()
            with self._lock:
                stream.write(line)
                stream.flush()
        except (OSError, ValueError):
            # A closed pipe or file: the line may be there in part.
            return Outcome("unknown", "the console is closed")
        return Outcome("accepted", "written")

    def close(self) -> None:
        """Leave the stream open: it belongs to the process."""
