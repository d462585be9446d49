"""Each rule as a page: nothing that the rule says is missing from it."""

from backend.clinical.rulebook import DRUG, FLAG, GRADING, find_rule, rule_pages
from tests.clinical.ruleset import ruleset


def test_every_rule_has_one_page_with_source_and_version() -> None:
    rules = ruleset()
    pages = list(rule_pages(rules))
    ids = {(page.kind, page.id) for page in pages}
    assert len(ids) == len(pages)
    assert ids == {
        *((FLAG, name) for name in rules.flags),
        *((GRADING, name) for name in rules.gradings),
        *((DRUG, name) for name in rules.drugs),
    }
    assert all(page.version and (page.source or page.kind == DRUG) for page in pages)


def test_a_flag_says_its_tiers_causes_evidence_and_what_the_label_says() -> None:
    flag = ruleset().flags["DIARRHOEA"]
    page = find_rule(ruleset(), FLAG, "DIARRHOEA")
    assert page is not None
    assert [level.level for level in page.levels] == [tier.tier for tier in flag.tiers]
    assert [cause.component for cause in page.causes] == [c.component for c in flag.causes]
    assert {text for cause in page.causes for text in (*cause.supports, *cause.opposes)} == {
        part.text for cause in flag.causes for part in (*cause.supports, *cause.opposes)
    }
    assert [(one.component, one.source) for one in page.actions] == [
        (one.component, one.source) for one in flag.actions
    ]
    assert "stools_over_baseline" in page.reads


def test_a_grade_says_its_criteria_and_the_limits_that_decide() -> None:
    page = find_rule(ruleset(), GRADING, "alanine_aminotransferase_increased")
    assert page is not None
    grade_3 = next(level for level in page.levels if level.level == "grade 3")
    assert "ULN" in grade_3.by
    assert page.meddra_code is not None
    assert find_rule(ruleset(), GRADING, "no_such_term") is None
    assert find_rule(ruleset(), DRUG, "no_such_drug") is None
    assert find_rule(ruleset(), "no_such_kind", "DIARRHOEA") is None


def test_a_drug_is_found_by_its_id() -> None:
    page = find_rule(ruleset(), DRUG, "ql1706")
    assert page is not None
    assert (page.kind, page.id) == (DRUG, "ql1706")
