"""A dataset as a SAS transport file, version 5: written, read again by two readers, and compared."""

import datetime as dt
import io
import math
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backend.submission.metadata import DATE, TEXT, Dataset
from backend.submission.source import Row
from backend.submission.validate import DatasetError, ascii_of, check

# SAS counts days from here.
_EPOCH = dt.date(1960, 1, 1)
# The moment of writing stands in the headers as 01JAN60:00:00:00.
_MOMENT = re.compile(rb"\d{2}[A-Z]{3}\d{2}:\d{2}:\d{2}:\d{2}")
# Of rows no longer than a card pandas takes blanks within the last one for padding (its _record_count).
_CARD = 80
_HEADERS = _CARD * 8
# IBM's floats have 56 bits, so a double comes back as it was; pandas drops the last few on its way, and
# reads the smallest of these floats (5.4e-79) where 0 was written.
_ZERO = 1e-78
_EXACT = {"pyreadstat": 0.0, "pandas": 1e-14}


def write_xpt(dataset: Dataset, rows: Sequence[Row], *, now: dt.datetime) -> bytes:
    """Write a dataset; the same rows and the same `now` give the same bytes.

    Raises:
        DatasetError: a rule does not hold, or what was read again is not what was written.
    """
    import pandas as pd  # noqa: PLC0415 - with pyreadstat a second that no other request pays
    import pyreadstat  # noqa: PLC0415

    check(dataset, rows)
    columns = {
        variable.name: pd.Series(
            [_cell(row.get(variable.name), variable.type) for row in rows],
            dtype=object if variable.type == TEXT else float,
        )
        for variable in dataset.variables
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{dataset.name.lower()}.xpt"
        pyreadstat.write_xport(
            pd.DataFrame(columns),
            path,
            file_label=dataset.label,
            column_labels=[variable.label for variable in dataset.variables],
            table_name=dataset.name,
            file_format_version=5,
            variable_format={v.name: "DATE9" for v in dataset.variables if v.type == DATE},
        )
        data = path.read_bytes()
        stamp = now.astimezone(dt.UTC).strftime("%d%b%y:%H:%M:%S").upper().encode()
        data = _MOMENT.sub(stamp, data[:_HEADERS]) + data[_HEADERS:]
        path.write_bytes(data)
        found, width = _read_by_pyreadstat(path)
        _compare(dataset, rows, found, "pyreadstat")
    if width > _CARD:
        _compare(dataset, rows, _read_by_pandas(data), "pandas")
    return data


def _cell(value: object, kind: str) -> str | float:
    if kind == TEXT:
        return "" if value is None else ascii_of(str(value))
    if value is None:
        return math.nan
    if isinstance(value, dt.date):
        return float((value - _EPOCH).days)
    return float(value)  # type: ignore[arg-type] # checked: an int or a float


def _read_by_pyreadstat(path: Path) -> tuple[list[dict[str, Any]], int]:
    """Give the rows and the bytes of one."""
    import pyreadstat  # noqa: PLC0415 - see write_xpt

    frame, meta = pyreadstat.read_xport(path, disable_datetime_conversion=True)
    return list(frame.to_dict("records")), sum(meta.variable_storage_width.values())


def _read_by_pandas(data: bytes) -> list[dict[str, Any]]:
    import pandas as pd  # noqa: PLC0415 - see write_xpt

    frame = pd.read_sas(io.BytesIO(data), format="xport", encoding="ascii")
    return list(frame.to_dict("records"))


def _compare(
    dataset: Dataset, rows: Sequence[Row], found: list[dict[str, Any]], reader: str
) -> None:
    if len(found) != len(rows):
        message = f"{dataset.name}: {reader} reads {len(found)} rows of {len(rows)}"
        raise DatasetError(message)
    for variable in dataset.variables:
        for row, read in zip(rows, found, strict=True):
            wanted = _cell(row.get(variable.name), variable.type)
            if not _same(wanted, read[variable.name], _EXACT[reader]):
                message = f"{dataset.name}.{variable.name}: {reader} reads another value"
                raise DatasetError(message)


def _same(wanted: str | float, read: object, tolerance: float) -> bool:
    if isinstance(read, float) and math.isnan(read):
        return wanted == "" or (isinstance(wanted, float) and math.isnan(wanted))
    if isinstance(read, dt.date):
        return False
    if isinstance(wanted, str):
        return wanted == read
    return isinstance(read, int | float) and math.isclose(
        read, wanted, rel_tol=tolerance, abs_tol=_ZERO if tolerance else 0.0
    )
