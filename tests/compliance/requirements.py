"""The requirements as written in docs/compliance/*.toml, read strictly."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs" / "compliance"
# In the order of the document.
FILES = ("part11", "e6r3", "asvs")
PARTIES = ("system", "site", "sponsor")

SHOWN, PARTLY, TO_BE_SHOWN = "shown", "shown in part", "to be shown"
DOCUMENTED, DUTY, NOT_MET, NOT_APPLICABLE = "documented", "duty", "not met", "does not apply"


class RequirementError(Exception):
    """A row contradicts itself; the text names it."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row: one or several requirements that the same thing meets.

    `site`, `sponsor`: what is left to them. `missing`: what no test shows yet. `why_not`: why it
    does not apply. `not_met`: why it is not met, said plainly.
    """

    ids: tuple[str, ...]
    says: str
    duty: tuple[str, ...] = ("system",)
    how: str = ""
    site: str = ""
    sponsor: str = ""
    tests: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    missing: str = ""
    why_not: str = ""
    not_met: str = ""

    @property
    def status(self) -> str:
        """Say how far it is shown; nothing without a test is called shown."""
        if self.why_not:
            return NOT_APPLICABLE
        if self.not_met:
            return NOT_MET
        if self.tests:
            return PARTLY if self.missing else SHOWN
        if self.documents:
            return DOCUMENTED
        return TO_BE_SHOWN if "system" in self.duty else DUTY


@dataclass(frozen=True, slots=True)
class Standard:
    """One standard with its rows."""

    title: str
    source: str
    requirements: tuple[Requirement, ...]


def load_standards(folder: Path = FOLDER) -> tuple[Standard, ...]:
    """Read all files.

    Raises:
        RequirementError: an unknown key or party, or a row that says two things at once.
    """
    return tuple(_load(folder / f"{name}.toml") for name in FILES)


def _load(path: Path) -> Standard:
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    rows = []
    for row in read["requirement"]:
        plain = {
            key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
        }
        try:
            requirement = Requirement(**plain)
        except TypeError as error:
            message = f"{path.name}, {row.get('ids')}: {error}"
            raise RequirementError(message) from error
        _check(requirement, path.name)
        rows.append(requirement)
    return Standard(read["title"], read["source"], tuple(rows))


def _check(row: Requirement, file: str) -> None:
    wrong = (
        not set(row.duty) <= set(PARTIES)
        or bool(row.why_not and (row.tests or row.not_met or row.missing))
        or bool(row.missing and not row.tests)
        or bool("system" not in row.duty and not (row.site or row.sponsor))
        or not (row.ids and row.says)
    )
    if wrong:
        message = f"{file}, {', '.join(row.ids)}: the row contradicts itself"
        raise RequirementError(message)
