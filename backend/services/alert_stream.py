"""The work list as it changes: what one reader knows of it, and what is new since."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from backend import access
from backend.access import Action, Actor
from backend.errors import Forbidden
from backend.models.alert import AlertRecord, work_list
from backend.services.alert import OPEN_STATES

RESET, ALERT, CLOSED = "reset", "alert", "closed"
# More open alerts than a site can have; a reader beyond it sees the most dangerous ones.
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """One event: forget what you know, this alert is so now, or it is closed.

    `mark` names all that the reader knows after it; with it a new connection goes on from here.
    """

    kind: str
    mark: str
    alert_id: str | None = None
    alert: AlertRecord | None = None


@dataclass(slots=True)
class WorkWatch:
    """One reader's view of the open alerts; it keeps revisions, the database keeps the rest.

    The mark is a digest of what is known, so it holds for any worker and after any restart: where it
    is that of the present list nothing was missed, otherwise the reader is told everything anew.
    """

    actor: Actor
    known: dict[str, int] = field(default_factory=dict)

    def resume(self, mark: str | None) -> Iterator[Change]:
        """Begin, or go on after the event that the reader saw last.

        Raises:
            Forbidden: the actor may not read alerts at all.
        """
        present = self._present()
        if mark is not None and mark == _mark({one.id: one.rev for one in present.values()}):
            self.known = {one.id: one.rev for one in present.values()}
            return
        yield Change(RESET, _mark({}))
        yield from self._news(present)

    def news(self) -> Iterator[Change]:
        """Give what has changed since the last look, the most dangerous first."""
        yield from self._news(self._present())

    def _present(self) -> dict[str, AlertRecord]:
        scope = access.scope(self.actor, Action.ALERT_READ)
        if scope == access.Scope():
            raise Forbidden
        return {one.id: one for one in work_list(scope.sites, states=OPEN_STATES, limit=_MOST)}

    def _news(self, present: Mapping[str, AlertRecord]) -> Iterator[Change]:
        for alert_id in [one for one in self.known if one not in present]:
            del self.known[alert_id]
            yield Change(CLOSED, _mark(self.known), alert_id)
        for alert_id, alert in present.items():
            if self.known.get(alert_id) != alert.rev:
                self.known[alert_id] = alert.rev
                yield Change(ALERT, _mark(self.known), alert_id, alert)


def _mark(known: Mapping[str, int]) -> str:
    told = ",".join(f"{alert_id}:{rev}" for alert_id, rev in sorted(known.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:32]
