"""An archive packed so that others can open it in a browser (WACZ 1.1.1), by the program wacz.

It is run in a process of its own with a clock, and what it made is looked at before it is believed:
it can leave out the list of pages without a word.
May import: nothing of ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

_DEADLINE_S = 120.0
_PAGES = "pages/pages.jsonl"
_WARC = "capture.warc.gz"


class Unpacked(Exception):
    """No archive could be made; the text says why in a few words."""


def wacz_of(warc: bytes, *, title: str, pages: Sequence[str]) -> bytes:
    """pages: URLs that must stand in its list of pages, none where no page came.

    Raises Unpacked.
    """
    with tempfile.TemporaryDirectory(prefix="namaak-wacz-") as folder:
        source, target = Path(folder, _WARC), Path(folder, "capture.wacz")
        source.write_bytes(warc)
        # The list of pages is in the WARC's first record: what wacz detects by itself are documents
        # that something refers to, and a page that loads nothing is none of these.
        command = [sys.executable, "-I", "-m", "wacz.main", "create", "--file", "--output",
                   str(target), "--title", title[:500], str(source)]  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter; no argument but a title
                command, check=False, capture_output=True, timeout=_DEADLINE_S, cwd=folder,
                env={"LANG": "C.UTF-8"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Unpacked(f"wacz took longer than {_DEADLINE_S:g} s") from None
        if done.returncode or not target.exists():
            says = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise Unpacked(f"wacz failed ({says[-1][:200] if says else 'without a word'})")
        packed = target.read_bytes()
    missing = set(pages) - set(pages_of(packed))
    if missing:
        raise Unpacked("wacz left out the page")
    return packed


def pages_of(packed: bytes) -> list[str]:
    """URLs in the list of pages. Raises Unpacked for what is no archive."""
    try:
        with zipfile.ZipFile(BytesIO(packed)) as archive:
            if _PAGES not in archive.namelist():
                return []
            lines = archive.read(_PAGES).decode().splitlines()
        return [page["url"] for line in lines if "url" in (page := json.loads(line))]
    except (zipfile.BadZipFile, ValueError, TypeError) as error:
        raise Unpacked("what wacz made cannot be read") from error
