"""What is left of a picture: its pixels, upright, small, in sRGB; and what is no picture at all."""

import io

import pytest
from PIL import Image, PngImagePlugin

from backend.errors import InvalidInput
from backend.services.image import clean_image
from tests.photos.pictures import BLUE, LAB, RED, SRGB, encoded, halves, huge, markers, snapshot

METADATA = {*range(0xE1, 0xF0), 0xFE}


def stored(data: bytes) -> Image.Image:
    clean = clean_image(data)
    picture = Image.open(io.BytesIO(clean.data), formats=("JPEG",))
    assert picture.size == (clean.width, clean.height)
    assert not METADATA & set(markers(clean.data))
    assert picture.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    return picture.convert("RGB")


def is_near(pixel: object, colour: tuple[int, int, int], by: int = 12) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(here - there) <= by for here, there in zip(pixel, colour, strict=True))


def test_nothing_that_a_camera_wrote_is_left() -> None:
    sent = snapshot()
    assert METADATA & set(markers(sent)) == {0xE1, 0xE2, 0xFE}
    for secret in (b"SECRETMAKER", b"SECRETPLACE", b"SECRETWORDS", b"Exif", b"ICC_PROFILE"):
        assert secret in sent
        assert secret not in clean_image(sent).data
    picture = stored(sent)
    assert is_near(picture.getpixel((8, 16)), RED)
    assert is_near(picture.getpixel((56, 16)), BLUE)


def test_the_texts_of_a_png_are_gone() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "SECRETWORDS")
    texts.add_itxt("XML:com.adobe.xmp", "<x>SECRETPLACE</x>")
    sent = encoded(halves(), "PNG", pnginfo=texts)
    assert b"SECRETWORDS" in sent
    stored(sent)
    assert b"SECRET" not in clean_image(sent).data


@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (64, 32), (8, 16)),
        (2, (64, 32), (56, 16)),
        (3, (64, 32), (56, 16)),
        (4, (64, 32), (8, 16)),
        (5, (32, 64), (16, 8)),
        (6, (32, 64), (16, 8)),
        (7, (32, 64), (16, 56)),
        (8, (32, 64), (16, 56)),
        (99, (64, 32), (8, 16)),
    ],
)
def test_a_picture_stands_as_it_was_held(
    orientation: int, size: tuple[int, int], red_at: tuple[int, int]
) -> None:
    picture = stored(snapshot(orientation=orientation))
    assert picture.size == size
    assert is_near(picture.getpixel(red_at), RED)


@pytest.mark.parametrize(
    ("size", "kept"),
    [((3200, 1600), (1600, 800)), ((400, 2000), (320, 1600)), ((1600, 90), (1600, 90))],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_large_picture_is_scaled_to_1600_pixels(
    kind: str, size: tuple[int, int], kept: tuple[int, int]
) -> None:
    picture = stored(encoded(halves(*size), kind))
    assert picture.size == kept
    assert is_near(picture.getpixel((3, kept[1] // 2)), RED)


def test_colours_are_brought_to_srgb_before_the_profile_goes() -> None:
    # A camera whose red sensor sees blue, and says so.
    swapped = SRGB.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1)
    sent = encoded(halves(), "PNG", icc_profile=swapped.replace(b"????", b"bXYZ", 1))
    assert is_near(stored(sent).getpixel((8, 16)), BLUE)


@pytest.mark.parametrize("profile", [b"no profile", LAB])
def test_a_profile_that_does_not_fit_changes_nothing(profile: bytes) -> None:
    assert is_near(stored(encoded(halves(), "PNG", icc_profile=profile)).getpixel((8, 16)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_pixel_is_read(mode: str) -> None:
    assert stored(encoded(halves().convert(mode), "PNG")).size == (64, 32)


def test_a_print_in_four_colours_is_read() -> None:
    assert is_near(stored(encoded(halves().convert("CMYK"))).getpixel((8, 16)), RED)


def test_what_was_transparent_is_white() -> None:
    clear = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    assert is_near(stored(encoded(clear, "PNG")).getpixel((8, 8)), (255, 255, 255))


def test_of_several_frames_the_first_is_kept() -> None:
    frames = [Image.new("RGB", (32, 32), BLUE)]
    sent = encoded(
        Image.new("RGB", (32, 32), RED), "WEBP", save_all=True, append_images=frames, lossless=True
    )
    assert is_near(stored(sent).getpixel((8, 8)), RED)


def test_a_picture_whose_exif_is_damaged_is_kept_as_it_lies() -> None:
    assert stored(encoded(halves(), "PNG", exif=b"Exif\0\0neither MM nor II")).size == (64, 32)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a whole"),
        (b"Dear doctor, my hands hurt.", "not a whole"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "not a whole"),
        (b"%PDF-1.7\n", "not a whole"),
        (encoded(halves(), "GIF"), "not a whole"),
        (encoded(halves(), "TIFF"), "not a whole"),
        (snapshot(halves(640, 480))[:-900], "not a whole"),
        (encoded(halves(640, 480), "PNG")[:-40], "not a whole"),
        (encoded(halves(640, 480), "WEBP")[:-40], "not a whole"),
        (huge(6_400), "40 megapixels"),
        # Beyond Pillow's own two limits, the warning and the refusal.
        (huge(10_000), "40 megapixels"),
        (huge(60_000), "40 megapixels"),
        (encoded(Image.new("I;16", (32, 32)), "PNG"), "eight bits"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean_image(data)
    (fault,) = refused.value.faults
    assert says in fault.detail
