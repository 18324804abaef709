"""A picture file becomes an asset: the only module that knows Pillow.

What comes out is what every mail program shows: JPEG, PNG or GIF; upright, in sRGB, of at most twice the pixels it is
shown with, and without metadata, for a phone writes into a photo where it was taken. It is drawn smaller, never larger.
"""

from __future__ import annotations

import io
import logging
import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PIL import Image, ImageChops, ImageCms, ImageFile, ImageSequence, ImageStat, UnidentifiedImageError

from newsletter.core.assets import Asset
from newsletter.core.render.rooms import Part, Room, Shape, UnusablePicture, shape_in

MAX_PIXELS = 50_000_000  # more than most cameras have; Pillow needs four bytes for each
JPEG_QUALITY = 82
# Readers cannot stop a picture in an email, so it stops by itself: WCAG 2.2, success criterion 2.2.2.
LONGEST_ANIMATION = 5_000  # milliseconds
MOST_FRAMES = 100
HEAVIEST_ANIMATION = 1_000_000  # bytes

_MIRRORED = (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180, Image.Transpose.FLIP_TOP_BOTTOM)
_ON_ITS_SIDE = (
    *(Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_270, Image.Transpose.TRANSVERSE, Image.Transpose.ROTATE_90),
)

# Anything else that Pillow reads is kept out: some formats start other programs.
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP")
_LOSSY = frozenset({"JPEG", "MPO", "AVIF"})
_MIN_DELAY, _USUAL_DELAY = 20, 100  # milliseconds; browsers show a faster frame for the latter
# What Pillow's readers raise for a broken file, found by breaking files.
_BROKEN = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, ArithmeticError, TypeError, AttributeError),
    *(RuntimeError, struct.error),
)
_TURNS = dict(enumerate((*_MIRRORED, *_ON_ITS_SIDE), 2))  # by EXIF orientation, 2 to 8

logging.getLogger("PIL").addHandler(logging.NullHandler())  # or it would tell the terminal of broken files too


def fitted(data: bytes, room: Room) -> tuple[Asset, tuple[int, int]]:
    """Return the asset for a place, and the width and height in CSS pixels at which it fills it.

    Raises:
        UnusablePicture: the bytes are no picture, or one that cannot go into an email.
    """
    with _reading(data) as image:
        _check(image)
        kind, turn = image.format, _turn(image)
        size = (image.height, image.width) if turn in _ON_ITS_SIDE else image.size
        shape = shape_in(size, room)
        moving = kind == "GIF" and getattr(image, "n_frames", 1) > 1
        frames = (
            [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)] if moving else [_loaded(image, shape)]
        )
        delays = [int(frame.info.get("duration", 0)) for frame in frames]
    if moving:
        return _animation(frames, delays, shape), shape.shown
    upright = frames[0].transpose(turn) if turn is not None else frames[0]
    still = _srgb(_drawn(upright, shape_in(upright.size, room).part, shape.pixels))
    return _encoded(still, lossy=kind in _LOSSY), shape.shown


@contextmanager
def _reading(data: bytes) -> Iterator[ImageFile.ImageFile]:
    """Open a picture, and tell in our words why it cannot be read, whenever that shows."""
    _refuse_others(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd metadata, which is dropped anyway
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                yield image
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as err:
            raise _too_large("") from err
        except UnidentifiedImageError as err:
            raise UnusablePicture("is no picture that can be read here", "save it as JPEG or PNG") from err
        except _BROKEN as err:
            raise UnusablePicture("is damaged or cut short", "save or copy the picture anew") from err


def _refuse_others(data: bytes) -> None:
    """Name what is often tried, for which Pillow would have no better word than that it does not know it."""
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not data:
        raise UnusablePicture("is empty", "save or copy the picture anew")
    if head.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in data[:10_000]:
        hint = "export it as PNG, twice as wide as it is shown"
        raise UnusablePicture("is SVG, which most mail programs do not show", hint)
    if data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"hevc", b"heif", b"mif1", b"msf1"}:
        raise UnusablePicture("is HEIC, which cannot be read here", "export it as JPEG")


def _check(image: ImageFile.ImageFile) -> None:
    pixels, frames = image.width * image.height, getattr(image, "n_frames", 1)
    if pixels > MAX_PIXELS:
        raise _too_large(f" ({image.width:,} × {image.height:,})")
    if frames == 1 or image.format == "MPO":
        return
    if image.format != "GIF":
        said = "pages" if image.format == "TIFF" else "frames"
        raise UnusablePicture(f"is {image.format} of {frames} {said}", "save the one you mean, or an animation as GIF")
    if frames > MOST_FRAMES or pixels * frames > 4 * MAX_PIXELS:
        hint = f"keep {MOST_FRAMES} at most, or save one frame as PNG"
        raise UnusablePicture(f"is an animation of {frames} frames of {image.width} × {image.height} pixels", hint)


def _too_large(size: str) -> UnusablePicture:
    return UnusablePicture(f"has more than {MAX_PIXELS:,} pixels{size}", "save it smaller")


def _turn(image: Image.Image) -> Image.Transpose | None:
    """Return what makes a picture upright, by its EXIF orientation."""
    try:
        return _TURNS.get(image.getexif().get(0x0112, 1))
    except _BROKEN:  # the metadata, not the picture
        return None


def _loaded(image: ImageFile.ImageFile, shape: Shape) -> Image.Image:
    """Return a picture with its pixels, as one of L, RGB, RGBA and CMYK; of a photo not many more than are needed."""
    if image.format == "JPEG" and image.mode in {"L", "RGB"}:
        # Decoding at a half, a quarter or an eighth costs a fraction.
        share = 2 * shape.pixels[0] / (shape.part[2] - shape.part[0])
        image.draft(image.mode, (int(share * image.width), int(share * image.height)))
    image.load()
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("L" if image.mode == "1" else "RGB")


def _drawn(image: Image.Image, part: Part, pixels: tuple[int, int]) -> Image.Image:
    """Return a part of a picture in so many pixels."""
    return image.resize(pixels, Image.Resampling.LANCZOS, box=part, reducing_gap=2.0)


def _srgb(image: Image.Image) -> Image.Image:
    """Return a picture with the colours that its profile means, in those that mail programs take for granted."""
    profile, alpha = image.info.get("icc_profile"), None
    if image.mode == "RGBA":
        alpha, image = image.getchannel("A"), image.convert("RGB")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
            image = ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that is broken, or not for pictures of this kind, says nothing
    if image.mode == "CMYK":
        image = image.convert("RGB")
    if alpha is not None:
        image.putalpha(alpha)
    return image


def _encoded(image: Image.Image, *, lossy: bool) -> Asset:
    """Return a still picture in the format that is lighter for what it shows.

    Drawings stay sharp as PNG; it may be a little heavier than a JPEG. What was lossy before is a photo.
    """
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    if image.mode == "RGBA":
        return Asset("image/png", *image.size, _saved(_with_palette(image), "PNG", optimize=True))
    jpeg = _saved(image, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    if not lossy and image.getcolors(max(256, image.width * image.height // 16)):
        drawing = _with_palette(image)
        # The best compression takes its time; what is far heavier at a glance will not become light by it.
        if len(_saved(drawing, "PNG", compress_level=1)) < 3 * len(jpeg):
            png = _saved(drawing, "PNG", optimize=True)
            if len(png) <= 1.25 * len(jpeg):
                return Asset("image/png", *image.size, png)
    return Asset("image/jpeg", *image.size, jpeg)


def _with_palette(image: Image.Image) -> Image.Image:
    """Return a picture in 256 colours or fewer if the eye cannot tell, or else as it is."""
    octree = image.mode == "RGBA"  # the one method that keeps transparency
    method = Image.Quantize.FASTOCTREE if octree else Image.Quantize.MAXCOVERAGE
    few = image.quantize(256, method, dither=Image.Dither.NONE)
    difference = ImageChops.difference(few.convert(image.mode), image)
    return few if max(ImageStat.Stat(difference).rms) < 2 else image


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    image.info = {}  # or Pillow would write some of it into the file
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _animation(frames: Sequence[Image.Image], given: Sequence[int], shape: Shape) -> Asset:
    """Return an animation that plays as often as it can in the time that it may take.

    Outlook on Windows shows the first frame alone (https://www.caniemail.com/features/image-gif/).
    """
    delays = [delay if delay >= _MIN_DELAY else _USUAL_DELAY for delay in given]
    if sum(delays) > LONGEST_ANIMATION:
        said = f"is an animation of {sum(delays) / 1000:.1f} seconds, and readers cannot stop it (WCAG 2.2.2)"
        raise UnusablePicture(said, f"cut it to {LONGEST_ANIMATION // 1000} seconds, or save one frame as PNG")
    drawn = [_drawn(frame, shape.part, shape.pixels) for frame in frames]
    if all(frame.getchannel("A").getextrema() == (255, 255) for frame in drawn):
        drawn = [frame.convert("RGB") for frame in drawn]
    again = LONGEST_ANIMATION // sum(delays) - 1
    options = {"save_all": True, "append_images": drawn[1:], "duration": delays, "optimize": True, "disposal": 2}
    data = _saved(drawn[0], "GIF", **options, **({"loop": again} if again else {}))
    if len(data) > HEAVIEST_ANIMATION:
        said = f"is an animation that weighs {len(data) / 1_000_000:.1f} MB, more than 1 MB"
        raise UnusablePicture(said, "save it smaller, with fewer frames or colours, or save one frame as PNG")
    return Asset("image/gif", *shape.pixels, data)
