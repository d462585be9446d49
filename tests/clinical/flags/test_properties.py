"""What must hold for the flags whatever the facts."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.clinical.facts import FactDeclaration, Facts, LabValue, Value
from backend.clinical.flagging import MOST_ASKED
from backend.clinical.flagrules import TIERS
from backend.clinical.pipeline import Assessment, assess, only_about
from tests.clinical.ruleset import ruleset

READ = sorted({name for rule in ruleset().flags.values() for name in rule.reads})
SAID = [name for name in READ if ruleset().facts[name].asked != "derived"]
LABS = {
    "alt": ("U/L", Decimal(40)),
    "bilirubin": ("umol/L", Decimal(20)),
    "platelets": ("10^9/L", Decimal(350)),
    "ck": ("U/L", Decimal(200)),
    "troponin_t": ("ng/L", Decimal(14)),
}
# More of one of these, everything else the same, is never less urgent.
WORSENING = (
    "stools_over_baseline",
    "vomiting_episodes_24h",
    "abdominal_pain_severity",
    "mouth_sores_severity",
    "palpitations_severity",
    "rash_bsa_percent",
    "nosebleed_min",
)


def a_value(declared: FactDeclaration) -> st.SearchStrategy[Value]:
    if declared.type == "boolean":
        return st.booleans()
    if declared.type == "choice":
        return st.sampled_from(declared.choices)
    low = int(declared.minimum) if declared.minimum is not None else 0
    high = int(declared.maximum) if declared.maximum is not None else 400
    return st.integers(low, high).map(Decimal)


@st.composite
def a_day(draw: st.DrawFn) -> Facts:
    names = draw(st.lists(st.sampled_from(SAID), unique=True, max_size=25))
    values = {name: draw(a_value(ruleset().facts[name])) for name in names}
    labs = {
        name: LabValue(draw(st.decimals("0", "900", places=1)), unit, uln=uln)
        for name, (unit, uln) in LABS.items()
        if draw(st.booleans())
    }
    return Facts(values, labs)


def rank(found: Assessment) -> int:
    return (*TIERS, "none").index(found.tier)


@given(a_day())
@settings(max_examples=150, deadline=None)
def test_a_day_is_assessed_whole_and_always_the_same(day: Facts) -> None:
    found = assess(day, ruleset())
    assert found == assess(day, ruleset())
    assert found.tier == (found.flags[0].tier if found.flags else "none")
    assert len({flag.id for flag in found.flags}) == len(found.flags)
    for flag in found.flags:
        assert flag.inputs
        assert flag.reason
        assert flag.missing == flag.missing[:MOST_ASKED]
        assert flag.inputs.keys().isdisjoint(flag.missing)


@given(a_day())
@settings(max_examples=100, deadline=None)
def test_ql1706_is_a_candidate_whenever_it_was_given_and_never_otherwise(day: Facts) -> None:
    was_given = not {"days_since_first_ql1706", "days_since_last_ql1706"}.isdisjoint(day.values)
    for flag in assess(day, ruleset()).flags:
        listed = any(cause.component == "ql1706" for cause in flag.causes)
        assert listed == was_given


@given(a_day())
@settings(max_examples=100, deadline=None)
def test_without_ql1706_nothing_is_immune_related(day: Facts) -> None:
    values = {name: value for name, value in day.values.items() if "ql1706" not in name}
    values.pop("taper_worse", None)
    assert assess(Facts(values, day.labs), ruleset()).irae.level == "none"


@given(a_day(), st.sampled_from(WORSENING))
@settings(max_examples=150, deadline=None)
def test_worse_is_never_less_urgent(day: Facts, name: str) -> None:
    declared = ruleset().facts[name]
    low = day.values.get(name, Decimal(0))
    assert isinstance(low, Decimal)
    high = min(low + 1, declared.maximum or low + 1)
    better = assess(Facts({**day.values, name: low}, day.labs), ruleset())
    worse = assess(Facts({**day.values, name: high}, day.labs), ruleset())
    assert rank(worse) <= rank(better)


@given(a_day())
@settings(max_examples=100, deadline=None)
def test_only_what_rests_on_something_fresh_is_kept(day: Facts) -> None:
    found = assess(day, ruleset())
    assert only_about(found, frozenset()).tier == "none"
    everything = frozenset(name for flag in found.flags for name in flag.inputs)
    assert only_about(found, everything).flags == found.flags
    assert only_about(found, everything).irae == found.irae
