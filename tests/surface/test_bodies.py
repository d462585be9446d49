"""Bodies that cost more than they say: packed, endless, deep, wide, double; each is refused early."""

import gzip
import json
import tracemalloc
import zlib
from io import BytesIO
from typing import Any

import flask
import pytest
from hypothesis import given
from hypothesis import settings as careful
from hypothesis import strategies as st
from pymongo.database import Database
from werkzeug.exceptions import BadRequest
from werkzeug.test import TestResponse

from backend.resources.bodies import MOST_LEVELS, MOST_PARTS, MOST_VALUES, read_json
from backend.resources.problem import MOST_FAULTS
from tests.people import Person, enrolled, phone, staff

Stored = Database[dict[str, Any]]

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=6),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def patient(nurse: Person) -> Person:
    return phone(nurse, enrolled(nurse))


def send(person: Person, body: bytes, **headers: str) -> TestResponse:
    return person.call(
        "POST", "/diaries", data=body, content_type="application/json", headers=headers
    )


@careful(max_examples=60, derandomize=True, deadline=None, database=None)
@given(value=JSON, spaced=st.booleans(), plain=st.booleans())
def test_what_is_json_is_read_as_it_is(value: object, *, spaced: bool, plain: bool) -> None:
    text = json.dumps(value, indent=1 if spaced else None, ensure_ascii=plain)
    assert read_json(text.encode()) == value


@pytest.mark.parametrize(
    "body",
    [
        '{"severity": 1, "severity": 4}',
        '{"severity": 4, "severity": 4}',
        '[{"a": {"b": 1, "b": 2}}]',
        # The same name, written in two ways.
        r'{"severity": 1, "\u0073everity": 4}',
        '{"": 1, "": 2}',
    ],
)
def test_a_key_twice_is_refused(body: str) -> None:
    with pytest.raises(BadRequest, match="twice"):
        read_json(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        '{"a:b": ":", "c": "\\":\\""}',
        '{"a": [":", {":": ":"}]}',
        r'{"a\\": 1, "b": "\\\\:"}',
        '":"',
    ],
)
def test_a_colon_in_a_text_is_no_key(body: str) -> None:
    assert read_json(body.encode()) == json.loads(body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[" * MOST_LEVELS + b"1" + b"]" * MOST_LEVELS, "levels"),
        (b"[" + b"0," * MOST_VALUES + b"0]", "values"),
        (b'{"k' + b'": 0, "k'.join(b"%d" % n for n in range(MOST_VALUES)) + b'": 0}', "values"),
        (rb'{"free_text": "a\u0000b"}', "U\\+0000"),
        (rb'{"a\u0000b": 1}', "U\\+0000"),
        (rb'["\ud800"]', "JSON"),
    ],
)
def test_too_deep_too_wide_or_with_a_nul(body: bytes, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        read_json(body)


def test_the_deepest_that_is_read() -> None:
    levels = MOST_LEVELS - 1
    assert read_json(b"[" * levels + b"1" + b"]" * levels)


@pytest.mark.parametrize("kind", ["gzip", "deflate", "x-gzip", "br", "identity, gzip", "GZIP"])
def test_a_packed_body_is_refused_before_it_is_unpacked(patient: Person, kind: str) -> None:
    packed = {"deflate": zlib.compress}.get(kind, gzip.compress)(b" " * 900_000 + b"{}")
    answer = send(patient, packed, **{"Content-Encoding": kind})
    assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "identity")
    assert send(patient, b"{}", **{"Content-Encoding": "identity"}).status_code == 422


def endless(person: Person, path: str, content_type: str, body: bytes) -> TestResponse:
    """Send a body as gunicorn hands over a chunked one: without a length, up to its end."""
    return person.call(
        "POST",
        path,
        input_stream=BytesIO(body),
        content_type=content_type,
        headers={"Transfer-Encoding": "chunked"},
        environ_base={"wsgi.input_terminated": True},
    )


def test_a_body_without_a_length_is_taken_whole_or_not_at_all(
    nurse: Person, patient: Person, database: Stored
) -> None:
    assert endless(patient, "/diaries", "application/json", b'{"day": 7}').status_code == 422
    line = f"{patient.get('/device').get_json()['subject_id']},2026-03-01 08:00,ALT,44,U/L\n"
    head, stored = "subject_id,collected_at,analyte,value,unit\n", database["labs"]
    small = endless(nurse, "/labs/csv", "text/csv", (head + line).encode())
    assert small.get_json()["accepted"] == 1
    # Blank lines are passed over: what fits would be a file of one good row.
    large = (head + line.replace("44", "45") + "\n" * 2_000_000).encode()
    before = stored.count_documents({})
    for path, kind, body in (
        ("/labs/csv", "text/csv", large),
        ("/diaries", "application/json", b"{}" + b" " * 2_000_000),
    ):
        person = nurse if path == "/labs/csv" else patient
        assert endless(person, path, kind, body).status_code == 413, path
    assert stored.count_documents({}) == before


def test_an_answer_names_so_many_faults_and_no_more(nurse: Person) -> None:
    many = b"{" + b",".join(b'"k%d": 0' % n for n in range(20_000)) + b"}"
    tracemalloc.start()
    answer = nurse.call("POST", "/subjects", data=many, content_type="application/json")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 422
    assert len(answer.get_json()["errors"]) == MOST_FAULTS
    assert len(answer.data) < 20_000
    assert most < 64 * 1024 * 1024


@pytest.mark.parametrize(
    "kind", ["application/xml", "text/xml", "application/xhtml+xml", "application/soap+xml"]
)
def test_no_route_takes_xml(app: flask.Flask, patient: Person, nurse: Person, kind: str) -> None:
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    taken = {
        media
        for path in document["paths"].values()
        for name, operation in path.items()
        if name != "parameters"
        for media in operation.get("requestBody", {}).get("content", {})
    }
    assert "application/json" in taken
    assert not [media for media in taken if "xml" in media]
    bomb = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    for person, path in ((patient, "/diaries"), (nurse, "/labs/csv"), (nurse, "/subjects")):
        answer = person.call("POST", path, data=bomb, content_type=kind)
        assert answer.status_code == 415


def test_a_form_of_many_parts_is_refused(nurse: Person) -> None:
    parts = {f"field{n}": "x" for n in range(MOST_PARTS + 1)}
    answer = nurse.call("POST", "/labs/csv", data=parts, content_type="multipart/form-data")
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/subjects/S01%00", "/alerts?site=%00", "/audit?target=a%00b"])
def test_an_address_with_a_nul_is_refused(nurse: Person, path: str) -> None:
    assert nurse.get(path).status_code == 422


def test_such_an_address_of_fhir_is_answered_in_its_own_words(nurse: Person) -> None:
    answer = nurse.client.get("/fhir/R5/Patient?_id=%00")
    assert (answer.status_code, answer.get_json()["resourceType"]) == (400, "OperationOutcome")
