"""What becomes of picture files; the test pictures are drawn here."""

from __future__ import annotations

import io
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw

from newsletter.core.render.pictures import LONGEST_ANIMATION, MOST_FRAMES, fitted
from newsletter.core.render.rooms import Room, UnusablePicture

WIDE = Room(560)


@cache
def photo(width: int = 1600, height: int = 1000) -> Image.Image:
    """Return noise over a gradient; its left half is red, its right half blue."""
    grain = Image.effect_noise((width, height), 60)
    red, blue = Image.new("L", (width, height), 30), Image.new("L", (width, height), 200)
    blue.paste(30, (0, 0, width // 2, height))
    red.paste(200, (0, 0, width // 2, height))
    return Image.merge("RGB", (red, grain, blue))


def drawing(width: int = 1600, height: int = 1000) -> Image.Image:
    scene = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(scene).ellipse((100, 100, width - 100, height - 100), outline="green", width=20)
    return scene


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    fast = {"PNG": {"compress_level": 1}, "AVIF": {"speed": 10}, "WEBP": {"method": 0}}.get(kind, {})
    image.save(file, kind, **{**fast, **options})
    return file.getvalue()


def moving(count: int = 4, delay: int = 100, size: tuple[int, int] = (80, 60), **options: object) -> bytes:
    frames = []
    for number in range(count):
        frame = Image.new("RGB", size, "white")
        ImageDraw.Draw(frame).rectangle((number % 50, 10, number % 50 + 20, 40), fill="red")
        frames.append(frame)
    more = {"save_all": True, "append_images": frames[1:], "duration": delay, "loop": 0, **options}
    return saved(frames[0], "GIF", **more)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def refused(data: bytes, room: Room = WIDE) -> tuple[str, str]:
    with pytest.raises(UnusablePicture) as caught:
        fitted(data, room)
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP"])
def test_a_photo_of_any_kind_becomes_a_jpeg_of_twice_the_width_it_is_shown_with(kind: str) -> None:
    asset, size = fitted(saved(photo(), kind), WIDE)
    assert (asset.media_type, asset.width, asset.height, size) == ("image/jpeg", 1120, 700, (560, 350))
    made = opened(asset.data)
    assert (made.format, made.size, made.info["progressive"]) == ("JPEG", (1120, 700), 1)


def test_a_small_picture_is_shown_as_large_as_it_is() -> None:
    asset, size = fitted(saved(photo(300, 200), "JPEG"), WIDE)
    assert ((asset.width, asset.height), size) == ((300, 200), (300, 200))


def test_a_drawing_stays_sharp_and_light_as_png() -> None:
    asset, _ = fitted(saved(drawing(), "PNG"), WIDE)
    assert asset.media_type == "image/png"
    assert opened(asset.data).mode == "P"
    assert len(asset.data) < 30_000


def test_what_can_be_seen_through_stays_so() -> None:
    scene = drawing().convert("RGBA")
    scene.putalpha(Image.linear_gradient("L").resize(scene.size))
    asset, _ = fitted(saved(scene, "PNG"), WIDE)
    assert asset.media_type == "image/png"
    assert opened(asset.data).convert("RGBA").getpixel((560, 350)) == pytest.approx((255, 255, 255, 128), abs=12)


def test_an_alpha_channel_that_hides_nothing_is_dropped() -> None:
    asset, _ = fitted(saved(photo().convert("RGBA"), "PNG"), WIDE)
    assert asset.media_type == "image/jpeg"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_comes_out_upright_and_without_metadata(orientation: int) -> None:
    turns = [None, *(0, 3, 1, 5, 2, 6, 4)]  # what a camera does to the picture for each orientation
    turn = turns[orientation - 1]
    scene = photo() if turn is None else photo().transpose(Image.Transpose(turn))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[2] = (46.0, 57.0, 0.0)
    data = saved(scene, "JPEG", exif=exif, comment=b"at home", quality=90)
    asset, size = fitted(data, WIDE)
    assert size == (560, 350)
    made = opened(asset.data)
    left, right = made.getpixel((100, 350)), made.getpixel((1000, 350))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[0] > 150 > left[2]
    assert right[2] > 150 > right[0]
    assert not made.getexif()
    assert set(made.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}


def test_metadata_of_a_png_is_dropped_too() -> None:
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415

    about = PngInfo()
    about.add_text("Author", "Somebody")
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    asset, _ = fitted(saved(drawing(), "PNG", pnginfo=about, exif=exif, dpi=(300, 300)), WIDE)
    assert asset.media_type == "image/png"
    assert set(opened(asset.data).info) == set()
    assert b"Somebody" not in asset.data


def test_a_profile_with_other_colours_is_turned_into_srgb() -> None:
    wrong = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    scene = Image.new("RGB", (100, 100), (200, 40, 40))
    kept, _ = fitted(saved(scene, "JPEG", quality=95, icc_profile=wrong.tobytes()), WIDE)
    assert opened(kept.data).getpixel((50, 50)) == pytest.approx((200, 40, 40), abs=6)
    assert "icc_profile" not in opened(kept.data).info
    print_colours = saved(scene.convert("CMYK"), "JPEG", quality=95)
    asset, _ = fitted(print_colours, WIDE)
    assert opened(asset.data).mode == "RGB"


def test_a_place_with_a_shape_gets_the_middle_of_the_picture() -> None:
    asset, size = fitted(saved(photo(1600, 400), "JPEG"), Room(96, 72, cut=True))
    assert (asset.width, asset.height, size) == (192, 144, (96, 72))
    made = opened(asset.data)
    for across, band in ((20, 0), (170, 2)):
        pixel = made.getpixel((across, 72))
        assert isinstance(pixel, tuple)
        assert pixel[band] > 150


def test_a_place_with_a_height_holds_the_whole_picture() -> None:
    _, size = fitted(saved(photo(500, 1000), "JPEG"), Room(400, 96))
    assert size == (48, 96)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "I;16", "CMYK"])
def test_every_way_to_keep_pixels_can_be_read(mode: str) -> None:
    if mode == "I;16":
        scene = Image.linear_gradient("L").convert("I").point(lambda value: value * 256).convert("I;16")
    else:
        scene = Image.linear_gradient("L").convert(mode)
    asset, _ = fitted(saved(scene, "TIFF" if mode == "CMYK" else "PNG"), WIDE)
    made = opened(asset.data).convert("L")
    assert (made.width, made.height) == (256, 256)
    top, bottom = made.getpixel((128, 4)), made.getpixel((128, 250))
    assert isinstance(top, int | float)
    assert isinstance(bottom, int | float)
    assert bottom - top > 180


def test_the_same_file_gives_the_same_bytes() -> None:
    for data in (saved(photo(), "JPEG"), saved(drawing(), "PNG"), moving()):
        assert fitted(data, WIDE)[0].name == fitted(data, WIDE)[0].name


def test_an_animation_stays_one_and_ends_within_five_seconds() -> None:
    asset, size = fitted(moving(4, 300), Room(40))
    assert (asset.media_type, size) == ("image/gif", (40, 30))
    made = opened(asset.data)
    assert getattr(made, "n_frames", 1) == 4
    once = 4 * 300
    assert (made.info["loop"] + 1) * once <= LONGEST_ANIMATION < (made.info["loop"] + 2) * once


def test_an_animation_that_lasts_long_enough_plays_once() -> None:
    asset, _ = fitted(moving(8, 600), WIDE)
    assert "loop" not in opened(asset.data).info


def test_a_gif_of_one_frame_is_a_picture_like_others() -> None:
    asset, _ = fitted(saved(drawing(400, 300), "GIF"), WIDE)
    assert asset.media_type == "image/png"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"volume: 2\n", "is no picture that can be read here"),
        (b"%PDF-1.7\n", "is no picture that can be read here"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is no picture that can be read here"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is SVG, which most mail programs do not show"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x -->\n<svg/>", "is SVG, which most mail programs do not show"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is HEIC, which cannot be read here"),
        (saved(photo(), "JPEG")[:-9000], "is damaged or cut short"),
        (saved(photo(), "JPEG")[:300], "is damaged or cut short"),
        (saved(photo(), "PNG")[:-9000], "is damaged or cut short"),
        (moving()[:400], "is damaged or cut short"),
        (saved(Image.new("1", (10_000, 6_000)), "PNG"), "has more than 50,000,000 pixels (10,000 × 6,000)"),
        (saved(Image.new("1", (20_000, 10_000)), "PNG"), "has more than 50,000,000 pixels"),
        (moving(10, 600), "is an animation of 6.0 seconds, and readers cannot stop it (WCAG 2.2.2)"),
        (moving(MOST_FRAMES + 1, 20), "is an animation of 101 frames of 80 × 60 pixels"),
        (saved(photo(9, 9), "WEBP", save_all=True, append_images=[Image.new("RGB", (9, 9))]), "is WEBP of 2 frames"),
        (saved(photo(9, 9), "TIFF", save_all=True, append_images=[Image.new("RGB", (9, 9))]), "is TIFF of 2 pages"),
    ],
)
def test_what_cannot_go_into_an_email_is_refused_with_a_reason_and_what_to_do(data: bytes, said: str) -> None:
    message, hint = refused(data)
    assert message == said
    assert hint


def test_a_heavy_animation_is_refused() -> None:
    frames = [Image.effect_noise((400, 400), 60 + number) for number in range(20)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    message, hint = refused(data)
    assert message.startswith("is an animation that weighs ")
    assert "fewer frames" in hint


WHOLE = [
    *(saved(photo(90, 60), kind) for kind in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP")),
    moving(3),
    saved(drawing(300, 300).convert("P"), "PNG"),
]


@settings(max_examples=300)
@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), min_size=1, max_size=6))
def test_a_broken_file_is_shown_or_refused_and_nothing_else_happens(
    data: bytes, changes: list[tuple[float, bytes]]
) -> None:
    for place, inserted in changes:
        at = int(place * len(data))
        data = data[:at] + inserted + data[at + len(inserted) + 1 :]
    with suppress(UnusablePicture):
        asset, _ = fitted(data, WIDE)
        assert opened(asset.data).size == (asset.width, asset.height)
