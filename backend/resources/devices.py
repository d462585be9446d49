"""Patients' phones: `/subjects/…/activation-codes`, `/activations`, `/subjects/…/devices`, `/device`."""

import flask
from flask.views import MethodView

from backend.access import Action
from backend.models.device import DeviceRecord
from backend.resources.base import Noun, actor, allow, context
from backend.services.activation import (
    Activated,
    IssuedCode,
    activate,
    issue_code,
    list_devices,
    register_reach,
    revoke_device,
)
from schemas.device import ActivatedOut, ActivationIn, CodeOut, DeviceOut, DeviceReachIn, DevicesOut

blueprint = Noun("devices", __name__, url_prefix="/api/v1", description="Patients' phones")


@blueprint.route("/subjects/<string:subject_id>/activation-codes")
class ActivationCodes(MethodView):
    """One-time codes."""

    @allow(Action.DEVICE_INVITE)
    @blueprint.response(201, CodeOut)
    def post(self, subject_id: str) -> IssuedCode:
        """Issue a code for a subject's phone; an earlier one stops working."""
        here = context()
        return issue_code(
            subject_id, actor=actor(), config=here.config, now=here.clock(), ids=here.ids
        )


@blueprint.route("/activations")
class Activations(MethodView):
    """Activation of a phone."""

    @allow(None)
    @blueprint.arguments(ActivationIn)
    @blueprint.response(201, ActivatedOut)
    def post(self, body: dict[str, str]) -> Activated:
        """Activate this phone by its one-time code."""
        here = context()
        return activate(
            body["code"],
            body["label"],
            address=flask.request.remote_addr or "",
            config=here.config,
            now=here.clock(),
            ids=here.ids,
        )


@blueprint.route("/subjects/<string:subject_id>/devices")
class Devices(MethodView):
    """A subject's phones."""

    @allow(Action.DEVICE_READ)
    @blueprint.response(200, DevicesOut)
    def get(self, subject_id: str) -> dict[str, tuple[DeviceRecord, ...]]:
        """List a subject's phones, revoked ones included."""
        return {"items": list_devices(subject_id, actor=actor())}


@blueprint.route("/subjects/<string:subject_id>/devices/<string:device_id>")
class Device(MethodView):
    """One phone of a subject."""

    @allow(Action.DEVICE_REVOKE)
    @blueprint.response(204)
    def delete(self, subject_id: str, device_id: str) -> None:
        """Revoke a lost phone; its tokens stop working at once."""
        here = context()
        revoke_device(subject_id, device_id, actor=actor(), now=here.clock(), ids=here.ids)


@blueprint.route("/device/push-address")
class PushAddress(MethodView):
    """Where this phone's reminders go."""

    @allow(Action.DEVICE_SELF)
    @blueprint.arguments(DeviceReachIn)
    @blueprint.response(200, DeviceOut)
    def put(self, reach: dict[str, str]) -> DeviceRecord:
        """Register this phone's push address and the time of day for reminders."""
        return register_reach(reach["kind"], reach["value"], reach["reminder_time"], actor=actor())
