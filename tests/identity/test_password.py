"""NIST SP 800-63B-4: long, no crooked rules, and none of those that are tried first."""

import flask
import pytest

from backend.services.password import normal_password, password_faults
from tests.people import PASSWORD, staff

PERSON = ("wilhelmina.test@example.org", "Wilhelmina Test")


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "only small letters here",
        "1 8 4 2 9 0 3 7 5 6 6 1",
        "wilhelmina likes old lighthouses",
        "十五个字的密码也是可以用的因为它很长",
        "emoji are fine 🦦🦦🦦🦦",
        "x9!Kq2#Vm7$Lp4&Rt6",
        "a" + "bcdefghijk" + " otters and herons" * 6,
    ],
)
def test_long_ones_are_taken_whatever_they_are_made_of(password: str) -> None:
    assert list(password_faults(password, *PERSON)) == []


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short but odd!", "15 to 128"),
        ("x" * 129, "15 to 128"),
        ("aaaaaaaaaaaaaaaaaaaa", "different"),
        ("abababababababab", "different"),
        ("Correct Horse Battery Staple", "many others"),
        ("wilhelmina-test-2026", "your own name"),
        ("PasswordPassword1", "your own name"),
        ("pro-ae-oncology-study-1", "your own name"),
        ("abcdefghijklmnopq", "run of the keyboard"),
        ("Qwertyuiop asdfghjkl", "run of the keyboard"),
        ("9876543210 987654", "run of the keyboard"),
        ("1q2w3e4r5t6y7u8i", "run of the keyboard"),
    ],
)
def test_what_is_tried_first_is_refused_and_why(password: str, why: str) -> None:
    (fault,) = password_faults(password, *PERSON)
    assert why in fault


def test_two_keyboards_type_the_same_password() -> None:
    assert normal_password("e\u0301t\u00e9 \ufb01n") == "été fin"


def test_it_is_asked_wherever_one_is_set(app: flask.Flask) -> None:
    administrator = staff(app, "administrator")
    grants = [{"role": "nurse", "site": "S01", "unblinded": False}]
    new = {"email": "wilhelmina.test@example.org", "name": "Wilhelmina Test", "grants": grants}
    easy = administrator.post("/staff", {**new, "password": "wilhelmina-test-2026"})
    assert (easy.status_code, easy.get_json()["errors"][0]["pointer"]) == (422, "/password")
    assert "wilhelmina" not in easy.text
    made = administrator.post("/staff", {**new, "password": PASSWORD}).get_json()
    change = {"rev": 0, "password": "abcdefghijklmnopq"}
    assert administrator.call("PATCH", f"/staff/{made['id']}", json=change).status_code == 422
    own = {"old": PASSWORD, "new": "aaaaaaaaaaaaaaaaaaaa"}
    refused = administrator.call("PUT", "/staff/me/password", json=own)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/new")
