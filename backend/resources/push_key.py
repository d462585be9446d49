"""`/push-key`: what a page subscribes to Web Push with."""

from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, allow, context
from backend.services.push_key import application_server_key
from schemas.push_key import PushKeyOut

blueprint = Noun("push-key", __name__, url_prefix="/api/v1/push-key", description="Web Push")


@blueprint.route("")
class PushKey(MethodView):
    """The public key of this installation."""

    @allow(Action.STUDY_READ)
    @blueprint.response(200, PushKeyOut)
    def get(self) -> dict[str, str | None]:
        """Give the key that a page subscribes with; null where Web Push is not configured."""
        return {"application_server_key": application_server_key(context().config)}
