"""Tokens: what stands in them, and what makes them no good."""

import dataclasses
import datetime as dt

import jwt
import pytest

from backend.config import Config
from backend.errors import Unauthorised
from backend.services.tokens import (
    is_genuine,
    keyed_hash,
    new_refresh_token,
    read_access,
    session_of,
    sha256,
    sign_access,
)

NOW = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)


def claims_of(token: str) -> dict[str, object]:
    claims: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return claims


def other(config: Config) -> Config:
    return dataclasses.replace(config, secret_key="another-key-" * 4)


def test_an_access_token_names_its_family_and_nobody(config: Config) -> None:
    token = sign_access(config, "family", "token-id", now=NOW)
    issued = int(NOW.timestamp())
    assert claims_of(token) == {
        "iss": "pro-ae",
        "aud": "pro-ae/api/v1",
        "iat": issued,
        "exp": issued + config.access_token_seconds,
        "jti": "token-id",
        "sid": "family",
    }
    assert jwt.get_unverified_header(token).keys() == {"alg", "typ", "kid"}
    assert read_access(config, token, now=NOW) == "family"


def test_it_ends_by_our_clock_to_the_second(config: Config) -> None:
    token = sign_access(config, "family", "id", now=NOW)
    life = dt.timedelta(seconds=config.access_token_seconds)
    assert read_access(config, token, now=NOW + life - dt.timedelta(milliseconds=1)) == "family"
    with pytest.raises(Unauthorised):
        read_access(config, token, now=NOW + life)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "someone"},
        {"aud": "elsewhere"},
        {"aud": None},
        {"sid": None},
        {"jti": None},
        {"exp": None},
        {"iss": None},
    ],
)
def test_a_claim_that_is_wrong_or_missing_makes_it_no_good(
    config: Config, changes: dict[str, str | None]
) -> None:
    good = sign_access(config, "family", "id", now=NOW)
    changed = {**claims_of(good), **changes}
    claims = {name: value for name, value in changed.items() if value is not None}
    headers = jwt.get_unverified_header(good)
    forged = jwt.encode(claims, config.secret_key, "HS256", headers=headers)
    with pytest.raises(Unauthorised):
        read_access(config, forged, now=NOW)


def test_another_key_another_method_or_none_make_it_no_good(config: Config) -> None:
    good = sign_access(config, "family", "id", now=NOW)
    claims, headers = claims_of(good), jwt.get_unverified_header(good)
    kid = {"kid": headers["kid"]}
    for forged in (
        sign_access(other(config), "family", "id", now=NOW),
        jwt.encode(claims, "another-key-" * 4, "HS256", headers=kid),
        jwt.encode(claims, config.secret_key * 2, "HS512", headers=kid),
        jwt.encode(claims, None, "none", headers=kid),
        jwt.encode(claims, config.secret_key, "HS256"),
        good[:-2],
        good.replace(".", ".e30", 1),
        "",
        "a.b",
        "ü.ü.ü",
        "\x00",
    ):
        with pytest.raises(Unauthorised):
            read_access(config, forged, now=NOW)


def test_a_refresh_token_is_known_as_ours_only_if_made_here(config: Config) -> None:
    token = new_refresh_token(config, "family")
    assert session_of(token) == "family"
    assert is_genuine(config, token)
    body, _, mark = token.rpartition(".")
    for guess in (f"{body}x.{mark}", body, f"family.secret.{mark}", "family", "", "family.ü.ü"):
        assert not is_genuine(config, guess)
    assert not is_genuine(other(config), token)
    assert new_refresh_token(config, "family") != token


def test_what_is_stored_of_a_guessable_thing_depends_on_the_key_and_the_purpose(
    config: Config,
) -> None:
    stored = keyed_hash(config, "activation", "0123456789AB")
    assert stored == keyed_hash(config, "activation", "0123456789AB")
    assert stored != keyed_hash(other(config), "activation", "0123456789AB")
    assert stored != keyed_hash(config, "account", "0123456789AB")
    assert stored != sha256("0123456789AB")
