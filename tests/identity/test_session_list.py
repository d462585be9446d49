"""Where people are signed in: what kind of client, which is this one, and how the others end."""

from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from backend.access import Grant, Role
from backend.browser import client_of
from backend.context import Context
from tests.access.world import join_staff
from tests.conftest import Clock
from tests.identity.conftest import person
from tests.people import PASSWORD, Person

Stored = Database[dict[str, Any]]

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("user_agent", "client"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        (FIREFOX.replace("Firefox/128.0", "Chrome/126.0 Safari/537.36"), "Chrome on Windows"),
        (f"{FIREFOX} Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 MicroMessenger/8.0", "WeChat on Android"),
        ("curl/8.7.1", "curl"),
        ("<script>alert('a name')</script>", "another client"),
        ("x" * 600 + "Firefox/128.0", "another client"),
        ("", None),
    ],
)
def test_a_user_agent_becomes_a_few_known_words(user_agent: str, client: str | None) -> None:
    assert client_of(user_agent) == client


def sign_in(app: flask.Flask, database: Stored, staff_id: str, user_agent: str) -> Person:
    stored = database["staff"].find_one({"_id": staff_id})
    assert stored is not None
    client = app.test_client()
    answer = client.post(
        "/api/v1/sessions",
        json={"email": stored["email"], "password": PASSWORD},
        headers={"User-Agent": user_agent},
    )
    assert answer.status_code == 201, answer.text
    return Person(client, answer.get_json()["access_token"], staff_id)


def listed(by: Person, path: str = "/sessions") -> list[dict[str, Any]]:
    answer = by.get(path)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def test_one_sees_from_where_one_is_signed_in_and_which_is_this_one(
    app: flask.Flask, database: Stored, nurse: Person, clock: Clock
) -> None:
    begun = clock.advance(minutes=1)
    firefox = sign_in(app, database, nurse.id, FIREFOX)
    clock.advance(minutes=1)
    phone = sign_in(app, database, nurse.id, SAFARI)
    seen = [(one["client"], one["current"]) for one in listed(firefox)]
    assert seen == [("Safari on iPhone", False), ("Firefox on Windows", True), (None, False)]
    assert [one["current"] for one in listed(phone)] == [True, False, False]
    assert listed(firefox)[1]["created_at"] == begun.isoformat()
    # Neither the session nor the trail keeps the text itself.
    kept = str(list(database["sessions"].find())) + str(list(database["audit"].find()))
    assert "Mozilla" not in kept
    begun_from = {
        entry["origin"].get("client") for entry in database["audit"].find({"actor_id": nurse.id})
    }
    assert begun_from >= {"Firefox on Windows", "Safari on iPhone"}


def test_it_says_when_a_sign_in_was_last_used(
    client: FlaskClient, app: flask.Flask, here: Context, clock: Clock
) -> None:
    who = join_staff(here, "somebody", Grant(Role.NURSE, "S01")).who
    assert who.tokens is not None
    later = clock.advance(minutes=20)
    body = {"refresh_token": who.tokens.refresh_token}
    tokens = client.post("/api/v1/sessions/refresh", json=body).get_json()
    (mine,) = listed(Person(app.test_client(), tokens["access_token"], ""))
    assert mine["used_at"] == later.isoformat()
    assert mine["created_at"] < mine["used_at"]


def test_all_others_end_and_this_one_stays(
    app: flask.Flask, database: Stored, nurse: Person, far_nurse: Person
) -> None:
    others = [sign_in(app, database, nurse.id, agent) for agent in (FIREFOX, SAFARI)]
    answer = nurse.call("DELETE", "/sessions/others")
    assert (answer.status_code, answer.get_json()) == (200, {"ended": 2})
    assert [each.get("/sessions").status_code for each in others] == [401, 401]
    assert [one["current"] for one in listed(nurse)] == [True]
    assert len(listed(far_nurse)) == 1
    entries = list(database["audit"].find({"action": "session:end"}))
    assert [(entry["actor_id"], len(entry["details"]["sessions"])) for entry in entries] == [
        (nurse.id, 2)
    ]
    assert nurse.call("DELETE", "/sessions/others").get_json() == {"ended": 0}
    assert database["audit"].count_documents({"action": "session:end"}) == 1


def test_an_administrator_sees_and_ends_the_sign_ins_of_whom_they_manage(
    app: flask.Flask, database: Stored, administrator: Person, nurse: Person
) -> None:
    lost = sign_in(app, database, nurse.id, FIREFOX)
    path = f"/staff/{nurse.id}/sessions"
    found = next(one for one in listed(administrator, path) if one["client"])
    assert not found["current"]
    assert administrator.call("DELETE", f"{path}/{found['id']}").status_code == 204
    assert administrator.call("DELETE", f"{path}/{found['id']}").status_code == 404
    assert lost.get("/sessions").status_code == 401
    assert nurse.get("/sessions").status_code == 200
    assert administrator.call("DELETE", path).get_json() == {"ended": 1}
    assert nurse.get("/sessions").status_code == 401
    # The account stays open, and the trail says who ended what of whom.
    assert sign_in(app, database, nurse.id, FIREFOX).get("/sessions").status_code == 200
    entries = list(database["audit"].find({"action": "session:end"}))
    assert {(entry["actor_id"], entry["details"]["staff"]) for entry in entries} == {
        (administrator.id, nurse.id)
    }


def test_an_administrator_of_one_site_reaches_nobody_who_works_elsewhere(
    app: flask.Flask, here: Context, nurse: Person, far_nurse: Person
) -> None:
    local = person(app, join_staff(here, "local", Grant(Role.ADMINISTRATOR, "S01")).who)
    both = join_staff(here, "both", Grant(Role.NURSE, "S01"), Grant(Role.NURSE, "S02"))
    assert local.get(f"/staff/{nurse.id}/sessions").status_code == 200
    for other in (far_nurse.id, both.actor_id, "nobody"):
        assert local.get(f"/staff/{other}/sessions").status_code == 404
        assert local.call("DELETE", f"/staff/{other}/sessions").status_code == 404
    # One's sign-in is no other's, whoever asks for it.
    (theirs,) = listed(far_nurse)
    assert local.call("DELETE", f"/staff/{nurse.id}/sessions/{theirs['id']}").status_code == 404
    assert far_nurse.get("/sessions").status_code == 200
