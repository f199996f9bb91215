"""The exports that an evidence pack encloses: as many as this installation can make.

May import: namaak.casework.exports, namaak.casework.evidence.material, namaak.errors.
"""

from __future__ import annotations

from collections.abc import Iterator

from namaak.casework.evidence.material import Export
from namaak.casework.exports.material import CaseExport, Profile, Tlp
from namaak.casework.exports.misp import misp_json
from namaak.casework.exports.stix import stix_json
from namaak.errors import NamaakError


def enclosed_exports(
    case: CaseExport, *, tlp: Tlp, profile: Profile, organisation: str | None
) -> Iterator[Export]:
    """STIX and MISP of one case. What cannot be made says why, because a pack goes on without."""
    for name, write in (("stix.json", stix_json), ("misp.json", misp_json)):
        try:
            content = write([case], tlp=tlp, profile=profile, organisation=organisation)
        except NamaakError as error:
            yield Export(name=name, content=None, problem=str(error))
        else:
            yield Export(name=name, content=content)
