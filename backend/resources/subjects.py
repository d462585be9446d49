"""`/subjects`: enrol, read, correct with a reason, record milestones."""

from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, actor, allow, context
from backend.services.paging import Page
from backend.services.subject import (
    Enrolment,
    SubjectView,
    enrol_subject,
    list_subjects,
    read_subject,
)
from backend.services.subject_change import (
    Correction,
    NewMilestone,
    correct_subject,
    record_milestone,
)
from schemas.page import PageQuery
from schemas.subject import CorrectionIn, EnrolmentIn, MilestoneIn, SubjectOut, SubjectPageOut

blueprint = Noun("subjects", __name__, url_prefix="/api/v1/subjects", description="Subjects")


@blueprint.route("")
class Subjects(MethodView):
    """All subjects that the reader may see."""

    @allow(Action.SUBJECT_READ)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, SubjectPageOut)
    def get(self, query: dict[str, Any]) -> Page[SubjectView]:
        """List subjects by number."""
        return list_subjects(actor=actor(), limit=query["limit"], cursor=query["cursor"])

    @allow(Action.SUBJECT_ENROL)
    @blueprint.arguments(EnrolmentIn)
    @blueprint.response(201, SubjectOut)
    def post(self, enrolment: Enrolment) -> SubjectView:
        """Enrol a subject under the site's next number."""
        here = context()
        return enrol_subject(
            enrolment,
            actor=actor(),
            study=here.study,
            ruleset=here.ruleset,
            now=here.clock(),
            ids=here.ids,
        )


@blueprint.route("/<string:subject_id>")
class Subject(MethodView):
    """One subject."""

    @allow(Action.SUBJECT_READ)
    @blueprint.response(200, SubjectOut)
    def get(self, subject_id: str) -> SubjectView:
        """Read one subject; the arm only for those who may see it."""
        return read_subject(subject_id, actor=actor())

    @allow(Action.SUBJECT_UPDATE)
    @blueprint.arguments(CorrectionIn)
    @blueprint.response(200, SubjectOut)
    def patch(self, correction: Correction, subject_id: str) -> SubjectView:
        """Add to or correct baseline, zone or language; what it was before is kept with the reason."""
        here = context()
        return correct_subject(
            subject_id,
            correction,
            actor=actor(),
            study=here.study,
            ruleset=here.ruleset,
            now=here.clock(),
            ids=here.ids,
        )


@blueprint.route("/<string:subject_id>/milestones")
class Milestones(MethodView):
    """Milestones of the trial's course."""

    @allow(Action.SUBJECT_UPDATE)
    @blueprint.arguments(MilestoneIn)
    @blueprint.response(201, SubjectOut)
    def post(self, milestone: NewMilestone, subject_id: str) -> SubjectView:
        """Record one milestone; one that is recorded already is corrected with a reason."""
        here = context()
        return record_milestone(
            subject_id, milestone, actor=actor(), now=here.clock(), ids=here.ids
        )
