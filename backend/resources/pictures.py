"""`/pictures` and `/subjects/{id}/pictures`: drawings as SVG, PNG and PDF."""

import io
from typing import Any

import flask
from flask.views import MethodView

from backend import access
from backend.access import Action, Scope
from backend.errors import Forbidden
from backend.files.kinds import CONTENT_TYPES
from backend.pictures.asked import PictureAsked
from backend.pictures.registry import PICTURES, Picture
from backend.pictures.render import render
from backend.resources.base import Noun, actor, allow, context
from backend.resources.files import BINARY, answers_files, send_file
from backend.resources.reading import reading_of
from backend.services.subject import subject_for
from backend.services.unblinding import unblind
from schemas.picture import AnalytePictureQuery, PictureQuery, PictureUnblindedIn

blueprint = Noun("pictures", __name__, url_prefix="/api/v1/pictures", description="Pictures")
of_subject = Noun(
    "subject-pictures",
    __name__,
    url_prefix="/api/v1/subjects/<string:subject_id>/pictures",
    description="Pictures of one subject",
)

_KINDS = ("svg", "png", "pdf")
_RULE = "<any(svg, png, pdf):kind>"


def _sent(picture: Picture, asked: PictureAsked, kind: str) -> flask.Response:
    data = io.BytesIO(render(picture.draw(asked), kind))
    whose = f"{asked.subject_id}-" if asked.subject_id else ""
    return send_file(data, kind, f"{whose}{picture.name}-{asked.label}.{kind}")


def _asked(cut: str | None, sites: Any, **further: Any) -> PictureAsked:  # noqa: ANN401 - the record's own
    read = reading_of(cut)
    return PictureAsked(actor(), read.frame, read.study, read.ruleset, sites, **further)


def _offer_of_subject(picture: Picture) -> None:
    query_schema = AnalytePictureQuery if picture.of_analyte else PictureQuery

    class OfSubject(MethodView):
        @allow(picture.action)
        @of_subject.arguments(query_schema, location="query", unknown="raise")
        @of_subject.response(200, BINARY, content_type=CONTENT_TYPES["svg"])
        @of_subject.doc(summary=picture.title, responses=answers_files(*_KINDS))
        def get(self, query: dict[str, Any], subject_id: str, kind: str) -> flask.Response:
            subject = subject_for(subject_id, actor(), picture.action)
            asked = _asked(
                query["cut"],
                frozenset({subject.site}),
                subject_id=subject.id,
                analyte=query.get("analyte"),
            )
            return _sent(picture, asked, kind)

    endpoint = picture.name.replace("-", "_")
    of_subject.route(f"/{picture.name}.{_RULE}", endpoint=endpoint)(OfSubject)


def _offer(picture: Picture) -> None:
    class Blinded(MethodView):
        @allow(picture.action)
        @blueprint.arguments(PictureQuery, location="query", unknown="raise")
        @blueprint.response(200, BINARY, content_type=CONTENT_TYPES["svg"])
        @blueprint.doc(
            summary=picture.title,
            description="Without the arms",
            responses=answers_files(*_KINDS),
        )
        def get(self, query: dict[str, Any], kind: str) -> flask.Response:
            scope = access.scope(actor(), picture.action)
            if scope == Scope():
                raise Forbidden
            return _sent(picture, _asked(query["cut"], scope.sites), kind)

    class ByArm(MethodView):
        @allow(Action.ARM_READ)
        @blueprint.arguments(PictureUnblindedIn)
        @blueprint.response(200, BINARY, content_type=CONTENT_TYPES["svg"])
        @blueprint.doc(
            summary=f"{picture.title}, with the arms",
            description="Who looked and why goes to the audit trail before anything is drawn",
            responses=answers_files(*_KINDS),
        )
        def post(self, query: dict[str, Any]) -> flask.Response:
            here = context()
            scope = unblind(
                f"picture/{picture.name}",
                query["reason"],
                actor=actor(),
                study=here.study,
                now=here.clock(),
                ids=here.ids,
            )
            asked = _asked(query["cut"], scope.sites, unblinded=scope)
            return _sent(picture, asked, query["format"])

    endpoint = picture.name.replace("-", "_")
    if picture.blinded:
        blueprint.route(f"/{picture.name}.{_RULE}", endpoint=endpoint)(Blinded)
    if picture.by_arm:
        blueprint.route(f"/{picture.name}/by-arm", endpoint=f"{endpoint}_by_arm")(ByArm)


for _picture in PICTURES:
    if _picture.of_subject:
        _offer_of_subject(_picture)
    else:
        _offer(_picture)
