"""Search and read of FHIR resources: by patient, date and code, in pages, within what may be seen."""

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from backend import access
from backend.access import Actor
from backend.clinical.rules import Ruleset
from backend.errors import Fault, Forbidden, InvalidInput, NotFound
from backend.fhir.found import Found, Reading
from backend.fhir.registry import ResourceType
from backend.models.frame import Frame
from backend.models.study import Study
from backend.services.paging import read_cursor, write_cursor

LEAST, MOST, USUAL = 1, 200, 50
CONTROLS = {"_count": "number", "_cursor": "special", "_format": "special"}
_DATE = re.compile(r"(eq|ne|ge|gt|le|lt)?(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_TESTS: dict[str, Callable[[dt.date, dt.date, dt.date], bool]] = {
    "eq": lambda day, first, last: first <= day <= last,
    "ne": lambda day, first, last: not first <= day <= last,
    "ge": lambda day, first, _: day >= first,
    "gt": lambda day, _, last: day > last,
    "le": lambda day, _, last: day <= last,
    "lt": lambda day, first, _: day < first,
}
Test = Callable[[Found], bool]
_FAULT = Fault("date", "a prefix and a year, month or day are expected, such as ge2026-03-02")


@dataclass(frozen=True, slots=True)
class FhirAsked:
    """Who asks, and from where."""

    actor: Actor
    frame: Frame
    study: Study
    ruleset: Ruleset


def read_resource(kind: ResourceType, number: str, asked: FhirAsked) -> dict[str, Any]:
    """Give one resource.

    Raises:
        Forbidden: the actor reads no resource of this type.
        NotFound: there is none that the actor may see.
    """
    for found in kind.find(_reading(kind, asked)):
        if found.id == number:
            return kind.check(found.resource)
    raise NotFound


def search(
    kind: ResourceType, parameters: Iterable[tuple[str, str]], asked: FhirAsked
) -> dict[str, Any]:
    """Give a page of a search as a Bundle; each resource comes once, in a stable order.

    Parameters of one name must all hold; values with commas are alternatives.

    Raises:
        Forbidden: the actor reads no resource of this type.
        InvalidInput: an unknown parameter or a value that cannot be read.
    """
    given = list(parameters)
    known = {**kind.parameters, **CONTROLS}
    unknown = sorted({name for name, _ in given} - known.keys())
    if unknown:
        raise InvalidInput(faults=tuple(Fault(name, "not a search parameter") for name in unknown))
    reading = _reading(kind, asked)
    patients = {
        value.removeprefix("Patient/") for name, value in given if name in ("patient", "subject")
    }
    if len(patients) > 1:
        return _bundle(kind, [], given, None)
    if patients:
        (number,) = patients
        if reading.subject not in (None, number):
            return _bundle(kind, [], given, None)
        reading = replace(reading, subject=number)
    tests = [test for name, value in given for test in _tests(name, value)]
    count = _count(given)
    cursor = next((value for name, value in given if name == "_cursor"), None)
    after = read_cursor(cursor, (str, str))
    if after is not None and reading.subject is None:
        reading = replace(reading, since=after[0])
    found = _after(kind.find(reading), after)
    page = list(islice((each for each in found if all(test(each) for test in tests)), count + 1))
    more = len(page) > count
    mark = write_cursor((page[count - 1].subject_id, page[count - 1].id)) if more else None
    return _bundle(kind, [kind.check(each.resource) for each in page[:count]], given, mark)


def _after(found: Iterator[Found], mark: tuple[Any, ...] | None) -> Iterator[Found]:
    """Pass by what a page before had: within a subject the order of the stream is stable."""
    passed = mark is None
    for each in found:
        if passed:
            yield each
        elif mark is not None and each.subject_id > mark[0]:
            # What the mark stood on is there no more.
            passed = True
            yield each
        elif mark is not None and (each.subject_id, each.id) == mark:
            passed = True


def _reading(kind: ResourceType, asked: FhirAsked) -> Reading:
    scope = access.scope(asked.actor, kind.action)
    if scope == access.Scope():
        raise Forbidden
    reading = Reading(asked.frame, asked.study, asked.ruleset, scope.sites)
    if scope.subject_id is not None:
        return replace(reading, sites=None, subject=scope.subject_id)
    return reading


def _tests(name: str, value: str) -> Iterator[Test]:
    if name == "_id":
        wanted = set(value.split(","))
        yield lambda found: found.id in wanted
    elif name == "code":
        pairs = [part.rpartition("|") for part in value.split(",")]
        yield lambda found: any(
            code == own and (not bar or system == own_system)
            for system, bar, code in pairs
            for own_system, own in found.codes
        )
    elif name == "date":
        tests = [_date(part) for part in value.split(",")]
        yield lambda found: found.day is not None and any(test(found.day) for test in tests)


def _date(text: str) -> Callable[[dt.date], bool]:
    match = _DATE.fullmatch(text)
    if match is None:
        raise InvalidInput(faults=(_FAULT,))
    prefix, year, month, day = match[1] or "eq", int(match[2]), match[3], match[4]
    try:
        first = dt.date(year, int(month or 1), int(day or 1))
        if day:
            last = first
        elif month:
            last = first.replace(day=calendar.monthrange(year, first.month)[1])
        else:
            last = dt.date(year, 12, 31)
    except ValueError as error:
        raise InvalidInput(faults=(_FAULT,)) from error
    test = _TESTS[prefix]
    return lambda known: test(known, first, last)


def _count(given: list[tuple[str, str]]) -> int:
    text = next((value for name, value in given if name == "_count"), str(USUAL))
    if not text.isdecimal() or not LEAST <= int(text) <= MOST:
        detail = f"a whole number from {LEAST} to {MOST} is expected"
        raise InvalidInput(faults=(Fault("_count", detail),))
    return int(text)


def _bundle(
    kind: ResourceType,
    resources: list[dict[str, Any]],
    given: list[tuple[str, str]],
    mark: str | None,
) -> dict[str, Any]:
    asked = [(name, value) for name, value in given if name != "_cursor"]
    links = [{"relation": "self", "url": _url(kind, given)}]
    if mark is not None:
        links.append({"relation": "next", "url": _url(kind, [*asked, ("_cursor", mark)])})
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "link": links}
    if resources:
        bundle["entry"] = [
            {
                "fullUrl": f"urn:pro-ae:{kind.name}:{resource['id']}",
                "resource": resource,
                "search": {"mode": "match"},
            }
            for resource in resources
        ]
    return bundle


def _url(kind: ResourceType, given: list[tuple[str, str]]) -> str:
    return f"{kind.name}?{urlencode(given)}" if given else kind.name
