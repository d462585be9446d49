"""The files for regulators: every dataset of a kind as XPT and Dataset-JSON, with its define.xml."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO

import orjson

from backend.files.archive import entry_called
from backend.services.unblinding import BLINDED, UNBLINDED
from backend.submission import adam, events, findings
from backend.submission.dataset_json import DEFINE, write_dataset_json
from backend.submission.define import write_define
from backend.submission.metadata import ADAM, SDTM, Dataset, datasets
from backend.submission.source import Row, Source
from backend.submission.xpt import write_xpt

KINDS = (SDTM, ADAM)
FORMATS = ("xpt", "json")
_BUILDERS: Mapping[str, Callable[[Source], Iterator[Row]]] = {
    "DM": events.demographics,
    "DS": events.disposition,
    "EX": events.exposure,
    "AE": events.adverse_events,
    "LB": findings.laboratory,
    "VS": findings.vital_signs,
    "QS": findings.questionnaires,
    "SUPPDM": events.supplemental_dm,
    "SUPPEX": events.supplemental_ex,
    "SUPPAE": events.supplemental_ae,
    "SUPPQS": findings.supplemental_qs,
    "ADSL": adam.subject_level,
    "ADAE": adam.adverse_events,
}


def rows_of(dataset: Dataset, source: Source) -> list[Row]:
    """Build the rows of one dataset; what is missing is left out of a row."""
    return [
        {name: value for name, value in row.items() if value is not None}
        for row in _BUILDERS[dataset.name](source)
    ]


def write_one(dataset: Dataset, source: Source, kind: str) -> bytes:
    """Write one dataset as xpt or json.

    Raises:
        DatasetError: a rule does not hold.
    """
    rows = rows_of(dataset, source)
    if kind == "xpt":
        return write_xpt(dataset, rows, now=source.frame.now)
    return write_dataset_json(dataset, rows, study=source.study_id, now=source.frame.now)


def label_of(source: Source) -> str:
    """Say whether a source is blinded or unblinded."""
    return UNBLINDED if source.unblinded else BLINDED


def build(source: Source, kind: str) -> Iterator[tuple[str, bytes]]:
    """Give every file of a kind (sdtm or adam) in a fixed order; a dataset without rows has none.

    Raises:
        DatasetError: a rule does not hold.
    """
    now = source.frame.now
    found = [
        (dataset, rows)
        for dataset in datasets().values()
        if dataset.kind == kind
        for rows in [rows_of(dataset, source)]
        if rows
    ]
    for dataset, rows in found:
        name = dataset.name.lower()
        yield f"{name}.xpt", write_xpt(dataset, rows, now=now)
        yield f"{name}.json", write_dataset_json(dataset, rows, study=source.study_id, now=now)
    if found:
        study = {
            "id": source.study_id,
            "title": source.study.title,
            "version": source.frame.study_version or source.study.version,
        }
        yield DEFINE, write_define(found, study=study, label=label_of(source), now=now)


def write_package(source: Source, kind: str, target: IO[bytes]) -> None:
    """Write every file of a kind and a manifest of their SHA-256 as one archive.

    Raises:
        DatasetError: a rule does not hold.
    """
    digests = {}
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in build(source, kind):
            digests[name] = hashlib.sha256(data).hexdigest()
            archive.writestr(entry_called(name), data)
        said = {
            "label": label_of(source),
            "data_cut": source.frame.cut,
            "cutoff": source.frame.cutoff.isoformat() if source.frame.cutoff else None,
            "as_of": source.frame.now.isoformat(),
            "sha256": digests,
        }
        archive.writestr(
            entry_called("manifest.json"), orjson.dumps(said, option=orjson.OPT_INDENT_2)
        )
