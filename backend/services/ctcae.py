"""Find a CTCAE term while somebody types: by prefix, by code, by SOC, or nearly right."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from backend.clinical.catalogue import Term
from backend.clinical.rules import Ruleset
from backend.models.ctcae_text import official_texts

# Below this a match by rapidfuzz's weighted ratio (0 to 100) is chance: chosen by eye on 790 terms.
NEARLY = 82


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """One term, whether our rules grade it, and the site's own official texts where imported."""

    name: str
    meddra_code: str
    soc: str
    grades: tuple[int, ...]
    graded_by_rule: bool
    official: Mapping[str, str] | None = None


def search_terms(
    ruleset: Ruleset, query: str, *, soc: str | None, limit: int
) -> tuple[FoundTerm, ...]:
    """Give terms with what is known of each: graded by a rule or not, and official texts."""
    graded = {rule.term.name for rule in ruleset.gradings.values()}
    terms = find_terms(ruleset.catalogue, query, soc=soc, limit=limit)
    official = official_texts([term.meddra_code for term in terms])
    return tuple(
        FoundTerm(
            term.name,
            term.meddra_code,
            term.soc,
            term.grades,
            term.name in graded,
            official.get(term.meddra_code),
        )
        for term in terms
    )


def find_terms(
    catalogue: Mapping[str, Term], query: str, *, soc: str | None, limit: int
) -> tuple[Term, ...]:
    """Give up to `limit` terms, the best first: code, then prefix, then a word's start, then near.

    An empty query lists the SOC, or everything, by name.
    """
    wanted = query.strip().lower()
    terms = [term for term in catalogue.values() if soc is None or term.soc == soc]
    ranked = sorted(
        (rank, _folded(term.name)[0], term)
        for term in terms
        if (rank := _rank(term, wanted)) is not None
    )
    found = [term for _, _, term in ranked]
    if len(found) < limit and wanted:
        found += _near(wanted, [term for term in terms if term not in found], limit - len(found))
    return tuple(found[:limit])


@cache
def _folded(name: str) -> tuple[str, str]:
    """Give a name in lower case, and its words with a blank before each.

    Kept for the 790 names of the catalogue: a search is run for every key that is pressed.
    """
    lower = name.lower()
    return lower, " " + lower.replace("-", " ")


def _rank(term: Term, wanted: str) -> int | None:
    if not wanted or wanted == term.meddra_code:
        return 0
    name, words = _folded(term.name)
    if wanted in name:
        if name.startswith(wanted):
            return 1
        return 2 if f" {wanted}" in words else 3
    return 3 if wanted.isdigit() and term.meddra_code.startswith(wanted) else None


def _near(wanted: str, terms: list[Term], limit: int) -> list[Term]:
    names = {index: _folded(term.name)[0] for index, term in enumerate(terms)}
    matches = process.extract(wanted, names, scorer=fuzz.WRatio, score_cutoff=NEARLY, limit=limit)
    return [terms[index] for _, _, index in matches]
