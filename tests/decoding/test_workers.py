"""Whatever a picture does to its decoder, this process lives on and says what happened."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from detectors.images.decoding import MAX_BYTES, decode
from detectors.images.picture import Picture, Undecodable
from namaak.decoding import workers
from namaak.decoding.workers import Decoders
from namaak.errors import NamaakError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits are POSIX's")


def encoded(kind: str, size: tuple[int, int] = (96, 64), **options: object) -> bytes:
    image = Image.new("RGB", size, (250, 220, 60))
    ImageDraw.Draw(image).ellipse((5, 5, size[0] // 2, size[1] // 2), fill=(200, 20, 20))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def hostile(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Children whose `decode(data)` is this body: what a taken-over decoder could do."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    monkeypatch.setattr(
        workers,
        "_START",
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "import os, time, socket\n"
        "from namaak.decoding import child, wire\n"
        "from detectors.images.picture import Undecodable\n"
        f"def decode(data):\n{lines}\n"
        "child.decode = decode\n"
        "child.serve()\n",
    )


def reason(found: Picture | Undecodable) -> str:
    assert isinstance(found, Undecodable), found
    return found.reason


def children() -> set[int]:
    """Processes that this one started and has not waited for, zombies among them."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                found.add(int(status.parent.name))
    return found


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def started() -> Callable[[], set[int]]:
    """The children that a test has started and that are still there."""
    before = children()
    return lambda: children() - before


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    with Decoders(1) as opened:
        yield opened


def same(one: Picture | Undecodable, other: Picture | Undecodable) -> bool:
    if isinstance(one, Undecodable) or isinstance(other, Undecodable):
        return one == other
    return (
        (one.format, one.width, one.height, one.notes)
        == (other.format, other.width, other.height, other.notes)
        and len(one.frames) == len(other.frames)
        and all(
            first.role == second.role
            and np.array_equal(first.pixels, second.pixels)
            and (
                second.cover is None
                if first.cover is None
                else second.cover is not None and np.array_equal(first.cover, second.cover)
            )
            for first, second in zip(one.frames, other.frames, strict=True)
        )
        and np.array_equal(
            np.zeros(0) if one.large is None else one.large,
            np.zeros(0) if other.large is None else other.large,
        )
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "ICO", "AVIF", "TIFF"])
def test_each_format_decodes_in_a_process_that_may_open_no_file(
    decoders: Decoders, kind: str
) -> None:
    data = encoded(kind, (600, 500))
    found = decoders.decode(data)
    assert isinstance(found, Picture), found
    assert same(found, decode(data))


def test_transparency_and_several_frames_come_back_whole(decoders: Decoders) -> None:
    frames = [Image.new("RGBA", (40, 40), (level, 9, 9, level)) for level in (20, 250, 120)]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    found = decoders.decode(out.getvalue())
    assert isinstance(found, Picture)
    assert len(found.frames) == 3
    assert same(found, decode(out.getvalue()))


def test_heic_decodes_there_too(decoders: Decoders) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 64), "red")).save(out)
    found = decoders.decode(out.getvalue())
    assert isinstance(found, Picture), found


def test_svg_is_drawn_there_too(decoders: Decoders) -> None:
    pytest.importorskip("resvg_py")
    data = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
    found = decoders.decode(data)
    assert isinstance(found, Picture), found
    assert same(found, decode(data))


def test_a_refusal_carries_its_reason(decoders: Decoders) -> None:
    assert reason(decoders.decode(b"nothing")) == "not a picture in a format that is read"
    assert reason(decoders.decode(encoded("PNG") + bytes(MAX_BYTES))) == "larger than 25 MB"


def test_pixels_can_be_written_to_and_do_not_hold_the_large_form(decoders: Decoders) -> None:
    found = decoders.decode(encoded("PNG", (900, 900)))
    assert isinstance(found, Picture)
    found.frames[0].pixels[0, 0] = 1
    assert found.frames[0].pixels.base is None or found.frames[0].pixels.base.nbytes < 300_000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("os.abort()", "its decoder crashed"),
        ("os.kill(os.getpid(), 11)", "its decoder crashed"),
        ("os._exit(0)", "its decoder crashed"),
        ("raise KeyError('a fault of ours')", "its decoder crashed"),
        ("os.kill(os.getpid(), 9)", "needed more memory than allowed"),
        ("os.kill(os.getpid(), 24)", "took longer than 10 s"),
        ("os.write(3, b'x' * 64); time.sleep(60)", "its decoder answered nonsense"),
        ("os.write(3, wire.ANSWER.pack(5, 0) + b'hello')", "its decoder answered nonsense"),
        ("os.write(3, wire.ANSWER.pack(2, 0) + b'{}')", "its decoder answered nonsense"),
        ("os.write(3, wire.ANSWER.pack(9, 1 << 31))", "its decoder answered nonsense"),
        ("os.write(3, wire.ANSWER.pack(9, 9)); os._exit(0)", "its decoder crashed"),
    ],
)
def test_a_decoder_that_dies_or_lies_costs_that_picture_alone(
    monkeypatch: pytest.MonkeyPatch, body: str, words: str
) -> None:
    hostile(monkeypatch, f"if data == b'sound': return Undecodable('as ever')\n{body}")
    with Decoders(1) as decoders:
        assert reason(decoders.decode(b"sound")) == "as ever"
        assert reason(decoders.decode(b"hostile")) == words
        assert reason(decoders.decode(b"sound")) == "as ever"


def test_a_decoder_that_hangs_is_ended_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch, started: Callable[[], set[int]]
) -> None:
    hostile(monkeypatch, "while True: pass")
    with Decoders(1, deadline_s=0.5) as decoders:
        began = time.monotonic()
        assert reason(decoders.decode(b"a")) == "took longer than 0.5 s"
        assert time.monotonic() - began < 20
    assert not started()


def test_a_decoder_that_does_not_read_is_ended_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More than the pipe holds: the parent must not hang while writing either."""
    hostile(monkeypatch, "time.sleep(60)")
    monkeypatch.setattr(
        workers, "_START", workers._START.replace("child.serve()", "child._read = "
        "lambda *_: time.sleep(60)\nchild.serve()"),
    )  # fmt: skip
    with Decoders(1, deadline_s=0.5) as decoders:
        assert reason(decoders.decode(bytes(5_000_000))) == "took longer than 0.5 s"


def test_a_picture_that_wants_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile(
        monkeypatch,
        "try:\n    bytearray(3_000_000_000)\nexcept MemoryError:\n"
        "    return Undecodable('needed more memory than allowed')\nreturn Undecodable('got it')",
    )
    with Decoders(1) as decoders:
        assert reason(decoders.decode(b"a")) == "needed more memory than allowed"


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/hostname').read()",
        "open('/proc/self/status').read()",
        "open('/tmp/namaak-was-here', 'w')",
        "socket.socket()",
        "os.pipe()",
        "os.dup(0)",
        "os.listdir('/')",
    ],
)
def test_a_decoder_can_open_nothing(monkeypatch: pytest.MonkeyPatch, attempt: str) -> None:
    hostile(
        monkeypatch,
        f"try:\n    {attempt}\nexcept OSError as error:\n"
        "    return Undecodable(type(error).__name__ + str(error.errno))\n"
        "return Undecodable('did it')",
    )
    with Decoders(1) as decoders:
        # Too many are open, or what is asked for lies above the limit of none.
        assert reason(decoders.decode(b"a")) in ("OSError24", "OSError22")


def test_a_decoder_starts_without_environment_descriptors_and_rights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NAMAAK_SECRET", "of the parent")
    hostile(
        monkeypatch,
        "import resource as r\n"
        "names = 'RLIMIT_CORE', 'RLIMIT_FSIZE', 'RLIMIT_NPROC', 'RLIMIT_NOFILE'\n"
        "held = [r.getrlimit(getattr(r, name)) for name in names]\n"
        "opened = []\n"
        "for number in range(200):\n"
        "    try: os.fstat(number)\n"
        "    except OSError: continue\n"
        "    opened.append(number)\n"
        "return Undecodable(f'{held} {opened} {sorted(os.environ)} {sys.flags.isolated}')",
    )
    # Left open for children on purpose: it must not arrive.
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    try:
        with Decoders(1) as decoders:
            said = reason(decoders.decode(b"a"))
    finally:
        os.close(reading)
        os.close(writing)
    assert said.startswith("[(0, 0), (0, 0), (0, 0), (0, 0)] [0, 1, 2, 3] ")
    assert "SECRET" not in said
    assert said.endswith(" 1")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_a_decoder_can_gain_no_rights(started: Callable[[], set[int]]) -> None:
    with Decoders(1) as decoders:
        decoders.decode(b"a")
        (child,) = started()
        status = Path(f"/proc/{child}/status").read_text()
    assert "NoNewPrivs:\t1" in status


def test_what_a_decoder_prints_does_not_get_into_its_answers(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    hostile(monkeypatch, "os.write(1, b'spoken'); os.write(2, b'shouted' * 99999)\n"
                         "return Undecodable('quiet')")  # fmt: skip
    with Decoders(1) as decoders:
        assert reason(decoders.decode(b"a")) == "quiet"
    assert capfd.readouterr() == ("", "")


def test_a_process_that_was_killed_while_idle_is_replaced_unnoticed(
    started: Callable[[], set[int]],
) -> None:
    with Decoders(1) as decoders:
        decoders.decode(encoded("PNG"))
        (child,) = started()
        os.kill(child, signal.SIGKILL)
        assert isinstance(decoders.decode(encoded("PNG")), Picture)


def test_harm_done_by_an_earlier_picture_is_not_laid_on_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hostile(
        monkeypatch,
        "if data == b'poison': sys.poisoned = True\n"
        "elif hasattr(sys, 'poisoned'): os.abort()\n"
        "return Undecodable('fine')",
    )
    with Decoders(1) as decoders:
        assert reason(decoders.decode(b"poison")) == "fine"
        assert reason(decoders.decode(b"innocent")) == "fine"


def test_a_process_is_replaced_after_its_share_of_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PICTURES_PER_PROCESS", 3)
    hostile(monkeypatch, "return Undecodable(str(os.getpid()))")
    with Decoders(1) as decoders:
        served = [reason(decoders.decode(b"a")) for _ in range(7)]
    assert [len(list(run)) for _, run in itertools.groupby(served)] == [3, 3, 1]


def test_nothing_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, started: Callable[[], set[int]]
) -> None:
    before = descriptors()
    hostile(monkeypatch, "if data == b'x': os.abort()\nreturn Undecodable('a')")
    for _ in range(2):
        with Decoders(2, deadline_s=5) as decoders:
            list(decoders.decode_many([(number, b"ax"[number % 2 :][:1]) for number in range(6)]))
    assert not started()
    assert descriptors() == before


def test_an_interrupted_picture_leaves_no_process_and_no_half_answer(
    monkeypatch: pytest.MonkeyPatch, started: Callable[[], set[int]]
) -> None:
    hostile(monkeypatch, "if data == b'slow': time.sleep(60)\nreturn Undecodable('quick')")
    with Decoders(1) as decoders:
        assert reason(decoders.decode(b"a")) == "quick"
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            decoders.decode(b"slow")
        timer.join()
        assert not started()
        assert reason(decoders.decode(b"a")) == "quick"
    assert not started()


def test_many_pictures_come_back_in_order_and_are_read_as_needed(
    started: Callable[[], set[int]],
) -> None:
    read = []

    def pictures() -> Iterator[tuple[int, bytes]]:
        for number in range(40):
            read.append(number)
            yield number, encoded("PNG", (12 + number, 12))

    with Decoders(2) as decoders:
        results = decoders.decode_many(pictures())
        key, first = next(results)
        assert key == 0
        assert isinstance(first, Picture)
        assert len(read) < 10
        rest = [(key, found.width) for key, found in results if isinstance(found, Picture)]
    assert rest == [(number, 12 + number) for number in range(1, 40)]
    assert not started()


def test_whoever_stops_consuming_leaves_nothing_running(started: Callable[[], set[int]]) -> None:
    with Decoders(2) as decoders:
        results = decoders.decode_many((number, encoded("PNG")) for number in range(1_000))
        next(results)
        results.close()
    assert not started()
    assert not [one for one in threading.enumerate() if one.name.startswith("decoding")]


def test_a_process_outlives_the_thread_that_started_it(started: Callable[[], set[int]]) -> None:
    """As Prefect's threads end while their process goes on."""
    with Decoders(1) as decoders:
        thread = threading.Thread(target=decoders.decode, args=(b"a",))
        thread.start()
        thread.join()
        before = started()
        assert isinstance(decoders.decode(encoded("PNG")), Picture)
        assert started() == before


def test_several_threads_may_ask_at_once(started: Callable[[], set[int]]) -> None:
    data = {number: encoded("PNG", (12 + number, 12)) for number in range(8)}
    found: dict[int, Picture | Undecodable] = {}
    with Decoders(2) as decoders:

        def ask(number: int) -> None:
            for _ in range(5):
                found[number] = decoders.decode(data[number])

        threads = [threading.Thread(target=ask, args=(number,)) for number in data]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(started()) <= 2
    assert all(same(found[number], decode(data[number])) for number in data)


def test_a_forked_copy_starts_processes_of_its_own(started: Callable[[], set[int]]) -> None:
    with Decoders(1) as decoders:
        decoders.decode(b"a")
        ours = started()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # other tests may leave threads
            copy = os.fork()
        if copy == 0:
            code = 1
            with contextlib.suppress(BaseException):
                found = decoders.decode(encoded("PNG"))
                decoders.close()
                code = 0 if isinstance(found, Picture) and not children() else 2
            os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) == 0
        assert isinstance(decoders.decode(encoded("PNG")), Picture)
        assert started() == ours


def test_a_process_that_cannot_start_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, started: Callable[[], set[int]]
) -> None:
    before = descriptors()
    monkeypatch.setattr(workers, "_START", "raise SystemExit('no such library')")
    with Decoders(1) as decoders, pytest.raises(NamaakError, match="no such library"):
        decoders.decode(encoded("PNG"))
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Decoders(1) as decoders, pytest.raises(NamaakError, match="free memory or processes"):
        decoders.decode(encoded("PNG"))
    assert not started()
    assert descriptors() == before


def test_closed_decoders_say_so() -> None:
    decoders = Decoders(1)
    decoders.close()
    with pytest.raises(ValueError, match="closed"):
        decoders.decode(b"a")


SEEDS = [
    encoded("PNG"), encoded("JPEG"), encoded("JPEG", progressive=True), encoded("GIF"),
    encoded("WEBP"), encoded("BMP"), encoded("ICO"), encoded("AVIF"), encoded("TIFF"),
    encoded("TIFF", compression="tiff_lzw"),
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>',
]  # fmt: skip


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 5_000), st.binary(min_size=1, max_size=4)), max_size=6),
    st.integers(0, 5_000),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_damaged_files_of_every_format_come_back_as_a_picture_or_a_reason(
    decoders: Decoders, seed: bytes, changes: list[tuple[int, bytes]], cut: int
) -> None:
    data = bytearray(seed)
    for place, value in changes:
        data[place % len(data) :][: len(value)] = value
        data[place % len(data) : place % len(data) + len(value)] = value
    if cut < len(data):
        del data[-cut:]
    found = decoders.decode(bytes(data))
    if isinstance(found, Undecodable):
        assert found.reason.isprintable()
        assert found.reason
    else:
        assert found.frames
