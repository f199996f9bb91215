"""The benchmark of kinds counts what others and written rules make."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from benchmarks.names import kinds
from benchmarks.names.styles import STYLES
from detectors.observations import compile_watchlist
from namaak.brands import Brand


def test_there_are_thirty_styles_and_each_changes_the_name() -> None:
    assert len(STYLES) == 30
    assert all(style("acme") != "acme" for style in STYLES.values())


def test_kinds_counted_together_are_kinds_that_are_made() -> None:
    pytest.importorskip("dnstwist", reason="dnstwist makes the names")
    pytest.importorskip("ail_typo_squatting", reason="ail-typo-squatting makes the names")
    nobody = compile_watchlist({"waldermond": Brand(name="Waldermond")}, {})
    made = set(kinds.recalls(["bankofamerica", "apple", "paypal"], nobody))
    assert {part for _, _, parts in kinds._TOGETHER for part in parts} <= made


def test_written_cases_hold_no_typo_of_short_names() -> None:
    assert {kind for kind, _ in kinds.written("dhl")} < {
        kind for kind, _ in kinds.written("paypal")
    }


def test_a_brand_that_is_not_watched_is_not_found() -> None:
    nobody = compile_watchlist({"waldermond": Brand(name="Waldermond")}, {})
    counted = kinds.recalls(["paypal"], nobody)
    assert counted["same label"][0] == 4
    assert all(found == shown == 0 for _, found, shown in counted.values())


def test_every_written_kind_is_found_whole() -> None:
    watch = compile_watchlist({"waldermond": Brand(name="Waldermond")}, {})
    counted = kinds.recalls(["waldermond"], watch)
    written = {kind for kind, _ in kinds.written("waldermond")} | {"styled"}
    assert {kind: counted[kind][1] / counted[kind][0] for kind in written} == dict.fromkeys(
        written, 1.0
    )


@pytest.mark.parametrize(
    ("package", "maker"),
    [("dnstwist", kinds.of_dnstwist), ("ail_typo_squatting", kinds.of_ail)],
)
def test_generators_of_others_give_names_of_single_kinds(
    package: str, maker: Callable[[str], Iterator[tuple[str, str]]]
) -> None:
    pytest.importorskip(package, reason=f"{package} makes the names")
    made = list(maker("paypal"))
    assert len({kind for kind, _ in made}) > 5
    assert all("." in host for _, host in made)
