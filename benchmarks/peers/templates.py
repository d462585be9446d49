"""One diary and one alert as each contender stores them: what the filled collections are copies of."""

import json
from collections.abc import Sequence
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from backend.demo.api import Api
from benchmarks.load import Request, send_all
from benchmarks.peers.contenders import Contender, Running
from benchmarks.system import alarming, new_phone, today

Document = dict[str, Any]
Copied = tuple[Database[Document], dict[str, Document], dict[str, Document]]
# What Eve adds to a document; one without them would cost it a hash at each reading.
_EVES = ("_etag", "_created", "_updated")


def templates(
    environment: dict[str, str],
    contenders: Sequence[Contender],
    running: Sequence[Running],
    nurse: Api,
) -> Copied:
    """Give the database of this run, and what each contender stored, by its name."""
    client: MongoClient[Document] = MongoClient(environment["MONGODB_URI"], tz_aware=True)
    database = client[environment["MONGODB_DATABASE"]]
    diaries = {each.name: _any(database, each.diaries) for each in contenders}
    # An emergency, so that ours raises an alert with all that it stores of one.
    phone = new_phone(running[0].url, nurse)
    body = json.dumps(alarming(today())).encode()
    request = Request("/api/v1/diaries", phone.token, body)
    send_all(running[0].url, [request], connections=1, seconds=60)
    alert = _any(database, contenders[0].alerts, {"subject_id": phone.subject_id})
    eves = {name: diaries["Eve"][name] for name in _EVES}
    alerts = {each.name: dict(alert) for each in contenders}
    alerts["Eve"] |= eves
    return database, diaries, alerts


def _any(database: Database[Document], collection: str, query: Document | None = None) -> Document:
    found = database[collection].find_one(query or {})
    if found is None:
        message = f"nothing was stored in {collection}"
        raise RuntimeError(message)
    return found
