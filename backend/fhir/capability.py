"""What the interface can do, said from the registry that serves it: it cannot promise more."""

import datetime as dt
from typing import Any

from backend.fhir.registry import TYPES


def capability_statement(now: dt.datetime) -> dict[str, Any]:
    """Give the CapabilityStatement."""
    from fhir.resources.capabilitystatement import (  # noqa: PLC0415 - slow to load
        CapabilityStatement,
    )

    made: dict[str, Any] = CapabilityStatement.model_validate(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": now.date().isoformat(),
            "kind": "instance",
            "implementation": {"description": "Read access to a trial's safety data; blinded"},
            "fhirVersion": "5.0.0",
            "format": ["application/fhir+json"],
            "rest": [
                {
                    "mode": "server",
                    "security": {"description": "Bearer token of POST /api/v1/sessions"},
                    "resource": [
                        {
                            "type": kind.name,
                            "interaction": [{"code": "read"}, {"code": "search-type"}],
                            "searchParam": [
                                {"name": name, "type": type_}
                                for name, type_ in kind.parameters.items()
                            ],
                        }
                        for kind in TYPES.values()
                    ],
                }
            ],
        }
    ).model_dump(mode="json")
    return made
