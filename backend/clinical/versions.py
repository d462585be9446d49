"""Which content the rule files had: a hash per file, and the number that the lock gave to it."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from backend.clinical.document import read_toml

LOCK = "rules.lock.json"


def content_hashes(path: Path) -> dict[str, str]:
    """Return the hash of what each data file says; comments and layout do not count."""
    found = {}
    for file in sorted(path.rglob("*.toml")):
        name = str(file.relative_to(path).with_suffix("").as_posix())
        found[name] = digest(read_toml(file))
    for file in sorted(path.rglob("*.csv")):
        rows = file.read_text(encoding="utf-8").splitlines()
        found[str(file.relative_to(path).as_posix())] = digest(rows)
    return found


def digest(content: object) -> str:
    """Hash what is said: the order of keys and the way a number is written do not count."""

    def written(value: object) -> str:
        return str(value.normalize()) if isinstance(value, Decimal) else str(value)

    text = json.dumps(content, sort_keys=True, default=written, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def rule_versions(path: Path, hashes: Mapping[str, str]) -> dict[str, str]:
    """Return `<number>-<hash>` per rule; 0 where the lock does not know this content."""
    lock = path / LOCK
    locked = json.loads(lock.read_text(encoding="utf-8")) if lock.exists() else {}
    versions = {}
    for name, digest in hashes.items():
        entry = locked.get(name, {})
        number = entry.get("version", 0) if entry.get("hash") == digest else 0
        versions[name] = f"{number}-{digest}"
    return versions
