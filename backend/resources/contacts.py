"""`/subjects/…/contact`: whom to call, for the site's care team alone."""

from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, actor, allow, context
from backend.services.contact import Contact, ContactPerson, put_contact, read_contact
from schemas.contact import ContactIn, ContactOut

blueprint = Noun("contacts", __name__, url_prefix="/api/v1", description="Contact data, sealed")


@blueprint.route("/subjects/<string:subject_id>/contact")
class SubjectContact(MethodView):
    """A subject's contact data."""

    @allow(Action.CONTACT_READ)
    @blueprint.response(200, ContactOut)
    def get(self, subject_id: str) -> Contact:
        """Say whom to call; each look goes to the audit trail."""
        return read_contact(subject_id, actor=actor())

    @allow(Action.CONTACT_UPDATE)
    @blueprint.arguments(ContactIn)
    @blueprint.response(200, ContactOut)
    def put(self, new: tuple[ContactPerson, int | None], subject_id: str) -> Contact:
        """Record or replace whom to call; it is stored sealed with the subject's own key."""
        here = context()
        return put_contact(
            subject_id, new[0], new[1], actor=actor(), now=here.clock(), ids=here.ids
        )
