"""Define-XML 2.1 of a package, built with odmlib: every dataset, variable, code list and its origin."""

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET  # it reads what it wrote  # nosec B405

from backend.submission.metadata import DATE, FLOAT, SDTM, TEXT, Dataset, Variable, codelists
from backend.submission.source import Row
from backend.submission.validate import ascii_of

_SAID = {
    "blinded": "Blinded: the arms, and the milestones whose order tells them, are left out.",
    "unblinded": "Unblinded: the arms are in it.",
}
# What a reader cannot see from the names, by variable.
COMMENTS = {
    "AE.AETOXGR": "The clinician's grade (CTCAE v4.03). The machine's provisional grade is SUPPAE.PROVGR.",
    "AE.AEPTCD": "MedDRA code as NCI's CTCAE v4.03 table has it (MedDRA 12.0 by its header).",
    "AE.AEREL": "As said of every component, else MULTIPLE; each one's is in SUPPAE.AEREL1 and on.",
    "AE.AEACN": "As said of every component, else MULTIPLE; each one's is in SUPPAE.AEACN1 and on.",
    "DM.AGE": "Not collected by this system.",
    "DM.COUNTRY": "Not collected by this system.",
    "EX.EXDOSE": "Of one infusion or fraction; by mouth: per day.",
    "LB.LBSTRESN": "In the laboratory's own unit: nothing is converted.",
    "LB.LBNRIND": "Missing where one of the limits is not known.",
    "QS.QSTEST": "Our own short words; the instrument's wording is under NCI's terms of use.",
    "QS.QSSTAT": "A whole day without a diary is one row QSALL.",
    "ADAE.ATOXGRN": "The clinician's grade where judged, else the machine's; ATOXGRSC says which.",
    "ADAE.TRTEMFL": "From the first dose to 30 days after the last treatment; radiotherapy is treatment.",
    "ADSL.EOSDT": "Earliest of: end of the window, end of study, death, last day that is known.",
    "SUPPAE.QVAL": "Letters beyond ASCII stand as <U+XXXX> in the transport file, as such in Dataset-JSON.",
    "EX.EXADJ": "Letters beyond ASCII stand as <U+XXXX> in the transport file, as such in Dataset-JSON.",
    "QS.QSREASND": "Letters beyond ASCII stand as <U+XXXX> in the transport file, as such in Dataset-JSON.",
}
_STANDARDS = {"SDTMIG": "3.4", "ADaMIG": "1.3"}


def write_define(
    found: Sequence[tuple[Dataset, Sequence[Row]]],
    *,
    study: Mapping[str, str],
    label: str,
    now: dt.datetime,
) -> bytes:
    """Write the define.xml of some datasets of one kind; `study` has `id`, `title` and `version`."""
    import odmlib.define_2_1.model as define  # noqa: PLC0415 - no other request pays for it

    kind = found[0][0].kind
    odm = define.ODM(
        FileType="Snapshot",
        FileOID=f"DEFINE.{study['id']}.{kind}",
        CreationDateTime=now.isoformat(timespec="seconds"),
        AsOfDateTime=now.isoformat(timespec="seconds"),
        ODMVersion="1.3.2",
        Originator="pro-ae-backend",
        SourceSystem="pro-ae-backend",
        SourceSystemVersion=study["version"],
        Context="Other",
    )
    odm.Study = define.Study(OID=f"STUDY.{study['id']}")
    odm.Study.GlobalVariables = define.GlobalVariables()
    names = odm.Study.GlobalVariables
    names.StudyName = define.StudyName(_content=study["id"])
    names.StudyDescription = define.StudyDescription(_content=study["title"])
    names.ProtocolName = define.ProtocolName(_content=study["id"])
    version = define.MetaDataVersion(
        OID=f"MDV.{kind.upper()}",
        Name=f"{study['id']} {kind.upper()} ({label})",
        DefineVersion="2.1.0",
        Description=_SAID[label],
    )
    odm.Study.MetaDataVersion = version
    _standards(define, version, kind)
    _groups(define, version, found)
    return _bytes(odm)


def _standards(define: Any, version: Any, kind: str) -> None:  # noqa: ANN401 - odmlib's classes
    name = "SDTMIG" if kind == SDTM else "ADaMIG"
    version.Standards = define.Standards()
    version.Standards.Standard.append(
        define.Standard(
            OID=f"STD.{name}", Name=name, Type="IG", Version=_STANDARDS[name], Status="Final"
        )
    )


def _groups(define: Any, version: Any, found: Sequence[tuple[Dataset, Sequence[Row]]]) -> None:  # noqa: ANN401
    used: dict[str, None] = {}
    for dataset, rows in found:
        group = define.ItemGroupDef(
            OID=f"IG.{dataset.name}",
            Name=dataset.name,
            Repeating="No" if dataset.name in ("DM", "ADSL") else "Yes",
            IsReferenceData="No",
            SASDatasetName=dataset.name,
            Domain=dataset.name if dataset.kind == SDTM else None,
            Purpose="Tabulation" if dataset.kind == SDTM else "Analysis",
            Structure=dataset.structure,
            ArchiveLocationID=f"LF.{dataset.name}",
            StandardOID=f"STD.{dataset.standard}",
        )
        group.Description = _described(define, dataset.label)
        for order, variable in enumerate(dataset.variables, start=1):
            group.ItemRef.append(_reference(define, dataset, variable, order, rows))
            version.ItemDef.append(_item(define, dataset, variable, rows))
            if variable.codelist is not None:
                used[variable.codelist] = None
            said = COMMENTS.get(f"{dataset.name}.{variable.name}")
            if said is not None:
                version.CommentDef.append(
                    define.CommentDef(
                        OID=f"COM.{dataset.name}.{variable.name}",
                        Description=_described(define, said),
                    )
                )
        group.Class = define.Class(Name=dataset.dataset_class)
        leaf = define.leaf(ID=f"LF.{dataset.name}", href=f"{dataset.name.lower()}.xpt")
        leaf.title = define.title(_content=f"{dataset.name.lower()}.xpt")
        group.leaf = leaf
        version.ItemGroupDef.append(group)
    for name in used:
        listed = define.CodeList(OID=f"CL.{name}", Name=name, DataType="text")
        for value in codelists()[name]:
            listed.EnumeratedItem.append(define.EnumeratedItem(CodedValue=value))
        version.CodeList.append(listed)


def _reference(
    define: Any,  # noqa: ANN401 - odmlib's module
    dataset: Dataset,
    variable: Variable,
    order: int,
    rows: Sequence[Row],
) -> Any:  # noqa: ANN401
    always = all(row.get(variable.name) is not None for row in rows)
    further: dict[str, Any] = {}
    if variable.key is not None:
        further["KeySequence"] = variable.key
    if not any(row.get(variable.name) is not None for row in rows):
        further["HasNoData"] = "Yes"
    return define.ItemRef(
        ItemOID=f"IT.{dataset.name}.{variable.name}",
        OrderNumber=order,
        Mandatory="Yes" if always and variable.key is not None else "No",
        **further,
    )


def _item(define: Any, dataset: Dataset, variable: Variable, rows: Sequence[Row]) -> Any:  # noqa: ANN401
    oid = f"{dataset.name}.{variable.name}"
    further: dict[str, Any] = {}
    if variable.type == TEXT:
        longest = [len(ascii_of(str(row[variable.name]))) for row in rows if row.get(variable.name)]
        further["Length"] = max(longest, default=1)
    elif variable.type == FLOAT:
        further |= {"Length": 16, "SignificantDigits": 6}
    elif variable.type != DATE:
        further["Length"] = 8
    if oid in COMMENTS:
        further["CommentOID"] = f"COM.{oid}"
    item = define.ItemDef(
        OID=f"IT.{oid}",
        Name=variable.name,
        DataType=variable.type,
        SASFieldName=variable.name,
        **further,
    )
    item.Description = _described(define, variable.label)
    if variable.codelist is not None:
        item.CodeListRef = define.CodeListRef(CodeListOID=f"CL.{variable.codelist}")
    item.Origin.append(define.Origin(Type=variable.origin, Source=_source(variable)))
    return item


def _source(variable: Variable) -> str:
    return "Sponsor" if variable.origin in ("Derived", "Assigned") else "Investigator"


def _described(define: Any, text: str) -> Any:  # noqa: ANN401 - odmlib's module
    description = define.Description()
    description.TranslatedText.append(define.TranslatedText(_content=text, lang="en"))
    return description


def _bytes(odm: Any) -> bytes:  # noqa: ANN401 - odmlib's class
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "define.xml"
        odm.write_xml(str(path))
        data = path.read_bytes()
    # Well formed, whatever the texts were.
    ET.fromstring(data)  # noqa: S314 - our own  # nosec B314
    return data
