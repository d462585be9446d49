"""The bill of materials: every package of a release at its version, and nothing of this machine."""

import json
import socket
import subprocess
from pathlib import Path

from tests.docs.test_tools import ROOT, pins


def test_it_names_what_is_pinned_and_nothing_of_this_machine(tmp_path: Path) -> None:
    path = tmp_path / "sbom.json"
    # The tool itself holds what it writes against the schema of CycloneDX, and fails if it is none.
    subprocess.run(["./run", "sbom", str(path)], cwd=ROOT, check=True, capture_output=True)
    text = path.read_text(encoding="utf-8")
    told = json.loads(text)
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert told["metadata"]["component"]["name"] == "pro-ae-backend"
    assert {one["name"]: one["version"] for one in told["components"]} == pins("requirements.txt")
    for component in told["components"]:
        assert component["purl"].startswith(f"pkg:pypi/{component['name']}@")
        hashes = [each for one in component["externalReferences"] for each in one["hashes"]]
        assert {one["alg"] for one in hashes} == {"SHA-256"}
    for private in (str(ROOT), str(tmp_path), "file:", "localhost", "127.0.0.1"):
        assert private not in text
    assert f'"{socket.gethostname()}' not in text
    assert "timestamp" not in told["metadata"]
    assert "serialNumber" not in told
