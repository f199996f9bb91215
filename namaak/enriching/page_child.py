"""What runs in the process that reads one page: confined, one question, one answer, the end.

May import: namaak.enriching.{confinement, html}.
"""

from __future__ import annotations

import codecs
import json
import os

from namaak.enriching.charset import WEB
from namaak.enriching.confinement import confine, read_all
from namaak.enriching.html import read_page

#: Bytes beyond what the interpreter needs: a tree of two megabytes of HTML, thrice.
MEMORY = 400_000_000
PROCESSOR_S = 15
#: A page of ours with a bit of everything: what Python loads at first use is loaded by it.
_FIRST = (
    "<html lang=en><title>x</title><base href=/b/><meta name=description content=x>"
    "<meta http-equiv=refresh content='1;url=/y'><link rel=icon href=/i><style>p{background:url(x)}"
    "</style><script>location.href='https://a.test/'</script><form action=https://b\u00fccher.test/>"
    "<input type=password name=cvv></form><input><p style='display:none'>x</p>"
    "<h1>caf\u00e9 \u00ad</h1>"
    "<a href=https://b\u00fccher.test/>x</a><img srcset='/a 1x, /b 2x'>"
    + "<p>words and words "
    * 20
)
_MAX_QUESTION = 4 << 20


def answer() -> None:
    """Reads the question on standard input, writes JSON on standard output."""
    # Python loads codecs at first use, and no file can be opened later.
    for name in WEB:
        codecs.lookup(name)
    for body in (_FIRST.encode(), _FIRST.encode("utf-16"), _FIRST.encode("cp1252")):
        read_page(body, url="https://a.test/", content_type="text/html", terms=["words"])
    confine(memory=MEMORY, processor_s=PROCESSOR_S)
    given = read_all(0, _MAX_QUESTION)
    length = int.from_bytes(given[:4], "big")
    question = json.loads(given[4 : 4 + length])
    found = read_page(
        given[4 + length :],
        url=question["url"],
        content_type=question["content_type"],
        terms=question["terms"],
    )
    rest = memoryview(json.dumps(found).encode())
    while rest:
        rest = rest[os.write(1, rest) :]
