"""What a patient is told to do next: one plain step per tier, in the patient's language."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.clinical.document import RuleError, Table
from backend.clinical.flagrules import TIERS

NONE = "none"


@dataclass(frozen=True, slots=True)
class NextStep:
    """One step: `emergency`, `call_clinic` or `self_care`, and its words by language."""

    kind: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Advice:
    """The steps by kind, and which tier leads to which."""

    steps: Mapping[str, NextStep]
    by_tier: Mapping[str, str]

    def for_tier(self, tier: str) -> NextStep:
        """Give the step for a diary of this tier (`none` where no flag was raised)."""
        return self.steps[self.by_tier[tier]]


def parse_advice(raw: Mapping[str, object]) -> Advice:
    """Read advice.toml.

    Raises:
        RuleError: an unknown key, a missing language, or a tier with no step or with two.
    """
    document = Table(raw, "advice.toml")
    steps: dict[str, NextStep] = {}
    by_tier: dict[str, str] = {}
    for kind in document.names():
        table = document.table(kind)
        steps[kind] = NextStep(kind, {"en": table.text("en"), "zh": table.text("zh")})
        for tier in table.texts("tiers"):
            if tier in by_tier:
                table.refuse("tiers", "each tier once")
            by_tier[tier] = kind
        table.done()
    if by_tier.keys() != {*TIERS, NONE}:
        message = f"advice.toml: a step for each of {', '.join((*TIERS, NONE))}"
        raise RuleError(message)
    return Advice(steps, by_tier)
