"""Bodies as they are taken in: plain, of bounded size and shape, and with one meaning."""

import re
from typing import Any

import flask
import orjson
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from backend.errors import Fault, InvalidInput

# Our deepest body has six levels, our largest (fifty diaries that were kept offline) some 20,000
# keys and values. What is beyond costs work before a schema can refuse it.
MOST_LEVELS = 20
MOST_VALUES = 50_000
# A form of ours has one file and no other part.
MOST_PARTS = 4

# Possessive, so that no text makes it look twice.
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


class WholeRequest(flask.Request):
    """A request whose body is read whole or not at all."""

    # The arguments and the answer are werkzeug's own.
    def get_data(
        self,
        cache: bool = True,  # noqa: FBT001, FBT002
        as_text: bool = False,  # noqa: FBT001, FBT002
        parse_form_data: bool = False,  # noqa: FBT001, FBT002
    ) -> Any:  # noqa: ANN401
        """Read the body.

        Of a body that comes without a length (chunked) werkzeug gives what fits and passes over the
        rest in silence: a laboratory's file would end within a number.

        Raises:
            RequestEntityTooLarge: there is more than may be taken.
        """
        data = super().get_data(cache=cache, parse_form_data=parse_form_data)
        most = self.max_content_length
        if self.content_length is None and most is not None and len(data) >= most:
            raise RequestEntityTooLarge
        return data.decode(errors="replace") if as_text else data


def bound_bodies(app: flask.Flask) -> None:
    """Refuse at every route what none of them can want."""
    app.request_class = WholeRequest
    app.config["MAX_FORM_PARTS"] = MOST_PARTS
    app.before_request(_refuse)


def read_json(raw: bytes) -> object:
    """Read a JSON body.

    Raises:
        BadRequest: it is not JSON in UTF-8, too deep or too large, has U+0000 in a text, or says
            one thing twice.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        message = "The body is not valid JSON in UTF-8."
        raise BadRequest(message) from error
    if _count_keys(value) != _TEXT.sub(b"", raw).count(b":"):
        # A reader that keeps the last and one that keeps the first would see two diaries.
        message = "The body has the same key twice in one object."
        raise BadRequest(message)
    return value


def _count_keys(value: object) -> int:
    keys = values = 0
    level: list[object] = [value]
    for _ in range(MOST_LEVELS):
        below: list[object] = []
        for one in level:
            if isinstance(one, dict):
                keys += len(one)
                below += one
                below += one.values()
            elif isinstance(one, list):
                below += one
            elif isinstance(one, str) and "\0" in one:
                # No keyboard makes it, and it ends a text for whoever reads our files in C.
                message = "A text in the body has the character U+0000."
                raise BadRequest(message)
        values += len(below)
        if values > MOST_VALUES:
            message = f"The body has more than {MOST_VALUES} keys and values."
            raise BadRequest(message)
        if not below:
            return keys
        level = below
    message = f"The body has more than {MOST_LEVELS} levels."
    raise BadRequest(message)


def _refuse() -> None:
    request = flask.request
    # Nothing is unpacked here: some hundred bytes could become gigabytes (RFC 9110, 8.4 and 15.5.16).
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        error = UnsupportedMediaType("The body must not be compressed.")
        error.data = {"headers": {"Accept-Encoding": "identity"}}  # type: ignore[attr-defined]
        raise error
    if "\0" in request.path or b"%00" in request.query_string:
        raise InvalidInput(faults=(Fault("", "the address has the character U+0000"),))
