"""A stranger's bytes to plain arrays: size known before a pixel is decoded, nothing raised.

Every refusal is a reason that people can read; nothing is dropped in silence. The decoders
below are C libraries that have had holes before: `namaak.decoding` runs this function in a
process that may do nothing else, and nobody should call it on strangers' bytes elsewhere.
May import: detectors.images.{picture, ground, svg}.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import importlib.util
import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import AvifImagePlugin, IcoImagePlugin, Image, ImageFile, UnidentifiedImageError

from detectors.images import svg
from detectors.images.ground import Grounded, on_ground
from detectors.images.picture import LARGE_SIDE, Frame, Picture, Role, Undecodable

#: 25 megapixels: ten times the largest avatar any platform serves.
MAX_PIXELS = 25_000_000
MAX_BYTES = 25_000_000
#: Pixels; a side below says nothing about anybody (tracking pixels are 1 x 1).
MIN_SIDE = 8
#: An animation is looked through up to here, whichever comes first; the note "shortened" says
#: that there was more.
MAX_FRAMES = 64
MAX_ANIMATED_PIXELS = 64_000_000

#: Widest of the small forms inside an icon file, pixels: what browsers show in a tab.
_SMALL_ICON = 32
#: Damaged pictures of an icon file that are passed over before the whole is given up.
_MAX_ICON_TRIES = 8
#: Grey levels of 255 on average by which a frame must differ to be one more to look at.
_SAME_FRAME = 1.0
#: Progressive JPEGs of real encoders have about ten; each costs a walk over all the pixels.
_MAX_JPEG_SCANS = 100

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "ICO", "AVIF", "TIFF")
_ANIMATED = ("PNG", "GIF", "WEBP", "AVIF")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
_JPEG_XL = (b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n")
_EXIF_ORIENTATION = 0x0112
_LYING = (5, 6, 7, 8)  # orientations that swap width and height

#: All that Pillow's decoders raise on damaged or hostile files.
_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    NotImplementedError,
    RuntimeError,
    BufferError,
    struct.error,
    zlib.error,
)

# Asked once: the worker's process may open no file later.
_HEIF_INSTALLED = importlib.util.find_spec("pillow_heif") is not None
_SVG_INSTALLED = importlib.util.find_spec("resvg_py") is not None

# Pillow's limits are globals of its modules, as Python's warning filters are.
_ONE_AT_A_TIME = threading.Lock()


def decode(data: bytes) -> Picture | Undecodable:
    """data: the original bytes of one file. Never raises, whatever they are.

    First, last and most different frame of animations; largest and small form of icons; the
    first page or picture of files that hold several.
    """
    if len(data) > MAX_BYTES:
        return Undecodable(f"larger than {MAX_BYTES // 1_000_000} MB")
    if not data:
        return Undecodable("empty")
    if refused := _refused_by_kind(data):
        return refused
    is_svg = svg.looks_like_svg(data)
    try:
        drawn = _drawn(data) if is_svg else data
        if isinstance(drawn, Undecodable):
            return drawn
        picture = _decoded(drawn)
    except Image.DecompressionBombError:
        return Undecodable(f"more pixels than the limit of {MAX_PIXELS // 1_000_000} million")
    except MemoryError:
        return Undecodable("needed more memory than allowed")
    if is_svg and isinstance(picture, Picture):
        return dataclasses.replace(picture, format="SVG")
    return picture


def load_decoders() -> None:
    """Imports now what `decode` would import at need: for a process that may open no file."""
    Image.init()
    if _HEIF_INSTALLED:
        _register_heif()
    if _SVG_INSTALLED:
        importlib.import_module("resvg_py")


def _refused_by_kind(data: bytes) -> Undecodable | None:
    """Formats that nothing here reads, said by name; None: let the decoders look."""
    if data.startswith(_JPEG_XL):
        return Undecodable("JPEG XL, which is not read")
    if _is_heif(data) and not _HEIF_INSTALLED:
        return Undecodable('HEIC, which is read only with the extra "heif"')
    if svg.looks_like_svg(data) and not _SVG_INSTALLED:
        return Undecodable('SVG, which is read only with the extra "svg"')
    if data.startswith(b"\x1f\x8b"):
        return Undecodable("compressed (gzip), which is not read")
    if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > _MAX_JPEG_SCANS:
        return Undecodable(f"a JPEG of more than {_MAX_JPEG_SCANS} scans")
    return None


def _is_heif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS


def _drawn(data: bytes) -> bytes | Undecodable:
    """The sanitised drawing as PNG; no fonts, no files, size bounded by the sanitiser."""
    import resvg_py  # an extra: absent in most places

    drawing = svg.sanitised(data)
    if isinstance(drawing, Undecodable):
        return drawing
    try:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=drawing.markup,
                width=drawing.width,
                height=drawing.height,
                skip_system_fonts=True,
            )
        )
    except _FAULTS as error:
        return Undecodable(f"an SVG that cannot be drawn ({type(error).__name__})")
    except BaseException as error:
        # A panic of Rust's comes as one, beside interrupts, which are not ours to swallow.
        if type(error).__name__ != "PanicException":
            raise
        return Undecodable("an SVG that cannot be drawn (its renderer gave up)")


def _decoded(data: bytes) -> Picture | Undecodable:
    """Strictly, and where that fails once more with what is missing left grey."""
    try:
        with _limits(tolerant=False):
            return _opened(data)
    except UnidentifiedImageError:
        return Undecodable("not a picture in a format that is read")
    except _FAULTS as error:
        fault = type(error).__name__
    try:
        with _limits(tolerant=True):
            found = _opened(data)
    except _FAULTS:
        return Undecodable(f"damaged ({fault})")
    if isinstance(found, Undecodable):
        return found
    return dataclasses.replace(found, notes=found.notes | {"truncated"})


@contextlib.contextmanager
def _limits(*, tolerant: bool) -> Iterator[None]:
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # Pillow talks about odd metadata, which is dropped anyway.
        warnings.simplefilter("ignore")
        before = (
            Image.MAX_IMAGE_PIXELS,
            ImageFile.LOAD_TRUNCATED_IMAGES,
            AvifImagePlugin.DEFAULT_MAX_THREADS,
        )
        try:
            # It warns above this and raises above twice this, wherever a format learns its
            # size: also in an icon's PNG and when a GIF grows at its third frame.
            Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
            ImageFile.LOAD_TRUNCATED_IMAGES = tolerant
            AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the worker may start none
            yield
        finally:
            (
                Image.MAX_IMAGE_PIXELS,
                ImageFile.LOAD_TRUNCATED_IMAGES,
                AvifImagePlugin.DEFAULT_MAX_THREADS,
            ) = before


def _opened(data: bytes) -> Picture | Undecodable:
    if data.startswith(b"\x00\x00\x01\x00"):
        return _icon(data)
    formats: tuple[str, ...] = _FORMATS
    if _is_heif(data):
        _register_heif()
        formats = ("HEIF",)
    with Image.open(io.BytesIO(data), formats=formats) as opened:
        if refused := _refused_by_size(opened):
            return refused
        # A phone's second picture (depth, brightness) makes a JPEG an MPO.
        kind = "JPEG" if opened.format == "MPO" else str(opened.format)
        size = opened.size if kind == "JPEG" else None
        if kind == "JPEG":
            # Decodes at a fraction of its size where that is enough.
            opened.draft(None, (LARGE_SIDE, LARGE_SIDE))
        # TIFF turns its pictures itself while loading, and drops the tag.
        orientation = _orientation(opened)
        turned_by_itself = kind == "TIFF" and orientation != 1
        opened.load()
        if turned_by_itself:
            orientation = 1
        first = on_ground(opened, role="first", orientation=orientation, with_large=True)
        width, height = size or opened.size
        if orientation in _LYING:
            width, height = height, width
        later: list[Frame] = []
        notes = first.notes | ({"turned"} if turned_by_itself else set())
        if kind in _ANIMATED:
            later, seen = _later_frames(opened, first.frame, orientation)
            notes |= seen
        return Picture(
            frames=(first.frame, *later),
            large=first.large,
            format=kind,
            width=width,
            height=height,
            notes=notes,
        )


def _refused_by_size(image: Image.Image) -> Undecodable | None:
    width, height = image.size
    if min(width, height) < MIN_SIDE:
        return Undecodable(f"{width} x {height} pixels are too few")
    return None


def _register_heif() -> None:
    import pillow_heif  # an extra: absent in most places

    # An embedded thumbnail may show something else than the picture.
    pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False)


def _orientation(image: Image.Image) -> int:
    """1 to 8 as EXIF counts; 1 where the tag cannot be read."""
    try:
        found = image.getexif().get(_EXIF_ORIENTATION, 1)
    except _FAULTS:
        return 1
    return found if isinstance(found, int) else 1


def _later_frames(
    opened: ImageFile.ImageFile, first: Frame, orientation: int
) -> tuple[list[Frame], set[str]]:
    """The frame that differs most from the first, and the last; those that look the same are
    left out. Frame by frame: formats that jump decode what lies between all the same.
    """
    notes: set[str] = set()
    last, different, most = first, first, _SAME_FRAME
    pixels = opened.width * opened.height
    frame = 0
    while True:
        frame += 1
        try:
            opened.seek(frame)
            pixels += opened.width * opened.height
            if frame >= MAX_FRAMES or pixels > MAX_ANIMATED_PIXELS:
                notes.add("shortened")
                break
            opened.load()
            grounded = on_ground(opened, role="last", orientation=orientation, with_large=False)
        except EOFError:
            break
        except (*_FAULTS, Image.DecompressionBombError):
            # What was read stands; the frames behind the damage do not exist.
            notes.add("truncated")
            break
        notes |= {"animated", *grounded.notes}
        last = grounded.frame
        if (difference := _difference(first, last)) > most:
            different, most = last, difference
    later = []
    if different is not first and different is not last:
        later.append(dataclasses.replace(different, role="most-different"))
    if last is not first and _difference(first, last) > _SAME_FRAME:
        later.append(last)
    return later, notes


def _difference(one: Frame, other: Frame) -> float:
    """Mean absolute difference in grey levels; 255 where the canvas grew."""
    if one.pixels.shape != other.pixels.shape:
        return 255.0
    step = max(1, max(one.pixels.shape) // 64)
    near = one.pixels[::step, ::step].astype(np.int16), other.pixels[::step, ::step]
    return float(np.abs(near[0] - near[1]).mean())


def _icon(data: bytes) -> Picture | Undecodable:
    """The largest form, as shown, and the largest of those made for a tab.

    Form by form, since Pillow's own opener decodes the one that the directory calls largest
    and gives up with it.
    """
    icon = IcoImagePlugin.IcoFile(io.BytesIO(data))
    notes: set[str] = set()
    largest: Image.Image | None = None
    grounded: list[Grounded] = []
    fault: Exception = ValueError("an icon file without a picture")
    refused: Undecodable | None = None
    tries = 0
    for number, entry in enumerate(icon.entry):
        wanted = largest is None or max(entry.dim) <= _SMALL_ICON
        if not wanted:
            continue
        if tries == _MAX_ICON_TRIES:
            notes.add("shortened")
            break
        tries += 1
        try:
            form = icon.frame(number)
            if refused := _refused_by_size(form):
                continue
            form.load()
            role: Role = "first" if largest is None else "small"
            if largest is not None and form.size == largest.size:
                continue
            grounded.append(on_ground(form, role=role, orientation=1, with_large=largest is None))
        except (*_FAULTS, Image.DecompressionBombError) as error:
            fault = error
            notes.add("truncated")
            continue
        if largest is not None:
            break
        largest = form
    if largest is None:
        if refused:
            return refused
        raise fault
    return Picture(
        frames=tuple(form.frame for form in grounded),
        large=grounded[0].large,
        format="ICO",
        width=largest.width,
        height=largest.height,
        notes=frozenset(notes).union(*(form.notes for form in grounded)),
    )
