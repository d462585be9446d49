"""The sites' staff at work: doses, laboratory files, and answers to alerts by those on duty."""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from simulator.accounts import SetUpError, Staff
from simulator.enrol import nurse_of, ring
from simulator.faults import Weather
from simulator.line import GaveUpError
from simulator.people import INVESTIGATOR, NURSE, ZONES, chance
from simulator.plan import Dose, LabFile
from simulator.told import LabTold, Told

_CONFLICT = 409
_STALE = (_CONFLICT, 412)
_TRIES = 5
# So long, in seconds, a person waits for an alert's answer to be taken before they look at the next one.
_MOMENT = 3.0
_HOUR = dt.timedelta(hours=1)
# Shares (assumed) of alerts that are answered within minutes and within hours; nobody hears the rest.
_SOON, _LATER = 0.7, 0.2
# What nobody hears is found by the investigator or the study's safety desk after so long.
_FOUND_AFTER = 12 * _HOUR
# The study file's hours of the day, by the site's wall clock.
_SHIFTS = ((7, 15, "day"), (15, 22, "evening"))


@dataclass(order=True, slots=True)
class _Task:
    due: dt.datetime
    alert_id: str
    step: str


@dataclass(slots=True)
class Desk:
    """The staff of one site."""

    seed: int
    site: str
    team: Mapping[str, Staff]
    subjects: Mapping[int, str]
    clock: Callable[[], dt.datetime]
    told: Told
    weather: Weather
    _tasks: list[_Task] = field(default_factory=list)
    _plans: dict[tuple[str, str], dt.datetime] = field(default_factory=dict)
    _met: Counter[str] = field(default_factory=Counter)
    _addresses: Counter[str] = field(default_factory=Counter)
    _busy: threading.Lock = field(default_factory=threading.Lock)

    def enter_dose(self, dose: Dose) -> None:
        """Enter one dose; after a lost answer the system says that it has it already."""
        body = {
            "component": dose.component,
            "first": dose.first.isoformat(),
            "dose": dose.dose,
            "unit": dose.unit,
        }
        body |= {"fraction": 1} if dose.cycle is None else {"cycle": dose.cycle}
        path = f"/subjects/{self.subjects[dose.patient]}/exposures"
        answer = nurse_of(self.team, self.site).ask("POST", path, body)
        if answer.status == _CONFLICT:
            self.told.count("doses that the system had already, their answer lost")
        elif not answer.is_good:
            self.told.refuse(f"dose: {answer.status} {answer.body}")
        self.told.count("doses entered")

    def upload(self, file: LabFile) -> None:
        """Upload a laboratory's file; every row must be taken."""
        lines = ["subject_id,collected_at,analyte,value,unit"]
        lines += [
            f"{self.subjects[row.patient]},{row.collected_at},{row.analyte},{row.value},{row.unit}"
            for row in file.rows
        ]
        content = "\r\n".join(lines).encode()
        for _ in range(1 + file.repeat):
            answer = nurse_of(self.team, self.site).ask(
                "POST", "/labs/csv", content, kind="text/csv"
            )
            if not answer.is_good:
                self.told.refuse(f"labs: {answer.status} {answer.body}")
                return
            self.told.count("laboratory files uploaded")
            self.told.count("rows repeated", answer.body["repeated"])
            refused = [row for row in answer.body["rows"] if row["outcome"] == "refused"]
            if refused:
                # The database was away for these: the file is sent again, as the report says.
                self.told.count("rows sent again", len(refused))
                self._upload_again(content)
        self.told.keep_labs(
            LabTold(self.subjects[row.patient], row.analyte, row.collected_at, str(row.value))
            for row in file.rows
        )

    def attend(self) -> None:
        """Look at the work list, answer what it is time for, and do what was promised.

        Whoever is still at it from before is left to it.
        """
        if not self._busy.acquire(blocking=False):
            return
        now = self.clock()
        try:
            self._greet()
            nurse = self._on_duty(now)
            self._look(nurse, now)
            due = sorted(task for task in self._tasks if task.due <= now)
            self._tasks = [task for task in self._tasks if task.due > now]
            for task in due:
                if not self._step(nurse, task.alert_id, task.step):
                    self._tasks.append(task)
        except (GaveUpError, SetUpError) as error:
            self.told.refuse(f"{self.site}: {error}")
        finally:
            self._busy.release()

    def _upload_again(self, content: bytes) -> None:
        for _ in range(_TRIES):
            answer = nurse_of(self.team, self.site).ask(
                "POST", "/labs/csv", content, kind="text/csv"
            )
            if answer.is_good and not answer.body["refused"]:
                return
        self.told.refuse(f"labs: {answer.status} rows refused: {answer.body['rows']}")

    def _greet(self) -> None:
        for person in self._own():
            name = person.who.email.partition("@")[0]
            past = self._addresses[name]
            address = f"{name}-{past}" if past else name
            if self.weather.is_gone(address):
                self._addresses[name] += 1
                ring(person, f"{name}-{past + 1}")
                self.told.count("staff with a new push address")

    def _own(self) -> list[Staff]:
        return [person for person in self.team.values() if person.who.site == self.site]

    def _on_duty(self, now: dt.datetime) -> Staff:
        here = now.astimezone(ZoneInfo(ZONES[self.site])).time()
        nurses = [person for person in self._own() if person.who.role == NURSE]
        return next(person for person in nurses if person.who.is_on(here))

    def _look(self, nurse: Staff, now: dt.datetime) -> None:
        for alert in nurse.must("GET", f"/alerts?state=new&site={self.site}&limit=200").body[
            "items"
        ]:
            rung = dt.datetime.fromisoformat(alert["rung_at"])
            key = (alert["id"], alert["rung_at"])
            if key not in self._plans:
                self._plans[key] = rung + self._wait(alert)
            if self._plans[key] > now:
                continue
            unheard = self._plans[key] - rung >= _FOUND_AFTER and alert["tier"] != "routine"
            self._take(self._finder(alert) if unheard else nurse, alert)

    def _wait(self, alert: Mapping[str, Any]) -> dt.timedelta:
        """Decide how long this one waits; the same for the same alert of the same patient."""
        cause = f"{alert['subject_id']}/{alert['flag_id']}"
        self._met[cause] += 1
        luck = chance(self.seed, "answer", cause, self._met[cause])
        kind = luck.random()
        if alert["tier"] == "routine":
            return 30 * _HOUR if kind < _LATER else dt.timedelta(minutes=luck.randint(2, 120))
        if kind < _SOON:
            return dt.timedelta(minutes=luck.uniform(0.5, 3.5))
        if kind < _SOON + _LATER:
            return dt.timedelta(minutes=luck.randint(10, 170))
        return _FOUND_AFTER

    def _finder(self, alert: Mapping[str, Any]) -> Staff:
        self.told.count("alerts that nobody heard, found after escalation")
        desk = chance(self.seed, "finder", alert["subject_id"], alert["flag_id"]).random() < 1 / 3
        for person in self.team.values():
            if person.who.site is None and desk:
                return person
            if person.who.site == self.site and person.who.role == INVESTIGATOR and not desk:
                return person
        raise LookupError

    def _take(self, person: Staff, alert: Mapping[str, Any]) -> None:
        luck = chance(self.seed, "after", alert["subject_id"], alert["flag_id"], alert["rung_at"])
        if luck.random() < 1 / 8:
            self._race(alert)
        else:
            self._step(person, alert["id"], "acknowledge")
        now = self.clock()
        self._tasks.append(_Task(now + luck.randint(1, 6) * _HOUR, alert["id"], "act"))
        # A few stay open beyond the 72 hours after which a cause that is still there rings again.
        long = luck.random() < 1 / 10
        hours = luck.randint(80, 100) if long else luck.randint(8, 30)
        self._tasks.append(_Task(now + hours * _HOUR, alert["id"], "close"))

    def _race(self, alert: Mapping[str, Any]) -> None:
        """Let both nurses take it at the same moment: one of them must be told that it is taken."""
        body = {"step": "acknowledge", "note": None, "rev": alert["rev"]}
        good: list[int] = []

        def take(person: Staff) -> None:
            try:
                answer = person.ask("POST", f"/alerts/{alert['id']}/steps", body, patience=_MOMENT)
            except GaveUpError:
                # It stays on the list.
                self.told.count("answers put off: the patient was locked or the system away")
            except SetUpError as error:
                self.told.refuse(f"{self.site}: {error}")
            else:
                good.append(answer.status)

        nurses = [person for person in self._own() if person.who.role == NURSE]
        threads = [threading.Thread(target=take, args=(person,)) for person in nurses]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.told.count("alerts that two nurses took at the same moment")
        # Neither, where the database was away or a diary came between: it stays on the list.
        self.told.count("  of these, both were told that it is theirs", good.count(200) > 1)
        self.told.answered(self._shift(), "acknowledge")

    def _step(self, person: Staff, alert_id: str, step: str) -> bool:
        """Take one step; False where the system cannot now, and the person goes on to the next alert."""
        note = None if step == "acknowledge" else "Spoke to the patient (simulated)."
        answer = None
        for _ in range(_TRIES):
            alert = person.must("GET", f"/alerts/{alert_id}").body
            if alert["state"] == "closed" or (step == "acknowledge" and alert["state"] != "new"):
                return True
            body = {"step": step, "note": note, "rev": alert["rev"]}
            try:
                answer = person.ask("POST", f"/alerts/{alert_id}/steps", body, patience=_MOMENT)
            except GaveUpError:
                self.told.count("answers put off: the patient was locked or the system away")
                return False
            if answer.is_good:
                self.told.answered(self._shift(), step)
                return True
            if answer.status not in _STALE:
                break
        self.told.refuse(f"{step}: {answer and answer.status} {answer and answer.body}")
        return True

    def _shift(self) -> str:
        hour = self.clock().astimezone(ZoneInfo(ZONES[self.site])).hour
        return next((name for first, last, name in _SHIFTS if first <= hour < last), "night")
