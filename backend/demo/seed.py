"""Seed a running system through its public API: staff, subjects, doses, results, diaries, answers."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from backend.clinical.exposure import COMPONENTS
from backend.demo.api import Api
from backend.demo.diaries import diary
from backend.demo.labs import baseline_labs, reports
from backend.demo.trial import RECENT_DAYS, SITES, Person, is_written, treatment

_ZONES = {"S01": "Asia/Shanghai", "S02": "Europe/Berlin"}
_LANGUAGES = {"S01": "zh", "S02": "en"}
# People who write at the same time; more only wait for the database.
_WRITERS = 4


@dataclass(frozen=True, slots=True)
class Account:
    """One demo account, as it is printed."""

    email: str
    role: str
    site: str | None
    unblinded: bool
    password: str = field(repr=False)


def accounts() -> list[Account]:
    """Give one account of each role, with fresh passwords."""
    wanted: list[tuple[str, str | None, bool]] = []
    for site in SITES:
        wanted += [("nurse", site, False), ("investigator", site, True)]
    wanted += [("safety_reviewer", None, False), ("safety_reviewer", None, True)]
    wanted += [("data_manager", None, False), ("administrator", None, False)]
    return [
        Account(_email(role, site, unblinded=unblinded), role, site, unblinded, _password())
        for role, site, unblinded in wanted
    ]


def seed_staff(url: str, administrator: Account, others: Sequence[Account]) -> None:
    """Make every account but the administrator's, which the machine itself made."""
    api = Api(url).signed_in(administrator.email, administrator.password)
    for account in others:
        grant = {"role": account.role, "site": account.site, "unblinded": account.unblinded}
        api.post(
            "/staff",
            {
                "email": account.email,
                "password": account.password,
                "name": f"Demo {account.role.replace('_', ' ')}",
                "grants": [grant],
            },
        )


def seed_trial(
    url: str,
    people: Sequence[Person],
    nurses: Mapping[str, Account],
    progress: Callable[[], None],
) -> int:
    """Enrol everybody and write their weeks; `progress` is called once a day written.

    Gives the number of diaries.
    """
    tokens = {
        site: Api(url).signed_in(nurse.email, nurse.password).token
        for site, nurse in nurses.items()
    }

    # One after the other, so that subject numbers follow the plan; only the weeks run side by side.
    enrolled = [(person, _enrol(Api(url, tokens[person.site]), person)) for person in people]

    def live(pair: tuple[Person, str]) -> int:
        person, subject_id = pair
        nurse, phone = Api(url, tokens[person.site]), Api(url)
        return _live(nurse, phone, person, subject_id, progress=progress)

    with ThreadPoolExecutor(_WRITERS) as pool:
        return sum(pool.map(live, enrolled))


def _enrol(nurse: Api, person: Person) -> str:
    subject = nurse.post(
        "/subjects",
        {
            "site": person.site,
            "arm": person.arm,
            "mrf": person.mrf,
            "zone": _ZONES[person.site],
            "language": _LANGUAGES[person.site],
            "baseline": person.baseline,
            "baseline_labs": baseline_labs(person),
        },
    )
    first = person.first_day.isoformat()
    opening = "first_dose" if person.arm == "A" else "radiotherapy_start"
    for rev, kind in enumerate(("randomised", opening)):
        nurse.post(f"/subjects/{subject['id']}/milestones", {"kind": kind, "on": first, "rev": rev})
    return str(subject["id"])


def _live(
    nurse: Api, phone: Api, person: Person, subject_id: str, *, progress: Callable[[], None]
) -> int:
    for dose in treatment(person):
        nurse.post(f"/subjects/{subject_id}/exposures", dose)
    code = nurse.post(f"/subjects/{subject_id}/activation-codes", {})["code"]
    activated = phone.post("/activations", {"code": code, "label": "demo phone"})
    phone.token = activated["tokens"]["access_token"]
    items = {
        symptom["symptom"]: [item["attribute"] for item in symptom["items"]]
        for symptom in phone.get("/instruments/diary")["symptoms"]
    }
    due = {report["collected_at"][:10]: report for report in reports(person)}
    written = 0
    for day in person.days:
        if day == person.days[-RECENT_DAYS]:
            # The past is answered; what the last days bring waits on the work list.
            _answer(nurse, subject_id)
        if is_written(person, day):
            phone.post("/diaries", diary(person, day, _ZONES[person.site], items))
            written += 1
        if day.isoformat() in due:
            nurse.post(f"/subjects/{subject_id}/labs", due[day.isoformat()])
        progress()
    return written


def judge_events(url: str, investigators: Sequence[Account]) -> int:
    """Let each site's investigator judge what was worst; gives how many events were judged.

    The first of a site is serious and immune-related, so that its clock runs; the others are not.
    """
    judged = 0
    for account in investigators:
        api = Api(url).signed_in(account.email, account.password)
        page = api.get("/listings/adverse-events?grade_min=2&sort=-grade&limit=6")
        for place, row in enumerate(page["items"]):
            event = api.get(f"/adverse-events/{row['id']}")
            api.post(f"/adverse-events/{row['id']}/adjudications", _judgement(event, place))
            judged += 1
    return judged


def _judgement(event: Mapping[str, Any], place: int) -> dict[str, Any]:
    first = place == 0
    word = "POSSIBLY RELATED" if first else "UNLIKELY RELATED"
    return {
        "rev": event["rev"],
        "term": event["term"],
        "grade": event["worst_grade"],
        "seriousness": ["hospitalisation"] if first else [],
        "relations": dict.fromkeys(COMPONENTS, word),
        "actions": dict.fromkeys(COMPONENTS, "DRUG INTERRUPTED" if first else "DOSE NOT CHANGED"),
        "outcome": "NOT RECOVERED/NOT RESOLVED",
        "special_interest": first,
        "immune_related": first,
        "onset": event["onset"],
        "reason": "Seen at the visit (demo).",
    }


def _answer(nurse: Api, subject_id: str) -> None:
    for alert in _open_alerts(nurse):
        if alert["subject_id"] == subject_id:
            for step, note in (
                ("acknowledge", None),
                ("act", "Called the patient (demo)."),
                ("close", "Settled at the last visit (demo)."),
            ):
                body = {"step": step, "note": note, "rev": alert["rev"]}
                alert = nurse.post(f"/alerts/{alert['id']}/steps", body)  # noqa: PLW2901 - its next state


def _open_alerts(nurse: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = nurse.get(f"/alerts?limit=200{cursor}")
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


def _email(role: str, site: str | None, *, unblinded: bool) -> str:
    place = f".{site.lower()}" if site else ".unblinded" if unblinded else ""
    return f"{role.replace('_', '.')}{place}@demo.example"


def _password() -> str:
    return secrets.token_urlsafe(15)
