"""Pictures in the casebook: who wears them, what that does to cases, and how near they are."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from namaak.casework import ranking
from namaak.casework.casebook import Casebook, LoadSummary
from namaak.casework.migrations import migrate
from namaak.casework.reading import find_cases, open_snapshot, read_case, read_rows
from namaak.records import MATCH_SCHEMA, PICTURE_SCHEMA, Band, case_id, match_id
from namaak.sqlfiles import sql_files

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
FACE, OTHER = "a" * 64, "b" * 64
WORN_SCHEMA = pa.schema(
    [("brand_id", pa.string()), ("subject_key", pa.string()), ("image_sha256", pa.string()),
     ("look", pa.string()), ("hashed", pa.bool_()),
     ("imitator", pa.bool_()), ("wearers", pa.int64()),
     ("imitators", pa.int64()), ("mostly_imitators", pa.bool_()),
     ("brands_shown", pa.int64()), ("brands_named", pa.int64())]
)  # fmt: skip


def shows_the_logo(account: str, picture: str = FACE, **other: Any) -> dict[str, Any]:
    row = {
        "brand_id": "acme", "subject_key": f"account:x:{account}", "subject_kind": "account",
        "source": "files", "instance": "profiles", "position": 1, "observed_at": NOW,
        "field": "image", "value": picture, "term": "logo.png", "resemblance": "near-image",
        "place": "whole", "distance": 40, "strength": 0.8, "span_start": -1, "span_end": -1,
        "layers": [], "lures": [], "traits": [], "evidence": {"llr": 7.3}, "suppressed": None,
        "detector": "images-7", "tables": "",
    } | other  # fmt: skip
    identity = [row[name] for name in ("brand_id", "subject_key", "field", "value", "resemblance")]
    return {"match_id": match_id(identity), **row}


def wears(account: str, picture: str = FACE, **other: Any) -> dict[str, Any]:
    row = {
        "brand_id": "acme", "subject_key": f"account:x:{account}", "image_sha256": picture,
        "look": FACE, "hashed": True, "imitator": True, "wearers": 1, "imitators": 0,
        "brands_shown": 1, "brands_named": 1,
    } | other  # fmt: skip
    return {"mostly_imitators": 2 * row["imitators"] >= row["wearers"], **row}


def hashes(picture: str, words: tuple[int, int, int, int], **other: Any) -> dict[str, Any]:
    return {
        "image_sha256": picture, "detector": "images-7", "format": "PNG", "width": 64,
        "height": 64, "notes": [], "outcome": "hashed", "frame": "first", "region": -1,
        **{f"phash_{at}": word for at, word in enumerate(words)},
    } | other  # fmt: skip


class Desk:
    """Keeps one writer open from a test's first write to its next look at the snapshot."""

    def __init__(self, folder: Path) -> None:
        self.paths = paths_in(folder)
        self.open = ExitStack()
        self.book: Casebook | None = None

    def writer(self) -> Casebook:
        if self.book is None:
            self.book = self.open.enter_context(Casebook.writing(**self.paths))
        return self.book

    def publish(self) -> None:
        self.book = None
        self.open.close()

    def load(self, *rows: dict[str, Any], file: str = "one") -> LoadSummary:
        return self.writer().load_matches(
            pa.Table.from_pylist(list(rows), schema=MATCH_SCHEMA), file=file, rank=ranking.rank,
            brand_names={"acme": "Acme"}, subjects={}, now=NOW, rank_version="1",
        )  # fmt: skip

    def worn(self, *rows: dict[str, Any]) -> LoadSummary:
        return self.writer().record_worn_pictures(
            pa.Table.from_pylist(list(rows), schema=WORN_SCHEMA), rank=ranking.rank,
            brand_names={"acme": "Acme"}, now=NOW, rank_version="1",
        )  # fmt: skip

    def describe(self, *rows: dict[str, Any]) -> list[str]:
        outcomes = [{"outcome": "hashed", "reason": "", "pictures": len(rows)},
                    {"outcome": "gated", "reason": "flat", "pictures": 3}]  # fmt: skip
        wanted = self.writer().wanted_pictures()
        self.writer().record_pictures(
            pa.Table.from_pylist(list(rows), schema=PICTURE_SCHEMA),
            pa.Table.from_pylist(outcomes),
        )
        return wanted

    @contextmanager
    def snapshot(self):
        self.publish()
        with open_snapshot(self.paths["published"]) as con:
            yield con

    def case(self, account: str):
        with self.snapshot() as con:
            return read_case(con, case_id("acme", f"account:x:{account}"))

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with self.snapshot() as con:
            return list(read_rows(con, sql))


def paths_in(folder: Path) -> dict[str, Path]:
    return {"working": folder / "w" / "casebook.duckdb", "published": folder / "c.duckdb"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An empty casebook, to copy: migrating anew for each test would take most of the time."""
    folder = tmp_path_factory.mktemp("empty")
    with Casebook.writing(**paths_in(folder)):
        pass
    return folder


@pytest.fixture
def desk(tmp_path, empty):
    shutil.copytree(empty, tmp_path, dirs_exist_ok=True)
    made = Desk(tmp_path)
    yield made
    made.publish()


def names(case) -> set[str]:
    return {signal["name"] for signal in case.signals}


def test_what_comes_in_is_weighed_by_how_widely_its_picture_is_worn(desk):
    desk.worn(wears("a", wearers=25, imitators=3, brands_named=3))
    desk.load(shows_the_logo("a"), shows_the_logo("b", OTHER))
    assert "image.worn-by-many" in names(desk.case("a"))
    assert "image.worn-by-many" not in names(desk.case("b"))
    assert desk.case("a").case["score"] < desk.case("b").case["score"]


def test_a_case_is_weighed_again_when_its_picture_spreads_and_says_why(desk):
    desk.worn(wears("a"))
    desk.load(shows_the_logo("a"))
    before = desk.case("a").case
    summary = desk.worn(wears("a", wearers=5, imitators=5))
    (moved,) = summary.moved
    assert moved.why == ("gained image.campaign",)
    after = desk.case("a")
    assert after.case["score"] > before["score"]
    assert [event["kind"] for event in after.events] == ["opened", "score-changed"]


def test_recorded_again_nothing_changes(desk):
    desk.load(shows_the_logo("a"))
    many = wears("a", wearers=5000, imitators=3)
    assert desk.worn(many).cases_refreshed == 1
    published = desk.case("a")
    again = desk.worn(many)
    assert (again.cases_refreshed, again.moved) == (0, ())
    assert desk.case("a") == published


def test_a_picture_no_longer_worn_weighs_as_if_nothing_were_known(desk):
    desk.load(shows_the_logo("a"))
    before = desk.case("a").case["score"]
    desk.worn(wears("a", wearers=5000))
    desk.worn()
    assert desk.case("a").case["score"] == before
    assert desk.rows("from worn_pictures") == []


def test_an_account_too_weak_alone_becomes_a_case_by_its_campaign(desk):
    weak = shows_the_logo("a", evidence={"llr": 5.2})
    assert desk.load(weak).cases_opened == 0
    summary = desk.worn(wears("a", wearers=40, imitators=40))
    assert summary.cases_opened == 1
    case = desk.case("a")
    assert case.case["matches"] == 1
    assert "40 accounts" in " ".join(case.case["reasons"])


def test_a_transaction_that_fails_keeps_the_old_numbers_and_scores(desk, monkeypatch):
    desk.load(shows_the_logo("a"))
    before = desk.case("a")

    def broken(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(ranking, "rank", broken)
    with pytest.raises(RuntimeError, match="killed"):
        desk.worn(wears("a", wearers=5000))
    monkeypatch.undo()
    assert desk.case("a") == before
    assert desk.worn(wears("a", wearers=5000)).cases_refreshed == 1


def test_accounts_of_one_brand_with_one_picture_form_a_campaign(desk):
    desk.load(shows_the_logo("a"), shows_the_logo("b"), shows_the_logo("c"))
    desk.worn(
        *(wears(name, wearers=3, imitators=2) for name in "ab"),
        wears("c", OTHER, look=OTHER, wearers=1, imitators=1),
    )
    (campaign,) = desk.rows("from campaigns_by_picture")
    assert campaign["look"] == FACE
    assert campaign["subjects"] == ["x/a", "x/b"]
    assert (campaign["wearers"], campaign["imitators"], campaign["cases"]) == (3, 2, 2)
    with desk.snapshot() as con:
        shared = {row["subject"]: row["same_picture"] for row in find_cases(con)}
    assert shared == {"x/a": 1, "x/b": 1, "x/c": 0}


@pytest.mark.parametrize(
    "unlike", [{"hashed": False}, {"wearers": 900}], ids=["default-avatar", "worn-by-others"]
)
def test_what_is_no_campaign_is_not_shown_as_one(desk, unlike):
    desk.load(shows_the_logo("a"), shows_the_logo("b"))
    desk.worn(*(wears(name, **({"wearers": 2, "imitators": 2} | unlike)) for name in "ab"))
    assert desk.rows("from campaigns_by_picture") == []
    assert "image.campaign" not in names(desk.case("a"))


def test_only_pictures_of_subjects_with_cases_are_wanted(desk):
    desk.load(shows_the_logo("a"), shows_the_logo("weak", OTHER, evidence={"llr": 4.0}))
    desk.worn(wears("a"), wears("weak", OTHER))
    assert desk.describe() == [FACE]


def test_hashes_are_copied_once_and_replaced_by_those_of_a_new_version(desk):
    desk.load(shows_the_logo("a"))
    desk.worn(wears("a"))
    first = hashes(FACE, (1, 2, 3, 2**64 - 1))
    region = hashes(FACE, (0, 0, 0, 0), region=0, region_kind="drawing", box_x=0.1, box_y=0.2,
                    box_w=0.5, box_h=0.5, **{f"region_{at}": at for at in range(4)},
                    **{f"phash_{at}": None for at in range(4)})  # fmt: skip
    for _ in range(2):
        desk.describe(first, region)
    whole, part = desk.rows("from pictures order by region")
    assert whole["phash"] == [1, 2, 3, 2**64 - 1]
    assert (whole["box"], whole["signs"]) == (None, None)
    assert part["phash"] is None and part["signs"] == [0, 1, 2, 3]
    assert part["box"] == pytest.approx([0.1, 0.2, 0.5, 0.5])
    desk.describe(hashes(FACE, (9, 9, 9, 9), detector="images-8"))
    (newer,) = desk.rows("from pictures")
    assert (newer["detector"], newer["phash"]) == ("images-8", [9, 9, 9, 9])


def test_the_distance_of_two_hashes_is_counted_over_all_256_bits(desk):
    desk.load()
    full = f"[{', '.join(['18446744073709551615'] * 4)}]::ubigint[4]"
    none = "[0, 0, 0, 0]::ubigint[4]"
    (row,) = desk.rows(
        f"select picture_distance({full}, {none}) as far, picture_distance({full}, {full}) as same,"
        f" picture_distance({none}, [8, 0, 3, 0]) as near, picture_distance({none}, null) as none"
    )
    assert row == {"far": 256, "same": 0, "near": 3, "none": None}


def test_the_nearest_pictures_come_first_with_who_wears_them(desk):
    desk.load(shows_the_logo("a"), shows_the_logo("b", OTHER), shows_the_logo("c", "c" * 64))
    desk.worn(wears("a"), wears("b", OTHER, wearers=7), wears("c", "c" * 64))
    desk.describe(
        hashes(FACE, (0, 0, 0, 0)),
        hashes(OTHER, (7, 0, 0, 0)),
        # All bits but one: the negative of the first picture.
        hashes("c" * 64, (2**64 - 1, 2**64 - 1, 2**64 - 1, 2**64 - 2)),
    )
    found = desk.rows("from similar_pictures('AAAA')")
    assert [(row["image_sha256"][0], row["distance"], row["distance_of_negative"])
            for row in found] == [("a", 0, 256), ("c", 255, 1), ("b", 3, 253)]  # fmt: skip
    assert found[2]["subjects"] == ["x/b"] and found[2]["wearers"] == 7


@pytest.mark.parametrize("sha256", ["", "'' or 1=1 --", "%", "zz" * 32, "é\u202e"])
def test_what_is_no_sha256_of_a_picture_finds_nothing(desk, sha256):
    desk.load(shows_the_logo("a"), shows_the_logo("b", OTHER))
    desk.worn(wears("a"), wears("b", OTHER))
    desk.describe(hashes(FACE, (0, 0, 0, 0)), hashes(OTHER, (7, 0, 0, 0)))
    with desk.snapshot() as con:
        assert con.execute("from similar_pictures(?)", [sha256]).fetchall() == []


def test_an_ambiguous_beginning_of_a_sha256_finds_nothing(desk):
    one, two = "ab" * 32, "ac" * 32
    desk.load(shows_the_logo("a", one), shows_the_logo("b", two))
    desk.worn(wears("a", one), wears("b", two))
    desk.describe(hashes(one, (0, 0, 0, 0)), hashes(two, (7, 0, 0, 0)))
    assert desk.rows("from similar_pictures('a')") == []
    assert len(desk.rows("from similar_pictures('ab')")) == 2


@pytest.mark.parametrize(
    "query", [q for q in sql_files("queries") if "picture" in q.name], ids=lambda q: q.name
)
def test_the_staffs_questions_about_pictures_are_answered(desk, query):
    desk.load(shows_the_logo("a"), shows_the_logo("b"))
    desk.worn(*(wears(name, wearers=2, imitators=2) for name in "ab"))
    desk.describe(hashes(FACE, (0, 0, 0, 0)))
    assert desk.rows(query.text)


def test_a_casebook_of_before_keeps_every_case_and_match():
    """Tables were made anew for a new kind of resemblance; nothing may be lost on the way."""
    files = sql_files("migrations")
    at = next(n for n, file in enumerate(files) if file.name == "0009_pictures")
    with duckdb.connect(":memory:") as con:
        migrate(con, files[:at], now=NOW)
        for name in ("cases", "matches"):
            columns = con.execute(f"describe {name}").fetchall()
            values = [_specimen(column, kind) for column, kind, *_ in columns]
            con.execute(f"insert into {name} values ({', '.join('?' for _ in values)})", values)
        before = {name: con.table(name).to_arrow_table() for name in ("cases", "matches")}
        migrate(con, files, now=NOW)
        for name, rows in before.items():
            after = con.table(name).to_arrow_table().select(rows.column_names)
            assert after.to_pylist() == rows.to_pylist()
            assert len(after) == 1


def _specimen(column: str, kind: str) -> Any:
    words = {"subject_kind": "account", "kind": "same-name", "band": "high", "workflow": "new",
             "subject_state": "unknown", "reason_code": "licensed", "field": "handle",
             "resemblance": "same-name", "place": "whole", "score": 7, "revision": 1}  # fmt: skip
    if column in words:
        return words[column]
    if kind.endswith("[]"):
        return ["one", "two"]
    if kind.startswith("MAP"):
        return {"edits": 1.5}
    if kind.startswith("TIMESTAMP"):
        return NOW
    return {"VARCHAR": column, "BOOLEAN": True}.get(kind, 3)


def test_the_worst_band_of_a_campaign_is_that_of_its_worst_case(desk):
    desk.load(
        shows_the_logo("a", resemblance="same-image", evidence={"llr": 9.0}),
        shows_the_logo("b", evidence={"llr": 6.5}),
    )
    desk.worn(*(wears(name, wearers=2, imitators=2) for name in "ab"))
    (campaign,) = desk.rows("from campaigns_by_picture")
    assert campaign["worst_band"] == Band.REVIEW
