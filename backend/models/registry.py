"""Every stored document, named once: what `migrate` creates and `/readyz` compares."""

from backend.models.audit import AuditDocument
from backend.models.base import StoredDocument
from backend.models.lease import LeaseDocument
from backend.models.outbox import OutboxDocument

DOCUMENTS: tuple[type[StoredDocument], ...] = (AuditDocument, LeaseDocument, OutboxDocument)
