"""The pages' own files: read once, named by what they say, packed small, with their modules in order."""

import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILES = Path(__file__).parent.parent / "pages"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
# What makes little of a small file, or of a picture, only costs time.
_PACKED = frozenset({".html", ".js", ".css", ".svg", ".webmanifest"})
_IMPORT = re.compile(r"""^(?:import|export)\b[^;'"]*?\bfrom\s*["'](\.[^"']+)["']""", re.MULTILINE)
_LATER = re.compile(r"""\bimport\(["'](\.[^"']+)["']\)""")


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file as it is sent: its type, its bytes, and the same bytes packed (None: not worth it)."""

    content_type: str
    content: bytes
    packed: bytes | None


@dataclass(frozen=True, slots=True)
class Pages:
    """Every file by its path below `backend/pages`, and one version of them all."""

    version: str
    files: Mapping[str, PageFile]

    def modules(self, entry: str, *, later: bool = False) -> Iterator[str]:
        """Give the paths of a module and of all that it imports, itself first, each once.

        `later`: also what is imported only when it is needed.
        """
        waiting, seen = [entry], {entry}
        while waiting:
            name = waiting.pop(0)
            yield name
            text = self.files[name].content.decode()
            for relative in (*_IMPORT.findall(text), *(_LATER.findall(text) if later else ())):
                target = _beside(name, relative)
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)

    def filled(self, name: str, words: Mapping[str, str]) -> PageFile:
        """Give a text file with `{{version}}` and other words filled in."""
        known = self.files[name]
        text = known.content.decode()
        for word, value in {"version": self.version, **words}.items():
            text = text.replace("{{" + word + "}}", value)
        return packed(known.content_type, text.encode())


@cache
def load_pages() -> Pages:
    """Read every file below `backend/pages` that a browser may ask for."""
    files: dict[str, PageFile] = {}
    digest = hashlib.sha256()
    for file in sorted(FILES.rglob("*")):
        if file.suffix not in TYPES or not file.is_file():
            continue
        name = file.relative_to(FILES).as_posix()
        content = file.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
        files[name] = packed(TYPES[file.suffix], content, worth=file.suffix in _PACKED)
    return Pages(digest.hexdigest()[:12], files)


def packed(content_type: str, content: bytes, *, worth: bool = True) -> PageFile:
    """Give a file with its packed form; the same bytes every time."""
    small = gzip.compress(content, 9, mtime=0) if worth else content
    return PageFile(content_type, content, small if len(small) < len(content) else None)


def _beside(name: str, relative: str) -> str:
    """Resolve a relative import from the file that writes it."""
    parts = name.split("/")[:-1]
    for step in relative.split("/"):
        if step == "..":
            parts.pop()
        elif step != ".":
            parts.append(step)
    return "/".join(parts)
