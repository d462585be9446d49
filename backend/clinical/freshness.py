"""What is news: which facts come from this diary or report, and which were on record before."""

from backend.clinical.facts import Facts
from backend.clinical.rules import Ruleset, derive_facts


def fresh_names(before: Facts, now: Facts, ruleset: Ruleset) -> frozenset[str]:
    """Name every fact that is known now and was not, or was otherwise, before.

    Derived facts count: an increase over the baseline is news when the count of today is. Results
    are named `lab:<analyte>`, as grades name what they read.
    """
    old, new = derive_facts(before, ruleset), derive_facts(now, ruleset)
    return frozenset(
        name for name, value in new.values.items() if old.values.get(name) != value
    ) | frozenset(
        f"lab:{analyte}" for analyte, lab in new.labs.items() if old.labs.get(analyte) != lab
    )
