"""What all endpoints share: a strict JSON body, the actor, and the leave that each route asks for."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import flask
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from backend import access
from backend.context import Context
from backend.errors import Forbidden, Unauthorised
from backend.resources.bodies import read_json
from backend.resources.read_trail import note_read

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")

PUBLIC = "public"


class StrictParser(FlaskParser):
    """Take JSON only where it is declared as JSON, in UTF-8, and without a lenient second guess."""

    def load_json(self, req: flask.Request, schema: Any) -> Any:  # noqa: ANN401, ARG002 - webargs
        """Read the body.

        Raises:
            UnsupportedMediaType: the body is not declared as JSON.
            BadRequest: the body is not JSON as `bodies.py` takes it.
        """
        if req.mimetype != "application/json":
            raise UnsupportedMediaType
        return read_json(req.get_data(cache=True))


class Noun(Blueprint):
    """A blueprint for one noun of the API."""

    ARGUMENTS_PARSER = StrictParser()


def context() -> Context:
    """Give the process's context."""
    return cast("Context", flask.current_app.extensions["backend"])


def actor() -> access.Actor:
    """Give who asks.

    Raises:
        Unauthorised: the request carries no valid access token, or no proof where one is needed.
    """
    found = flask.g.get("actor")
    if found is None:
        raise flask.g.get("refusal") or Unauthorised()
    return cast("access.Actor", found)


def allow(
    action: access.Action | None, *, trailed: bool = False
) -> Callable[[Callable[Parameters, Answer]], Callable[Parameters, Answer]]:
    """Declare what a route asks leave for; `None` marks a public route.

    The check here is the role's; the use case repeats it with the thing's own site and subject.
    What is read of health data goes to the audit trail before it is shown; `trailed`: the use case
    writes that entry itself. The authorization matrix test reads the mark and fails for a route
    without one.
    """

    def decorate(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
        @wraps(view)
        def checked(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
            if action is None:
                return view(*args, **kwargs)
            asker = actor()
            if not {grant.role for grant in asker.grants} & access.PERMISSIONS[action]:
                raise Forbidden
            answer = view(*args, **kwargs)
            if action in access.HEALTH_READS and not trailed:
                note_read(action, answer, actor=asker, here=context())
            return answer

        checked.action = PUBLIC if action is None else action  # type: ignore[attr-defined]
        return checked

    return decorate
