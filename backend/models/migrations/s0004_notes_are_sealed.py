"""Seal what people wrote about alerts, which earlier releases kept in the alerts' steps."""

from typing import Any

from backend.clinical.alerting import STEPS
from backend.db import database, transaction
from backend.models.migrations.step import Work
from backend.models.private_text import find_text, insert_text, sealed_text
from backend.vault import SealedForGoodError

BATCH = 200


def up(work: Work) -> None:
    """Move the notes of people's steps out of each alert; what the system wrote stays."""
    alerts = database()["alerts"]
    last = ""
    while found := list(alerts.find({"_id": {"$gt": last}}).sort("_id", 1).limit(BATCH)):
        work.beat()
        for alert in found:
            # Somebody may answer it meanwhile: then it is read again.
            while alert is not None and not _seal(alert, work):
                alert = alerts.find_one({"_id": alert["_id"]})  # noqa: PLW2901 - its present state
        last = found[-1]["_id"]


def _seal(alert: dict[str, Any], work: Work) -> bool:
    """Seal the notes of one alert; False: it has moved on since it was read."""
    written = {
        place: step["note"]
        for place, step in enumerate(alert["steps"])
        if step["step"] in STEPS and step.get("note")
    }
    if not written:
        return True
    texts, steps = [], list(alert["steps"])
    for place, note in written.items():
        step = {name: value for name, value in steps[place].items() if name != "note"}
        # The revision that the step made is not known any more: its place, which no revision can be.
        of = f"alert/{alert['subject_id']}/{alert['_id']}/step-{place}"
        steps[place] = {**step, "private": of}
        try:
            texts.append(sealed_text(of, alert["subject_id"], {"note": note}, now=work.now))
        except SealedForGoodError:
            # Shredded: it is not kept.
            continue

    def story(session: Any) -> bool:  # noqa: ANN401 - pymongo's session
        same = {"_id": alert["_id"], "rev": alert["rev"]}
        change = {"$set": {"steps": steps}}
        if not database()["alerts"].update_one(same, change, session=session).matched_count:
            return False
        for text in texts:
            if find_text(text.id, session=session) is None:
                insert_text(text, session=session)
        return True

    return transaction(story)
