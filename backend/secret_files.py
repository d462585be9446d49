"""Secrets from files: `NAME_FILE` names a file that holds what `NAME` would, as Docker and Kubernetes do."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

# Only these: what is no secret is better seen where the process is configured.
SECRETS = (
    "MONGODB_URI",
    "SECRET_KEY",
    "SECRET_KEY_NEXT",
    "SECRET_KEY_PREVIOUS",
    "ENCRYPTION_KEY",
    "ENCRYPTION_KEY_NEXT",
    "ENCRYPTION_KEY_PREVIOUS",
    "SMTP_PASSWORD",
    "WEBHOOK_SECRET",
    "METRICS_TOKEN",
)
# Longer than any key or URI; a path to something else must not fill the memory.
LONGEST = 64 * 1024


class SecretFileError(Exception):
    """A secret's file is unusable; the text names the setting and the file, never what is in it."""


def is_given(source: Mapping[str, str], name: str) -> bool:
    """Tell whether a secret is set, by itself or by its file; an empty text is not set."""
    return bool(source.get(name, "").strip() or source.get(f"{name}_FILE", "").strip())


def with_secret_files(source: Mapping[str, str]) -> Mapping[str, str]:
    """Give the settings with each secret that has a file read from it.

    Raises:
        SecretFileError: a file cannot be read, is empty, may be changed by anybody, or the secret
            is given twice.
    """
    named = {name: path for name in SECRETS if (path := source.get(f"{name}_FILE", "").strip())}
    for name in named:
        if source.get(name, "").strip():
            # Which of two would be in force is not for us to guess.
            message = f"{name} and {name}_FILE are both set; leave one of them out."
            raise SecretFileError(message)
    return {**source, **{name: _read(f"{name}_FILE", Path(path)) for name, path in named.items()}}


def _read(setting: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(LONGEST + 1)
    except OSError as error:
        message = f"{setting}: {path} cannot be read ({error.strerror})."
        raise SecretFileError(message) from error
    # Readable by all is how Docker (0444) and Kubernetes (0644) mount a secret, into a file system
    # that only the container sees: to refuse it would refuse them both. Writable by all is a key
    # that anybody chooses.
    if mode & stat.S_IWOTH:
        message = f"{setting}: anybody may write {path}; take that right away (chmod o-w)."
        raise SecretFileError(message)
    if len(content) > LONGEST:
        message = f"{setting}: {path} is longer than {LONGEST} bytes."
        raise SecretFileError(message)
    try:
        text = content.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        message = f"{setting}: {path} is not text in UTF-8."
        raise SecretFileError(message) from error
    if not text:
        message = f"{setting}: {path} is empty."
        raise SecretFileError(message)
    return text
