"""What a pack encloses of exports: both, or a sentence for each that cannot be made."""

from __future__ import annotations

import sys

from namaak.casework.exports.enclosing import enclosed_exports
from namaak.casework.exports.material import Tlp
from namaak.casework.exports.misp import misp_json
from namaak.casework.exports.stix import stix_json
from tests.casework.exports.cases import host_export


def test_a_pack_gets_what_the_command_gives() -> None:
    case = host_export()
    found = enclosed_exports(case, tlp=Tlp.RED, profile="notice", organisation="Waldermond")
    given = {"tlp": Tlp.RED, "profile": "notice", "organisation": "Waldermond"}
    assert [(one.name, one.content, one.problem) for one in found] == [
        ("stix.json", stix_json([case], **given), None),
        ("misp.json", misp_json([case], **given), None),
    ]


def test_without_the_libraries_a_pack_says_what_it_lacks(monkeypatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] in ("stix2", "pymisp")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("stix2", "pymisp"):
        monkeypatch.setitem(sys.modules, name, None)
    found = list(enclosed_exports(host_export(), tlp=Tlp.RED, profile="full", organisation=None))
    assert [one.content for one in found] == [None, None]
    assert all("extra exports" in (one.problem or "") for one in found)
