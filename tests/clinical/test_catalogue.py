"""The catalogue of terms against the published table."""

from pathlib import Path

import pytest

from backend.clinical.catalogue import load_catalogue
from backend.clinical.document import RuleError
from tests.clinical.ruleset import reference, reference_rows, ruleset


def test_every_term_agrees_in_name_soc_code_and_grades() -> None:
    reference("ctcae_v4.csv")
    published = {
        (
            row["term"],
            row["meddra_code"],
            row["soc"],
            tuple(grade for grade in range(1, 6) if row[f"grade_{grade}"].strip()),
        )
        for row in reference_rows("ctcae_v4.csv")
    }
    ours = {
        (term.name, term.meddra_code, term.soc, term.grades)
        for term in ruleset().catalogue.values()
    }
    assert ours == published


def test_there_are_790_terms_in_26_classes() -> None:
    terms = ruleset().catalogue.values()
    assert len(terms) == 790
    assert len({term.soc for term in terms}) == 26
    assert len({term.meddra_code for term in terms}) == 790


def test_every_rule_is_about_its_own_term() -> None:
    names = [rule.term.name for rule in ruleset().gradings.values()]
    assert len(set(names)) == len(names)


HEADER = "soc,meddra_code,term,grades\n"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("soc,term\nx,y\n", "the columns must be"),
        ("", "the columns must be"),
        (HEADER + "S,1,A,1 2\nS,2,A,1\n", "there twice"),
        (HEADER + "S,1,A,1 2\nS,1,B,1\n", "there twice"),
        (HEADER + "S,1,A,0 1\n", "has the grades"),
        (HEADER + "S,1,A,6\n", "has the grades"),
        (HEADER + "S,1,A,2 1\n", "has the grades"),
        (HEADER + "S,1,A,\n", "has the grades"),
    ],
)
def test_a_wrong_catalogue_does_not_load(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "catalogue.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(RuleError, match=complaint):
        load_catalogue(file)
