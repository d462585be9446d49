"""The table of roles, sites and blinding, by what it must and must not allow."""

import pytest

from backend.access import (
    PERMISSIONS,
    Action,
    Actor,
    Grant,
    Role,
    Scope,
    may,
    may_manage,
    scope,
    sees_arm,
)

EVERYTHING = Scope(sites=None)
NOTHING = Scope()


def someone(*grants: Grant) -> Actor:
    return Actor("someone", grants)


def patient(subject_id: str = "S01-0001", site: str = "S01") -> Actor:
    return Actor("device/1", (Grant(Role.PATIENT, site),), subject_id=subject_id)


def allowed(role: Role) -> set[Action]:
    return {action for action in Action if may(someone(Grant(role)), action)}


def test_every_action_is_decided_and_none_is_open_to_nobody() -> None:
    assert set(PERMISSIONS) == set(Action)
    assert all(PERMISSIONS.values())


def test_without_a_grant_nothing_is_allowed() -> None:
    for action in Action:
        assert not may(someone(), action)
        assert not may(someone(), action, site="S01", subject_id="S01-0001")
        assert scope(someone(), action) == NOTHING


def test_a_patient_writes_and_reads_the_own_diary_and_nothing_that_is_graded() -> None:
    assert {action for action in Action if may(patient(), action)} == {
        Action.STUDY_READ,
        Action.SUBJECT_READ,
        Action.DIARY_SUBMIT,
        Action.DIARY_READ,
        Action.PHOTO_SUBMIT,
        Action.PHOTO_READ,
        Action.DEVICE_SELF,
        Action.RECEIPT_SELF,
    }


def test_an_administrator_sees_no_clinical_data() -> None:
    assert allowed(Role.ADMINISTRATOR) == {
        Action.STUDY_READ,
        Action.ROSTER_READ,
        Action.ROSTER_MANAGE,
        Action.STAFF_MANAGE,
        Action.AUDIT_READ,
        Action.RULE_READ,
        Action.COLLEAGUE_READ,
        Action.SESSION_SELF,
        Action.RECEIPT_SELF,
    }


def test_only_care_staff_enrol_treat_and_answer() -> None:
    for action in (
        Action.SUBJECT_ENROL,
        Action.SUBJECT_UPDATE,
        Action.EXPOSURE_RECORD,
        Action.FINDING_RECORD,
        Action.DIARY_ENTER,
        Action.DIARY_EXCUSE,
        Action.ALERT_ANSWER,
        Action.ADVERSE_EVENT_JUDGE,
        Action.DEVICE_INVITE,
        Action.DEVICE_REVOKE,
        Action.CONTACT_READ,
        Action.CONTACT_UPDATE,
    ):
        assert PERMISSIONS[action] == {Role.NURSE, Role.INVESTIGATOR}, action


@pytest.mark.parametrize("role", [Role.SAFETY_REVIEWER, Role.DATA_MANAGER])
def test_reviewers_change_results_from_a_file_or_what_rings_and_nothing_clinical(
    role: Role,
) -> None:
    changing = {action for action in allowed(role) if not action.endswith((":read", ":self"))}
    # Copies to read from: they change nothing that is recorded.
    copies = {
        Action.DATA_CUT_TAKE,
        Action.DATA_CUT_SIGN,
        Action.EXPORT_MAKE,
        Action.RULE_REPLAY,
    }
    desk = {
        Action.BREAK_GLASS_REVIEW,
        Action.ALERT_ACKNOWLEDGE,
        Action.SUPPRESSION_PROPOSE,
        Action.SUPPRESSION_SWITCH,
    }
    own = {Action.LAB_RECORD} if role is Role.DATA_MANAGER else desk
    assert changing == own | copies


def test_only_a_patient_submits_a_diary_and_only_an_administrator_manages_staff() -> None:
    assert PERMISSIONS[Action.DIARY_SUBMIT] == {Role.PATIENT}
    assert PERMISSIONS[Action.PHOTO_SUBMIT] == {Role.PATIENT}
    assert PERMISSIONS[Action.STAFF_MANAGE] == {Role.ADMINISTRATOR}


@pytest.mark.parametrize(
    ("granted", "asked", "expected"),
    [("S01", "S01", True), ("S01", "S02", False), (None, "S02", True), ("S01", None, True)],
)
def test_a_grant_holds_at_its_site(
    granted: str | None, asked: str | None, *, expected: bool
) -> None:
    nurse = someone(Grant(Role.NURSE, granted))
    assert may(nurse, Action.ALERT_READ, site=asked) is expected


def test_a_subject_without_its_site_is_only_for_those_of_every_site() -> None:
    # A use case that forgot the site must not open the subject to another site's nurse.
    asked = {"subject_id": "S02-0001"}
    assert not may(someone(Grant(Role.NURSE, "S01")), Action.DIARY_READ, **asked)
    assert may(someone(Grant(Role.NURSE)), Action.DIARY_READ, **asked)


def test_any_one_of_several_grants_is_enough() -> None:
    both = someone(Grant(Role.DATA_MANAGER, "S01"), Grant(Role.NURSE, "S02"))
    assert may(both, Action.ALERT_ANSWER, site="S02")
    assert not may(both, Action.ALERT_ANSWER, site="S01")


@pytest.mark.parametrize(
    ("site", "subject_id", "expected"),
    [
        ("S01", "S01-0001", True),
        ("S01", "S01-0002", False),
        ("S01", None, False),
        (None, None, True),
    ],
)
def test_a_patient_reaches_one_subject(
    site: str | None, subject_id: str | None, *, expected: bool
) -> None:
    assert may(patient(), Action.DIARY_READ, site=site, subject_id=subject_id) is expected


def test_a_patient_role_without_a_subject_reaches_none() -> None:
    nobody = someone(Grant(Role.PATIENT, "S01"))
    assert not may(nobody, Action.DIARY_READ, site="S01", subject_id="S01-0001")
    assert not nobody.is_patient
    assert patient().is_patient


def test_the_arm_needs_an_unblinded_grant_at_the_site() -> None:
    reviewer = someone(Grant(Role.SAFETY_REVIEWER, "S01", unblinded=True), Grant(Role.NURSE, "S02"))
    assert sees_arm(reviewer, "S01")
    assert not sees_arm(reviewer, "S02")
    assert not sees_arm(someone(Grant(Role.ADMINISTRATOR, unblinded=True)), "S01")
    assert not sees_arm(patient(), "S01")
    assert scope(reviewer, Action.ARM_READ) == Scope(sites=frozenset({"S01"}))


def test_a_scope_is_all_sites_some_or_one_subject() -> None:
    assert scope(someone(Grant(Role.NURSE)), Action.ALERT_READ) == EVERYTHING
    assert EVERYTHING.is_everything
    two = someone(Grant(Role.NURSE, "S01"), Grant(Role.INVESTIGATOR, "S02"))
    assert scope(two, Action.ALERT_READ) == Scope(sites=frozenset({"S01", "S02"}))
    assert scope(patient(), Action.DIARY_READ) == Scope(subject_id="S01-0001")
    assert scope(patient(), Action.ALERT_READ) == NOTHING
    assert not scope(patient(), Action.DIARY_READ).is_everything


NURSE_1 = Grant(Role.NURSE, "S01")


@pytest.mark.parametrize(
    ("reach", "grants", "expected"),
    [
        ((Grant(Role.ADMINISTRATOR),), (Grant(Role.NURSE), NURSE_1), True),
        ((Grant(Role.ADMINISTRATOR),), (), True),
        ((Grant(Role.ADMINISTRATOR, "S01"),), (NURSE_1,), True),
        ((Grant(Role.ADMINISTRATOR, "S01"),), (NURSE_1, Grant(Role.NURSE, "S02")), False),
        ((Grant(Role.ADMINISTRATOR, "S01"),), (Grant(Role.ADMINISTRATOR),), False),
        ((Grant(Role.ADMINISTRATOR, "S01"),), (), False),
        ((NURSE_1,), (NURSE_1,), False),
        ((), (), False),
    ],
)
def test_an_administrator_of_a_site_governs_only_those_who_work_nowhere_else(
    reach: tuple[Grant, ...], grants: tuple[Grant, ...], *, expected: bool
) -> None:
    assert may_manage(someone(*reach), grants) is expected
