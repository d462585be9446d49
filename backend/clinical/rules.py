"""The rule set: every file of the data folder, read once, checked whole, with one version."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from backend.clinical.advice import Advice, parse_advice
from backend.clinical.alerting import AlertPolicy, parse_policies
from backend.clinical.catalogue import Term, load_catalogue
from backend.clinical.conditions import Condition, parse
from backend.clinical.corrections import parse_corrections
from backend.clinical.derive import Deductions, Derivation, complete, parse_derivations
from backend.clinical.document import RuleError, Table, read_toml
from backend.clinical.drugs import Drug, parse_drug, with_patterns
from backend.clinical.facts import PER_TERM, FactDeclaration, Facts, parse_declarations
from backend.clinical.flagrules import Action, Cause, Evidence, FlagRule, Tier, parse_flag_rule
from backend.clinical.followups import NO_FOLLOW_UPS, FollowUps, parse_follow_ups
from backend.clinical.gradingrules import GradingRule, RuleContext, parse_grading_rule
from backend.clinical.plausible import Plausible, parse_plausible
from backend.clinical.scoring import Answers, load_composites
from backend.clinical.silence import Weight, parse_silence
from backend.clinical.symptoms import SymptomRule, declare_answers, parse_symptom
from backend.clinical.units import Units, declare_labs, parse_analytes, parse_units
from backend.clinical.versions import content_hashes, digest, rule_versions
from backend.clinical.vitals import VitalUnit, parse_vitals

__all__ = [
    "DATA",
    "Action",
    "Cause",
    "Evidence",
    "FlagRule",
    "GradingRule",
    "RuleError",
    "Ruleset",
    "SymptomRule",
    "Tier",
    "derive_facts",
    "load_ruleset",
]

DATA = Path(__file__).parent / "data"
CTCAE = "ctcae-4.03"


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Everything that the clinical core knows; loaded once, never changed."""

    version: str
    facts: Mapping[str, FactDeclaration]
    definitions: Mapping[str, Condition]
    catalogue: Mapping[str, Term]
    units: Units
    plausible: Plausible
    vitals: Mapping[str, Mapping[str, VitalUnit]]
    policies: Mapping[str, AlertPolicy]
    advice: Advice
    silence: Mapping[str, Weight]
    follow_ups: FollowUps
    symptoms: Mapping[str, SymptomRule]
    composites: Mapping[Answers, int]
    deductions: Deductions
    gradings: Mapping[str, GradingRule]
    drugs: Mapping[str, Drug]
    flags: Mapping[str, FlagRule]
    # Fact or `lab:<analyte>` -> ids of the grading rules that read it.
    readers: Mapping[str, tuple[str, ...]]


def derive_facts(facts: Facts, ruleset: Ruleset) -> Facts:
    """Return the facts with everything that follows from them."""
    return complete(facts, ruleset.deductions, ruleset.units)


def load_ruleset(path: Path = DATA) -> Ruleset:
    """Read and check every rule file below the path.

    Raises:
        RuleError: anything in them that the engine does not know.
    """
    hashes = content_hashes(path)
    versions = rule_versions(path, hashes)
    catalogue = load_catalogue(path / CTCAE / "catalogue.csv")
    analytes, names = parse_analytes(read_toml(path / "analytes.toml"))
    units = Units(parse_units(read_toml(path / "units.toml")), analytes, names)
    symptoms = {
        file.stem: replace(
            parse_symptom(read_toml(file), file.stem, catalogue),
            version=versions[f"symptoms/{file.stem}"],
        )
        for file in _files(path / "symptoms")
    }
    declared = _declared(path, symptoms, units)
    own, derivations = parse_derivations(read_toml(path / "facts" / "derived.toml"), declared)
    declared = _merge(declared, own)
    definitions = _definitions(read_toml(path / "definitions.toml"), declared)
    context = RuleContext(catalogue, declared, definitions, frozenset(analytes))
    gradings = {
        file.stem: replace(
            parse_grading_rule(read_toml(file), file.stem, context),
            version=versions[f"{CTCAE}/{file.stem}"],
        )
        for file in _files(path / CTCAE)
    }
    declared = _per_term(declared, gradings)
    flags = [
        replace(
            parse_flag_rule(read_toml(file), file.stem, declared, definitions),
            version=versions[f"flags/{file.stem}"],
        )
        for file in _files(path / "flags")
    ]
    drugs = {
        file.stem: replace(
            parse_drug(read_toml(file), file.stem, declared, definitions),
            version=versions[f"drugs/{file.stem}"],
        )
        for file in _files(path / "drugs")
    }
    return Ruleset(
        version=digest(hashes),
        facts=declared,
        definitions=definitions,
        catalogue=catalogue,
        units=units,
        plausible=parse_plausible(read_toml(path / "plausible.toml"), units),
        vitals=parse_vitals(read_toml(path / "vitals.toml"), declared, analytes),
        policies=parse_policies(read_toml(path / "alerts.toml")),
        advice=parse_advice(read_toml(path / "advice.toml")),
        silence=parse_silence(read_toml(path / "silence.toml")),
        follow_ups=_follow_ups(path / "followups.toml", declared, symptoms),
        symptoms=symptoms,
        composites=load_composites(path / "pro-composite.csv"),
        deductions=replace(
            _deductions(symptoms, gradings, derivations),
            corrections=parse_corrections(read_toml(path / "corrections.toml"), units),
        ),
        gradings=gradings,
        drugs=drugs,
        flags={flag.id: flag for flag in with_patterns(flags, drugs.values())},
        readers=_readers(gradings, declared, derivations),
    )


def _follow_ups(
    file: Path, declared: Mapping[str, FactDeclaration], symptoms: Mapping[str, SymptomRule]
) -> FollowUps:
    if not file.exists():
        return NO_FOLLOW_UPS
    return parse_follow_ups(read_toml(file), declared, symptoms)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))


def _merge(
    first: Mapping[str, FactDeclaration], second: Mapping[str, FactDeclaration]
) -> dict[str, FactDeclaration]:
    twice = sorted(set(first) & set(second))
    if twice:
        message = f"facts: {', '.join(twice)} declared twice"
        raise RuleError(message)
    return {**first, **second}


def _declared(
    path: Path, symptoms: Mapping[str, SymptomRule], units: Units
) -> dict[str, FactDeclaration]:
    declared: dict[str, FactDeclaration] = {}
    for file in _files(path / "facts"):
        if file.stem != "derived":
            declared = _merge(declared, parse_declarations(read_toml(file), file.stem))
    for symptom in symptoms.values():
        declared = _merge(declared, declare_answers(symptom))
    for analyte in units.analytes.values():
        declared = _merge(declared, declare_labs(analyte))
    return declared


def _definitions(
    raw: Mapping[str, object], declared: Mapping[str, FactDeclaration]
) -> dict[str, Condition]:
    """Read definitions.toml from top to bottom, so that a circle cannot be written."""
    document = Table(raw, "definitions.toml")
    found: dict[str, Condition] = {}
    for name in document.names():
        table = document.table(name)
        table.text("text")
        where = f"definitions.toml: {name}"
        found[name] = parse(table.raw("when"), declared, found, where=where)
        table.done()
    return found


def _per_term(
    declared: Mapping[str, FactDeclaration], gradings: Mapping[str, GradingRule]
) -> dict[str, FactDeclaration]:
    """Replace each per-term fact by `<term>__<fact>` for every term that reads it."""
    found = {name: fact for name, fact in declared.items() if not fact.per_term}
    for rule in gradings.values():
        for name in sorted(rule.reads - found.keys()):
            term, _, bare = name.rpartition(PER_TERM)
            if term not in gradings:
                message = f"{CTCAE}/{rule.id}.toml: {name} is about a term that has no rule"
                raise RuleError(message)
            question = declared[bare].question and {
                language: text.format(term=gradings[term].term.name)
                for language, text in (declared[bare].question or {}).items()
            }
            found[name] = replace(declared[bare], name=name, question=question)
    return found


def _deductions(
    symptoms: Mapping[str, SymptomRule],
    gradings: Mapping[str, GradingRule],
    derivations: tuple[Derivation, ...],
) -> Deductions:
    """Work out which answers speak for others: of the same symptom, and of its terms' rules."""
    by_term = {rule.term.name: rule for rule in gradings.values()}
    branches = []
    denials = []
    for symptom in symptoms.values():
        if len(symptom.items) > 1:
            branches.append(tuple(f"{symptom.id}_{name}" for name in symptom.attributes))
        rules = [by_term[term.name] for term in symptom.terms if term.name in by_term]
        for item in symptom.items:
            names = (f"{rule.id}{PER_TERM}{fact}" for rule in rules for fact in item.none_answers)
            denied = tuple(name for name in names if any(name in rule.reads for rule in rules))
            if denied:
                denials.append((f"{symptom.id}_{item.attribute}", denied))
    return Deductions(tuple(branches), tuple(denials), derivations, ())


def _readers(
    gradings: Mapping[str, GradingRule],
    declared: Mapping[str, FactDeclaration],
    derivations: tuple[Derivation, ...],
) -> dict[str, tuple[str, ...]]:
    """Index the rules by what makes them worth asking; what is merely on record does not.

    A count is worth asking about even while the baseline that it is compared with is missing.
    """
    sources = {derivation.fact: derivation.of for derivation in derivations}
    readers: dict[str, tuple[str, ...]] = {}
    for rule in gradings.values():
        reads = {*rule.reads, *(name for fact in rule.reads for name in sources.get(fact, ()))}
        said = (name for name in reads if declared[name].asked != "record")
        for name in (*said, *(f"lab:{analyte}" for analyte in rule.analytes)):
            readers[name] = (*readers.get(name, ()), rule.id)
    return readers
