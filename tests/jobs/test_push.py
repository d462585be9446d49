"""The whole way of a push: the real clock process, firebase's real client, FCM and SMTP stubs."""

import json
from pathlib import Path
from typing import Any

from pymongo.database import Database

from backend.context import system_clock
from tests.jobs.clock_process import await_true, clock_process
from tests.jobs.conftest import Owe
from tests.stubs.faults import DEAD
from tests.stubs.fcm import FcmStub
from tests.stubs.smtp import SmtpStub


def nurse(number: int) -> dict[str, Any]:
    return {
        "_id": f"nurse-{number}",
        "email": f"nurse{number}@site.example",
        "password_hash": "",
        "name": "",
        "grants": [],
        "active": True,
        "channel": "fcm",
        "created_at": system_clock(),
        "rev": 0,
        "push_kind": "fid",
        "push_value": f"fid-{number}",
    }


def test_push_reaches_the_phone_or_else_the_mailbox(
    settings: dict[str, str], owe: Owe, database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    database["staff"].insert_many([nurse(1), nurse(2)])
    reached, dead = (owe("fcm", recipient_id=f"nurse-{n}", due_at=system_clock()) for n in (1, 2))
    with FcmStub() as fcm, SmtpStub() as smtp:
        fcm.faults.plan(DEAD, recipient="fid-2")
        key = tmp_path / "key.json"
        key.write_text(json.dumps(fcm.credentials()), encoding="utf-8")
        configured = {
            **settings,
            "FCM_CREDENTIALS_FILE": str(key),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(smtp.port),
            "SMTP_FROM": "alerts@trial.example",
            "SMTP_TLS": "none",
        }
        output = tmp_path / "console"
        with clock_process(configured, output, "tests.stubs.clock", fcm.url) as process:
            await_true(
                lambda: database["outbox"].count_documents({"state": "accepted"}) == 2,
                process=process,
            )
        pushed = {one.json["message"]["fid"]: one.json["message"] for one in fcm.received}
        (mail,) = smtp.received
    assert pushed.keys() == {"fid-1", "fid-2"}
    assert pushed["fid-1"]["data"] == {"t": "alert", "id": reached.alert_id, "v": "0"}
    assert mail.recipients == ["nurse2@site.example"]
    assert dead.alert_id in mail.content
    assert output.read_text(encoding="utf-8") == ""
    assert "push_value" not in (database["staff"].find_one({"_id": "nurse-2"}) or {})
    tried = database["outbox"].find({"alert_id": dead.alert_id}).sort("created_at", 1)
    assert [(one["channel"], one["state"]) for one in tried] == [
        ("fcm", "dead"),
        ("email", "accepted"),
    ]
