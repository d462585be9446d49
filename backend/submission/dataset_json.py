"""A dataset as Dataset-JSON 1.1, written and read again through odmlib."""

import datetime as dt
from collections.abc import Sequence

import orjson

from backend.submission.metadata import DATE, FLOAT, INTEGER, TEXT, Dataset, Variable
from backend.submission.source import Row
from backend.submission.validate import DatasetError, check

_TYPES = {TEXT: "string", INTEGER: "integer", FLOAT: "float", DATE: "date"}
DEFINE = "define.xml"


def write_dataset_json(
    dataset: Dataset, rows: Sequence[Row], *, study: str, now: dt.datetime
) -> bytes:
    """Write a dataset; texts in any script stay as they are.

    Raises:
        DatasetError: a rule does not hold, or what was read again is not what was written.
    """
    from odmlib.dataset_json_1_1.model import (  # noqa: PLC0415 - no other request pays for it
        Column,
        DatasetJSON,
    )

    check(dataset, rows)
    made = DatasetJSON(  # type: ignore[no-untyped-call] # its own types end here
        datasetJSONCreationDateTime=now.isoformat(timespec="seconds"),
        datasetJSONVersion="1.1.0",
        fileOID=f"{study}.{dataset.name}",
        originator="pro-ae-backend",
        studyOID=f"STUDY.{study}",
        metaDataVersionOID=f"MDV.{dataset.kind.upper()}",
        metaDataRef=DEFINE,
        itemGroupOID=f"IG.{dataset.name}",
        records=0,
        name=dataset.name,
        label=dataset.label,
        columns=[
            Column(
                itemOID=f"IT.{dataset.name}.{variable.name}",
                name=variable.name,
                label=variable.label,
                dataType=_TYPES[variable.type],
                **_further(variable),
            )
            for variable in dataset.variables
        ],
    )
    for row in rows:
        made.add_row([_cell(row.get(variable.name)) for variable in dataset.variables])
    data = orjson.dumps(made.to_dict())
    again = DatasetJSON.from_dict(orjson.loads(data))
    if again.rows != made.rows or again.column_names != made.column_names:
        message = f"{dataset.name}: Dataset-JSON reads otherwise than it was written"
        raise DatasetError(message)
    return data


def _further(variable: Variable) -> dict[str, object]:
    found: dict[str, object] = {}
    if variable.type == TEXT:
        found["length"] = variable.length
    if variable.type == DATE:
        # A number of days for whoever loads it into SAS.
        found |= {"targetDataType": "integer", "displayFormat": "E8601DA."}
    if variable.key is not None:
        found["keySequence"] = variable.key
    return found


def _cell(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value
