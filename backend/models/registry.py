"""Every stored document, named once: what `migrate` creates and `/readyz` compares."""

from backend.models.activation import ActivationCodeDocument
from backend.models.adverse_event import AdverseEventDocument
from backend.models.alert import AlertDocument
from backend.models.assessment import AssessmentDocument
from backend.models.attempt import AttemptDocument
from backend.models.audit import AuditDocument
from backend.models.audit_chain import AuditHeadDocument
from backend.models.backup import BackupDocument
from backend.models.base import StoredDocument
from backend.models.break_glass import BreakGlassDocument
from backend.models.ctcae_text import CtcaeTextDocument
from backend.models.data_cut import DataCutDocument
from backend.models.device import DeviceDocument
from backend.models.diary import DiaryDocument
from backend.models.export import ExportDocument, ExportPartDocument
from backend.models.exposure import ExposureDocument
from backend.models.finding import FindingDocument
from backend.models.instrument_text import TextPackDocument
from backend.models.job_run import JobRunDocument
from backend.models.lab import LabResultDocument
from backend.models.lease import LeaseDocument
from backend.models.lock import StoryLockDocument
from backend.models.outbox import OutboxDocument
from backend.models.photo import PhotoDocument, PhotoImageDocument
from backend.models.private_text import (
    PrivateTextDocument,
    ShreddedSubjectDocument,
    SubjectKeyDocument,
)
from backend.models.proof import ProofDocument
from backend.models.request_count import RequestCountDocument
from backend.models.restore import RestoreDocument
from backend.models.roster import RosterDocument
from backend.models.ruleset import RulesetDocument
from backend.models.schema_step import SchemaStepDocument
from backend.models.second_factor import SecondFactorDocument
from backend.models.session import SessionDocument
from backend.models.signature import SignatureDocument
from backend.models.staff import StaffDocument
from backend.models.study import StudyDocument
from backend.models.subject import CounterDocument, SubjectDocument
from backend.models.suppression import SuppressionDocument
from backend.models.window import WindowDocument

DOCUMENTS: tuple[type[StoredDocument], ...] = (
    ActivationCodeDocument,
    AdverseEventDocument,
    AlertDocument,
    AssessmentDocument,
    AttemptDocument,
    AuditDocument,
    AuditHeadDocument,
    BackupDocument,
    BreakGlassDocument,
    CounterDocument,
    CtcaeTextDocument,
    DataCutDocument,
    DeviceDocument,
    DiaryDocument,
    ExportDocument,
    ExportPartDocument,
    ExposureDocument,
    FindingDocument,
    JobRunDocument,
    LabResultDocument,
    LeaseDocument,
    OutboxDocument,
    PhotoDocument,
    PhotoImageDocument,
    RestoreDocument,
    PrivateTextDocument,
    ProofDocument,
    RequestCountDocument,
    RosterDocument,
    RulesetDocument,
    SchemaStepDocument,
    SecondFactorDocument,
    SessionDocument,
    ShreddedSubjectDocument,
    SignatureDocument,
    StaffDocument,
    StoryLockDocument,
    StudyDocument,
    SubjectDocument,
    SubjectKeyDocument,
    SuppressionDocument,
    TextPackDocument,
    WindowDocument,
)
