"""The peer: the diary, the work list and the history in Eve, on the same database server.

Started by `benchmarks/peers` with an environment of its own; Eve's ways are left as it has them but
for what the comparison needs: durable writes, and pages without a total as ours have none.
"""

import os
from typing import Any

from eve import Eve

SCORE = {"type": "integer", "min": 0, "max": 4}
DIARY: dict[str, Any] = {
    "submission_id": {"type": "string", "required": True, "minlength": 36, "maxlength": 36},
    "subject_id": {"type": "string", "required": True},
    "day": {"type": "string", "required": True, "regex": r"\d{4}-\d\d-\d\d"},
    "version": {"type": "integer", "min": 1},
    "reported_at": {"type": "string", "required": True},
    "zone": {"type": "string", "required": True, "maxlength": 64},
    "symptoms": {
        "type": "list",
        "maxlength": 100,
        "schema": {
            "type": "dict",
            "schema": {
                "symptom": {"type": "string", "required": True, "minlength": 1, "maxlength": 64},
                "frequency": SCORE,
                "severity": SCORE,
                "interference": SCORE,
                "presence": {"type": "integer", "min": 0, "max": 1},
                "amount": SCORE,
            },
        },
    },
    "observations": {"type": "dict", "keysrules": {"type": "string", "minlength": 1}},
    "vitals": {
        "type": "list",
        "schema": {
            "type": "dict",
            "schema": {
                "vital": {"type": "string", "required": True, "maxlength": 32},
                "value": {"type": "number", "required": True},
                "unit": {"type": "string", "required": True, "maxlength": 16},
            },
        },
    },
}

app = Eve(
    settings={
        "MONGO_URI": os.environ["MONGODB_URI"],
        "MONGO_DBNAME": os.environ["MONGODB_DATABASE"],
        "URL_PREFIX": "api",
        "API_VERSION": "v1",
        "RENDERERS": ["eve.render.JSONRenderer"],
        "OPTIMIZE_PAGINATION_FOR_SPEED": True,
        "DOMAIN": {
            "diaries": {
                "datasource": {"source": "eve_diaries"},
                "resource_methods": ["GET", "POST"],
                "schema": DIARY,
                # Eve 2.3.1 passes on `w` alone, whatever else is named.
                "mongo_write_concern": {"w": "majority"},
            },
            "alerts": {
                "datasource": {"source": "eve_alerts"},
                "schema": {"_id": {"type": "string"}},
                "allow_unknown": True,
            },
        },
    }
)
