"""Who may do what, where: roles x sites x blinding in one table, pure, denied by default."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The roles of the study; a person may hold several, each at one site or at all."""

    PATIENT = "patient"
    NURSE = "nurse"
    INVESTIGATOR = "investigator"
    SAFETY_REVIEWER = "safety_reviewer"
    DATA_MANAGER = "data_manager"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    """Everything that a route can ask leave for."""

    STUDY_READ = "study:read"
    SUBJECT_ENROL = "subject:enrol"
    SUBJECT_READ = "subject:read"
    SUBJECT_UPDATE = "subject:update"
    ARM_READ = "arm:read"
    CONTACT_READ = "contact:read"
    CONTACT_UPDATE = "contact:update"
    DEVICE_INVITE = "device:invite"
    DEVICE_READ = "device:read"
    DEVICE_REVOKE = "device:revoke"
    DEVICE_SELF = "device:self"
    EXPOSURE_RECORD = "exposure:record"
    EXPOSURE_READ = "exposure:read"
    LAB_RECORD = "lab:record"
    LAB_READ = "lab:read"
    FINDING_RECORD = "finding:record"
    FINDING_READ = "finding:read"
    DIARY_SUBMIT = "diary:submit"
    DIARY_READ = "diary:read"
    DIARY_ENTER = "diary:enter"
    DIARY_EXCUSE = "diary:excuse"
    PHOTO_SUBMIT = "photo:submit"
    PHOTO_READ = "photo:read"
    ASSESSMENT_READ = "assessment:read"
    ALERT_READ = "alert:read"
    ALERT_ANSWER = "alert:answer"
    ALERT_ACKNOWLEDGE = "alert:acknowledge"
    ROSTER_READ = "roster:read"
    ROSTER_MANAGE = "roster:manage"
    SUPPRESSION_READ = "suppression:read"
    SUPPRESSION_PROPOSE = "suppression:propose"
    SUPPRESSION_SWITCH = "suppression:switch"
    ADVERSE_EVENT_READ = "adverse_event:read"
    ADVERSE_EVENT_JUDGE = "adverse_event:judge"
    DATA_CUT_TAKE = "data_cut:take"
    DATA_CUT_READ = "data_cut:read"
    DATA_CUT_SIGN = "data_cut:sign"
    SIGNATURE_MAKE = "signature:make"
    SIGNATURE_READ = "signature:read"
    EXPORT_MAKE = "export:make"
    SUBMISSION_READ = "submission:read"
    BREAK_GLASS_OPEN = "break_glass:open"
    BREAK_GLASS_ARM = "break_glass:arm"
    BREAK_GLASS_READ = "break_glass:read"
    BREAK_GLASS_REVIEW = "break_glass:review"
    STAFF_MANAGE = "staff:manage"
    AUDIT_READ = "audit:read"
    RULE_READ = "rule:read"
    RULE_REPLAY = "rule:replay"
    COLLEAGUE_READ = "colleague:read"
    SESSION_SELF = "session:self"
    RECEIPT_SELF = "receipt:self"


_CARE = frozenset({Role.NURSE, Role.INVESTIGATOR})
_REVIEW = _CARE | {Role.SAFETY_REVIEWER, Role.DATA_MANAGER}
_STAFF = frozenset(Role) - {Role.PATIENT}

PERMISSIONS: Mapping[Action, frozenset[Role]] = {
    Action.STUDY_READ: frozenset(Role),
    Action.SUBJECT_ENROL: _CARE,
    Action.SUBJECT_READ: _REVIEW | {Role.PATIENT},
    Action.SUBJECT_UPDATE: _CARE,
    # Holding a role is not enough: the grant must also be unblinded, see `sees_arm`.
    Action.ARM_READ: _REVIEW,
    # Who they are is for who treats them: no reviewer needs it.
    Action.CONTACT_READ: _CARE,
    Action.CONTACT_UPDATE: _CARE,
    Action.DEVICE_INVITE: _CARE,
    Action.DEVICE_READ: _CARE,
    Action.DEVICE_REVOKE: _CARE,
    Action.DEVICE_SELF: frozenset({Role.PATIENT}),
    Action.EXPOSURE_RECORD: _CARE,
    Action.EXPOSURE_READ: _REVIEW,
    Action.LAB_RECORD: _CARE | {Role.DATA_MANAGER},
    Action.LAB_READ: _REVIEW,
    Action.FINDING_RECORD: _CARE,
    Action.FINDING_READ: _REVIEW,
    Action.DIARY_SUBMIT: frozenset({Role.PATIENT}),
    # A call instead of a diary, entered by who called.
    Action.DIARY_ENTER: _CARE,
    Action.DIARY_EXCUSE: _CARE,
    Action.DIARY_READ: _REVIEW | {Role.PATIENT},
    Action.PHOTO_SUBMIT: frozenset({Role.PATIENT}),
    # A photo can show who it is of: for who treats and who answers for safety, not for the data.
    Action.PHOTO_READ: _CARE | {Role.SAFETY_REVIEWER, Role.PATIENT},
    Action.ASSESSMENT_READ: _REVIEW,
    Action.ALERT_READ: _CARE | {Role.SAFETY_REVIEWER},
    Action.ALERT_ANSWER: _CARE,
    # The study's safety desk is rung last: it can take an alert and say so, the site treats.
    Action.ALERT_ACKNOWLEDGE: _CARE | {Role.SAFETY_REVIEWER},
    Action.ROSTER_READ: _CARE | {Role.SAFETY_REVIEWER, Role.ADMINISTRATOR},
    Action.ROSTER_MANAGE: _CARE | {Role.ADMINISTRATOR},
    Action.SUPPRESSION_READ: _REVIEW,
    # Who is rung too often may propose; who answers for safety decides.
    Action.SUPPRESSION_PROPOSE: _CARE | {Role.SAFETY_REVIEWER},
    Action.SUPPRESSION_SWITCH: frozenset({Role.SAFETY_REVIEWER}),
    Action.ADVERSE_EVENT_READ: _REVIEW,
    Action.ADVERSE_EVENT_JUDGE: _CARE,
    # A cut is of all sites: the use case asks for a grant that has no site.
    Action.DATA_CUT_TAKE: frozenset({Role.SAFETY_REVIEWER, Role.DATA_MANAGER}),
    Action.DATA_CUT_READ: _REVIEW,
    Action.DATA_CUT_SIGN: frozenset({Role.SAFETY_REVIEWER, Role.DATA_MANAGER}),
    # The investigator answers for what is recorded of a subject (ICH E6(R3) 2.12.2).
    Action.SIGNATURE_MAKE: frozenset({Role.INVESTIGATOR}),
    Action.SIGNATURE_READ: _REVIEW,
    # What is in an export is checked by each listing's own leave.
    Action.EXPORT_MAKE: _REVIEW,
    # Datasets for regulators hold all of a subject: for who answers for the data alone.
    Action.SUBMISSION_READ: frozenset({Role.SAFETY_REVIEWER, Role.DATA_MANAGER}),
    # Who treats anywhere in the study may have to treat its patient from elsewhere.
    Action.BREAK_GLASS_OPEN: _CARE,
    # Which arm it is matters for treatment alone, and that is a physician's decision.
    Action.BREAK_GLASS_ARM: frozenset({Role.INVESTIGATOR}),
    Action.BREAK_GLASS_READ: frozenset({Role.SAFETY_REVIEWER, Role.DATA_MANAGER}),
    Action.BREAK_GLASS_REVIEW: frozenset({Role.SAFETY_REVIEWER}),
    Action.STAFF_MANAGE: frozenset({Role.ADMINISTRATOR}),
    # No entry says an arm or a finding: who answers for safety must be able to search the trail.
    Action.AUDIT_READ: frozenset({Role.ADMINISTRATOR, Role.DATA_MANAGER, Role.SAFETY_REVIEWER}),
    Action.RULE_READ: _STAFF,
    Action.RULE_REPLAY: frozenset({Role.SAFETY_REVIEWER, Role.DATA_MANAGER}),
    # Names of colleagues, so that a work list can say who has an alert.
    Action.COLLEAGUE_READ: _STAFF,
    Action.SESSION_SELF: _STAFF,
    Action.RECEIPT_SELF: frozenset(Role),
}

# Whatever is read by one of these leaves is health data, or says who looked at it: the audit trail
# has an entry for each time (ICH E6(R3) 4.2.2; `backend/resources/read_trail.py`).
HEALTH_READS = frozenset(
    {
        Action.SUBJECT_READ,
        Action.ARM_READ,
        Action.CONTACT_READ,
        Action.EXPOSURE_READ,
        Action.LAB_READ,
        Action.FINDING_READ,
        Action.DIARY_READ,
        Action.PHOTO_READ,
        Action.ASSESSMENT_READ,
        Action.ALERT_READ,
        Action.ADVERSE_EVENT_READ,
        Action.DATA_CUT_READ,
        Action.SUBMISSION_READ,
        Action.SIGNATURE_READ,
        Action.AUDIT_READ,
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """One role at one site; `site=None` means every site; `unblinded` lets it see the arm.

    `subject_id`: an emergency's, for one subject alone and to read (`backend/services/break_glass.py`).
    """

    role: Role
    site: str | None = None
    unblinded: bool = False
    subject_id: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a staff member with grants, or a patient's device bound to one subject."""

    id: str
    grants: tuple[Grant, ...]
    subject_id: str | None = None
    device_id: str | None = None
    session_id: str | None = None

    @property
    def is_patient(self) -> bool:
        """Tell whether this is a patient's own device."""
        return self.subject_id is not None

    @property
    def standing(self) -> tuple[Grant, ...]:
        """Give what they may do as a rule: not what an emergency opened of one subject."""
        return tuple(grant for grant in self.grants if grant.subject_id is None)


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a kind of thing an actor may see: all, some sites, or one subject's own."""

    sites: frozenset[str] | None = frozenset()
    subject_id: str | None = None

    @property
    def is_everything(self) -> bool:
        """Tell whether nothing limits the view."""
        return self.sites is None and self.subject_id is None


def may(
    actor: Actor, action: Action, *, site: str | None = None, subject_id: str | None = None
) -> bool:
    """Decide whether `actor` may do `action` to the thing at `site` that belongs to `subject_id`.

    Without a site and a subject the question is whether the actor may do it anywhere at all: the
    use case then narrows what is seen or changed by `scope`, `may_manage` or the thing's own site.
    """
    anywhere = site is None and subject_id is None
    for grant in actor.grants:
        if grant.role not in PERMISSIONS[action]:
            continue
        if grant.subject_id is not None:
            if grant.subject_id == subject_id and _opened_by(grant, action):
                return True
            continue
        if grant.role is Role.PATIENT:
            if anywhere or (subject_id is not None and subject_id == actor.subject_id):
                return True
        elif (anywhere or grant.site in (None, site)) and _blinding_allows(grant, action):
            return True
    return False


def scope(actor: Actor, action: Action) -> Scope:
    """Give what `actor` may see for `action`; an empty scope sees nothing."""
    grants = [
        grant
        for grant in actor.grants
        if grant.role in PERMISSIONS[action]
        and _blinding_allows(grant, action)
        # An emergency opens one subject, no list.
        and grant.subject_id is None
    ]
    staff = [grant for grant in grants if grant.role is not Role.PATIENT]
    if any(grant.site is None for grant in staff):
        return Scope(sites=None)
    if staff:
        return Scope(sites=frozenset(grant.site for grant in staff if grant.site is not None))
    return Scope(sites=frozenset(), subject_id=actor.subject_id if grants else None)


def common(first: Scope, second: Scope) -> Scope:
    """Give what staff may see under both of two scopes."""
    if first.sites is None:
        return second
    return first if second.sites is None else Scope(sites=first.sites & second.sites)


def may_manage(actor: Actor, grants: Iterable[Grant]) -> bool:
    """Decide whether `actor` may make, change or close the account of staff with these grants.

    An administrator of some sites governs only those who work nowhere else; otherwise a grant at
    one site would be a way to all of them. An account without grants belongs to no site.
    """
    reach = scope(actor, Action.STAFF_MANAGE).sites
    if reach is None:
        return True
    sites = {grant.site for grant in grants}
    return bool(sites) and sites <= reach


def sees_arm(actor: Actor, site: str, subject_id: str | None = None) -> bool:
    """Decide whether `actor` may see which arm a subject (None: any subject) of `site` is in."""
    return may(actor, Action.ARM_READ, site=site, subject_id=subject_id)


# What an emergency room needs to know of a patient; who else they are and what was judged is not.
_IN_AN_EMERGENCY = frozenset(
    {
        Action.SUBJECT_READ,
        Action.EXPOSURE_READ,
        Action.LAB_READ,
        Action.FINDING_READ,
        Action.DIARY_READ,
        Action.ASSESSMENT_READ,
        Action.ADVERSE_EVENT_READ,
        Action.CONTACT_READ,
    }
)


def _opened_by(grant: Grant, action: Action) -> bool:
    return action is Action.ARM_READ if grant.unblinded else action in _IN_AN_EMERGENCY


def _blinding_allows(grant: Grant, action: Action) -> bool:
    return action is not Action.ARM_READ or grant.unblinded
