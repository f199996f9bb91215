"""How widely pictures are worn: exact files, equal and near hashes, and what must not count."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from namaak.errors import LakeError
from namaak.lake import Lake
from namaak.records import MATCH_SCHEMA, OBSERVATION_SCHEMA, PICTURE_SCHEMA, match_id
from namaak.wearing import pictures, worn_pictures

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ALL_BITS = 2**64 - 1


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


@dataclass(frozen=True)
class FakeBatch:
    observations: pa.Table
    start: int
    end: int
    instance_id: str = "one"
    rejects: tuple[Any, ...] = ()
    skipped: int = 0
    images: dict[str, bytes] = field(default_factory=dict)
    last: bool = False
    state: str | None = None
    gaps: tuple[()] = ()
    heads: tuple[()] = ()
    attempts: tuple[()] = ()


def described(picture: str, *, words: tuple[int, int, int, int] | None = None, **other: Any):
    """One picture as its whole frame. words: of its hash; else its own, far from all others."""
    digest = hashlib.sha256(b"hash of " + picture.encode()).digest()
    own = tuple(int.from_bytes(digest[at : at + 8], "big") for at in (0, 8, 16, 24))
    given = {
        "image_sha256": sha(picture), "detector": "images-7", "format": "PNG", "width": 64,
        "height": 64, "notes": [], "outcome": "hashed", "frame": "first", "region": -1,
        **{f"phash_{at}": word for at, word in enumerate(words or own)},
    }  # fmt: skip
    return given | other


def worn_by(subject: str, picture: str) -> dict[str, Any]:
    return {
        "source": "files", "instance": "one", "position": 0, "observed_at": NOW,
        "subject_kind": "account", "subject_key": f"account:x:{subject}",
        "image_sha256": sha(picture),
    }  # fmt: skip


def named(subject: str, brand: str = "acme", *, expected: float = 1.0, **other: Any):
    """A name that so many of a million ordinary ones are as much like."""
    row = {
        "brand_id": brand, "subject_key": f"account:x:{subject}", "subject_kind": "account",
        "source": "files", "instance": "one", "position": 0, "observed_at": NOW,
        "field": "handle", "value": subject, "term": brand, "resemblance": "combosquat",
        "place": "token", "distance": 0, "strength": 0.5, "span_start": 0, "span_end": 4,
        "layers": [], "lures": [], "traits": [], "evidence": {"expected_per_million": expected},
        "suppressed": None, "detector": "names-1", "tables": "",
    } | other  # fmt: skip
    key = [row[part] for part in ("brand_id", "subject_key", "field", "value", "term")]
    return {"match_id": match_id(key), **row}


def shown(subject: str, picture: str, brand: str = "acme", **other: Any) -> dict[str, Any]:
    """The brand's logo in a picture."""
    return named(
        subject, brand, field="image", value=sha(picture), term="logo.png",
        resemblance="near-image", place="whole", evidence={"llr": 8.0}, **other,
    )  # fmt: skip


@pytest.fixture
def lake(tmp_path):
    with Lake(tmp_path / "lake") as opened:
        yield opened


def tell(
    lake: Lake,
    observed: Iterable[dict[str, Any]],
    matched: Iterable[dict[str, Any]] = (),
    pictured: Iterable[dict[str, Any]] = (),
    *,
    fingerprint: str = "1",
    at: datetime = NOW,
) -> str:
    """One batch, detected. Returns its id."""
    rows = pa.Table.from_pylist(list(observed), schema=OBSERVATION_SCHEMA)
    start = lake.cursor("files", "one").next_position
    batch = FakeBatch(rows, start, start + rows.num_rows)
    batch_id = lake.append(batch, source="files", label="list", gathered_at=NOW).batch_id
    detect(lake, batch_id, matched, pictured, fingerprint=fingerprint, at=at)
    return batch_id


def detect(lake, batch_id, matched=(), pictured=(), *, fingerprint="1", at=NOW):
    brands = {row["brand_id"]: fingerprint for row in matched} or {"acme": fingerprint}
    lake.record_matches(
        batch_id,
        brands,
        pa.Table.from_pylist(list(matched), schema=MATCH_SCHEMA),
        pictures=pa.Table.from_pylist(list(pictured), schema=PICTURE_SCHEMA),
        detected_at=at,
    )


def worn(lake: Lake) -> dict[tuple[str, str], dict[str, Any]]:
    """(subject, brand) to its only picture."""
    rows = worn_pictures(lake).to_pylist()
    found = {(row["subject_key"].removeprefix("account:x:"), row["brand_id"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_an_empty_lake_has_no_worn_pictures(lake):
    assert worn_pictures(lake).num_rows == 0
    assert pictures(lake, [sha("a")]).num_rows == 0


def test_wearers_imitators_and_brands_are_counted_over_the_whole_lake(lake):
    tell(
        lake,
        [worn_by("a", "face"), worn_by("b", "face"), worn_by("stranger", "face")],
        [named("a"), named("b"), named("b", "other")],
        [described("face")],
    )
    tell(lake, [worn_by("late", "face"), worn_by("late", "face")], [named("late")])
    found = worn(lake)
    assert set(found) == {("a", "acme"), ("b", "acme"), ("b", "other"), ("late", "acme")}
    assert found["a", "acme"] | {"brand_id": "", "subject_key": ""} == {
        "brand_id": "",
        "subject_key": "",
        "image_sha256": sha("face"),
        "look": sha("face"),
        "hashed": True,
        "imitator": True,
        "wearers": 4,
        "imitators": 3,
        "mostly_imitators": True,
        "brands_shown": 0,
        "brands_named": 2,
    }
    assert found["b", "other"]["imitators"] == 1


def test_a_name_that_many_ordinary_ones_are_like_imitates_nobody(lake):
    tell(lake, [worn_by("a", "face")], [named("a", expected=400.0)], [described("face")])
    found = worn(lake)["a", "acme"]
    assert (found["imitator"], found["imitators"]) == (False, 0)


def test_the_brand_s_name_read_in_the_picture_imitates_as_a_picture_not_as_a_name(lake):
    read = named("a", field="image-text", value="ACME")
    tell(lake, [worn_by("a", "face")], [read], [described("face")])
    found = worn(lake)["a", "acme"]
    assert (found["imitator"], found["imitators"]) == (False, 0)


def test_the_brands_own_accounts_are_no_wearers(lake):
    tell(
        lake,
        [worn_by("official", "face"), worn_by("fake", "face")],
        [named("official", suppressed="the brand's own account on x"), named("fake")],
        [described("face")],
    )
    found = worn(lake)
    assert set(found) == {("fake", "acme")}
    assert found["fake", "acme"]["wearers"] == 1


def test_pictures_of_equal_hashes_are_one_look(lake):
    tell(
        lake,
        [worn_by("a", "face"), worn_by("b", "face again"), worn_by("c", "other face")],
        [named("a"), named("b"), named("c")],
        [described("face", words=(1, 2, 3, 4)), described("face again", words=(1, 2, 3, 4)),
         described("other face")],
    )  # fmt: skip
    found = worn(lake)
    assert found["a", "acme"]["look"] == found["b", "acme"]["look"] != found["c", "acme"]["look"]
    assert [found[name, "acme"]["wearers"] for name in "abc"] == [2, 2, 1]


def test_an_unmatched_stranger_with_an_equal_picture_counts_too(lake):
    tell(
        lake,
        [worn_by("a", "face"), worn_by("stranger", "face again")],
        [named("a")],
        [described("face", words=(1, 2, 3, 4)), described("face again", words=(1, 2, 3, 4))],
    )
    assert worn(lake)["a", "acme"]["wearers"] == 2


@pytest.mark.parametrize("outcome", ["gated", "undecodable"])
def test_pictures_that_say_nothing_are_alike_only_if_they_are_the_same_file(lake, outcome):
    frame = {"frame": None} if outcome == "undecodable" else {}
    tell(
        lake,
        [worn_by("a", "grey"), worn_by("b", "grey"), worn_by("c", "also grey")],
        [named("a"), named("b"), named("c")],
        [described(name, words=(0, 0, 0, 0), outcome=outcome, reason="flat", **frame)
         for name in ("grey", "also grey")],
    )  # fmt: skip
    found = worn(lake)
    assert [found[name, "acme"]["wearers"] for name in "abc"] == [2, 2, 1]
    assert not any(row["hashed"] for row in found.values())


def test_near_hashes_are_one_look_only_where_they_show_a_logo(lake):
    # Six bits differ, spread over all words; a chain of such steps leads further.
    one, other, third = (5, 6, 7, 8), (5 ^ 3, 6 ^ 3, 7 ^ 1, 8 ^ 1), (5 ^ 3, 6 ^ 3, 7 ^ 31, 8 ^ 3)
    pictured = [described("one", words=one), described("other", words=other),
                described("third", words=third)]  # fmt: skip
    observed = [worn_by("a", "one"), worn_by("b", "other"), worn_by("c", "third")]
    names = [named("a"), named("b"), named("c")]
    batch_id = tell(lake, observed, names, pictured)
    assert {row["wearers"] for row in worn(lake).values()} == {1}
    logos = [shown("a", "one"), shown("b", "other"), shown("c", "third")]
    detect(lake, batch_id, [*names, *logos], fingerprint="2")
    found = worn(lake)
    assert {row["look"] for row in found.values()} == {
        min(sha(p) for p in ("one", "other", "third"))
    }
    assert {row["wearers"] for row in found.values()} == {3}


def test_seven_bits_are_too_many(lake):
    tell(
        lake,
        [worn_by("a", "one"), worn_by("b", "other")],
        [shown("a", "one"), shown("b", "other")],
        [described("one", words=(0, 0, 0, 9)), described("other", words=(127, 0, 0, 9))],
    )
    assert {row["wearers"] for row in worn(lake).values()} == {1}


def test_a_crowd_of_near_looks_is_joined_without_comparing_all_with_all(lake):
    crowd = [f"p{number}" for number in range(300)]
    tell(
        lake,
        [worn_by(name, name) for name in crowd],
        [shown(name, name) for name in crowd],
        [described(name, words=(number, 0, 0, 0)) for number, name in enumerate(crowd)],
    )
    # Neighbours of a row of numbers differ in few bits, so the chain holds all of them.
    assert {row["wearers"] for row in worn(lake).values()} == {300}


def test_hashes_of_different_versions_are_not_compared(lake):
    words = (1, 2, 3, 4)
    tell(
        lake,
        [worn_by("a", "face"), worn_by("b", "face again")],
        [shown("a", "face"), shown("b", "face again")],
        [described("face", words=words, detector="images-7"),
         described("face again", words=words, detector="images-8")],
    )  # fmt: skip
    assert {row["wearers"] for row in worn(lake).values()} == {1}


def test_of_two_versions_the_later_description_counts(lake):
    batch_id = tell(
        lake, [worn_by("a", "face")], [named("a")], [described("face", outcome="gated", reason="-")]
    )
    assert not worn(lake)["a", "acme"]["hashed"]
    newer = [
        described("face", detector="images-8"),
        described("face", detector="images-8", region=0),
    ]
    detect(lake, batch_id, [named("a")], newer, fingerprint="2", at=NOW + timedelta(hours=1))
    assert worn(lake)["a", "acme"]["hashed"]
    rows = pictures(lake, [sha("face")])
    assert rows["detector"].to_pylist() == ["images-8", "images-8"]
    assert lake.picture_outcomes().to_pylist() == [
        {"outcome": "hashed", "reason": "", "pictures": 1}
    ]


def test_a_picture_of_several_logos_says_of_how_many(lake):
    tell(
        lake,
        [worn_by("a", "collage")],
        [shown("a", "collage"), shown("a", "collage", "other"), shown("a", "collage", "third")],
        [described("collage")],
    )
    assert {row["brands_shown"] for row in worn(lake).values()} == {3}


def test_a_picture_that_is_a_subject_is_told_who_wears_it_and_is_no_wearer(lake):
    itself = {"subject_kind": "image", "subject_key": f"image:{sha('face')}"}
    tell(
        lake,
        [worn_by("a", "face"), worn_by("a", "face") | itself],
        [named("a"), shown("a", "face") | itself],
        [described("face")],
    )
    rows = worn_pictures(lake).to_pylist()
    assert {row["subject_key"] for row in rows} == {"account:x:a", itself["subject_key"]}
    assert {row["wearers"] for row in rows} == {1}


def test_of_many_wearers_the_first_digit_is_kept_but_their_share_is_exact(lake):
    subjects = [f"s{number}" for number in range(199)]
    tell(
        lake, [worn_by(name, "face") for name in subjects], [named(name) for name in subjects[:99]],
        [described("face")],
    )  # fmt: skip
    found = worn(lake)["s0", "acme"]
    assert (found["wearers"], found["imitators"], found["mostly_imitators"]) == (100, 99, False)


def test_asked_again_the_answer_is_the_same(lake):
    tell(lake, [worn_by("a", "face"), worn_by("b", "face")], [named("a")], [described("face")])
    assert worn_pictures(lake).equals(worn_pictures(lake))


def test_files_that_the_manifest_does_not_name_do_not_count(lake):
    tell(lake, [worn_by("a", "face")], [named("a")], [described("face")])
    for folder in ("observations", "pictures"):
        (file,) = (lake.folder / folder).iterdir()
        (file.parent / "left-by-a-killed-run.parquet").write_bytes(file.read_bytes())
    assert worn(lake)["a", "acme"]["wearers"] == 1
    assert pictures(lake, [sha("face")]).num_rows == 1


@pytest.mark.parametrize("folder", ["observations", "pictures"])
def test_a_damaged_file_is_named(lake, folder):
    tell(lake, [worn_by("a", "face")], [named("a")], [described("face")])
    (file,) = (lake.folder / folder).iterdir()
    file.write_bytes(b"junk" * 10)
    with pytest.raises(LakeError, match=rf"(?s)cannot be read.*{file.name}.*restore it"):
        worn_pictures(lake)
