"""docs/compliance.md, made of the requirements and of the evidence of one run."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.compliance.requirements import (
    DOCUMENTED,
    DUTY,
    NOT_APPLICABLE,
    NOT_MET,
    PARTLY,
    SHOWN,
    TO_BE_SHOWN,
    Requirement,
    Standard,
)

_STATUSES = (SHOWN, PARTLY, TO_BE_SHOWN, NOT_MET, DOCUMENTED, DUTY, NOT_APPLICABLE)
_HEAD = """# Compliance: requirement, test, commit

Made by `python -m tests.compliance.generate` of `docs/compliance/*.toml`; edit those. **It is no certificate**: it says
which test shows what, and what is left to the site and the sponsor. A trial validates the system in its own place of use.

- *shown*: every test named passes; *shown in part*: they do, and what is missing is said.
- *to be shown*: this software's task, and no test shows it yet. It counts as not shown, whatever is written beside it.
- *not met*: known, with the reason. *documented*: what is asked for is a text. *duty*: the site's or the sponsor's.
"""


def write_document(standards: tuple[Standard, ...], evidence: Mapping[str, Any]) -> str:
    """Give the whole document."""
    parts = [_HEAD, *_of_run(standards, evidence), *_summary(standards)]
    for standard in standards:
        parts += ["", f"## {standard.title}", "", f"Source: {standard.source}.", ""]
        parts += [
            "| requirement | in short | status | shown by | left to others |",
            "|---|---|---|---|---|",
        ]
        parts += [_row(row, evidence) for row in standard.requirements]
    return "\n".join(parts) + "\n"


def named_tests(standards: tuple[Standard, ...]) -> frozenset[str]:
    """Give every test that a row names."""
    return frozenset(
        test for standard in standards for row in standard.requirements for test in row.tests
    )


def _of_run(standards: tuple[Standard, ...], evidence: Mapping[str, Any]) -> Iterator[str]:
    named, tests = named_tests(standards), evidence.get("tests", {})
    passed = sum(tests.get(test) == "passed" for test in named)
    other = sorted(test for test in named if tests.get(test, "passed") != "passed")
    unseen = sum(test not in tests for test in named)
    if not evidence:
        yield "No run has been written down yet."
        return
    state = "" if evidence["clean"] else " **with changes that were not committed**"
    yield (
        f"Last run written down: commit `{evidence['commit'][:12]}`{state}, {evidence['at']}, "
        f"on {evidence['database']}: of {len(named)} tests named here {passed} passed, "
        f"{len(other)} did not, {unseen} were not in it."
    )
    for test in other:
        yield f"- **{tests[test]}**: `{test}`"


def _summary(standards: tuple[Standard, ...]) -> Iterator[str]:
    yield ""
    yield f"| | {' | '.join(_STATUSES)} | all |"
    yield f"|---|{'---|' * (len(_STATUSES) + 1)}"
    for standard in standards:
        counts: Counter[str] = Counter()
        for row in standard.requirements:
            counts[row.status] += len(row.ids)
        cells = " | ".join(str(counts[status]) for status in _STATUSES)
        yield f"| {standard.title} | {cells} | {counts.total()} |"


def _row(row: Requirement, evidence: Mapping[str, Any]) -> str:
    ran = evidence.get("tests", {})
    shown = [part for part in (row.why_not, row.not_met, row.how) if part]
    shown += [f"`{document}`" for document in row.documents]
    shown += [
        f"`{test}`"
        + ("" if not ran or ran.get(test) == "passed" else f" ({ran.get(test, 'not run')})")
        for test in row.tests
    ]
    status = row.status if row.status != PARTLY else f"{PARTLY}; missing: {row.missing}"
    if row.status == TO_BE_SHOWN:
        status = f"**{TO_BE_SHOWN}**"
    others = [
        f"{who}: {text}" for who, text in (("site", row.site), ("sponsor", row.sponsor)) if text
    ]
    cells = (", ".join(row.ids), row.says, status, "<br>".join(shown), "<br>".join(others))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
