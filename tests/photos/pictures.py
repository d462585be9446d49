"""Pictures as phones make them, and files that are none."""

import io
import struct
import zlib
from typing import Any

from PIL import ExifTags, Image, ImageCms

RED, BLUE = (200, 30, 30), (30, 30, 200)
LAB, SRGB = (
    ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes() for space in ("LAB", "sRGB")
)


def halves(width: int = 64, height: int = 32) -> Image.Image:
    """Give a picture whose left half is red and whose right half is blue."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:  # noqa: ANN401 - Pillow's
    """Give a picture as a file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def snapshot(picture: Image.Image | None = None, orientation: int = 1) -> bytes:
    """Give a JPEG with all that a camera writes into it: place, maker, profile, comment."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "SECRETMAKER"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "SECRETPLACE"
    return encoded(
        picture or halves(), exif=exif, icc_profile=SRGB, comment=b"SECRETWORDS", quality=95
    )


def huge(side: int) -> bytes:
    """Give a PNG of few bytes that claims to be `side` pixels wide and high."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + _chunk(b"IEND", b"")
    )


def markers(jpeg: bytes) -> list[int]:
    """Give the markers before a JPEG's pixels; metadata are in 0xE1 to 0xEF and 0xFE."""
    found, at = [], 2
    while jpeg[at + 1] != 0xDA:
        found.append(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
