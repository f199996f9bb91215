"""A batch of observations: both channels, ownership, provenance."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from numpy.random import default_rng
from PIL import Image, ImageDraw, ImageFont

from detectors.images.decoding import decode
from detectors.images.picture import Picture, Pixels, Undecodable
from detectors.observations import Watchlist, compile_watchlist, match_observations, version
from namaak.brands import Brand
from namaak.decoding.wordmarks import find_reader
from namaak.records import MATCH_SCHEMA, OBSERVATION_SCHEMA

_BRAND = Brand(
    name="Acmebank",
    domains=("acmebank.example",),
    accounts={"x": ("AcmeBank",)},
    apps={"google-play": ("example.acmebank",)},
    logos=("logo.png",),
)


def _logo() -> bytes:
    picture = Image.new("RGB", (128, 128), "white")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(10, 110), (50, 15), (90, 110)], fill="navy")
    draw.ellipse((70, 20, 120, 70), fill="orange")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


_SHA = hashlib.sha256(_logo()).hexdigest()
_WATCHLIST = compile_watchlist({"acme": _BRAND}, {("acme", "logo.png"): (_SHA, decode(_logo()))})


def _match(
    *rows: dict[str, object], watchlist: Watchlist = _WATCHLIST, only: set[str] | None = None
):
    common = {"source": "files", "instance": "i", "observed_at": datetime(2026, 1, 1, tzinfo=UTC)}
    table = pa.Table.from_pylist(
        [{**common, "position": number, **row} for number, row in enumerate(rows)],
        schema=OBSERVATION_SCHEMA,
    )

    def read(digests: Sequence[str]) -> Iterator[tuple[str, Picture | Undecodable]]:
        for sha in digests:
            yield sha, decode(_logo()) if sha == _SHA else Undecodable("not kept in the lake")

    return match_observations(table, watchlist, read, only=only)


def _account(handle: str, **facts: object) -> dict[str, object]:
    return {"subject_kind": "account", "subject_key": f"account:x:@{handle.casefold()}",
            "platform": "x", "handle": handle, **facts}  # fmt: skip


def test_a_picture_is_matched_without_any_name() -> None:
    found = _match(_account("qx81", display_name="Somebody", image_sha256=_SHA)).matches.to_pylist()
    assert [(row["field"], row["term"], row["distance"]) for row in found] == [
        ("image", "logo.png", 0)
    ]


def test_every_field_of_an_account_is_matched_by_itself() -> None:
    account = _account("acmebank_help", display_name="ACMEBANK Support", image_sha256=_SHA)
    found = _match(account).matches
    assert sorted(found["field"].to_pylist()) == ["display-name", "handle", "image"]
    assert len(set(found["match_id"].to_pylist())) == 3


def test_what_the_brand_owns_is_matched_and_suppressed_with_the_reason() -> None:
    found = _match(
        {"subject_kind": "host", "subject_key": "host:a", "host": "login.acmebank.example"},
        {"subject_kind": "host", "subject_key": "host:b", "host": "notacmebank.example"},
        _account("acmebank", image_sha256=_SHA),
        {"subject_kind": "app", "subject_key": "app:google-play:example.acmebank",
         "platform": "google-play", "native_id": "example.acmebank", "display_name": "Acmebank"},
    ).matches.to_pylist()  # fmt: skip
    reasons = {(row["subject_key"], row["field"]): row["suppressed"] for row in found}
    assert reasons["host:a", "host"] == "the brand's own domain acmebank.example"
    assert reasons["host:b", "host"] is None
    assert reasons["account:x:@acmebank", "handle"] == "the brand's own account on x"
    assert reasons["account:x:@acmebank", "image"] == "the brand's own account on x"
    assert reasons["app:google-play:example.acmebank", "app"] == (
        "the brand's own app in google-play"
    )


def test_who_only_claims_the_brands_handle_is_not_suppressed_by_name_or_picture() -> None:
    claim = _account("acmebank", native_id="7", image_sha256=_SHA, trust="unauthenticated")
    found = _match(claim).matches.to_pylist()
    assert {row["field"]: row["suppressed"] for row in found} == {"handle": None, "image": None}
    told = _match({**claim, "trust": "platform"}).matches.to_pylist()
    assert {row["suppressed"] for row in told} == {"the brand's own account on x"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            {"subject_kind": "host", "subject_key": "host:a", "host": "acmebank.dealer.example"},
            "allowed until 2027-06-30 by brand desk: authorised dealer",
        ),
        (
            _account("Acmebank_Fans"),
            "allowed until 2027-06-30 by brand desk: fans we know",
        ),
        (
            {"subject_kind": "host", "subject_key": "host:b", "host": "acmebanking.example"},
            "a negative word of the brand, Acmebanking",
        ),
    ],
)
def test_what_is_allowed_or_a_negative_word_is_suppressed_with_the_reason(
    row: dict[str, object], reason: str
) -> None:
    until = {"author": "brand desk", "until": "2027-06-30"}
    brand = Brand.model_validate(
        {
            "name": "Acmebank",
            "negative_words": ["Acmebanking"],
            "allow": [
                {"asset": "dealer.example", "reason": "authorised dealer", **until},
                {"asset": "twitter:acmebank_fans", "reason": "fans we know", **until},
            ],
        }
    )
    found = _match(row, watchlist=compile_watchlist({"acme": brand}, {})).matches.to_pylist()
    assert [one["suppressed"] for one in found] == [reason]


def test_beside_a_negative_word_the_name_still_counts() -> None:
    brand = Brand(name="Acmebank", negative_words=("acmebanking",))
    host = "acmebank-acmebanking.example"
    row = {"subject_kind": "host", "subject_key": f"host:{host}", "host": host}
    found = _match(row, watchlist=compile_watchlist({"acme": brand}, {})).matches.to_pylist()
    assert [(one["suppressed"], one["span_start"]) for one in found] == [(None, 0)]


def test_a_brand_is_weighed_alike_alone_and_among_all() -> None:
    brands = {"nord": Brand(name="Norda"), "nordal": Brand(name="Nordal")}
    both = compile_watchlist(brands, {})
    row = {"subject_kind": "host", "subject_key": "host:n", "host": "nordal-login.example"}
    table = _match(row, watchlist=both).matches.to_pylist()
    alone = _match(row, watchlist=both, only={"nord"}).matches.to_pylist()
    assert alone == [one for one in table if one["brand_id"] == "nord"]
    assert dict(alone[0]["evidence"])["covered"] == 1.0


def test_an_app_is_known_by_its_package_too() -> None:
    app = {"subject_kind": "app", "subject_key": "app:google-play:com.acmebank.login",
           "platform": "google-play", "native_id": "com.acmebank.login",
           "display_name": "Mobile helper"}  # fmt: skip
    assert [one["value"] for one in _match(app).matches.to_pylist()] == ["com.acmebank.login"]


def test_an_allowed_app_is_no_case() -> None:
    rule = {"asset": "google-play:com.acmebank.login", "reason": "partner", "author": "desk",
            "until": "2027-06-30"}  # fmt: skip
    brand = Brand.model_validate({"name": "Acmebank", "allow": [rule]})
    app = {"subject_kind": "app", "subject_key": "app:google-play:com.acmebank.login",
           "platform": "google-play", "native_id": "com.acmebank.login",
           "display_name": "Acmebank login"}  # fmt: skip
    found = _match(app, watchlist=compile_watchlist({"acme": brand}, {})).matches.to_pylist()
    assert found
    assert {one["suppressed"] for one in found} == {"allowed until 2027-06-30 by desk: partner"}


def test_names_too_faint_for_a_match_are_counted() -> None:
    rows = [
        {"subject_kind": "host", "subject_key": f"host:{host}", "host": host}
        for host in ("acmebank-login.example", "unrelated.example")
    ]
    found = _match(*rows)
    assert found.faint == {}
    wood = compile_watchlist({"wood": Brand(name="Wood", common_word=True)}, {})
    row = {"subject_kind": "host", "subject_key": "host:w", "host": "woodstockfestival.example"}
    found = _match(row, watchlist=wood)
    assert found.matches.num_rows == 0
    assert found.faint == {"wood": 1}


def test_a_title_of_an_app_is_no_display_name() -> None:
    app = {"subject_kind": "app", "subject_key": "app:s:1", "platform": "s", "native_id": "1",
           "display_name": "Acmebank wallet"}  # fmt: skip
    assert _match(app).matches["field"].to_pylist() == ["app"]


def test_pictures_that_cannot_be_read_are_told() -> None:
    found = _match(_account("a", image_sha256="0" * 64))
    (row,) = found.pictures.to_pylist()
    assert (row["image_sha256"], row["outcome"]) == ("0" * 64, "undecodable")
    assert row["reason"] == "not kept in the lake"
    assert found.matches.schema == MATCH_SCHEMA


def test_the_same_thing_seen_twice_is_the_same_match() -> None:
    host = {"subject_kind": "host", "subject_key": "host:acmebank.test", "host": "acmebank.test"}
    ids = _match(host, host).matches["match_id"].to_pylist()
    assert len(ids) == 2
    assert len(set(ids)) == 1


def _wordmark(text: str) -> bytes:
    """Text in Pillow's own typeface, more than twice as wide as high."""
    font = ImageFont.load_default(40)
    picture = Image.new("RGB", (round(font.getlength(text)) + 40, 80), "white")
    ImageDraw.Draw(picture).text((20, 14), text, fill="navy", font=font)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


_WORDMARK = _wordmark("ACMEBANK")


def _read_text(read_text, *rows: dict[str, object], watchlist: Watchlist = _WATCHLIST):
    """Rows whose picture is the wordmark."""
    common = {"source": "files", "instance": "i", "observed_at": datetime(2026, 1, 1, tzinfo=UTC)}
    table = pa.Table.from_pylist(
        [{**common, "position": n, "image_sha256": "w", **row} for n, row in enumerate(rows)],
        schema=OBSERVATION_SCHEMA,
    )

    def read(digests: Sequence[str]) -> Iterator[tuple[str, Picture | Undecodable]]:
        for sha in digests:
            yield sha, decode(_WORDMARK if sha == "w" else _logo())

    found = match_observations(table, watchlist, read, read_text=read_text).matches
    return [row for row in found.to_pylist() if row["field"] == "image-text"]


def test_text_in_a_wide_picture_is_matched_as_a_name_for_everybody_who_shows_it() -> None:
    asked: list[tuple[int, ...]] = []

    def reader(pixels: Pixels) -> str:
        asked.append(pixels.shape)
        return "ACMEBANK Support"

    found = _read_text(
        reader,
        _account("qx81", display_name="Somebody"),
        {"subject_kind": "app", "subject_key": "app:s:1", "platform": "s", "native_id": "1",
         "display_name": "Something"},
        _account("acmebank"),
        _account("other", image_sha256=_SHA),
    )  # fmt: skip
    assert len(asked) == 1
    assert asked[0][1] > 2 * asked[0][0]
    assert [(row["subject_key"], row["value"], row["term"]) for row in found] == [
        (key, "ACMEBANK Support", "Acmebank")
        for key in ("account:x:@qx81", "app:s:1", "account:x:@acmebank")
    ]
    assert found[0]["resemblance"] == "combosquat"
    assert found[0]["position"] == 0 and found[1]["position"] == 1
    assert [row["suppressed"] for row in found] == [None, None, "the brand's own account on x"]


def test_text_that_is_no_brand_s_name_is_no_match() -> None:
    assert _read_text(lambda _: "Bakery on the corner", _account("qx81")) == []


@pytest.mark.parametrize("reader", [None, lambda _: None])
def test_without_a_reader_or_text_there_is_no_match_of_text(reader) -> None:
    assert _read_text(reader, _account("qx81")) == []


def test_a_reader_that_comes_or_changes_has_all_matched_again() -> None:
    versions = {version(), version("tesseract 5.3.0"), version("tesseract 5.4.0")}
    assert len(versions) == 3


@pytest.mark.peer
@pytest.mark.skipif(find_reader() is None, reason="tesseract is not installed")
def test_a_wordmark_with_the_brand_s_name_is_read_and_matched() -> None:
    (row,) = _read_text(find_reader(), _account("qx81", display_name="Somebody"))
    assert (row["value"], row["term"], row["resemblance"]) == ("ACMEBANK", "Acmebank", "same-name")


def _photo(*, seed: int = 7, size: int = 200, **saved: int) -> bytes:
    """Soft light with things before it, and nobody's face."""
    drawn = default_rng(seed)
    coarse = drawn.integers(0, 255, (7, 7, 3), dtype="uint8")
    scene = Image.fromarray(coarse).resize((400, 400), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(scene)
    for x, y, side, *colour in drawn.integers(0, 255, (12, 6)).tolist():
        reach = 10 + side // 5
        box = (x + 70 - reach, y + 70 - reach, x + 70 + reach, y + 70 + reach)
        draw.ellipse(box, fill=tuple(colour))
    file = io.BytesIO()
    scene.resize((size, size)).save(file, "JPEG", **saved)
    return file.getvalue()


def _pictured(pictures: dict[str, bytes], watchlist: Watchlist, *rows: dict[str, object]):
    common = {"source": "files", "instance": "i", "observed_at": datetime(2026, 1, 1, tzinfo=UTC)}
    table = pa.Table.from_pylist(
        [{**common, "position": at, **row} for at, row in enumerate(rows)],
        schema=OBSERVATION_SCHEMA,
    )
    asked: list[str] = []

    def read(digests: Sequence[str]) -> Iterator[tuple[str, Picture | Undecodable]]:
        asked.extend(digests)
        for sha in digests:
            yield sha, decode(pictures[sha])

    found = match_observations(table, watchlist, read)
    return found.matches.to_pylist(), asked


def test_a_banner_is_matched_and_a_picture_worn_as_both_is_looked_at_once() -> None:
    account = _account("qx81", image_sha256=_SHA, banner_sha256=_SHA)
    found, asked = _pictured(
        {_SHA: _logo()}, _WATCHLIST, account, _account("qy", banner_sha256=_SHA)
    )
    assert asked == [_SHA]
    assert sorted((row["subject_key"], row["field"]) for row in found) == [
        ("account:x:@qx81", "banner"), ("account:x:@qx81", "image"), ("account:x:@qy", "banner")
    ]  # fmt: skip
    assert len({row["match_id"] for row in found}) == 3


def test_the_photo_of_an_executive_is_known_by_its_copies_alone() -> None:
    brand = Brand.model_validate(
        {"name": "Acmebank", "executives": [{"name": "Willemijn Vosteen", "photo": "ceo.jpg"}]}
    )
    photo = _photo(size=400, quality=92)
    given = (hashlib.sha256(photo).hexdigest(), decode(photo))
    watchlist = compile_watchlist({"acme": brand}, {("acme", "ceo.jpg"): given})
    copies = {"copy": _photo(size=120, quality=60), "other": _photo(seed=8, quality=90)}
    rows = [_account(name, image_sha256=name) for name in copies]
    found, _ = _pictured(copies, watchlist, *rows)
    assert [(row["subject_key"], row["term"], row["traits"]) for row in found] == [
        ("account:x:@copy", "ceo.jpg", ["photo-of-person"])
    ]


def test_what_an_account_says_of_itself_is_a_field_of_its_own() -> None:
    (found,) = _match(
        _account("qx81", bio="Official support of Acmebank, DM us")
    ).matches.to_pylist()
    assert (found["field"], found["value"]) == ("bio", "support of Acmebank, DM us")


def test_a_star_in_a_handle_of_the_watch_file_suppresses_all_of_them() -> None:
    brand = Brand(name="Acmebank", accounts={"x": ("acmebank_*",)})
    watchlist = compile_watchlist({"acme": brand}, {})
    found = _match(_account("Acmebank_Utrecht"), _account("acmebankhelp"), watchlist=watchlist)
    assert {row["value"]: row["suppressed"] for row in found.matches.to_pylist()} == {
        "Acmebank_Utrecht": "the brand's own account on x", "acmebankhelp": None,
    }  # fmt: skip


def test_a_name_of_which_only_the_existence_is_known_is_marked() -> None:
    found = _match(
        _account("acmebank_", trust="existence"), _account("acmebank1", trust="platform")
    )
    marked = {row["value"]: "existence-only" in row["traits"] for row in found.matches.to_pylist()}
    assert marked == {"acmebank_": True, "acmebank1": False}
