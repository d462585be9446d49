"""`/rules`: the clinical rules for people to read, their versions, and a change's replay."""

from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.clinical.rulebook import RulePage
from backend.resources.base import Noun, actor, allow, context
from backend.services.rulebook import (
    Comparison,
    KnownVersion,
    ReplayReport,
    Rulebook,
    compare,
    read_rule,
    read_rules,
    read_versions,
    replay_since,
)
from schemas.rule import (
    CompareQuery,
    ReplayIn,
    ReplayReportOut,
    RulebookOut,
    RuleOut,
    RulesetComparisonOut,
    RuleVersionOut,
)

blueprint = Noun("rules", __name__, url_prefix="/api/v1/rules", description="The clinical rules")


@blueprint.route("")
class Rules(MethodView):
    """Every rule in force."""

    @allow(Action.RULE_READ)
    @blueprint.response(200, RulebookOut)
    def get(self) -> Rulebook:
        """List the rules in force with source, mark and version."""
        return read_rules(context().ruleset)


@blueprint.route("/<any(flag, grading, drug):kind>/<string:rule_id>")
class Rule(MethodView):
    """One rule."""

    @allow(Action.RULE_READ)
    @blueprint.response(200, RuleOut)
    def get(self, kind: str, rule_id: str) -> RulePage:
        """Give one rule with its criteria, candidate causes and what a label says."""
        return read_rule(kind, rule_id, context().ruleset)


@blueprint.route("/versions")
class RuleVersions(MethodView):
    """Every rule set that was in force here."""

    @allow(Action.RULE_READ)
    @blueprint.response(200, RuleVersionOut(many=True))
    def get(self) -> list[KnownVersion]:
        """List the versions, oldest first."""
        return list(read_versions(context().ruleset))


@blueprint.route("/comparison")
class RuleComparison(MethodView):
    """Two versions beside each other."""

    @allow(Action.RULE_READ)
    @blueprint.arguments(CompareQuery, location="query")
    @blueprint.response(200, RulesetComparisonOut)
    def get(self, query: dict[str, Any]) -> Comparison:
        """Say how two rule sets differ, file by file."""
        return compare(query["first"], query["second"])


@blueprint.route("/replay")
class RuleReplay(MethodView):
    """The rules in force over stored days."""

    @allow(Action.RULE_REPLAY)
    @blueprint.arguments(ReplayIn)
    @blueprint.response(200, ReplayReportOut)
    def post(self, asked: dict[str, Any]) -> ReplayReport:
        """Say which stored days would come out otherwise; nothing stored is changed."""
        return replay_since(asked["since"], actor=actor(), ruleset=context().ruleset)
