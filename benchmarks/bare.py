"""The floor that the diary endpoint is measured against: Flask, one JSON body, one durable insert."""

import os
from typing import Any

import flask
from pymongo import MongoClient, WriteConcern

app = flask.Flask("bare")
client: MongoClient[dict[str, Any]] = MongoClient(os.environ["MONGODB_URI"])
posts = client[os.environ["MONGODB_DATABASE"]].get_collection(
    "posts", write_concern=WriteConcern(w="majority", j=True)
)


@app.post("/api/v1/diaries")
def post() -> tuple[dict[str, str], int]:
    """Store the body as it is; no check, no account, no assessment."""
    stored = posts.insert_one(flask.request.get_json())
    return {"id": str(stored.inserted_id)}, 201
