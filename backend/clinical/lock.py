"""`python -m backend.clinical.lock`: give changed rule files a new version, so that a change is seen."""

import json
import sys
from pathlib import Path

from backend.clinical.rules import DATA
from backend.clinical.versions import LOCK, content_hashes


def read_lock(path: Path = DATA) -> dict[str, dict[str, int | str]]:
    """Return the lock as it is; empty where there is none."""
    file = path / LOCK
    lock: dict[str, dict[str, int | str]] = {}
    if file.exists():
        lock = json.loads(file.read_text(encoding="utf-8"))
    return lock


def renew_lock(path: Path = DATA) -> dict[str, dict[str, int | str]]:
    """Return the lock as it should be: one more for what changed, the rest as it was."""
    before = read_lock(path)
    after: dict[str, dict[str, int | str]] = {}
    for name, digest in content_hashes(path).items():
        entry = before.get(name, {"version": 0, "hash": ""})
        number = int(entry["version"]) + (entry["hash"] != digest)
        after[name] = {"version": number, "hash": digest}
    return after


def main(path: Path = DATA) -> None:
    """Write the lock and say which files have a new version."""
    before, after = read_lock(path), renew_lock(path)
    text = json.dumps(after, indent=1, sort_keys=True) + "\n"
    (path / LOCK).write_text(text, encoding="utf-8")
    changed = [name for name in after if after[name] != before.get(name)]
    sys.stdout.write("\n".join(changed or ["nothing changed"]) + "\n")


if __name__ == "__main__":  # pragma: no cover -- only `python -m` runs it
    main()
