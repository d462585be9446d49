"""What every file of a review says of itself: study, population, cut-off, rule set and label."""

from collections.abc import Collection

from backend.clinical.rules import Ruleset
from backend.models.frame import Frame
from backend.models.study import Study


def facts_of(
    frame: Frame,
    study: Study,
    ruleset: Ruleset,
    *,
    label: str,
    population: str,
    sites: Collection[str] | None,
) -> tuple[tuple[str, str], ...]:
    """Give the facts that stand at the head of a file, as name and value.

    `label` is `blinded` or `unblinded`; `sites` None: all.
    """
    cut = frame.cut is not None
    return (
        ("Study", f"{study.id}: {study.title}"),
        ("Population", population),
        ("Sites", "all" if sites is None else ", ".join(sorted(sites))),
        ("Arms", label),
        ("Data cut-off", frame.as_of.isoformat() if cut else "none: live data"),
        ("Data as of", frame.now.isoformat(timespec="seconds")),
        ("Data cut", frame.cut or "none"),
        ("Rule set", frame.ruleset_version or ruleset.version),
        ("Study configuration", frame.study_version or study.version),
        ("Grading", f"CTCAE v{study.ctcae}; provisional unless a column says clinician"),
    )
