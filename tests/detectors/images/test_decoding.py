"""Every trap that a stranger's picture may be, and that none of them raises."""

from __future__ import annotations

import contextlib
import io
import struct
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFile

from detectors.images import decoding
from detectors.images.decoding import MAX_BYTES, MAX_FRAMES, decode
from detectors.images.ground import DARK_GROUND
from detectors.images.picture import FRAME_SIDE, LARGE_SIDE, Picture, Undecodable


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def drawn(size: tuple[int, int] = (96, 64), mode: str = "RGB", shift: int = 0) -> Image.Image:
    """A red disc and a blue bar on yellow: nothing in it is the same mirrored or turned."""
    image = Image.new("RGB", size, (250, 220, 60))
    width, height = size
    pen = ImageDraw.Draw(image)
    pen.ellipse((shift, 0, shift + height // 2, height // 2), fill=(200, 20, 20))
    pen.rectangle((width // 2, height * 2 // 3, width, height), fill=(20, 20, 200))
    return image.convert(mode)


def picture(data: bytes) -> Picture:
    found = decode(data)
    assert isinstance(found, Picture), found
    return found


def refusal(data: bytes) -> str:
    found = decode(data)
    assert isinstance(found, Undecodable), found
    return found.reason


def peak_growth(work: Callable[[], object]) -> int:
    """Bytes by which the resident memory rises meanwhile, at its height.

    tracemalloc does not see what Pillow's C code takes.
    """
    status, clear = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not status.exists():
        pytest.skip("peak memory is read from Linux's /proc")
    with contextlib.suppress(OSError):
        clear.write_text("5")

    def highest() -> int:
        (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) * 1024

    before = highest()
    work()
    return highest() - before


def near(pixels: np.ndarray, image: Image.Image, within: float = 6) -> bool:
    wanted = np.asarray(image.convert("RGB").resize(pixels.shape[1::-1]), np.int16)
    return float(np.abs(pixels.astype(np.int16) - wanted).mean()) < within


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "ICO", "AVIF", "TIFF"])
def test_each_format_that_is_read_shows_what_was_drawn(kind: str) -> None:
    options = {"sizes": [(96, 64)]} if kind == "ICO" else {}
    found = picture(encoded(drawn(), kind, **options))
    assert (found.format, found.width, found.height) == (kind, 96, 64)
    assert found.frames[0].pixels.shape == (64, 96, 3)
    assert found.frames[0].role == "first"
    assert found.large is None
    assert not found.notes
    assert near(found.frames[0].pixels, drawn())


def test_a_large_picture_comes_in_two_sizes() -> None:
    found = picture(encoded(drawn((3000, 1500)), "PNG"))
    assert (found.width, found.height) == (3000, 1500)
    assert found.large is not None
    assert found.large.shape == (LARGE_SIDE // 2, LARGE_SIDE, 3)
    assert found.frames[0].pixels.shape == (FRAME_SIDE // 2, FRAME_SIDE, 3)
    assert near(found.large, drawn((3000, 1500)))


def test_a_large_jpeg_keeps_its_size_though_it_is_decoded_at_a_fraction() -> None:
    found = picture(encoded(drawn((4000, 3600)), "JPEG"))
    assert (found.width, found.height) == (4000, 3600)
    assert found.large is not None
    assert max(found.large.shape) == LARGE_SIDE


def test_black_logos_on_transparency_decode_to_different_pictures() -> None:
    disc, bar = (Image.new("RGBA", (64, 64)) for _ in range(2))
    ImageDraw.Draw(disc).ellipse((8, 8, 56, 56), fill="black")
    ImageDraw.Draw(bar).rectangle((8, 28, 56, 36), fill="black")
    one, other = (picture(encoded(logo, "PNG")).frames[0] for logo in (disc, bar))
    assert np.abs(one.pixels.astype(int) - other.pixels).mean() > 50
    assert tuple(one.pixels[0, 0]) == (255, 255, 255)
    assert one.cover is not None
    assert (one.cover[0, 0], one.cover[32, 32]) == (0, 255)
    assert "transparent" in picture(encoded(disc, "PNG")).notes


def test_a_white_logo_on_transparency_stays_visible() -> None:
    logo = Image.new("RGBA", (64, 64))
    ImageDraw.Draw(logo).ellipse((8, 8, 56, 56), fill="white")
    pixels = picture(encoded(logo, "PNG")).frames[0].pixels
    assert tuple(pixels[32, 32]) == (255, 255, 255)
    assert tuple(pixels[0, 0]) == (DARK_GROUND,) * 3


def test_colour_under_full_transparency_leaves_no_fringe() -> None:
    """A green that nobody sees must not seep in where the picture is made smaller."""
    logo = Image.new("RGBA", (1024, 1024), (0, 255, 0, 0))
    ImageDraw.Draw(logo).ellipse((200, 200, 800, 800), fill="black")
    pixels = picture(encoded(logo, "PNG")).frames[0].pixels.astype(int)
    assert (pixels[..., 1] - pixels[..., 0]).max() < 12


def test_an_alpha_channel_that_covers_all_is_no_transparency() -> None:
    found = picture(encoded(drawn(mode="RGBA"), "PNG"))
    assert found.frames[0].cover is None
    assert "transparent" not in found.notes


def palette_with_a_hole() -> Image.Image:
    image = Image.new("P", (64, 64), 0)
    image.putpalette([255, 0, 255, 0, 0, 0] + [9] * 762)
    ImageDraw.Draw(image).ellipse((8, 8, 56, 56), fill=1)
    return image


@pytest.mark.parametrize(("kind", "transparency"), [("PNG", 0), ("PNG", b"\x00\xff"), ("GIF", 0)])
def test_palette_and_transparency_are_laid_on_the_ground(kind: str, transparency: object) -> None:
    found = picture(encoded(palette_with_a_hole(), kind, transparency=transparency))
    assert tuple(found.frames[0].pixels[0, 0]) == (255, 255, 255)
    assert tuple(found.frames[0].pixels[32, 32]) == (0, 0, 0)


def test_one_transparent_colour_without_alpha_channel_is_transparent() -> None:
    image = Image.new("RGB", (64, 64), (255, 0, 255))
    ImageDraw.Draw(image).ellipse((8, 8, 56, 56), fill=(10, 20, 30))
    found = picture(encoded(image, "PNG", transparency=(255, 0, 255)))
    assert tuple(found.frames[0].pixels[0, 0]) == (255, 255, 255)


def test_cmyk_shows_its_colours() -> None:
    found = picture(encoded(drawn(mode="CMYK"), "JPEG", quality=95))
    assert found.notes == {"cmyk"}
    assert near(found.frames[0].pixels, drawn(), 12)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize(("orientation", "turn"), [(6, 270), (3, 180), (8, 90)])
def test_exif_orientation_is_applied(kind: str, orientation: int, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = picture(encoded(drawn((600, 400)), kind, exif=exif))
    turned = drawn((600, 400)).rotate(turn, expand=True)
    assert (found.width, found.height) == turned.size
    assert "turned" in found.notes
    assert near(found.frames[0].pixels, turned)
    assert found.large is not None
    assert near(found.large, turned)


@pytest.mark.parametrize("orientation", [2, 4, 5, 7])
def test_exif_mirroring_is_applied(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = encoded(drawn(), "PNG", exif=exif)
    from PIL import ImageOps

    with Image.open(io.BytesIO(stored)) as opened:
        shown = ImageOps.exif_transpose(opened)
    assert near(picture(stored).frames[0].pixels, shown)


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    levels = np.tile(np.linspace(0, 65535, 64, dtype=np.uint16), (64, 1))
    found = picture(encoded(Image.fromarray(levels), "PNG"))
    row = found.frames[0].pixels[32, :, 0].astype(int)
    assert found.notes == {"16-bit"}
    assert (row[0], row[-1]) == (0, 255)
    assert abs(row[32] - 129) < 4


def test_big_endian_sixteen_bit_grey_is_scaled() -> None:
    levels = np.tile(np.linspace(0, 65535, 64, dtype=">u2"), (64, 1))
    image = Image.frombytes("I;16B", (64, 64), levels.tobytes())
    row = picture(encoded(image, "TIFF")).frames[0].pixels[32, :, 0].astype(int)
    assert (row[0], row[-1]) == (0, 255)


@pytest.mark.parametrize("highest", [1.0, 255.0, 65535.0])
def test_floating_point_grey_is_scaled(highest: float) -> None:
    levels = np.tile(np.linspace(0, highest, 64, dtype=np.float32), (64, 1))
    levels[0, 0] = np.nan
    row = picture(encoded(Image.fromarray(levels), "TIFF")).frames[0].pixels[32, :, 0].astype(int)
    assert row[0] == 0
    assert row[-1] >= 254
    assert abs(row[32] - 129) < 4


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animation_gives_first_last_and_most_different_frame(kind: str) -> None:
    first, odd, last = drawn(), Image.new("RGB", (96, 64), "black"), drawn(shift=20)
    data = encoded(
        first, kind, save_all=True, append_images=[drawn(shift=10), odd, last], duration=50
    )
    found = picture(data)
    assert [frame.role for frame in found.frames] == ["first", "most-different", "last"]
    assert "animated" in found.notes
    for frame, image in zip(found.frames, (first, odd, last), strict=True):
        assert near(frame.pixels, image, 8)


def test_an_animated_png_with_a_still_of_its_own_gives_the_still_and_the_last() -> None:
    still, moving = Image.new("RGB", (64, 64), "white"), drawn((64, 64))
    data = encoded(
        still,
        "PNG",
        save_all=True,
        default_image=True,
        append_images=[drawn((64, 64), shift=9), moving],
    )
    found = picture(data)
    assert near(found.frames[0].pixels, still)
    assert near(found.frames[-1].pixels, moving)


def test_frames_that_look_the_same_are_not_kept_twice() -> None:
    data = encoded(drawn(), "GIF", save_all=True, append_images=[drawn(shift=9), drawn()])
    assert [frame.role for frame in picture(data).frames] == ["first", "most-different"]


def test_a_long_animation_is_looked_through_up_to_a_bound_and_says_so() -> None:
    frames = [drawn((16, 16), shift=number % 7) for number in range(3 * MAX_FRAMES)]
    found = picture(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert "shortened" in found.notes


def test_a_gif_that_grows_beyond_the_limit_at_its_second_frame_costs_no_memory() -> None:
    small = encoded(drawn((16, 16)), "GIF")
    descriptor = b"," + struct.pack("<HHHH", 0, 0, 6000, 6000) + b"\x00\x02\x02\x4c\x01\x00"
    grown = small[:-1] + descriptor + b";"
    assert peak_growth(lambda: decode(grown)) < 5_000_000
    found = picture(grown)
    assert len(found.frames) == 1
    assert found.notes & {"shortened", "truncated"}


def chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def bomb(side: int, rows: int | None = None) -> bytes:
    """A PNG of one bit a pixel, all the same: a few kilobytes for any size."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    body = zlib.compress(b"\x00" * ((side // 8 + 2) * (side if rows is None else rows)), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def test_a_nine_kilobyte_file_of_nine_thousand_pixels_a_side_costs_no_memory() -> None:
    data = bomb(9_000)
    assert len(data) < 11_000
    assert peak_growth(lambda: decode(data)) < 2_000_000
    assert "25 million" in refusal(data)


@pytest.mark.parametrize("side", [5_001, 14_000, 2_000_000_000])
def test_more_than_25_megapixels_are_refused(side: int) -> None:
    assert "25 million" in refusal(bomb(side, rows=1))


def claiming(kind: str, side: int) -> bytes:
    """A sound little file of 40 x 24 pixels whose header says side x side."""
    plain = encoded(drawn((40, 24)), kind)
    form, start = {
        "BMP": ("<ii", 0),
        "GIF": ("<HH", 0),
        "JPEG": (">HH", 0),
        "WEBP": ("<HH", 20),
        "AVIF": (">II", plain.find(b"ispe")),
        "TIFF": ("", plain.find(struct.pack("<H", 257))),  # the tag of the height
    }[kind]
    if kind == "TIFF":
        told = struct.pack("<HHII", 257, 4, 1, side * side // 40)
        return plain[:start] + told + plain[start + len(told) :]
    size = (24, 40) if kind == "JPEG" else (40, 24)
    before = struct.pack(form, *size)
    assert before in plain[start:]
    return plain[:start] + plain[start:].replace(before, struct.pack(form, side, side))


@pytest.mark.parametrize("kind", ["BMP", "GIF", "JPEG", "WEBP", "AVIF", "TIFF"])
def test_each_format_is_measured_before_it_is_loaded(kind: str) -> None:
    data = claiming(kind, 9_000)
    assert peak_growth(lambda: decode(data)) < 10_000_000
    found = decode(data)
    assert isinstance(found, Undecodable)
    if kind != "AVIF":  # the stream inside contradicts its container
        assert "25 million" in found.reason


def icon(*pictures: bytes, sizes: tuple[int, ...]) -> bytes:
    """An icon file with these pictures, each said to be as large as sizes says."""
    offset = 6 + 16 * len(pictures)
    directory, body = b"", b""
    for content, size in zip(pictures, sizes, strict=True):
        directory += struct.pack(
            "<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(content), offset + len(body)
        )
        body += content
    return struct.pack("<HHH", 0, 1, len(pictures)) + directory + body


def test_an_icon_gives_its_largest_and_its_small_form() -> None:
    found = picture(encoded(drawn((64, 64)), "ICO", sizes=[(16, 16), (32, 32), (64, 64)]))
    assert [(frame.role, frame.pixels.shape[0]) for frame in found.frames] == [
        ("first", 64),
        ("small", 32),
    ]


def test_an_icon_that_hides_a_huge_png_is_read_without_it() -> None:
    data = icon(bomb(9_000), encoded(drawn((32, 32)), "PNG"), sizes=(256, 32))
    assert peak_growth(lambda: decode(data)) < 2_000_000
    found = picture(data)
    assert (found.width, found.height) == (32, 32)
    assert "truncated" in found.notes


def test_an_icon_of_nothing_but_a_bomb_is_refused() -> None:
    assert "25 million" in refusal(icon(bomb(9_000), sizes=(256,)))


def test_an_icon_of_nothing_but_tiny_pictures_is_refused() -> None:
    assert refusal(icon(encoded(drawn((4, 4)), "PNG"), sizes=(4,))) == "4 x 4 pixels are too few"


def test_an_icon_that_promises_sixty_thousand_pictures_is_refused_quickly() -> None:
    assert "damaged" in refusal(struct.pack("<HHH", 0, 1, 60_000) + b"\x10" * 1_000)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP"])
def test_a_truncated_file_is_read_in_a_second_try_and_says_so(kind: str) -> None:
    noisy = Image.effect_noise((200, 200), 80).convert("RGB")
    whole = encoded(noisy, kind)
    found = picture(whole[: len(whole) * 2 // 3])
    assert found.notes == {"truncated"}
    top = found.frames[0].pixels[:40]
    if kind == "BMP":  # written from below
        top = found.frames[0].pixels[-40:]
    assert top.std() > 20


def test_the_second_try_leaves_no_tolerance_behind() -> None:
    whole = encoded(Image.effect_noise((200, 200), 80), "PNG")
    picture(whole[: len(whole) // 2])
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
    with Image.open(io.BytesIO(whole[: len(whole) // 2])) as opened, pytest.raises(OSError):
        opened.load()


def test_threads_that_decode_sound_and_truncated_pictures_do_not_disturb_each_other() -> None:
    whole = encoded(Image.effect_noise((64, 64), 80).convert("RGB"), "PNG")
    cut = whole[: len(whole) // 2]
    wrong: list[object] = []
    default = Image.MAX_IMAGE_PIXELS

    def work() -> None:
        for _ in range(30):
            sound, damaged = decode(whole), decode(cut)
            if not isinstance(sound, Picture) or sound.notes:
                wrong.append(sound)
            if not isinstance(damaged, Picture) or "truncated" not in damaged.notes:
                wrong.append(damaged)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
    assert default == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("size", [(1, 1), (7, 40), (40, 7), (2, 3)])
def test_tiny_pictures_are_refused(size: tuple[int, int]) -> None:
    assert refusal(encoded(Image.new("RGB", size), "PNG")) == (
        f"{size[0]} x {size[1]} pixels are too few"
    )


@pytest.mark.parametrize("size", [(20_000, 8), (8, 20_000), (3_000_000, 8)])
def test_extreme_shapes_keep_one_pixel_at_least(size: tuple[int, int]) -> None:
    found = picture(encoded(Image.new("L", size, 90), "PNG"))
    assert min(found.frames[0].pixels.shape[:2]) == 1
    assert max(found.frames[0].pixels.shape[:2]) == FRAME_SIDE


def test_flat_pictures_decode() -> None:
    for colour in ("black", "white", "red"):
        assert np.ptp(picture(encoded(Image.new("RGB", (64, 64), colour), "PNG")).frames[0].pixels[
            ..., 0
        ]) == 0  # fmt: skip


def test_what_is_larger_than_the_limit_of_bytes_is_not_opened() -> None:
    assert refusal(encoded(drawn(), "PNG") + b"\x00" * MAX_BYTES) == "larger than 25 MB"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><title>not found</title>", "not a picture"),
        (b"\x00" * 100, "not a picture"),
        (b"\xff\x0a" + b"\x00" * 40, "JPEG XL"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n" + b"\x00" * 40, "JPEG XL"),
        (b"\x1f\x8b\x08" + b"\x00" * 40, "gzip"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", "not a picture"),
        (b"%PDF-1.4\n", "not a picture"),
        (b"8BPS\x00\x01" + b"\x00" * 40, "not a picture"),
    ],
)
def test_what_is_not_read_is_refused_by_name(data: bytes, words: str) -> None:
    assert words in refusal(data)


def test_heic_without_its_extra_is_refused_with_the_name_of_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "_HEIF_INSTALLED", False)
    assert 'extra "heif"' in refusal(b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40)


def test_svg_without_its_extra_is_refused_with_the_name_of_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "_SVG_INSTALLED", False)
    assert 'extra "svg"' in refusal(b'<svg xmlns="http://www.w3.org/2000/svg"/>')


def test_heic_is_read_where_its_extra_is_there() -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    pillow_heif.from_pillow(drawn((128, 96))).save(out, quality=90)
    found = picture(out.getvalue())
    assert (found.format, found.width, found.height) == ("HEIF", 128, 96)
    assert near(found.frames[0].pixels, drawn((128, 96)), 10)


def test_a_phone_s_jpeg_with_a_second_picture_is_a_jpeg() -> None:
    found = picture(encoded(drawn(), "MPO", save_all=True, append_images=[drawn(shift=9)]))
    assert (found.format, len(found.frames)) == ("JPEG", 1)


def test_a_tiff_of_several_pages_gives_the_first() -> None:
    data = encoded(drawn(), "TIFF", save_all=True, append_images=[Image.new("RGB", (96, 64))])
    found = picture(data)
    assert len(found.frames) == 1
    assert near(found.frames[0].pixels, drawn())


def tiff_of_tags(count: int, size: int) -> bytes:
    """A sound little TIFF whose directory has count tags more, each of the same size bytes."""
    head = struct.pack("<2sHI", b"II", 42, 8)
    tags = [
        (256, 3, 1, 16), (257, 3, 1, 16), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, 1, 0), (277, 3, 1, 1), (278, 3, 1, 16), (279, 4, 1, 256),
    ]  # fmt: skip
    tags += [(40_000 + number, 7, size, 8) for number in range(count)]
    body = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return head + struct.pack("<H", len(tags)) + body + struct.pack("<I", 0) + b"\x55" * size


@pytest.mark.parametrize("wrapped", [False, True])
def test_tags_that_all_claim_the_whole_file_cost_no_memory(wrapped: bool) -> None:
    data = tiff_of_tags(4_000, 60_000)
    if wrapped:
        # The same directory as the EXIF data of a PNG.
        plain = encoded(drawn(), "PNG")
        data = plain[:33] + chunk(b"eXIf", data) + plain[33:]
    assert peak_growth(lambda: decode(data)) < 20_000_000


def test_a_jpeg_of_a_thousand_scans_is_refused() -> None:
    whole = encoded(drawn((64, 64)), "JPEG", progressive=True)
    scan = whole[whole.index(b"\xff\xda") : -2]
    assert "scans" in refusal(whole[:-2] + scan * 1_000 + b"\xff\xd9")


def test_a_file_that_is_two_formats_is_what_its_first_bytes_say() -> None:
    both = encoded(drawn(), "GIF") + encoded(Image.new("RGB", (64, 64)), "PNG")
    assert picture(both).format == "GIF"


def test_metadata_of_megabytes_is_left_alone() -> None:
    plain = encoded(drawn(), "PNG")
    text = chunk(b"zTXt", b"k\x00\x00" + zlib.compress(b"\x00" * 80_000_000, 9))
    told = plain[:33] + text + plain[33:]
    assert peak_growth(lambda: decode(told)) < 20_000_000


def test_what_the_decoder_sets_in_pillow_is_set_back() -> None:
    before = Image.MAX_IMAGE_PIXELS
    decode(encoded(drawn(), "PNG"))
    decode(b"nothing")
    assert before == Image.MAX_IMAGE_PIXELS


SEEDS = [
    encoded(drawn((24, 16)), "PNG"),
    encoded(palette_with_a_hole().resize((16, 16)), "PNG", transparency=0),
    encoded(drawn((24, 16)), "PNG", save_all=True, append_images=[drawn((24, 16), shift=3)]),
    encoded(drawn((24, 16)), "JPEG"),
    encoded(drawn((24, 16)), "JPEG", progressive=True),
    encoded(drawn((24, 16), "CMYK"), "JPEG"),
    encoded(drawn((24, 16)), "GIF", save_all=True, append_images=[drawn((24, 16), shift=3)]),
    encoded(drawn((24, 16)), "WEBP"),
    encoded(drawn((24, 16)), "WEBP", save_all=True, append_images=[drawn((24, 16), shift=3)]),
    encoded(drawn((24, 16)), "BMP"),
    encoded(drawn((24, 24)), "ICO", sizes=[(16, 16), (24, 24)]),
    encoded(drawn((24, 24)), "ICO", sizes=[(16, 16), (24, 24)], bitmap_format="bmp"),
    encoded(drawn((24, 16)), "AVIF"),
    encoded(drawn((24, 16)), "TIFF"),
    encoded(drawn((24, 16)), "TIFF", compression="tiff_lzw"),
    encoded(drawn((24, 16)), "MPO", save_all=True, append_images=[drawn((24, 16), shift=3)]),
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><g id="a"><path d="M0 0h9v9z"/>'
    b'</g><use href="#a" x="5"/><style>.b{fill:url(#a)}</style></svg>',
]


@st.composite
def mutated(draw: Callable[..., object]) -> bytes:
    """A sound file with some bytes changed, cut out, doubled or cut off."""
    data = bytearray(draw(st.sampled_from(SEEDS)))  # type: ignore[call-overload]
    for _ in range(draw(st.integers(1, 6))):  # type: ignore[call-overload]
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        kind = draw(st.sampled_from(("set", "number", "cut", "double", "end")))
        if kind == "set":
            data[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
        elif kind == "number":
            data[place : place + 4] = draw(
                st.sampled_from(
                    (b"\xff\xff\xff\xff", b"\x00" * 4, b"\x7f\xff\xff\xff", b"\x10" * 4)
                )
            )
        elif kind == "cut":
            del data[place : place + draw(st.integers(1, 40))]
        elif kind == "double":
            data[place:place] = data[place : place + draw(st.integers(1, 40))]
        else:
            del data[place:]
    return bytes(data)


def check_answer(found: object) -> None:
    """A picture within its bounds, or a reason that a person can read."""
    if isinstance(found, Undecodable):
        assert found.reason
        assert found.reason.isprintable()
        return
    assert isinstance(found, Picture)
    assert 1 <= len(found.frames) <= 3
    for frame in found.frames:
        assert frame.pixels.dtype == np.uint8
        assert max(frame.pixels.shape[:2]) <= FRAME_SIDE
        assert frame.cover is None or frame.cover.shape == frame.pixels.shape[:2]
    assert found.large is None or max(found.large.shape[:2]) <= LARGE_SIDE


@given(mutated())
@settings(max_examples=400, deadline=None)
def test_damaged_files_of_every_format_give_a_picture_or_a_reason(data: bytes) -> None:
    check_answer(decode(data))


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_at_all_give_a_picture_or_a_reason(data: bytes) -> None:
    check_answer(decode(data))
