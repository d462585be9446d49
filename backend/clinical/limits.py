"""The small grammar of laboratory limits, such as `> 3 x ULN` or `< LLN`, in decimal arithmetic."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import ge, gt, le, lt

from backend.clinical.document import RuleError
from backend.clinical.facts import LabValue
from backend.clinical.logic import Truth
from backend.clinical.wording import plain

# UPPER: the ULN, or the baseline where that is known and higher. DECISION: the level that the
# assay's manufacturer states (myocardial infarction for troponin).
REFERENCES = ("LLN", "ULN", "BASELINE", "UPPER", "DECISION")
_TESTS: Mapping[str, Callable[..., bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_GRAMMAR = re.compile(
    r"(?P<op><=|>=|<|>) (?:(?P<number>\d+(?:\.\d+)?)"
    rf"|(?:(?P<times>\d+(?:\.\d+)?) x )?(?P<reference>{'|'.join(REFERENCES)})"
    r"(?: \+ (?P<plus>\d+(?:\.\d+)?))?)"
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A result against `times` x reference + `plus`; without a reference against `plus` alone."""

    op: str
    times: Decimal
    reference: str | None
    plus: Decimal
    text: str
    test: Callable[..., bool]

    def truth(self, lab: LabValue) -> Truth:
        """Compare the result; not known where the reference is not."""
        bound = self.bound(lab)
        return None if bound is None else self.test(lab.value, bound)

    def bound(self, lab: LabValue) -> Decimal | None:
        """Return the limit's number for this result, in the result's unit."""
        if self.reference is None:
            return self.plus
        known = reference_of(lab, self.reference)
        return None if known is None else self.times * known + self.plus

    def describe(self, lab: LabValue) -> str:
        """Write `128 U/L > 3 x ULN (120)`."""
        bound = self.bound(lab)
        shown = f" ({plain(bound)})" if self.reference and bound is not None else ""
        sign = self.text.replace(self.op, _SIGNS[self.op], 1)
        return f"{plain(lab.value)} {lab.unit} {sign}{shown}".replace("  ", " ")


def reference_of(lab: LabValue, reference: str) -> Decimal | None:
    """Return what a limit refers to, as it came with the result; None where it is not known."""
    if reference == "UPPER":
        known = [limit for limit in (lab.uln, lab.baseline) if limit is not None]
        return max(known) if lab.uln is not None else None
    return {
        "LLN": lab.lln,
        "ULN": lab.uln,
        "BASELINE": lab.baseline,
        "DECISION": lab.decision_limit,
    }[reference]


def parse_limit(text: str, where: str) -> Limit:
    """Read one limit: operator and number, or operator, factor, reference and addend.

    Raises:
        RuleError: anything else.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        message = f"{where}: {text!r} is no limit; write for example '> 3 x ULN' or '< 1.5'"
        raise RuleError(message)
    number = match["number"]
    return Limit(
        op=match["op"],
        times=Decimal(match["times"] or 1),
        reference=match["reference"],
        plus=Decimal(number or match["plus"] or 0),
        text=text,
        test=_TESTS[match["op"]],
    )
