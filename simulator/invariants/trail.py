"""The audit trail: one entry for what was recorded, and no gap in any chain."""

from collections import Counter, defaultdict

from simulator.invariants.evidence import Evidence
from simulator.invariants.findings import DOUBLED, LOST, Findings


def check_trail(evidence: Evidence, findings: Findings) -> None:
    """Check that each diary and report is in the trail once, and that each chain counts from 1 on."""
    entries = evidence.stored["audit"]
    recorded = Counter(one["target"] for one in entries if str(one["action"]).endswith(":record"))
    sources = {f"diary/{one['_id']}" for one in evidence.stored["diaries"]}
    sources |= {f"lab/{one['report_id']}" for one in evidence.stored["lab_results"]}
    findings.add(
        LOST,
        "each diary and report is in the audit trail",
        len(sources),
        (source for source in sources if not recorded[source]),
    )
    findings.add(
        DOUBLED,
        "one entry in the audit trail per diary and report",
        len(sources),
        (source for source in sources if recorded[source] > 1),
    )
    chains: defaultdict[str, list[int]] = defaultdict(list)
    for one in entries:
        chains[str(one.get("stream"))].append(int(one.get("seq", 0)))
    findings.add(
        LOST,
        "each chain of the audit trail counts from 1 without a gap",
        len(chains),
        (
            stream
            for stream, seen in chains.items()
            if sorted(seen) != list(range(1, len(seen) + 1))
        ),
    )
