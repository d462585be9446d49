"""What the runbook tells a tired person to type exists: commands, routes, services, files, checks."""

import re
from pathlib import Path
from typing import get_args

import flask
import pytest

from backend.services.health import check_readiness
from notifications.base import OutcomeKind
from tests.conftest import START
from tests.deploy.files import DEPLOY, compose

ROOT = Path(__file__).parent.parent.parent
TEXTS = {
    name: (ROOT / "docs" / name).read_text(encoding="utf-8")
    for name in ("runbook.md", "deployment.md")
}
BOOK = TEXTS["runbook.md"]


@pytest.mark.parametrize("name", TEXTS)
def test_every_flask_command_exists(app: flask.Flask, name: str) -> None:
    commands = set(re.findall(r"\bflask ([a-z]+)(?: ([a-z-]+))?", TEXTS[name]))
    assert commands
    for group, command in commands:
        known = app.cli.commands.get(group)
        assert known is not None, group
        if hasattr(known, "commands") and command:
            assert command in known.commands, f"{group} {command}"


@pytest.mark.parametrize("name", TEXTS)
def test_every_route_exists(app: flask.Flask, name: str) -> None:
    rules = {
        re.sub(r"<[^>]*>", "<>", rule.rule).rstrip("/"): rule for rule in app.url_map.iter_rules()
    }
    listings = {"/api/v1/listings/rule-precision"}
    named = re.findall(r"(?:\b(GET|POST|PUT|PATCH|DELETE) )?(/api/v1/[a-z0-9/<>_-]+)", TEXTS[name])
    for method, path in named:
        if path in listings:
            from backend.listings.registry import LISTINGS  # noqa: PLC0415

            assert path.rsplit("/", 1)[1] in {listing.name for listing in LISTINGS}
            continue
        rule = rules.get(re.sub(r"<[^>]*>", "<>", path).rstrip("/"))
        assert rule is not None, path
        methods = {
            found
            for one in app.url_map.iter_rules()
            if re.sub(r"<[^>]*>", "<>", one.rule) == re.sub(r"<[^>]*>", "<>", rule.rule)
            for found in one.methods or ()
        }
        assert not method or method in methods, f"{method} {path}"


@pytest.mark.parametrize("name", TEXTS)
def test_every_service_volume_and_file_exists(name: str) -> None:
    services = compose()["services"].keys()
    words = {"ps", "logs", "exec", "up", "kill", "stop", "run", "rm", "down", "pull", "build"}
    for command in re.findall(r"\$C ([^`\n|]*)", TEXTS[name]):
        parts = command.split()
        assert parts[0] in words, command
        plain = [
            part
            for part in parts[1:]
            if re.fullmatch(r"(mongo|clock)\d|mongo-init|web|proxy|migrate", part)
        ]
        assert plain or parts[0] in {"ps", "up", "down", "pull", "build", "stop"}, command
        assert set(plain) <= services
    for file in set(re.findall(r"(?<![\w/])(?:docs|deploy|backend|tests)/[\w./-]+\w", TEXTS[name])):
        if file.startswith("deploy/secrets"):
            secrets = {Path(one["file"]).name for one in compose()["secrets"].values()}
            assert file == "deploy/secrets" or Path(file).name in secrets, file
        else:
            assert (ROOT / file).exists(), file


def test_each_check_channel_outcome_and_secret_is_called_by_its_name(app: flask.Flask) -> None:
    here = app.extensions["backend"]
    checks = check_readiness(here.ruleset, here.study, now=START).checks
    (named,) = re.findall(r"`/readyz` names each check: (.*?)\.", BOOK)
    assert set(re.findall(r"`(\w+)`", named)) == set(checks)
    (outcomes,) = re.findall(r"with `outcome` (.*?)\.", BOOK)
    assert set(re.findall(r"`(\w+)`", outcomes)) <= set(get_args(OutcomeKind))
    made = (DEPLOY / "make-secrets.sh").read_text(encoding="utf-8")
    for name in ("mongo_app_password", "mongodb_uri", "secret_key", "mongo.pem", "mongo_ca.pem"):
        assert name in BOOK
        assert f"keep {name}" in made


def test_each_section_says_the_four_things() -> None:
    sections = re.split(r"^## ", BOOK, flags=re.MULTILINE)[1:]
    titles = {section.splitlines()[0] for section in sections}
    assert {
        *("Clock lost", "Database lost", "FCM down", "Lost phone", "Wrong dose entered"),
        *("Signing key leaked", "An alert storm", "Disk full", "Certificate expired"),
        "A site's network away",
    } == titles
    for section in sections:
        for word in ("**Notice:**", "**Meanwhile:**", "**Over:**"):
            assert word in section, f"{word} in {section.splitlines()[0]}"
