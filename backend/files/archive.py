"""Entries of an archive that is the same bytes for the same files."""

import zipfile

# A ZIP file knows no earlier moment; every entry has this one.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def entry_called(name: str) -> zipfile.ZipInfo:
    """Give the head of an entry, without the moment of writing."""
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
