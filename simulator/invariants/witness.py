"""What a safety reviewer sees through the API is what is stored: the same diaries, the same alerts."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from simulator.accounts import Staff
from simulator.invariants.evidence import Evidence
from simulator.invariants.findings import LOST, Findings

_STATES = ("new", "acknowledged", "acted", "closed")


def check_witness(
    evidence: Evidence, findings: Findings, reviewer: Staff, subjects: Iterable[str], readers: int
) -> None:
    """Read every diary and every alert as a reviewer does."""
    names = sorted(subjects)
    with ThreadPoolExecutor(readers) as pool:
        pages = pool.map(lambda subject: _all(reviewer, f"/subjects/{subject}/diaries?"), names)
        seen = {str(diary["id"]) for page in pages for diary in page}
    stored = {str(one["_id"]) for one in evidence.stored["diaries"]}
    findings.add(LOST, "a reviewer sees each diary through the API", len(stored), stored ^ seen)
    states = "&".join(f"state={state}" for state in _STATES)
    shown = {str(alert["id"]) for alert in _all(reviewer, f"/alerts?{states}&")}
    alerts = {str(one["_id"]) for one in evidence.stored["alerts"]}
    findings.add(LOST, "a reviewer sees each alert through the API", len(alerts), alerts ^ shown)


def _all(reviewer: Staff, path: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    cursor = ""
    while True:
        page = reviewer.must("GET", f"{path}limit=200{cursor}").body
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"
