"""`python -m tests.compliance.generate [--evidence FILE]`: write docs/compliance.md anew.

With the evidence of a run (`pytest --evidence FILE`; `./run test` leaves it in var/evidence.json) that
is kept in docs/compliance/evidence.json from then on.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from tests.compliance.document import write_document
from tests.compliance.requirements import FOLDER, ROOT, load_standards

DOCUMENT = ROOT / "docs" / "compliance.md"
EVIDENCE = FOLDER / "evidence.json"


def kept_evidence() -> dict[str, Any]:
    """Give the evidence that is in the repository; empty where there is none."""
    if not EVIDENCE.exists():
        return {}
    found: dict[str, Any] = json.loads(EVIDENCE.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evidence", type=Path)
    given: Path | None = parser.parse_args().evidence
    if given is not None:
        EVIDENCE.write_text(given.read_text(encoding="utf-8"), encoding="utf-8")
    DOCUMENT.write_text(write_document(load_standards(), kept_evidence()), encoding="utf-8")


if __name__ == "__main__":
    main()
