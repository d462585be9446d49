"""What every write that follows from one source shares."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from backend.access import Actor
from backend.clinical.rules import Ruleset
from backend.models.study import Study
from backend.models.subject import Subject
from backend.services.assessment import Source


@dataclass(frozen=True, slots=True)
class Story:
    """What every write of one commit shares."""

    subject: Subject
    source: Source
    actor: Actor
    study: Study
    ruleset: Ruleset
    ids: Callable[[], str]
    session: ClientSession

    @property
    def at(self) -> dt.datetime:
        """Give the one time of this commit."""
        return self.source.at
