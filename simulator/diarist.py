"""A patient with a phone: writes, sends when online, sends twice, corrects, until the receipt is there."""

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.accounts import Phone, SetUpError
from simulator.answers import content
from simulator.faults import Weather
from simulator.line import Answer, GaveUpError
from simulator.people import Patient
from simulator.plan import AGAIN, AT_ONCE, Entry
from simulator.told import Receipt, Told

_CREATED = 201
# Largest batch that the API takes.
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Diarist:
    """All phones of the trial; each method does the sending of one of them."""

    seed: int
    people: Sequence[Patient]
    phones: Mapping[int, Phone]
    items: Mapping[str, list[str]]
    clock: Callable[[], dt.datetime]
    told: Told
    weather: Weather

    def send_all(self, entries: Sequence[Entry]) -> None:
        """Send what waits on one phone, oldest first."""
        phone = self.phones[entries[0].patient]
        try:
            self._greet(phone)
            # Half of the phones empty their queue by the batch route.
            if len(entries) > 1 and entries[0].patient % 2 == 0:
                self._send_batch(phone, entries)
            else:
                for entry in entries:
                    self._send(phone, entry)
        except (GaveUpError, SetUpError) as error:
            self.told.refuse(f"{phone.subject_id}: {error}")

    def _greet(self, phone: Phone) -> None:
        """Register a new push address where the old one is gone, as an app does when it opens."""
        if self.weather.is_gone(phone.address):
            phone.addresses += 1
            phone.register()
            self.told.count("phones with a new push address")

    def _send(self, phone: Phone, entry: Entry) -> None:
        body = self._body(entry)
        self.told.keep_sent(body)
        if entry.repeat == AT_ONCE:
            self.told.count("duplicates sent at the same time")
            other = threading.Thread(target=self._post_apart, args=(phone, body))
            other.start()
            self._post(phone, body)
            other.join()
            return
        self._post(phone, body)
        if entry.repeat == AGAIN:
            self.told.count("duplicates sent afterwards")
            self._post(phone, {**body, "sent_at": self._shown(entry)})

    def _post_apart(self, phone: Phone, body: dict[str, Any]) -> None:
        try:
            self._post(phone, body)
        except (GaveUpError, SetUpError) as error:
            self.told.refuse(f"{phone.subject_id}: {error}")

    def _post(self, phone: Phone, body: dict[str, Any]) -> None:
        answer = phone.ask("POST", "/diaries", body)
        if answer.status == _CREATED:
            self._keep(phone, answer.body, answer)
        else:
            self.told.refuse(f"{phone.subject_id} {body['day']}: {answer.status} {answer.body}")

    def _send_batch(self, phone: Phone, entries: Sequence[Entry]) -> None:
        bodies = [self._body(entry) for entry in entries[:_BATCH]]
        for body in bodies:
            self.told.keep_sent(body)
        answer = phone.ask("POST", "/diaries/batch", {"items": bodies})
        self.told.count("bursts sent as one batch")
        if not answer.is_good:
            self.told.refuse(f"{phone.subject_id}: batch {answer.status} {answer.body}")
            return
        for body, item in zip(bodies, answer.body["items"], strict=True):
            if item["status"] == _CREATED:
                self._keep(phone, item["receipt"], answer)
            else:
                # One that met a fault on its way is sent again by itself.
                self._post(phone, body)

    def _keep(self, phone: Phone, receipt: Mapping[str, Any], answer: Answer) -> None:
        self.told.keep(
            Receipt(
                subject_id=phone.subject_id,
                submission_id=receipt["submission_id"],
                diary_id=receipt["diary_id"],
                day=receipt["day"],
                began=answer.began,
                took=answer.took,
            )
        )

    def _body(self, entry: Entry) -> dict[str, Any]:
        patient = self.people[entry.patient]
        # A correction says something else than what it corrects.
        story = "" if entry.amends is not None else entry.story
        said = content(self.seed, patient, entry.number, story, self.items)
        body = {
            "submission_id": entry.submission_id,
            "day": entry.day.isoformat(),
            "reported_at": entry.reported_at.isoformat(),
            "sent_at": self._shown(entry),
            "zone": entry.zone,
            **said,
        }
        if entry.amends is not None:
            body["amends"] = {"submission_id": entry.amends, "reason": "pressed the wrong answer"}
        return body

    def _shown(self, entry: Entry) -> str:
        """Give what the phone's clock shows as it sends."""
        return (self.clock() + entry.skew).isoformat()
