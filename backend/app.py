"""`create_app`: settings, database, rule set, blueprints and the error table, in that order."""

import datetime as dt
from collections.abc import Callable

import flask
from werkzeug.middleware.proxy_fix import ProxyFix

from backend.cli.audit import audit as audit_commands
from backend.cli.backup import backup as backup_commands
from backend.cli.clinical import clinical
from backend.cli.ctcae import ctcae as ctcae_commands
from backend.cli.cuts import cuts as cut_commands
from backend.cli.instruments import instruments as instrument_commands
from backend.cli.outbox import outbox as outbox_commands
from backend.cli.restore import restore as restore_command
from backend.cli.retention import retention as retention_commands
from backend.cli.rules import pure_rules
from backend.cli.rules import rules as rules_commands
from backend.cli.staff import staff as staff_commands
from backend.cli.study import study as study_commands
from backend.cli.vault import vault as vault_commands
from backend.clinical.rules import load_ruleset
from backend.config import Config
from backend.context import Context, new_id, system_clock
from backend.db import connect
from backend.resources import (
    activation,
    adverse_events,
    alert_stream,
    alerts,
    api_docs,
    audit,
    break_glass,
    colleagues,
    contacts,
    ctcae,
    data_cuts,
    devices,
    diaries,
    diary_plans,
    exports,
    exposures,
    fhir,
    findings,
    instruments,
    labs,
    listings,
    operations,
    overview,
    pages,
    photos,
    pictures,
    pro_scores,
    push_key,
    receipts,
    rosters,
    rules,
    sae_drafts,
    second_factor,
    sessions,
    signatures,
    staff,
    study,
    subjects,
    submission,
    suppressions,
    tables,
)
from backend.resources.auth import identify, tell_nonce
from backend.resources.bodies import bound_bodies
from backend.resources.headers import protect
from backend.resources.limiting import limit_requests, tell_limits
from backend.resources.observability import observe
from backend.resources.problem import ProblemApi, register_error_handlers
from backend.services.study import load_study

# These ask the rules alone: they need no setting and no database.
PURE_COMMANDS = (clinical, pure_rules)
COMMANDS = (
    audit_commands,
    backup_commands,
    clinical,
    ctcae_commands,
    cut_commands,
    instrument_commands,
    outbox_commands,
    restore_command,
    retention_commands,
    rules_commands,
    staff_commands,
    study_commands,
    vault_commands,
)

BLUEPRINTS = (
    sessions.blueprint,
    staff.blueprint,
    second_factor.blueprint,
    study.blueprint,
    subjects.blueprint,
    activation.blueprint,
    contacts.blueprint,
    devices.blueprint,
    push_key.blueprint,
    exposures.blueprint,
    labs.blueprint,
    findings.blueprint,
    diaries.blueprint,
    diary_plans.blueprint,
    photos.blueprint,
    instruments.blueprint,
    pro_scores.blueprint,
    alerts.blueprint,
    alert_stream.blueprint,
    rosters.blueprint,
    receipts.blueprint,
    suppressions.blueprint,
    adverse_events.blueprint,
    adverse_events.of_subject,
    sae_drafts.blueprint,
    listings.blueprint,
    tables.blueprint,
    pictures.blueprint,
    pictures.of_subject,
    submission.blueprint,
    fhir.blueprint,
    data_cuts.blueprint,
    exports.blueprint,
    signatures.blueprint,
    ctcae.blueprint,
    audit.blueprint,
    break_glass.blueprint,
    rules.blueprint,
    colleagues.blueprint,
    overview.blueprint,
)


DESCRIPTION = """Patients' diaries, provisional CTCAE v4.03 grades, flags, alerts and listings.

Sign in by `POST /api/v1/sessions` (staff) or `POST /api/v1/activations` (a phone) and send the
access token as `Authorization: Bearer …`; a phone that proves a key of its own by `DPoP` (RFC 9449) as
it is activated sends `Authorization: DPoP …` and a proof each time. Every error is an RFC 9457 problem with a pointer per
fault. Grades are provisional; flags and actions are for the investigator's decision."""


def create_app(
    config: Config | None = None,
    *,
    clock: Callable[[], dt.datetime] = system_clock,
    ids: Callable[[], str] = new_id,
) -> flask.Flask:
    """Build the web application.

    Raises:
        ConfigurationError: a setting is missing or weak.
        RuleError: a clinical rule does not load; nothing is served on half a rule set.
    """
    config = config or Config.from_env()
    app = flask.Flask("backend", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=config.max_body_bytes,
        API_TITLE="PRO and adverse events in oncology trials",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": DESCRIPTION},
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
            "security": [{"bearer": []}],
        },
    )
    ruleset = load_ruleset()
    study_in_force = load_study(config.study_file, ruleset)
    if config.trusted_proxies:
        # Else every limit per address would count the proxy, and /metrics would take it for us.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.trusted_proxies, x_proto=0, x_host=0
        )
    app.extensions["backend"] = Context(config, ruleset, study_in_force, clock, ids)
    connect(config)
    register_error_handlers(app)
    observe(app)
    protect(app, config)
    bound_bodies(app)
    app.before_request(identify)
    app.before_request(limit_requests)
    app.after_request(tell_limits)
    app.after_request(tell_nonce)
    api = ProblemApi(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    api.document_problems()
    for plain in (operations.blueprint, api_docs.blueprint, pages.blueprint):
        app.register_blueprint(plain)
    for command in COMMANDS:
        app.cli.add_command(command)
    return app


def create_tool() -> flask.Flask:
    """Build what the command line needs where nothing is configured: no route, no database."""
    app = flask.Flask("backend", static_folder=None)
    for command in PURE_COMMANDS:
        app.cli.add_command(command)
    return app
