"""`/subjects/…/devices` for staff, `/device` for the phone itself."""

from flask.views import MethodView

from backend.access import Action
from backend.models.device import DeviceRecord
from backend.resources.base import Noun, actor, allow, context
from backend.services.device import (
    PhoneReach,
    choose_reminder_time,
    list_devices,
    read_own_device,
    register_reach,
    revoke_device,
    sign_off,
)
from backend.services.unreachable import Unreachable, list_unreachable
from schemas.device import DeviceOut, DeviceReachIn, DevicesOut, ReminderTimeIn, UnreachableOut

blueprint = Noun("devices", __name__, url_prefix="/api/v1", description="Patients' phones")


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


@blueprint.route("/device")
class OwnDevice(MethodView):
    """The phone that asks."""

    @allow(Action.DEVICE_SELF)
    @blueprint.response(200, DeviceOut)
    def get(self) -> DeviceRecord:
        """Give this phone as it is stored."""
        return read_own_device(actor=actor())

    @allow(Action.DEVICE_SELF)
    @blueprint.response(204)
    def delete(self) -> None:
        """Sign this phone off; it needs a new code to come back."""
        here = context()
        sign_off(actor=actor(), now=here.clock(), ids=here.ids)


@blueprint.route("/device/push-address")
class PushAddress(MethodView):
    """Where this phone's reminders go."""

    @allow(Action.DEVICE_SELF)
    @blueprint.arguments(DeviceReachIn)
    @blueprint.response(200, DeviceOut)
    def put(self, reach: PhoneReach) -> DeviceRecord:
        """Register this phone's push address and the time of day for reminders."""
        return register_reach(reach, actor=actor(), config=context().config)


@blueprint.route("/device/reminder-time")
class ReminderTime(MethodView):
    """When this phone is reminded."""

    @allow(Action.DEVICE_SELF)
    @blueprint.arguments(ReminderTimeIn)
    @blueprint.response(200, DeviceOut)
    def put(self, chosen: dict[str, str | None]) -> DeviceRecord:
        """Set the time of day for reminders alone: a phone without push has one too."""
        return choose_reminder_time(chosen["reminder_time"], actor=actor())


@blueprint.route("/unreachable")
class UnreachablePeople(MethodView):
    """Who has no reachable device."""

    @allow(Action.DEVICE_READ)
    @blueprint.response(200, UnreachableOut(many=True))
    def get(self) -> list[Unreachable]:
        """List patients and staff of one's sites whom no push can reach, and why."""
        return list(list_unreachable(actor=actor()))
