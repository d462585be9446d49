"""The floor that ours is measured against: Flask and pymongo, one query or durable insert each.

No check, no account, no assessment: the body is stored as it is, and read with the index that the
question wants.
"""

import os
from typing import Any

import flask
from pymongo import MongoClient, WriteConcern

app = flask.Flask("bare")
client: MongoClient[dict[str, Any]] = MongoClient(os.environ["MONGODB_URI"])
database = client[os.environ["MONGODB_DATABASE"]]
diaries = database.get_collection("bare_diaries", write_concern=WriteConcern(w="majority", j=True))
alerts = database["bare_alerts"]


@app.post("/api/v1/diaries")
def post() -> tuple[dict[str, str], int]:
    """Store the body as it is."""
    stored = diaries.insert_one(flask.request.get_json())
    return {"id": str(stored.inserted_id)}, 201


@app.get("/api/v1/alerts")
def work_list() -> flask.Response:
    """Give a site's open alerts, most dangerous first."""
    query = {"site": "S01", "state": {"$in": ["new", "acknowledged", "acted"]}}
    found = alerts.find(query).sort([("tier_rank", 1), ("raised_at", 1), ("_id", 1)]).limit(50)
    return flask.jsonify(items=list(found))


@app.get("/api/v1/subjects/<subject_id>/diaries")
def history(subject_id: str) -> flask.Response:
    """Give a subject's newest diaries."""
    found = diaries.find({"subject_id": subject_id}, {"_id": 0})
    return flask.jsonify(items=list(found.sort([("day", -1), ("version", -1)]).limit(50)))
