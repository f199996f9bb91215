"""The report for paper: PDF/A-3b from the same HTML, by WeasyPrint with our own fonts.

In a process of its own, because the words of the page are an impersonator's and laying them out
is the work of libraries in C: its time and memory are bounded, it is given no network, opens no
file that the page names, and knows no fonts but ours, so that the same page gives the same bytes
on every machine with the same versions. It is started before there is a page, since loading those
libraries takes as long as laying out. PDF is a view; the pack around it is the record.
Needs the extra `report`. May import: namaak.casework.evidence.fonts.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from namaak.casework.evidence.fonts import FOLDER

MAX_BYTES = 64 << 20
NOT_INSTALLED = (
    "WeasyPrint is not installed; the extra `report` brings it (Pango comes from the system). "
    "report.html is the same report."
)
_PACKAGES = Path(__file__).resolve().parents[3]
_START = (
    "import sys; sys.path[:0] = sys.argv[1:]; "
    "from namaak.casework.evidence.pdf_child import print_page; print_page()"
)
_DEADLINE_S = 120.0
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<dir>{fonts}</dir>
<cachedir>{cache}</cachedir>
<alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""


class NotPrinted(Exception):
    """There is no PDF; the text is one sentence that says why."""


class Printer:
    """Prints pages: `with Printer() as to_pdf: to_pdf(page)`. One process a page."""

    def __init__(self) -> None:
        self._lacks = None if importlib.util.find_spec("weasyprint") else NOT_INSTALLED
        self._waiting: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="namaak-pdf-")
        here = Path(self._folder.name)
        settings = here / "fonts.conf"
        settings.write_text(_FONTS.format(fonts=_xml(FOLDER), cache=_xml(here / "cache")))
        self._environ = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "FONTCONFIG_FILE": str(settings),
            **dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(here)),
        }
        if self._lacks is None:
            self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        child, self._waiting = self._waiting, None
        if child is not None:
            _end(child)
        self._folder.cleanup()

    def __call__(self, page: str) -> bytes:
        """The page as PDF/A-3b. Raises NotPrinted."""
        if self._lacks is not None:
            raise NotPrinted(self._lacks)
        if self._waiting is None:
            self._start()
        child, self._waiting = self._waiting, None
        if child is None:
            raise NotPrinted(self._lacks or "No process for printing could be started.")
        try:
            answer, _ = child.communicate(page.encode("utf-8"), timeout=_DEADLINE_S)
        except subprocess.TimeoutExpired:
            raise NotPrinted(f"Laying the report out took longer than {_DEADLINE_S:g} s.") from None
        finally:
            _end(child)
        return _read(answer)

    def _start(self) -> None:
        try:
            self._waiting = subprocess.Popen(  # noqa: S603 - no shell; nothing in it is a stranger's
                [sys.executable, "-I", "-c", _START, str(_PACKAGES)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._environ,
                cwd=self._folder.name,
                # Ctrl-C at a terminal is for us.
                start_new_session=True,
            )
        except OSError as error:
            self._lacks = f"No process for printing could be started ({error})."


def _read(answer: bytes) -> bytes:
    head, _, content = answer.partition(b"\n")
    try:
        problem = json.loads(head)["problem"]
    except (ValueError, KeyError, TypeError):
        raise NotPrinted("The report could not be laid out: its process ended early.") from None
    if problem is not None or not content.startswith(b"%PDF-") or len(content) > MAX_BYTES:
        raise NotPrinted(f"The report could not be laid out ({problem or 'no PDF came'}).")
    return content


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None and not pipe.closed:
            # It may have gone before it had read all.
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    child.wait()


def _xml(path: Path) -> str:
    return str(path).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
