"""Electronic signatures: re-authentication, a meaning, one version; a later change voids them."""

import flask
import pytest

from backend.services.audit_verify import verify_audit
from tests.audit.conftest import Stored
from tests.conftest import Clock
from tests.cuts.conftest import clinician, event, fence, reviewer, taken, trial
from tests.people import PASSWORD, Person, judgement, staff

__all__ = ["clinician", "fence", "reviewer", "trial"]

SIGNING = {"rev": 0, "meaning": "author", "password": PASSWORD}


@pytest.fixture
def signer(app: flask.Flask) -> Person:
    return staff(app, "investigator", "S01")


def listed(by: Person, kind: str, target_id: str) -> list[tuple[str, bool]]:
    answer = by.get(f"/signatures?kind={kind}&target_id={target_id}")
    assert answer.status_code == 200, answer.text
    return [(row["signature"]["meaning"], row["valid"]) for row in answer.get_json()["items"]]


def test_a_signature_has_name_time_meaning_and_version(
    signer: Person, subject_id: str, database: Stored, clock: Clock
) -> None:
    event_id = event(signer, subject_id)
    answer = signer.post(f"/adverse-events/{event_id}/signatures", SIGNING)
    assert answer.status_code == 201, answer.text
    made = answer.get_json()
    assert made["valid"] is True
    signature = made["signature"]
    assert (signature["name"], signature["signed_as"]) == ("Somebody", "investigator")
    assert signature["at"] == clock.now.isoformat()
    assert signature["says"].startswith("I made this judgement")
    assert (signature["rev"], signature["signed_by"]) == (0, signer.id)
    assert PASSWORD not in str(list(database["signatures"].find()))
    entry = database["audit"].find_one({"action": "signature:make"})
    assert entry is not None
    assert entry["details"]["content_sha256"] == signature["content_sha256"]
    assert entry["subject_id"] == subject_id
    assert verify_audit({}).faults == ()


def test_a_later_change_voids_it_and_it_stays_to_be_read(
    signer: Person, subject_id: str, database: Stored
) -> None:
    event_id = event(signer, subject_id)
    assert signer.post(f"/adverse-events/{event_id}/signatures", SIGNING).status_code == 201
    assert listed(signer, "adverse_event", event_id) == [("author", True)]
    changed = {
        **judgement(("ql1706", "regorafenib", "capecitabine", "oxaliplatin", "radiotherapy")),
        "grade": 4,
        "rev": 0,
    }
    answer = signer.post(f"/adverse-events/{event_id}/adjudications", changed)
    assert answer.status_code == 201, answer.text
    assert listed(signer, "adverse_event", event_id) == [("author", False)]
    stale = signer.post(f"/adverse-events/{event_id}/signatures", SIGNING)
    assert stale.status_code == 412, stale.text
    again = signer.post(f"/adverse-events/{event_id}/signatures", {**SIGNING, "rev": 1})
    assert again.status_code == 201, again.text
    assert listed(signer, "adverse_event", event_id) == [("author", False), ("author", True)]
    # Also where somebody changes a value past all our code, and leaves the version's number.
    database["adverse_events"].update_one({"_id": event_id}, {"$set": {"site": "S01", "soc": "x"}})
    assert listed(signer, "adverse_event", event_id)[1] == ("author", False)


def test_a_correction_of_a_subject_voids_its_signature(
    signer: Person, nurse: Person, subject_id: str
) -> None:
    assert signer.post(f"/subjects/{subject_id}/signatures", SIGNING).status_code == 201
    change = {"rev": 0, "reason": "scale was wrong", "baseline": {"baseline_weight_kg": 70.5}}
    assert nurse.call("PATCH", f"/subjects/{subject_id}", json=change).status_code == 200
    assert listed(nurse, "subject", subject_id) == [("author", False)]


def test_a_wrong_password_signs_nothing_and_locks_as_at_sign_in(
    signer: Person, subject_id: str, database: Stored
) -> None:
    wrong = {**SIGNING, "password": "not the password at all"}
    path = f"/subjects/{subject_id}/signatures"
    answers = [signer.post(path, wrong).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert signer.post(path, SIGNING).status_code == 429
    assert database["signatures"].count_documents({}) == 0
    assert database["audit"].count_documents({"action": "session:refuse"}) == 5
    # The sign-in itself goes on.
    assert signer.get(f"/subjects/{subject_id}").status_code == 200


def test_only_an_investigator_of_the_site_signs_what_is_recorded(
    nurse: Person, subject_id: str, app: flask.Flask
) -> None:
    path = f"/subjects/{subject_id}/signatures"
    assert nurse.post(path, SIGNING).status_code == 403
    assert staff(app, "safety_reviewer").post(path, SIGNING).status_code == 403
    assert staff(app, "investigator", "S02").post(path, SIGNING).status_code == 404
    assert nurse.get(f"/signatures?kind=subject&target_id={subject_id}").get_json()["items"] == []


def test_the_same_signature_twice_is_refused(signer: Person, subject_id: str) -> None:
    path = f"/subjects/{subject_id}/signatures"
    assert signer.post(path, SIGNING).status_code == 201
    assert signer.post(path, SIGNING).status_code == 409
    assert signer.post(path, {**SIGNING, "meaning": "review"}).status_code == 201


@pytest.mark.usefixtures("trial")
def test_a_data_cut_is_signed_when_it_is_complete(
    reviewer: Person, fence: object, clock: Clock, app: flask.Flask
) -> None:
    answer = reviewer.post("/data-cuts/", {"cutoff": "2026-02-20", "reason": "safety report"})
    waiting = answer.get_json()["id"]
    approval = {**SIGNING, "meaning": "approval"}
    assert reviewer.post(f"/data-cuts/{waiting}/signatures", approval).status_code == 409
    taken(reviewer, fence, clock, "2026-02-21")  # type: ignore[arg-type]
    rows = reviewer.get("/data-cuts/").get_json()["items"]
    (done,) = [row for row in rows if row["state"] == "complete"]
    rev = done["rev"]
    path = f"/data-cuts/{done['id']}/signatures"
    assert reviewer.post(path, {**approval, "rev": rev}).status_code == 201
    assert listed(reviewer, "data_cut", done["id"]) == [("approval", True)]
    one_site = staff(app, "safety_reviewer", "S01")
    assert one_site.post(path, {**approval, "rev": rev}).status_code == 403
