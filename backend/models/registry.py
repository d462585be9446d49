"""Every stored document, named once: what `migrate` creates and `/readyz` compares."""

from backend.models.audit import AuditDocument
from backend.models.base import StoredDocument

DOCUMENTS: tuple[type[StoredDocument], ...] = (AuditDocument,)
