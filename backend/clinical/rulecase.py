"""One grading rule held against what is known about one patient: what is met, open and missing."""

from collections.abc import Iterable, Iterator, Mapping

from backend.clinical.facts import Facts, LabValue, Value
from backend.clinical.gradingrules import ANY_UNIT, Column, Criterion, GradingRule
from backend.clinical.limits import Limit
from backend.clinical.logic import Truth
from backend.clinical.units import Units
from backend.clinical.wording import plain, unique


class RuleCase:
    """One rule and what is known, with the column of each result chosen."""

    def __init__(
        self, rule: GradingRule, values: Mapping[str, Value], facts: Facts, units: Units
    ) -> None:
        self.rule = rule
        self.values = values
        self.labs = {name: facts.labs[name] for name in rule.analytes if name in facts.labs}
        self.columns = {
            name: column
            for name, lab in self.labs.items()
            if (column := self._column(name, units.meanings(lab.unit))) is not None
        }
        self.limits = {part.grade: self._limit_truth(part) for part in rule.criteria}
        self.truths = {part.grade: self._truth(part) for part in rule.criteria}

    def _column(self, analyte: str, meanings: frozenset[str]) -> Column | None:
        return next(
            (
                column
                for column in self.rule.columns
                if column.analyte == analyte
                and (column.unit == ANY_UNIT or column.unit in meanings)
                and (column.when is None or column.when.truth(self.values))
            ),
            None,
        )

    def _truth(self, criterion: Criterion) -> Truth:
        when = criterion.when.truth(self.values) if criterion.when else False
        return _either(when, self.limits[criterion.grade])

    def _limit_truth(self, criterion: Criterion) -> Truth:
        if criterion.grade not in self.rule.limited:
            return False
        needs = criterion.needs.truth(self.values) if criterion.needs else True
        return _both(needs, self._lab_truth(criterion.grade))

    def _lab_truth(self, grade: int) -> Truth:
        """Compare every result with its column; no result, or no column for it, is not known."""
        truth: Truth = False if self.columns else None
        for name in self.labs:
            column = self.columns.get(name)
            limits = column.limits.get(grade, ()) if column else None
            found = (
                None if limits is None else _any(limit.truth(self.labs[name]) for limit in limits)
            )
            truth = _either(truth, found)
        return truth

    def absent(self) -> bool:
        """Say whether grade 0 may be claimed: something says so, nothing contradicts."""
        claims = [self.rule.absent.truth(self.values)] if self.rule.absent else []
        claims += [_normal(column, self.labs[name]) for name, column in self.columns.items()]
        return True in claims and False not in claims

    def highest_met(self) -> Criterion | None:
        """Return the criterion of the highest grade that is fulfilled."""
        return next(
            (criterion for criterion in self.rule.criteria if self.truths[criterion.grade]), None
        )

    def open(self, *, absent: bool) -> Iterator[Criterion]:
        """Return the criteria that are fulfilled or not excluded.

        Where the problem is absent, what it would do to the patient need not be known: then only
        results without their limits, and the facts that the rule names, keep a grade open.
        """
        for criterion in self.rule.criteria:
            truth = self.truths[criterion.grade]
            if truth or (truth is None and (not absent or self._stays_open(criterion))):
                yield criterion

    def _stays_open(self, criterion: Criterion) -> bool:
        missing = criterion.when.missing(self.values) if criterion.when else ()
        return self.limits[criterion.grade] is None or not self.rule.open.isdisjoint(missing)

    def limited(self) -> bool:
        """Say whether what is known excludes at least one grade that it could have given."""
        decidable = [
            c for c in self.rule.criteria if c.when is not None or c.grade in self.rule.limited
        ]
        return any(self.truths[criterion.grade] is False for criterion in decidable) and any(
            self.open(absent=False)
        )

    def missing(self, *, above: int, absent: bool, settled: bool) -> tuple[str, ...]:
        """Return what would settle the grades above this one, and absence where that is open."""
        names: list[str] = []
        for criterion in self.open(absent=absent):
            if criterion.grade > above:
                names += self._missing_of(criterion)
        if not settled:
            names += self.rule.absent.missing(self.values) if self.rule.absent else ()
            for name, column in self.columns.items():
                names += _missing_references(name, self.labs[name], column.limits.get(0, ()))
        return unique(names)

    def _missing_of(self, criterion: Criterion) -> list[str]:
        names = list(criterion.when.missing(self.values)) if criterion.when else []
        if self.limits[criterion.grade] is not None:
            return names
        if criterion.needs is not None:
            names += criterion.needs.missing(self.values)
        if not self.labs:
            names += [f"lab:{name}" for name in sorted(self.rule.analytes)]
        for name, lab in self.labs.items():
            column = self.columns.get(name)
            limits = column.limits.get(criterion.grade, ()) if column else ()
            names += _missing_references(name, lab, limits) if column else [f"lab:{name}.unit"]
        return names

    def lab_inputs(self) -> dict[str, Value]:
        """Write the results that were read, with their limits."""
        return {f"lab:{name}": _written(lab) for name, lab in self.labs.items()}

    def reason(self, met: Criterion | None, missing: tuple[str, ...], *, absent: bool) -> str:
        """Say why, in short words with the values."""
        if met is not None:
            return f"grade {met.grade}: {self._why(met)}"
        if absent:
            return f"grade 0: {self._why_absent()}"
        wrong = [
            f"no limits for {name} in the unit {lab.unit!r}"
            for name, lab in self.labs.items()
            if name not in self.columns
        ]
        if not wrong and missing:
            wrong = [f"not known: {', '.join(missing)}"]
        return f"cannot be graded: {'; '.join(wrong) or 'no criterion covers what is known'}"

    def _why(self, met: Criterion) -> str:
        found = []
        if met.when is not None and met.when.truth(self.values):
            found.append(met.when.describe(self.values))
        if self.limits[met.grade]:
            for name, column in self.columns.items():
                lab = self.labs[name]
                limits = column.limits.get(met.grade, ())
                found += [f"{name} {limit.describe(lab)}" for limit in limits if limit.truth(lab)]
            if met.needs is not None:
                found.append(met.needs.describe(self.values))
        return "; ".join(found)

    def _why_absent(self) -> str:
        found = []
        if self.rule.absent is not None and self.rule.absent.truth(self.values):
            found.append(self.rule.absent.describe(self.values))
        for name, column in self.columns.items():
            lab = self.labs[name]
            limits = column.limits.get(0, ())
            found += [f"{name} {limit.describe(lab)}" for limit in limits if limit.truth(lab)]
        return "; ".join(found)


def _normal(column: Column, lab: LabValue) -> Truth:
    """Say whether a result is normal: by the column's own limit, else where it reaches no limit."""
    if 0 in column.limits:
        return _any(limit.truth(lab) for limit in column.limits[0])
    reached = _any(limit.truth(lab) for limits in column.limits.values() for limit in limits)
    return None if reached is None else not reached


def _any(truths: Iterable[Truth]) -> Truth:
    result: Truth = False
    for truth in truths:
        result = _either(result, truth)
    return result


def _either(left: Truth, right: Truth) -> Truth:
    if left or right:
        return True
    return None if left is None or right is None else False


def _both(left: Truth, right: Truth) -> Truth:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _missing_references(name: str, lab: LabValue, limits: tuple[Limit, ...]) -> list[str]:
    return [
        f"lab:{name}.{limit.reference.lower()}"
        for limit in limits
        if limit.reference is not None and limit.truth(lab) is None
    ]


def _written(lab: LabValue) -> str:
    known = {"LLN": lab.lln, "ULN": lab.uln, "baseline": lab.baseline}
    limits = ", ".join(
        f"{name} {plain(value)}" for name, value in known.items() if value is not None
    )
    return f"{plain(lab.value)} {lab.unit}".strip() + (f" ({limits})" if limits else "")
