"""`/receipts`: a device says that a message arrived, or was opened."""

from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, actor, allow, context
from backend.services.receipt import confirm_message
from schemas.receipt import ReceiptIn

blueprint = Noun(
    "receipts", __name__, url_prefix="/api/v1/receipts", description="Messages confirmed"
)


@blueprint.route("")
class Receipts(MethodView):
    """Confirmations."""

    @allow(Action.RECEIPT_SELF)
    @blueprint.arguments(ReceiptIn)
    @blueprint.response(204)
    def post(self, receipt: dict[str, str]) -> None:
        """Confirm a message that was sent to this device; another's is passed over in silence."""
        confirm_message(
            receipt["id"],
            receipt["v"],
            opened=receipt["kind"] == "opened",
            actor=actor(),
            now=context().clock(),
        )
