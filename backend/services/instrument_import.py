"""Read a text pack: the official instrument's wording, which a study has by NCI's terms of use."""

import csv
import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path

from pymongo.client_session import ClientSession

from backend.clinical.rules import Ruleset
from backend.db import transaction
from backend.models.instrument_text import TextPack, replace_pack

COLUMNS = ("item_code", "language", "text")
# Language, and region or script where it matters: en, zh, zh-CN, zh-Hans (BCP 47).
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
MOST_NAMED = 20


class NotATextPackError(Exception):
    """The file is no text pack; the text names each fault with its line."""


def import_texts(file: Path, ruleset: Ruleset, *, now: dt.datetime) -> dict[str, int]:
    """Store the texts of a pack, each language in place of its earlier one; give how many by language.

    Nothing is stored unless the whole file is good.

    Raises:
        NotATextPackError: a column is missing, or a line has an unknown item, a language that is
            none, no text, or what another line has said already.
    """
    content = file.read_bytes()
    codes = {item.code for rule in ruleset.symptoms.values() for item in rule.items}
    faults: list[str] = []
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for number, row in _rows(content):
        code, language, text = (row[name] for name in COLUMNS)
        fault = _fault(code, language, text, codes, texts)
        if fault is None:
            texts[language][code] = text
        else:
            faults.append(f"line {number}: {fault}")
    if faults or not texts:
        more = len(faults) - MOST_NAMED
        shown = [*faults[:MOST_NAMED], f"and {more} more"] if more > 0 else faults
        raise NotATextPackError("\n".join(shown) or "no line has a text")
    digest = hashlib.sha256(content).hexdigest()
    packs = [TextPack(language, own, digest, now) for language, own in sorted(texts.items())]

    def story(session: ClientSession) -> None:
        for pack in packs:
            replace_pack(pack, session=session)

    transaction(story)
    return {pack.language: len(pack.texts) for pack in packs}


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        message = "the file is not UTF-8"
        raise NotATextPackError(message) from error
    reader = csv.DictReader(lines)
    if not set(COLUMNS) <= set(reader.fieldnames or ()):
        message = f"the first line must have the columns {', '.join(COLUMNS)}"
        raise NotATextPackError(message)
    for row in reader:
        yield reader.line_num, {name: (row[name] or "").strip() for name in COLUMNS}


def _fault(
    code: str, language: str, text: str, codes: Collection[str], texts: dict[str, dict[str, str]]
) -> str | None:
    if code not in codes:
        return "not an item code of the diary"
    if not _LANGUAGE.fullmatch(language):
        return "not a language such as en or zh-CN"
    if not text:
        return "no text"
    return "said already" if code in texts[language] else None
