"""Each use case refuses by itself, whoever calls it: the web's own check is only the first."""

from collections.abc import Callable

import pytest

from backend.access import Actor, Grant, Role
from backend.context import Context
from backend.errors import BackendError, Forbidden, NotFound
from backend.services.account import PasswordChange, StaffReach, change_password, set_reach
from backend.services.activation import issue_code
from backend.services.audit import read_audit
from backend.services.device import (
    PhoneReach,
    list_devices,
    read_own_device,
    register_reach,
    revoke_device,
    sign_off,
)
from backend.services.session_list import (
    end_other_sessions,
    end_session,
    end_staff_session,
    end_staff_sessions,
    list_sessions,
    list_staff_sessions,
)
from backend.services.staff import NewStaff, StaffChange, change_staff, create_staff, list_staff
from tests.access.world import join_phone, join_staff
from tests.people import PASSWORD

_NURSE = Actor("nurse", (Grant(Role.NURSE, "S01"),))
REVIEWER = Actor("reviewer", (Grant(Role.SAFETY_REVIEWER),))
PHONE = Actor("device/none", (Grant(Role.PATIENT, "S01"),), "S01-0001", "none")
NEW = NewStaff("a@b.example", PASSWORD, "A", (Grant(Role.NURSE, "S01"),), "console")

Call = Callable[[Context, str], object]

REFUSED_TO_A_REVIEWER: dict[str, tuple[Call, type[BackendError]]] = {
    "create_staff": (
        lambda here, _: create_staff(
            NEW, actor=REVIEWER, study=here.study, now=here.clock(), ids=here.ids
        ),
        Forbidden,
    ),
    "list_staff": (lambda _, __: list_staff(actor=REVIEWER), Forbidden),
    "change_staff": (
        lambda here, _: change_staff(
            "somebody",
            StaffChange(0, None, active=False, password=None),
            actor=REVIEWER,
            study=here.study,
            now=here.clock(),
            ids=here.ids,
        ),
        Forbidden,
    ),
    "list_staff_sessions": (
        lambda here, _: list_staff_sessions("nurse", actor=REVIEWER, now=here.clock()),
        Forbidden,
    ),
    "end_staff_session": (
        lambda here, _: end_staff_session(
            "nurse", "any", actor=REVIEWER, now=here.clock(), ids=here.ids
        ),
        Forbidden,
    ),
    "end_staff_sessions": (
        lambda here, _: end_staff_sessions("nurse", actor=REVIEWER, now=here.clock(), ids=here.ids),
        Forbidden,
    ),
    "read_audit": (lambda _, __: read_audit(actor=_NURSE, limit=1, cursor=None), Forbidden),
    "issue_code": (
        lambda here, subject: issue_code(
            subject, actor=REVIEWER, config=here.config, now=here.clock(), ids=here.ids
        ),
        Forbidden,
    ),
    "list_devices": (lambda _, subject: list_devices(subject, actor=REVIEWER), Forbidden),
    "revoke_device": (
        lambda here, subject: revoke_device(
            subject, "phone", actor=REVIEWER, now=here.clock(), ids=here.ids
        ),
        Forbidden,
    ),
    "read_own_device": (lambda _, __: read_own_device(actor=REVIEWER), Forbidden),
    "sign_off": (
        lambda here, _: sign_off(actor=REVIEWER, now=here.clock(), ids=here.ids),
        Forbidden,
    ),
    # Staff by role, but without an account.
    "set_reach": (
        lambda here, _: set_reach(
            StaffReach("email"),
            actor=REVIEWER,
            config=here.config,
            now=here.clock(),
            ids=here.ids,
        ),
        NotFound,
    ),
}

REFUSED_TO_A_PHONE: dict[str, tuple[Call, type[BackendError]]] = {
    "list_sessions": (lambda here, _: list_sessions(actor=PHONE, now=here.clock()), Forbidden),
    "end_session": (
        lambda here, _: end_session("any", actor=PHONE, now=here.clock(), ids=here.ids),
        Forbidden,
    ),
    "end_other_sessions": (
        lambda here, _: end_other_sessions(actor=PHONE, now=here.clock(), ids=here.ids),
        Forbidden,
    ),
    "set_reach": (
        lambda here, _: set_reach(
            StaffReach("email"),
            actor=PHONE,
            config=here.config,
            now=here.clock(),
            ids=here.ids,
        ),
        Forbidden,
    ),
    "change_password": (
        lambda here, _: change_password(
            PasswordChange(PASSWORD, PASSWORD, ""),
            actor=PHONE,
            config=here.config,
            now=here.clock(),
            ids=here.ids,
        ),
        Forbidden,
    ),
    "issue_code": (
        lambda here, subject: issue_code(
            subject, actor=PHONE, config=here.config, now=here.clock(), ids=here.ids
        ),
        Forbidden,
    ),
    "list_devices": (lambda _, subject: list_devices(subject, actor=PHONE), Forbidden),
    # A phone that is not (any more) in the database.
    "register_reach": (
        lambda here, _: register_reach(
            PhoneReach("fid", "value", None), actor=PHONE, config=here.config
        ),
        Forbidden,
    ),
}


@pytest.mark.parametrize("name", REFUSED_TO_A_REVIEWER)
def test_a_reviewer_is_refused(name: str, here: Context, subject_id: str) -> None:
    call, refusal = REFUSED_TO_A_REVIEWER[name]
    with pytest.raises(refusal):
        call(here, subject_id)


@pytest.mark.parametrize("name", REFUSED_TO_A_PHONE)
def test_a_phone_is_refused(name: str, here: Context, subject_id: str) -> None:
    call, refusal = REFUSED_TO_A_PHONE[name]
    with pytest.raises(refusal):
        call(here, subject_id)


def test_a_phone_that_speaks_for_another_subject_than_its_own_is_refused(
    here: Context, subject_id: str
) -> None:
    device_id = join_phone(here, "phone", subject_id).actor_id.removeprefix("device/")
    liar = Actor("device/liar", (Grant(Role.PATIENT, "S01"),), "S01-0999", device_id)
    with pytest.raises(Forbidden):
        read_own_device(actor=liar)


def test_staff_without_any_role_reach_nothing(here: Context, subject_id: str) -> None:
    nobody = join_staff(here, "nobody").who.actor
    assert nobody is not None
    for call in (
        lambda: list_sessions(actor=nobody, now=here.clock()),
        lambda: list_staff(actor=nobody),
        lambda: read_audit(actor=nobody, limit=1, cursor=None),
    ):
        with pytest.raises(Forbidden):
            call()
    with pytest.raises(NotFound):
        list_devices(subject_id, actor=nobody)
