"""What must hold after any fault, proved from the outside; each can fail, and a test breaks each."""

from simulator.invariants.alerts import check_alerts
from simulator.invariants.escalations import check_escalations
from simulator.invariants.evidence import Evidence, read_evidence
from simulator.invariants.findings import DOUBLED, LATE, LOST, Finding, Findings
from simulator.invariants.pushes import check_pushes
from simulator.invariants.records import check_records
from simulator.invariants.trail import check_trail
from simulator.invariants.witness import check_witness

__all__ = [
    "DOUBLED",
    "LATE",
    "LOST",
    "Evidence",
    "Finding",
    "Findings",
    "check_all",
    "check_witness",
    "read_evidence",
]


def check_all(evidence: Evidence) -> Findings:
    """Check everything that receipts, database and FCM's side can show."""
    findings = Findings()
    for check in (check_records, check_alerts, check_escalations, check_pushes, check_trail):
        check(evidence, findings)
    return findings
