"""What one numbered change of stored data is made of."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from backend.config import Config


@dataclass(frozen=True, slots=True)
class Work:
    """What a step is given. It calls `beat` between batches: that raises where it must stop.

    The database is that of `backend.db`; `now` is when the step began.
    """

    config: Config
    now: dt.datetime
    beat: Callable[[], None]


Change = Callable[[Work], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One change of stored data, done once per database, in the order of the numbers.

    `up` is interrupted and run again from its start: it looks for what is not yet changed, in
    batches, and changes that. `down` undoes it; None: only a restored backup does.
    `breaks`: a release that does not know this step cannot work with its outcome. Such a step comes
    one release after the code that reads both forms (expand, then contract).
    """

    number: int
    name: str
    up: Change
    down: Change | None = None
    breaks: bool = False


def nothing(work: Work) -> None:
    """Undo a step that earlier releases never notice."""
    work.beat()
