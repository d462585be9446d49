"""One subject after the other: one who is held up must not hold up the others."""

import threading
from collections.abc import Callable, Iterable

from backend.errors import Unavailable


def for_each(ids: Iterable[str], do: Callable[[str], int], stopping: threading.Event) -> int:
    """Do something for each subject or window until the process stops; give the sum of what `do` gave.

    A process that was killed holds its patient's lock for up to a minute (ADR 4). That patient waits;
    everybody else is served first, and then the run is failed, so that it is seen.

    Raises:
        Unavailable: somebody was held up; the next run tries again.
    """
    done, held_up = 0, False
    for one in ids:
        if stopping.is_set():
            break
        try:
            done += do(one)
        except Unavailable:
            held_up = True
    if held_up:
        raise Unavailable
    return done
