"""The pictures of profiles: fetched under limits, none twice, remembered once they are stored."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from namaak.fetch import Budget
from namaak.lake import Lake
from namaak.sources.profiles import pictures
from namaak.sources.profiles.pictures import MAX_PICTURE_BYTES, PictureMemory, fetch_pictures
from tests.sources.profiles.platform import ids, opened, page, platform, reasons, rows, run

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PNG = b"\x89PNG\r\n\x1a\n" + b"acme"
SHA = hashlib.sha256(PNG).hexdigest()


@pytest.fixture
def served():
    with platform() as running:
        yield running


def wearing(served, *paths, **more):
    return [
        {"id": str(n), "avatar": path and f"{served.url}{path}", **more}
        for n, path in enumerate(paths)
    ]


def gather(served, folder, at=AT, **given):
    return run(opened(folder, served, **given), folder, at)


def test_a_picture_is_stored_with_its_row_to_the_byte(served, tmp_path):
    served.answers["/a.png"] = [(200, {}, PNG)]
    served.search("acme", page(wearing(served, "/a.png")))
    gather(served, tmp_path)
    (row,) = rows(tmp_path)
    assert (row["image_sha256"], row["image_name"]) == (SHA, f"{served.url}/a.png")
    with Lake(tmp_path / "lake") as lake:
        assert lake.read_image(SHA) == PNG


def test_a_bomb_is_stored_as_the_bytes_that_it_is(served, tmp_path):
    bomb = b"\x1f\x8b" + b"\0" * 10_000
    served.answers["/a.png"] = [(200, {"Content-Type": "image/png"}, bomb)]
    served.search("acme", page(wearing(served, "/a.png")))
    gather(served, tmp_path)
    assert rows(tmp_path)[0]["image_sha256"] == hashlib.sha256(bomb).hexdigest()


def test_one_address_is_fetched_once_for_however_many_profiles(served, tmp_path):
    served.answers["/a.png"] = [(200, {}, PNG)]
    banner = {"banner": f"{served.url}/a.png"}
    served.search("acme", page(wearing(served, "/a.png", "/a.png", **banner)))
    gather(served, tmp_path)
    assert served.asked.count("/a.png") == 1
    assert [(row["image_sha256"], row["banner_sha256"]) for row in rows(tmp_path)] == [
        (SHA, SHA),
        (SHA, SHA),
    ]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((404, {}, b""), "image: has status 404"),
        ((200, {}, b""), "image: is empty"),
        ((200, {}, b"\0" * (MAX_PICTURE_BYTES + 1)), "image: "),
        ((429, {"Retry-After": "900"}, b""), "image: has status 429"),
        ((302, {"Location": "http://192.0.2.1:9/x"}, b""), "image: "),
    ],
    ids=["absent", "empty", "too large", "too many", "elsewhere"],
)
def test_a_picture_that_is_not_to_be_had_is_a_reason_beside_a_row_that_is_kept(
    answer, reason, served, tmp_path
):
    served.answers["/a.png"] = [answer]
    served.search("acme", page(wearing(served, "/a.png")))
    assert gather(served, tmp_path).rows == 1
    (row,) = rows(tmp_path)
    assert row["image_sha256"] is None and row["image_name"] is None
    (told,) = reasons(tmp_path)
    assert told.startswith(reason)


@pytest.mark.parametrize(
    "address",
    ["", "acme", "file:///etc/passwd", "http://[::1", "javascript:1", "http://\ud800.example/",
     "http://127.0.0.1:1/x", "http://acme.example:22/", "//acme.example/x", "http://a b/"],
)  # fmt: skip
def test_no_address_of_strangers_ends_a_run_or_is_asked(address, served, tmp_path):
    served.search("acme", page([{"id": "1", "avatar": address}]))
    assert gather(served, tmp_path).rows == 1
    assert ids(tmp_path) == ["1"]
    assert len(served.asked) == 1


def test_a_picture_that_is_known_is_not_fetched_again_until_it_is_old(served, tmp_path):
    served.answers["/a.png"] = [(200, {}, PNG)]
    served.search("acme", page(wearing(served, "/a.png")))
    for day in (0, 1, 13):
        gather(served, tmp_path, AT + day * DAY)
    assert served.asked.count("/a.png") == 1
    assert [row["image_sha256"] for row in rows(tmp_path)] == [SHA] * 3
    gather(served, tmp_path, AT + 15 * DAY)
    assert served.asked.count("/a.png") == 2


def test_what_was_fetched_and_not_stored_is_fetched_again(served, tmp_path):
    served.answers["/a.png"] = [(200, {}, PNG)]
    served.search("acme", page(wearing(served, "/a.png")))
    source = opened(tmp_path, served)
    (instance,) = source.instances()
    batches = source.batches(instance, 0, observed_at=AT)
    assert next(batches).images == {SHA: PNG}
    batches.close()
    gather(served, tmp_path)
    assert served.asked.count("/a.png") == 2
    with Lake(tmp_path / "lake") as lake:
        assert lake.read_image(SHA) == PNG


def test_pictures_are_left_alone_where_the_table_says_so(served, tmp_path):
    served.search("acme", page(wearing(served, "/a.png")))
    gather(served, tmp_path, pictures=False)
    assert served.asked == ["/search?q=acme"]
    assert reasons(tmp_path) == []


def test_a_run_whose_requests_are_spent_says_so_of_every_picture(served, tmp_path):
    for n in range(4):
        served.answers[f"/{n}.png"] = [(200, {}, PNG + bytes([n]))]
    served.search("acme", page(wearing(served, *(f"/{n}.png" for n in range(4)))))
    gather(served, tmp_path, budget=Budget(requests=3))
    shown = [row["image_sha256"] for row in rows(tmp_path)]
    assert len([one for one in shown if one]) == 2
    told = reasons(tmp_path)
    assert len(told) == 2
    assert all("the 3 requests of this run are spent" in reason for reason in told)


def test_a_batch_that_is_full_takes_no_more_and_says_so(served, tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "MAX_BATCH_BYTES", 20)
    monkeypatch.setattr(pictures, "_SIDE_BY_SIDE", 1)
    for n in range(4):
        served.answers[f"/{n}.png"] = [(200, {}, PNG + bytes([n]))]
    served.search("acme", page(wearing(served, *(f"/{n}.png" for n in range(4)))))
    gather(served, tmp_path)
    assert len([row for row in rows(tmp_path) if row["image_sha256"]]) == 2
    assert reasons(tmp_path) == ["image: not fetched, this batch is full"] * 2


def test_the_memory_forgets_sooner_where_an_address_keeps_while_its_picture_changes(tmp_path):
    for changing, lasts in ((True, timedelta(hours=20)), (False, timedelta(days=14))):
        memory = PictureMemory(tmp_path / str(changing), changing=changing)
        memory.keep({"https://acme.example/a.png": SHA}, AT)
        known = {"https://acme.example/a.png": SHA}
        assert memory.known(known, AT + lasts) == known
        assert memory.known(known, AT + lasts + timedelta(seconds=1)) == {}


def test_the_memory_does_not_believe_the_future(tmp_path):
    memory = PictureMemory(tmp_path, changing=False)
    memory.keep({"https://acme.example/a.png": SHA}, AT + DAY)
    assert memory.known(["https://acme.example/a.png"], AT) == {}


async def _none(_url):
    raise AssertionError("nothing may be fetched")


def test_what_is_known_is_not_asked_for_at_all(tmp_path):
    import asyncio

    url = "https://acme.example/a.png"
    got = asyncio.run(fetch_pictures(_none, [url, url], {url: SHA}))
    assert (dict(got.digests), dict(got.images), dict(got.faults)) == ({url: SHA}, {}, {})
