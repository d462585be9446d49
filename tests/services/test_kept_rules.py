"""A version of the rules that was kept can be loaded again and says the same."""

from dataclasses import replace
from decimal import Decimal

import flask
import pytest

from backend.clinical.facts import Facts, LabValue
from backend.clinical.grading import grade_facts
from backend.clinical.rules import derive_facts
from backend.errors import NotFound
from backend.services.ruleset import keep_rules, rules_in_force

ALT = LabValue(Decimal(210), "U/L", uln=Decimal(40))


def test_kept_rules_are_those_that_were_in_force(app: flask.Flask) -> None:
    here = app.extensions["backend"]
    keep_rules(here.ruleset, now=here.clock())
    later = replace(here.ruleset, version="a later release", gradings={}, readers={})
    kept = rules_in_force(here.ruleset.version, later)
    assert (kept.version, kept.catalogue) == (here.ruleset.version, here.ruleset.catalogue)
    grades = grade_facts(derive_facts(Facts({}, {"alt": ALT}), kept), kept)
    assert [grade.grade for grade in grades] == [3]


def test_without_a_version_the_current_rules_are_in_force(app: flask.Flask) -> None:
    current = app.extensions["backend"].ruleset
    assert rules_in_force(None, current) is current
    assert rules_in_force(current.version, current) is current
    with pytest.raises(NotFound):
        rules_in_force("never loaded", current)
