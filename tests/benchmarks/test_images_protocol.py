"""Which pictures the protocol holds, on a small file of drawings made here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.images import avatars, choosing
from benchmarks.images.choosing import choose, read_fitted_on, related, seeded
from benchmarks.images.edits import EDITS
from benchmarks.images.protocol import Protocol, build
from benchmarks.images.rendering import HAS_SVG

pytestmark = pytest.mark.skipif(not HAS_SVG, reason="resvg_py is not installed")

# No key begins with another but for the two of the related pair.
KEYS = [f"{letter}brand" for letter in "abcdefghijklmnop"]
RELATED = ("qualle", "quallemobile")
Kinds = Mapping[str, tuple[avatars.Drawn, int]]
FITTED = ("abrand", "bbrand", "cbrand", "dbrand")


def svg(seed: int, wide: bool = False) -> str:
    """A random polygon of five corners."""
    chosen = seeded(seed, "polygon")
    width = 300 if wide else 100
    corners = " ".join(f"{chosen.randint(0, width)},{chosen.randint(0, 100)}" for _ in range(5))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 100">'
            f'<polygon fill="#{seed * 7919 % 0xFFFFFF:06x}" points="0,0 {width},100 {corners}"/>'
            "</svg>")  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = []
    for at, key in enumerate((*KEYS, *RELATED)):
        rows.append((key, "devicon", key, svg(at)))
        rows.append((key, "simple-icons", key, svg(at + 100)))
        rows.append((key, "gilbarbara-logos-full", key, svg(at + 200, wide=True)))
    rows.append(("zbroken", "devicon", "zbroken", "<svg"))
    columns = dict(zip(("logo_key", "set", "name", "svg"), zip(*rows, strict=True), strict=True))
    path = tmp_path_factory.mktemp("logos") / "logos.parquet"
    pq.write_table(
        pa.table({**columns, "multi": [True] * len(rows), "png": [b""] * len(rows)}), path
    )
    return path


@pytest.fixture(scope="module", autouse=True)
def smaller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Another list of fitted keys, two of each picture of nothing, more wordmarks."""
    path = tmp_path_factory.mktemp("fitted") / "fitted_on.txt"
    path.write_text("# remark\n" + "\n".join(FITTED) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_fitted_on, "__defaults__", (path,))
        patch.setattr(choosing, "_WORDMARKS", 60)
        patch.setattr("benchmarks.images.protocol._PHOTOS", 2)
        patch.setattr(avatars, "DISTRACTORS", fewer(avatars.DISTRACTORS))
        patch.setattr(avatars, "DEFAULTS", fewer(avatars.DEFAULTS))
        yield


def fewer(kinds: Kinds) -> Kinds:
    return {kind: (draw, 2) for kind, (draw, _) in kinds.items()}


@pytest.fixture(scope="module")
def whole(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Protocol:
    return build(file, tmp_path_factory.mktemp("whole"))


def keys(protocol: Protocol) -> set[str]:
    return {one.key for one in protocol.references}


def test_pictures_are_drawn_once_and_the_same_again(file: Path, tmp_path: Path) -> None:
    first = build(file, tmp_path / "one", share=0.1)
    drawn = first.file.stat().st_mtime_ns
    assert build(file, tmp_path / "one", share=0.1).file.stat().st_mtime_ns == drawn
    again = build(file, tmp_path / "two", share=0.1)
    assert again.file.name == first.file.name
    assert again.file.read_bytes() == first.file.read_bytes()
    assert [one.name for one in (tmp_path / "one").iterdir()] == [first.file.name]


def test_every_queried_brand_is_asked_about_in_every_edit(whole: Protocol) -> None:
    protocol = whole
    queries = list(protocol.queries())
    asked = Counter(one.key for one in queries)
    assert set(asked) == keys(protocol)
    assert set(asked.values()) == {len(EDITS)}
    assert Counter(one.edit for one in queries).keys() == EDITS.keys()
    compact = {one.key: one.compact for one in protocol.references}
    assert all(one.compact == compact[one.key] for one in queries)
    assert set(compact.values()) == {True, False}
    assert protocol.counts["queries"] == len(queries)
    assert protocol.counts["rows that could not be drawn"] == 1
    assert len(list(protocol.distractors())) == protocol.counts["distractors"]
    assert Counter(one.kind for one in protocol.default_avatars())["tiles"] == 2


def test_no_key_of_fitting_is_in_the_test_and_none_but_them_in_fitting(file: Path) -> None:
    test, fit = choose(file, "test"), choose(file, "fit")
    assert len(test.gallery) == (len(KEYS) + len(RELATED) - len(FITTED)) // 2
    assert set(fit.gallery) < set(FITTED)
    assert not {one.source.key for one in test.strangers} & set(FITTED)
    assert {one.source.key for one in fit.strangers} == set(FITTED) - set(fit.gallery)


def test_strangers_are_no_watched_brand_nor_related_to_one(file: Path) -> None:
    chosen = choose(file, "test")
    assert not any(related(one.source.key, chosen.gallery) for one in chosen.strangers)
    assert len(chosen.strangers) + chosen.counts["drawings of watched or related keys"] == (
        3 * (len(KEYS) + len(RELATED) - len(FITTED))
    )
    if set(RELATED) & set(chosen.gallery):
        assert not set(RELATED) & {one.source.key for one in chosen.strangers}


def test_other_hands_are_other_sets_of_the_same_key(file: Path) -> None:
    chosen = choose(file, "test")
    for key, watched in chosen.gallery.items():
        assert {one.source.key for one in chosen.others[key]} == {key}
        assert len(chosen.others[key]) == 2
        assert watched.source.set not in {one.source.set for one in chosen.others[key]}


def test_a_share_leaves_all_references_and_fewer_pictures(
    file: Path, whole: Protocol, tmp_path: Path
) -> None:
    part = build(file, tmp_path, share=0.3)
    assert part.references == whole.references
    assert 0 < part.counts["queries"] < whole.counts["queries"]
    assert part.counts["distractors"] < whole.counts["distractors"]
    asked = {(one.key, one.edit): one.picture for one in whole.queries()}
    assert all(asked[one.key, one.edit] == one.picture for one in part.queries())


def test_emoji_of_a_folder_join_the_distractors(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "emoji"
    folder.mkdir()
    (folder / "smile.svg").write_text(svg(1), encoding="utf-8")
    (folder / "broken.svg").write_text("<svg", encoding="utf-8")
    protocol = build(file, tmp_path / "cache", emoji=folder)
    assert sum(one.kind == "emoji" for one in protocol.distractors()) == 1
    assert protocol.counts["emoji left out"] == 1


def test_keys_that_begin_or_end_alike_are_related() -> None:
    assert related("quallemobile", {"qualle"})
    assert related("qualle", {"quallemobile"})
    assert related("qualle", {"houseofqualle"})
    assert not related("qua", {"houseofqua"})
    assert not related("qualle", {"quelle", "aqualleb"})


def test_signs_that_are_written_out_make_no_other_key() -> None:
    assert related("qualledotio", {"qualleio"})
    assert related("qualle-io", {"qualledotio"})
    assert related("qualleplusqualle", {"qualleandqualle"})


def test_the_shipped_list_of_fitted_keys_is_sorted_and_follows_its_rule() -> None:
    import zlib

    path = Path(choosing.__file__).parent / "fitted_on.txt"
    held = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    assert held == sorted(set(held))
    assert set(held) == read_fitted_on(path)
    assert all(zlib.crc32(key.encode()) % 5 < 2 for key in held)
