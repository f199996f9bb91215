"""The process that checks one web archive: the file on its standard input, a line of JSON, the end.

May import: namaak.casework.evidence.wacz, namaak.enriching.confinement.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import json
import os
import sys
import zipfile

from namaak.casework.evidence.wacz import can_read_records, wacz_problems
from namaak.enriching.confinement import confine

#: Bytes beyond what the interpreter needs: the list of files, and the longest line of a record.
MEMORY = 128 << 20
PROCESSOR_S = 60
#: A record as any; what Python and warcio load at first use is loaded by it.
_FIRST = (
    b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: <http://a.test/ \xff>\r\n"
    b"WARC-Payload-Digest: sha1:x\r\nContent-Length: 25\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nX: \xe9\r\n\r\n\r\n\r\n"
)


def answer() -> None:
    """Writes what is wrong, and whether records were looked at."""
    # What libraries print, here or below Python, is not the answer.
    answers, nothing = os.dup(1), os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    sys.stdout = sys.stderr = os.fdopen(nothing, "w", encoding="utf-8", errors="replace")
    records = can_read_records()
    # No file can be opened later.
    for name in ("cp437", "latin-1", "utf-8"):
        codecs.lookup(name)
    for content in (_archive(_FIRST), b"none"):
        wacz_problems(io.BytesIO(content), records=records)
    with open(0, "rb", closefd=False) as file:
        confine(memory=MEMORY, processor_s=PROCESSOR_S)
        found = {"problems": wacz_problems(file, records=records), "records": records}
    rest = memoryview(json.dumps(found).encode())
    while rest:
        rest = rest[os.write(answers, rest) :]


def _archive(record: bytes) -> bytes:
    """A WACZ of one record."""
    path = "archive/data.warc.gz"
    content = gzip.compress(record)
    told = {"path": path, "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        listed = json.dumps({"resources": [{**told, "bytes": len(content)}]})
        archive.writestr("datapackage.json", listed)
        archive.writestr("datapackage-digest.json", "{}")
        archive.writestr(path, content)
    return out.getvalue()
