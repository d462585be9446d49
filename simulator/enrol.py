"""Before the first day: accounts, rosters, enrolments and phones, all through the API."""

import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from simulator.accounts import Phone, Staff
from simulator.line import Line
from simulator.people import NURSE, Colleague, Patient, colleagues
from simulator.system import System

_ADMINISTRATOR = "administrator@simulator.example"
_WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]


def open_sites(system: System, line: Line, sites: frozenset[str]) -> dict[str, Staff]:
    """Make every account of some sites, put the nurses on the roster, give each a phone; by e-mail."""
    password = secrets.token_urlsafe(16)
    system.make_administrator(_ADMINISTRATOR, password)
    administrator = Staff(line, Colleague(_ADMINISTRATOR, "administrator", None), password)
    team = {}
    for who in colleagues():
        if who.site is None or who.site in sites:
            team[who.email] = _hired(administrator, Staff(line, who, secrets.token_urlsafe(16)))
    return team


def _hired(administrator: Staff, person: Staff) -> Staff:
    who = person.who
    grant = {"role": who.role, "site": who.site, "unblinded": False}
    body = {
        "email": who.email,
        "password": person.password,
        "name": "Somebody simulated",
        "grants": [grant],
    }
    person.id = str(administrator.must("POST", "/staff", body).body["id"])
    ring(person, who.email.partition("@")[0])
    if who.begins is not None and who.ends is not None:
        shift = {
            "site": who.site,
            "staff_id": person.id,
            "role": NURSE,
            "days": _WEEK,
            "begins": f"{who.begins:%H:%M}",
            "ends": f"{who.ends:%H:%M}",
        }
        administrator.must("POST", "/rosters", shift)
    return person


def ring(person: Staff, address: str) -> None:
    """Let a colleague's alerts ring at a push address."""
    body = {"channel": "fcm", "kind": "fid", "value": address}
    person.must("PUT", "/staff/me/push-address", body)


def nurse_of(team: Mapping[str, Staff], site: str) -> Staff:
    """Give the nurse who enrols and enters doses at a site."""
    return team[f"day.{site.lower()}@simulator.example"]


def enrol_all(
    team: Mapping[str, Staff], people: tuple[Patient, ...], line: Line, writers: int
) -> dict[int, Phone]:
    """Enrol everybody and activate their phones; give the phones by the patient's index."""

    def enrol(patient: Patient) -> Phone:
        nurse = nurse_of(team, patient.site)
        labs = [{"analyte": "ALT", "value": 24, "unit": "U/L"}]
        body = {
            "site": patient.site,
            "arm": patient.arm,
            "mrf": patient.mrf,
            "zone": patient.zone,
            "language": "en",
            "baseline": dict(patient.baseline),
            "baseline_labs": labs,
        }
        subject = str(nurse.must("POST", "/subjects", body).body["id"])
        code = nurse.must("POST", f"/subjects/{subject}/activation-codes", {}).body["code"]
        asked = {"code": code, "label": "simulated phone"}
        tokens = line.ask("POST", "/activations", asked).body["tokens"]
        phone = Phone(line, subject, patient.index, tokens["access_token"], tokens["refresh_token"])
        phone.register()
        return phone

    with ThreadPoolExecutor(writers) as pool:
        return {phone.index: phone for phone in pool.map(enrol, people)}


def instrument(phone: Phone) -> dict[str, list[str]]:
    """Give by which attributes each symptom of the diary is asked."""
    asked = phone.ask("GET", "/instruments/diary").body
    return {
        symptom["symptom"]: [item["attribute"] for item in symptom["items"]]
        for symptom in asked["symptoms"]
    }
