"""What the datasets are made of: variables, code lists and tests, read from `data/*.csv`."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TEXT, INTEGER, FLOAT, DATE = "text", "integer", "float", "date"
SDTM, ADAM = "sdtm", "adam"
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable; `length` in bytes, `key` its place among the keys (None: no key)."""

    name: str
    label: str
    type: str
    length: int
    codelist: str | None
    origin: str
    key: int | None


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset of SDTM or ADaM, and its variables in their order."""

    name: str
    label: str
    kind: str
    dataset_class: str
    structure: str
    standard: str
    variables: tuple[Variable, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the names of the keys in their order."""
        own = [(variable.key, variable.name) for variable in self.variables if variable.key]
        return tuple(name for _, name in sorted(own))


@cache
def datasets() -> Mapping[str, Dataset]:
    """Give every dataset by its name, in the order of a package."""
    variables: dict[str, list[Variable]] = {}
    for row in _rows("variables"):
        variables.setdefault(row["dataset"], []).append(
            Variable(
                name=row["name"],
                label=row["label"],
                type=row["type"],
                length=int(row["length"]),
                codelist=row["codelist"] or None,
                origin=row["origin"],
                key=int(row["key"]) if row["key"] else None,
            )
        )
    return {
        row["name"]: Dataset(
            row["name"],
            row["label"],
            row["kind"],
            row["class"],
            row["structure"],
            row["standard"],
            tuple(variables[row["name"]]),
        )
        for row in _rows("datasets")
    }


@cache
def codelists() -> Mapping[str, tuple[str, ...]]:
    """Give the values of each code list, in their order."""
    found: dict[str, list[str]] = {}
    for row in _rows("codelists"):
        found.setdefault(row["codelist"], []).append(row["value"])
    return {name: tuple(values) for name, values in found.items()}


@cache
def tests(domain: str) -> Mapping[str, tuple[str, str]]:
    """Give short name and name of each test of a domain, by what it is called here."""
    return {
        row["source"]: (row["code"], row["name"])
        for row in _rows("tests")
        if row["domain"] == domain
    }


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
