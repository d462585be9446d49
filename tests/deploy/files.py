"""The deployment's files, read as their tools read them."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"


def compose() -> dict[str, Any]:
    """Give the compose file with its anchors merged."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


def instructions() -> list[tuple[str, str]]:
    """Give the Dockerfile's instructions: word and rest, continued lines joined."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    split = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(word, rest) for word, rest in split]


def words(text: str) -> list[str]:
    """Give a command of the Dockerfile: JSON, or as a shell splits it."""
    found: list[str] = json.loads(text) if text.startswith("[") else shlex.split(text)
    return found


def copied() -> list[str]:
    """Give what is copied from the repository into the image that runs."""
    last = max(number for number, (word, _) in enumerate(instructions()) if word == "FROM")
    return [
        source
        for word, rest in instructions()[last:]
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]
