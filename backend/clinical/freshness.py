"""What is news: which facts, given or derived, rest on what this diary or report brought."""

from backend.clinical.facts import Facts
from backend.clinical.rules import Ruleset, derive_facts


def fresh_names(facts: Facts, news: frozenset[str], ruleset: Ruleset) -> frozenset[str]:
    """Name every fact that would be unknown or otherwise without the news.

    `news` names what was brought: facts, and results as `lab:<analyte>`. Derived facts count: an
    increase over the baseline is news when today's count is.
    """
    without = Facts(
        {name: value for name, value in facts.values.items() if name not in news},
        {name: lab for name, lab in facts.labs.items() if f"lab:{name}" not in news},
    )
    old, new = derive_facts(without, ruleset).values, derive_facts(facts, ruleset).values
    return news | {name for name, value in new.items() if old.get(name) != value}
