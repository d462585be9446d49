"""`/study` as read by staff and patients."""

from pathlib import Path

import flask
import pytest

from backend.context import Context
from backend.services.study import keep_study
from tests.people import Person, enrolled, phone, staff


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


def test_everybody_signed_in_reads_the_study(app: flask.Flask, nurse: Person) -> None:
    patient = phone(nurse, enrolled(nurse))
    for person in (nurse, patient, staff(app, "data_manager")):
        study = person.get("/study").get_json()
        assert study["id"] == "larc-ql1706"
        assert study["components"]["ql1706"]["dose"] == 5
        assert study["components"]["capecitabine"]["days"] == [1, 14]
        assert study["components"]["radiotherapy"]["fractions"] == 5
        assert "not known" in study["components"]["regorafenib"]["assumption"]
        assert study["diary"]["reminder_at"] == "19:00"
        assert study["arms"]["B"]["plan"][0] == "radiotherapy"
    assert nurse.client.get("/api/v1/study").status_code == 401


def test_a_subjects_study_version_can_be_read_again(app: flask.Flask, nurse: Person) -> None:
    here: Context = app.extensions["backend"]
    keep_study(here.config.study_file, here.study, now=here.clock())
    version = nurse.get(f"/subjects/{enrolled(nurse)}").get_json()["study_version"]
    listed = nurse.get("/study/versions").get_json()
    assert listed["items"] == [
        {"id": version, "study_id": "larc-ql1706", "loaded_at": "2026-03-02T08:00:00+00:00"}
    ]
    found = nurse.get(f"/study/versions/{version}").get_json()
    assert found["content"] == Path(here.config.study_file).read_text(encoding="utf-8")
    assert nurse.get("/study/versions/000000000000").status_code == 404


def test_a_study_file_is_loaded_from_the_command_line(app: flask.Flask, tmp_path: Path) -> None:
    here: Context = app.extensions["backend"]
    runner = app.test_cli_runner()
    file = str(here.config.study_file)
    assert f"{here.study.version}: stored" in runner.invoke(args=["study", "load", file]).output
    assert "known already" in runner.invoke(args=["study", "load", file]).output
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('id = "x"\nsurprise = 1\n', encoding="utf-8")
    refused = runner.invoke(args=["study", "load", str(wrong)])
    assert refused.exit_code == 1
    assert "wrong.toml" in refused.output


def test_sight_of_the_arm_is_for_the_roles_that_the_study_names(app: flask.Flask) -> None:
    administrator = staff(app, "administrator")

    def account(role: str) -> dict[str, object]:
        grant = {"role": role, "site": None, "unblinded": True}
        return {
            "email": f"{role}@example.org",
            "password": "a password for this test",
            "name": "Somebody",
            "grants": [grant],
        }

    assert administrator.post("/staff", account("safety_reviewer")).status_code == 201
    refused = administrator.post("/staff", account("administrator"))
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.get_json()["errors"]] == ["/grants/0/unblinded"]
