"""A phone's picture made safe to keep: upright, small, and with nothing in it but what is seen."""

import io
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.errors import Fault, InvalidInput

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP")
# A file of some hundred bytes can claim to be larger than the memory.
MOST_PIXELS = 40_000_000
LONGER_SIDE = 1600
QUALITY = 85
# Modes of eight bits a channel: sixteen would be cut off to white.
_MODES = frozenset(
    {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr"}
)
_ORIENTATION = 0x0112
_TOO_LARGE = "the picture has more than 40 megapixels"
_TOO_DEEP = "only pictures of eight bits per colour are read"
_DAMAGE = "not a whole JPEG, PNG or WebP picture"
# What Pillow's readers raise over damaged bytes.
_DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A JPEG without metadata; sides in pixels."""

    data: bytes = field(repr=False)
    width: int
    height: int


def clean_image(data: bytes) -> CleanImage:
    """Decode a JPEG, PNG or WebP, turn it upright, scale it down to 1600 pixels, strip it.

    Colours are brought to sRGB before the profile that explains them is thrown away, for a rash
    judged by its redness; what was transparent is white. Of several frames the first is kept.

    Raises:
        InvalidInput: no such picture, a damaged one, or one of more than 40 megapixels.
    """
    # Here, because it is heavy and only photos need it.
    from PIL import Image  # noqa: PLC0415

    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise _refused(_TOO_LARGE)
            if opened.mode not in _MODES:
                raise _refused(_TOO_DEEP)
            # A JPEG can be decoded smaller at once, which saves most of the time and memory.
            opened.draft(None, (2 * LONGER_SIDE, 2 * LONGER_SIDE))
            opened.load()
            return _made(_seen(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refused(_TOO_LARGE) from error
    except _DAMAGED as error:
        raise _refused(_DAMAGE) from error


def _seen(opened: "Image.Image") -> "Image.Image":
    """Give the pixels as a person would see them: small, upright, in sRGB, on white."""
    orientation = _orientation(opened)
    profile = opened.info.get("icc_profile")
    # Colours from a table cannot be blended while they are numbers of the table.
    image = opened.convert("RGBA") if opened.mode in ("1", "P", "PA") else opened
    image.thumbnail((LONGER_SIDE, LONGER_SIDE))
    return _upright(_in_srgb(_on_white(image), profile), orientation)


def _made(image: "Image.Image") -> CleanImage:
    # Pillow would copy a comment from here into the new file.
    image.info = {}
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return CleanImage(out.getvalue(), image.width, image.height)


def _orientation(opened: "Image.Image") -> int:
    try:
        return int(opened.getexif().get(_ORIENTATION, 1))
    except _DAMAGED:
        # A picture that lies on its side can still be judged.
        return 1


def _upright(image: "Image.Image", orientation: int) -> "Image.Image":
    from PIL import Image  # noqa: PLC0415 - as above

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image


def _on_white(image: "Image.Image") -> "Image.Image":
    from PIL import Image  # noqa: PLC0415 - as above

    if not image.has_transparency_data:
        return image
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")


def _in_srgb(image: "Image.Image", profile: bytes | None) -> "Image.Image":
    from PIL import ImageCms  # noqa: PLC0415 - as above

    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, *_DAMAGED):
            # A profile that is damaged or of other channels: the colours are kept as they are.
            return image.convert("RGB")
        # None is only what a change in place would give.
        return turned or image.convert("RGB")
    return image.convert("RGB")


def _refused(detail: str) -> InvalidInput:
    return InvalidInput(faults=(Fault("", detail),))
