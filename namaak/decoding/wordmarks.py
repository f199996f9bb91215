"""What a wide picture says, read by Tesseract where it is installed; without it nothing is read.

It gets a PGM that we made ourselves of decoded pixels, never a stranger's file, through a pipe,
and answers through another. What is not a picture to it Tesseract takes for a list of files to
open: one more reason why it sees nothing but our own header and grey values. Its process has an
empty environment, limits and a deadline, and lives for one picture.
May import: detectors.images.
"""

from __future__ import annotations

import contextlib
import resource
import shutil
import subprocess
import sys
import threading
import unicodedata
from collections import Counter

import cv2
import numpy as np
import numpy.typing as npt

from detectors.images.picture import Pixels

#: Seconds on the clock for one picture; it takes a tenth of one where nothing else runs.
DEADLINE_S = 10.0
#: Longest text that is kept, in code points: longer ones are no wordmark.
MAX_TEXT = 100
#: Pixels to which a drawing is scaled in height: letters of which Tesseract reads best are some
#: 30 to 60 high, and there may be a second line.
HEIGHT = 80
#: In percent, as Tesseract gives it: of a word, and of what remains on the mean of its letters.
LEAST_OF_WORD, LEAST_OF_TEXT = 30.0, 45.0

_LANGUAGE = "eng"
_MOST_ASPECT = 20.0
_MAX_ANSWER = 100_000
_MEMORY = 1_000_000_000
_PROCESSOR_S = 10
_FILES = 32
_ENVIRONMENT = {"OMP_THREAD_LIMIT": "1"}  # threads would wait for one another longer than work
#: Colours nearer than this (CIE76) are one: what is no drawing is not stretched into one.
_LEAST_CONTRAST = 20.0


class TextReader:
    """Reads one picture at a time; `unread` counts, by reason, what it failed on."""

    def __init__(self, program: str, version: str, *, deadline_s: float = DEADLINE_S) -> None:
        self.version = version
        self.unread: Counter[str] = Counter()
        self._program = program
        self._deadline_s = deadline_s

    def __call__(self, pixels: Pixels) -> str | None:
        """pixels: (h, w, 3) RGB. The text; None where there is none, or none that is sure."""
        answer = self._ask(as_pgm(on_paper(pixels)))
        return None if answer is None else text_of(answer.decode(errors="replace"))

    def _ask(self, picture: bytes) -> bytes | None:
        # 6: a block of text. Nothing is learned from one word for the next.
        options = ["--psm", "6", "-l", _LANGUAGE, "-c", "tessedit_create_tsv=1"]
        try:
            child = subprocess.Popen(  # noqa: S603 - a program of the path, with fixed arguments
                [self._program, "stdin", "stdout", *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                start_new_session=True,
            )
        except OSError:
            self.unread["tesseract cannot be started"] += 1
            return None
        assert child.stdin and child.stdout
        late = threading.Event()

        def end() -> None:
            late.set()
            child.kill()

        clock = threading.Timer(self._deadline_s, end)
        clock.start()
        try:
            # Before the picture is given to it.
            _limit(child.pid)
            with contextlib.suppress(BrokenPipeError):
                child.stdin.write(picture)
                child.stdin.close()
            answer = child.stdout.read(_MAX_ANSWER + 1)
            if len(answer) > _MAX_ANSWER:
                child.kill()
        finally:
            code = child.wait()
            clock.cancel()
            with contextlib.suppress(BrokenPipeError):
                child.stdin.close()
            child.stdout.close()
        if code == 0:
            return answer
        late_by = f"took longer than {self._deadline_s:g} s"
        self.unread[late_by if late.is_set() else "tesseract failed"] += 1
        return None


def find_reader() -> TextReader | None:
    """Tesseract of the path, if it can read Latin letters."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    said = [_said(program, "--version"), _said(program, "--list-langs")]
    if not said[0] or _LANGUAGE not in said[1]:
        return None
    return TextReader(program, said[0][0])


def _said(program: str, option: str) -> list[str]:
    try:
        ran = subprocess.run(  # noqa: S603 - a program of the path, with fixed arguments
            [program, option], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=_ENVIRONMENT, timeout=DEADLINE_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return []
    return ran.stdout.decode(errors="replace").split("\n")


def on_paper(pixels: Pixels) -> npt.NDArray[np.uint8]:
    """(HEIGHT and a border, w) grey values: ink dark on light, whatever the colours were.

    Ink is what differs from the commonest colour of the border, lighter or darker.
    """
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab[..., 0] *= 100 / 255
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    unlike = np.linalg.norm(lab - np.median(border, axis=0), axis=2)
    most = max(float(np.percentile(unlike, 99)), _LEAST_CONTRAST)
    grey = 255 - np.clip(unlike * (255 / most), 0, 255).astype(np.uint8)
    height, width = grey.shape
    wide = max(1, round(HEIGHT * min(width / height, _MOST_ASPECT)))
    kind = cv2.INTER_CUBIC if height < HEIGHT else cv2.INTER_AREA
    scaled = cv2.resize(grey, (wide, HEIGHT), interpolation=kind)
    edge = HEIGHT // 4
    framed = cv2.copyMakeBorder(scaled, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=[255.0])
    return np.asarray(framed, np.uint8)


def as_pgm(grey: npt.NDArray[np.uint8]) -> bytes:
    """grey: (h, w). Binary PGM, as Netpbm describes it."""
    height, width = grey.shape
    return b"P5 %d %d 255\n" % (width, height) + grey.tobytes()


def text_of(answer: str) -> str | None:
    """answer: Tesseract's TSV, whose rows of level 5 are words. The sure words, one line of them.

    None where they are not sure on the whole, or hold fewer than two letters or digits.
    """
    words: list[tuple[str, float]] = []
    for row in answer.split("\n"):
        cells = row.split("\t")
        if len(cells) == 12 and cells[0] == "5" and (word := _clean(cells[11])):
            sure = _number(cells[10])
            if sure >= LEAST_OF_WORD:
                words.append((word, sure))
    letters = sum(char.isalnum() for word, _ in words for char in word)
    if letters < 2:
        return None
    length = sum(len(word) for word, _ in words)
    if sum(len(word) * sure for word, sure in words) < LEAST_OF_TEXT * length:
        return None
    return " ".join(word for word, _ in words)[:MAX_TEXT].strip()


def _clean(word: str) -> str:
    """Without control characters, spaces and what has no look of its own."""
    return "".join(char for char in word if unicodedata.category(char)[0] not in "CZ")


def _number(cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        return 0.0
    return number if 0 <= number <= 100 else 0.0


def _limit(pid: int) -> None:
    """Where the system lets one process limit another, as Linux does; the deadline holds anyway."""
    if sys.platform != "linux":
        return
    limits = {
        resource.RLIMIT_AS: _MEMORY,
        resource.RLIMIT_CPU: _PROCESSOR_S,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: _FILES,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in limits.items():
        # It may have ended already, or have less than that.
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(pid, what, (most, most))
