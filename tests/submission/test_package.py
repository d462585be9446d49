"""The datasets of a small trial, row by row, as other programs read them."""

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import flask
import odmlib.define_loader as loader_of
import odmlib.loader as loaders
import pytest
from odmlib.dataset_json_1_1.model import DatasetJSON
from odmlib.odm_parser import ODMSchemaValidator
from pymongo.database import Database

from backend.access import Grant, Role
from tests.conftest import Clock
from tests.people import Person, staff, staff_with
from tests.submission.conftest import ME, package, table

Stored = Database[dict[str, Any]]
pytestmark = pytest.mark.usefixtures("trial")
REASON = "meeting of the monitoring committee"


def picked(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_demographics_and_disposition(manager: Person) -> None:
    archive = package(manager, "sdtm", REASON)
    names = ("USUBJID", "SITEID", "SEX", "ARMCD", "ACTARMCD", "RFSTDTC", "AGE")
    assert picked(table(archive, "dm"), *names) == [
        (ME, "S01", "U", "A", "A", "2026-02-02", None),
        # Never treated: planned, but no actual arm.
        ("LARC-QL1706-S02-0001", "S02", "U", "B", None, None, None),
    ]
    names = ("DSDECOD", "DSCAT", "EPOCH", "DSSTDTC", "DSSTDY")
    assert picked(table(archive, "ds"), *names) == [
        ("RANDOMIZED", "PROTOCOL MILESTONE", "SCREENING", "2026-01-30", -3),
        ("FIRST DOSE", "OTHER EVENT", "TREATMENT", "2026-02-02", 1),
    ]
    assert picked(table(archive, "suppdm"), "QNAM", "QVAL") == [
        ("MRF", "positive"),
        ("MRF", "negative"),
    ]


def test_exposure(manager: Person) -> None:
    names = ("EXTRT", "EXDOSE", "EXDOSU", "EXROUTE", "EXSTDTC", "EXENDTC", "EXSTDY")
    assert picked(table(package(manager, "sdtm"), "ex"), *names) == [
        ("OXALIPLATIN", 220, "mg", "INTRAVENOUS", "2026-02-02", "2026-02-02", 1),
        (
            "QL1706 (IPAROMLIMAB AND TUVONRALIMAB)",
            325,
            "mg",
            "INTRAVENOUS",
            "2026-02-02",
            "2026-02-02",
            1,
        ),
    ]


def test_adverse_events_have_the_clinicians_word_and_the_machines_beside_it(
    manager: Person,
) -> None:
    archive = package(manager, "sdtm")
    events = table(archive, "ae")
    names = ("AESEQ", "AEDECOD", "AETOXGR", "AESER", "AEREL", "AESTDY", "AEENRTPT", "EPOCH")
    assert picked(events, *names) == [
        (1, "Nausea", "1", "N", "POSSIBLY RELATED", -1, None, "SCREENING"),
        (2, "Diarrhea", "1", "N", "POSSIBLY RELATED", 9, None, "TREATMENT"),
        (3, "Alanine aminotransferase increased", None, None, None, 15, "ONGOING", "TREATMENT"),
        (4, "Colitis", "3", "Y", "MULTIPLE", 19, "ONGOING", "TREATMENT"),
        (5, "Abdominal pain", None, None, None, 29, "ONGOING", "TREATMENT"),
    ]
    (colitis,) = [row for row in events if row["AEDECOD"] == "Colitis"]
    assert (colitis["AESHOSP"], colitis["AESDTH"]) == ("Y", "N")
    extra = table(archive, "suppae")
    said = {(row["IDVARVAL"], row["QNAM"]): (row["QVAL"], row["QEVAL"]) for row in extra}
    # 121 of 40 U/L is just above three times the limit: grade 2, and the machine's.
    assert said["3", "PROVGR"] == ("2", "MACHINE")
    assert said["4", "AEREL1"] == ("RELATED", "INVESTIGATOR")
    assert said["4", "AEREL2"] == ("NOT RELATED", "INVESTIGATOR")
    assert said["4", "IRAE"] == ("Y", "INVESTIGATOR")
    assert ("4", "PROVGR") not in said


def test_results_vital_signs_and_answers(manager: Person) -> None:
    archive = package(manager, "sdtm")
    names = ("LBTESTCD", "LBORRES", "LBORRESU", "LBSTRESN", "LBNRIND", "LBLOBXFL", "LBDTC", "LBDY")
    assert picked(table(archive, "lb"), *names) == [
        # Below the only limit that is known: it may still be low.
        ("ALT", "35", "U/L", 35, None, "Y", "2026-01-31T08:00:00+08:00", -2),
        ("ALT", "121", "U/L", 121, "HIGH", None, "2026-02-16T08:00:00+08:00", 15),
    ]
    names = ("VSTESTCD", "VSSTRESN", "VSSTRESU", "VSDTC")
    assert picked(table(archive, "vs"), *names) == [("TEMP", 37.4, "C", "2026-03-02")]
    names = ("QSTESTCD", "QSTEST", "QSSTRESN", "QSSTAT")
    assert picked(table(archive, "qs"), *names) == [
        ("PT17A", "Abdominal pain, frequency", 3, None),
        ("PT17B", "Abdominal pain, severity", 3, None),
        # No cough is an answer, not a missing one.
        ("PT20A", "Cough, severity", 0, None),
    ]


def test_a_day_without_a_diary_is_a_row_that_says_so(manager: Person, database: Stored) -> None:
    database["windows"].insert_one(
        {
            "_id": "w",
            "subject_id": "S01-0001",
            "site": "S01",
            "day": "2026-02-05",
            "phase": "cycle",
            "state": "excused",
            "steps": [{"state": "excused", "reason": "in hospital"}],
        }
    )
    row = table(package(manager, "sdtm"), "qs")[0]
    assert (row["QSTESTCD"], row["QSSTAT"], row["QSREASND"]) == ("QSALL", "NOT DONE", "in hospital")
    assert (row["QSDTC"], row["QSSTRESN"]) == ("2026-02-05", None)


def test_analysis_datasets_and_their_flags(manager: Person) -> None:
    archive = package(manager, "adam", REASON)
    names = ("USUBJID", "SAFFL", "TRT01P", "TRT01A", "TRT01PN", "STRAT1")
    arms = ("2 cycles, radiotherapy, 4 cycles", "Radiotherapy, 6 cycles")
    assert picked(table(archive, "adsl"), *names) == [
        (ME, "Y", arms[0], arms[0], 1, "POSITIVE"),
        ("LARC-QL1706-S02-0001", "N", arms[1], None, 2, "NEGATIVE"),
    ]
    events = table(archive, "adae")
    names = ("AEDECOD", "TRTEMFL", "PREFL", "ATOXGRN", "ATOXGRSC", "AETOXGRN", "AREL", "ADURN")
    assert picked(events, *names) == [
        ("Nausea", None, "Y", 1, "CLINICIAN", 1, "RELATED", 3),
        ("Diarrhea", "Y", None, 1, "CLINICIAN", 1, "RELATED", 3),
        ("Alanine aminotransferase increased", "Y", None, 2, "PROVISIONAL", None, None, None),
        ("Colitis", "Y", None, 3, "CLINICIAN", 3, "RELATED", None),
        ("Abdominal pain", "Y", None, 3, "PROVISIONAL", None, None, None),
    ]
    flags = ("AOCCFL", "AOCCSFL", "AOCCPFL", "AOCCIFL", "AOCCSIFL", "AOCCPIFL")
    assert {row["AEDECOD"]: [name for name in flags if row[name]] for row in events} == {
        # Before treatment: no flag of occurrence.
        "Nausea": [],
        "Diarrhea": ["AOCCFL", "AOCCSFL", "AOCCPFL", "AOCCPIFL"],
        "Alanine aminotransferase increased": ["AOCCSFL", "AOCCPFL", "AOCCSIFL", "AOCCPIFL"],
        # Of two of grade 3 the first is the worst.
        "Colitis": ["AOCCPFL", "AOCCIFL", "AOCCSIFL", "AOCCPIFL"],
        "Abdominal pain": ["AOCCPFL", "AOCCPIFL"],
    }
    assert [row["CQ01NAM"] for row in events] == [None, None, None, "IMMUNE-RELATED", None]


def test_dates_of_analysis_are_dates(manager: Person) -> None:
    (row, _) = table(package(manager, "adam"), "adsl")
    # Days since 1 January 1960, as SAS counts.
    assert row["TRTSDT"] == 24139


def test_blinded_datasets_hold_no_arm_and_nothing_that_tells_it(manager: Person) -> None:
    for kind in ("sdtm", "adam"):
        archive = package(manager, kind)
        for name in archive.namelist():
            text = archive.read(name)
            assert b"2 cycles, radiotherapy" not in text, name
            assert b"FIRST DOSE" not in text, name
    assert picked(table(package(manager, "sdtm"), "dm"), "ARMCD", "ARM") == [(None, None)] * 2


def test_who_took_the_arms_and_why_is_kept(
    app: flask.Flask, manager: Person, database: Stored
) -> None:
    package(manager, "adam", REASON)
    (entry,) = database["audit"].find({"action": "arm:unblinded"})
    assert (entry["target"], entry["details"]["reason"]) == ("submission/adam", REASON)
    blinded = staff(app, "data_manager")
    asked = {"reason": REASON}
    assert blinded.post("/submission/adam/unblinded", asked).status_code == 403


@pytest.mark.parametrize("kind", ["sdtm", "adam"])
def test_define_is_valid_and_names_every_file_and_variable(
    manager: Person, kind: str, tmp_path: Path
) -> None:
    archive = package(manager, kind)
    # CDISC's own schema of Define-XML 2.1, as odmlib ships it.
    validator = ODMSchemaValidator(standard="define", version="2.1")
    validator.validate_file(archive.extract("define.xml", tmp_path))
    reader = loaders.ODMLoader(loader_of.XMLDefineLoader(model_package="define_2_1"))
    reader.load_odm_string(archive.read("define.xml").decode())
    version = reader.MetaDataVersion()
    assert {group.leaf.href for group in version.ItemGroupDef} == {
        name for name in archive.namelist() if name.endswith(".xpt")
    }
    items = {item.OID: item for item in version.ItemDef}
    for group in version.ItemGroupDef:
        sent = DatasetJSON.from_dict(json.loads(archive.read(f"{group.Name.lower()}.json")))
        named = [items[reference.ItemOID].Name for reference in group.ItemRef]
        assert named == sent.column_names
        assert [column.itemOID for column in sent.columns] == [
            reference.ItemOID for reference in group.ItemRef
        ]
    lists = {codelist.OID for codelist in version.CodeList}
    assert {i.CodeListRef.CodeListOID for i in version.ItemDef if i.CodeListRef} == lists


def test_dataset_json_has_the_rows_of_the_transport_file(manager: Person) -> None:
    archive = package(manager, "sdtm")
    for name in (n for n in archive.namelist() if n.endswith(".xpt")):
        sent = DatasetJSON.from_dict(json.loads(archive.read(name.replace(".xpt", ".json"))))
        rows = [dict(zip(sent.column_names, row, strict=True)) for row in sent.rows]
        assert rows == table(archive, name.removesuffix(".xpt")), name


def test_the_same_rows_give_the_same_bytes_and_the_manifest_knows_them(
    manager: Person, clock: Clock
) -> None:
    first, second = (manager.get("/submission/sdtm.zip").data for _ in range(2))
    assert first == second
    archive = zipfile.ZipFile(io.BytesIO(first))
    said = json.loads(archive.read("manifest.json"))
    assert said["as_of"] == clock().isoformat()
    assert set(said["sha256"]) == set(archive.namelist()) - {"manifest.json"}
    for name, digest in said["sha256"].items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest


def test_one_dataset_alone_and_what_there_is(manager: Person) -> None:
    found = manager.get("/submission/datasets").get_json()["items"]
    assert [dataset["name"] for dataset in found][:4] == ["DM", "DS", "EX", "AE"]
    sent = manager.get("/submission/datasets/ae.json")
    assert json.loads(sent.data)["records"] == 5
    assert "ae-blinded.json" in sent.headers["Content-Disposition"]
    assert manager.get("/submission/datasets/ae.xpt").data.startswith(b"HEADER RECORD")
    assert manager.get("/submission/datasets/xx.xpt").status_code == 404


def test_a_manager_of_one_site_gets_that_site(app: flask.Flask) -> None:
    elsewhere = staff(app, "data_manager", "S02")
    sent = json.loads(elsewhere.get("/submission/datasets/dm.json").data)
    assert [row[2] for row in sent["rows"]] == ["LARC-QL1706-S02-0001"]


LONG = "\u60a3\u8005\u8981\u6c42\u51cf\u91cf " * 14


def whole(rows: list[dict[str, Any]]) -> str:
    """Give a text again from its pieces in ASCII."""
    text = " ".join(row["QVAL"] for row in rows)
    return re.sub(r"<U\+([0-9A-F]{4})>", lambda match: chr(int(match[1], 16)), text)


def test_a_long_reason_in_chinese_goes_on_in_supplemental_qualifiers_and_loses_nothing(
    clinician: Person, manager: Person, database: Stored
) -> None:
    dose = {"component": "ql1706", "first": "2026-02-23", "dose": 160, "unit": "mg", "cycle": 2}
    body = {**dose, "change": "reduced", "reason": f" {LONG}\n"}
    answer = clinician.post("/subjects/S01-0001/exposures", body)
    assert answer.status_code == 201, answer.text
    database["windows"].insert_one(
        {
            "_id": "w",
            "subject_id": "S01-0001",
            "site": "S01",
            "day": "2026-02-05",
            "phase": "cycle",
            "state": "excused",
            "steps": [{"state": "excused", "reason": LONG}],
        }
    )
    archive = package(manager, "sdtm")
    for domain, first, name in (("ex", "EXADJ", "EXADJ"), ("qs", "QSREASND", "QSREAS")):
        (row,) = [row for row in table(archive, domain) if row[first]]
        sequence = str(int(row[f"{domain.upper()}SEQ"]))
        rest = [
            each
            for each in table(archive, f"supp{domain}")
            if each["QNAM"].startswith(name) and each["IDVARVAL"] == sequence
        ]
        assert len(rest) > 1
        assert "".join(whole([{"QVAL": row[first]}, *rest]).split()) == "".join(LONG.split())
        assert all(len(each["QVAL"].encode()) <= 200 for each in rest)


def test_a_dataset_that_breaks_a_rule_says_which_and_tells_no_value(
    manager: Person, database: Stored
) -> None:
    database["lab_results"].update_one({}, {"$set": {"unit": "x" * 30}})
    refused = manager.get("/submission/datasets/lb.xpt")
    assert refused.status_code == 409
    assert "LB: LBSTRESU: more than 20 bytes" in refused.get_json()["detail"]
    assert "xxx" not in refused.text


def test_unblinded_datasets_are_of_sites_where_both_the_data_and_the_arm_may_be_seen(
    app: flask.Flask,
) -> None:
    grants = (Grant(Role.DATA_MANAGER, "S02"), Grant(Role.INVESTIGATOR, "S01", unblinded=True))
    neither = staff_with(app, grants)
    assert package(neither, "adam", REASON).namelist() == ["manifest.json"]
    grants = (Grant(Role.DATA_MANAGER, None), Grant(Role.INVESTIGATOR, "S01", unblinded=True))
    one = staff_with(app, grants)
    found = table(package(one, "adam", REASON), "adsl")
    assert [row["SITEID"] for row in found] == ["S01"]
