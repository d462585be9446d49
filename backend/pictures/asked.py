"""What a picture is asked for, and the facts that are printed with each."""

from collections.abc import Collection
from dataclasses import dataclass

from backend.access import Actor, Scope
from backend.analysis.subjects import AnalysisSubject, analysis_subjects
from backend.clinical.rules import Ruleset
from backend.errors import NotFound
from backend.models.frame import Frame
from backend.models.study import Study
from backend.services.unblinding import BLINDED, UNBLINDED


@dataclass(frozen=True, slots=True)
class PictureAsked:
    """Who asks for what: sites that may be seen (None: all), a subject or an analyte where it is of one.

    `unblinded`: the sites whose arms are shown; None: no arm.
    """

    actor: Actor
    frame: Frame
    study: Study
    ruleset: Ruleset
    sites: Collection[str] | None
    subject_id: str | None = None
    analyte: str | None = None
    unblinded: Scope | None = None

    @property
    def label(self) -> str:
        """Say whether the arms are shown."""
        return BLINDED if self.unblinded is None else UNBLINDED

    def facts(self, population: str) -> tuple[str, ...]:
        """Give the lines below the title: population, cut-off, rule set, label."""
        frame = self.frame
        cut = f"data cut-off {frame.as_of}, cut {frame.cut}" if frame.cut else "live data"
        rules = frame.ruleset_version or self.ruleset.version
        return (
            population,
            f"{self.study.id}; {cut}, as of {frame.now:%Y-%m-%d %H:%M} UTC; rule set {rules}; {self.label}",
        )

    def subjects(self) -> list[AnalysisSubject]:
        """Give the subjects of the sites, or the one that is asked for."""
        catalogue = self.ruleset.catalogue
        found = analysis_subjects(
            self.frame, self.sites, self.study, catalogue, only=self.subject_id
        )
        return list(found)

    def subject(self) -> AnalysisSubject:
        """Give the one subject that is asked for.

        Raises:
            NotFound: not in this frame.
        """
        found = self.subjects()
        if not found:
            raise NotFound
        return found[0]
