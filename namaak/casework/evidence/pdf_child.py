"""The process that prints: a page from standard input, a line of JSON and the PDF to output.

May import: nothing of ours.
"""

from __future__ import annotations

import json
import logging
import resource
import sys

_MAX_MEMORY = 3 << 30
_MAX_CPU_S = 100
_MAX_PAGE = 64 << 20


def print_page() -> None:
    """Answer, and end."""
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_CPU_S, _MAX_CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        # Loaded while the page is still being written.
        import weasyprint  # type: ignore[import-untyped] # noqa: F401

        page = sys.stdin.buffer.read(_MAX_PAGE)
        if not page:
            return
        content = _printed(page.decode("utf-8"))
    except (ImportError, OSError) as error:
        # Pango and its kin are libraries of the system, loaded by name.
        _answer(f"libraries of the system are missing: {error}", b"")
    except MemoryError:
        _answer("it needs too much memory", b"")
    else:
        _answer(None, content)


def _printed(page: str) -> bytes:
    from weasyprint import HTML, URLFetcher
    from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]

    # Pictures stand in the page itself; whatever else it names is not fetched.
    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    logging.getLogger("weasyprint").disabled = True
    document = HTML(string=page, url_fetcher=fetcher, media_type="print")
    made: bytes = document.write_pdf(
        pdf_variant="pdf/a-3b", font_config=FontConfiguration(), optimize_images=False
    )
    return made


def _answer(problem: str | None, content: bytes) -> None:
    line = json.dumps({"problem": problem and problem[:500].replace("\n", " ")})
    sys.stdout.buffer.write(line.encode() + b"\n" + content)
    sys.stdout.buffer.flush()
