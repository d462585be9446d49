"""The kinds of file that a sheet can become."""

from typing import IO

from backend.files.csv import write_csv
from backend.files.sheet import Sheet

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "json": "application/json",
    "xpt": "application/x-sas-xport",
    "svg": "image/svg+xml",
    "png": "image/png",
    "zip": "application/zip",
}


def write_sheet(sheet: Sheet, kind: str, target: IO[bytes]) -> None:
    """Write a sheet as csv, xlsx or pdf."""
    if kind == "csv":
        target.writelines(write_csv(sheet))
    elif kind == "xlsx":
        from backend.files.xlsx import write_xlsx  # noqa: PLC0415 - no other request pays for it

        write_xlsx(sheet, target)
    else:
        from backend.files.pdf import write_pdf  # noqa: PLC0415 - the same

        write_pdf(sheet, target)
