"""Reported profiles: every row is one observation or one reason, and nothing is fetched."""

from __future__ import annotations

import hashlib
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.brands import Brand
from namaak.errors import SourceError
from namaak.gathering import gather_instance
from namaak.lake import Lake
from namaak.sources.base import Batch
from namaak.sources.intake import Intake, IntakeConfig
from namaak.sources.intaking.columns import COLUMNS, field_of
from namaak.sources.intaking.paste import links_in
from namaak.sources.intaking.reports import understood
from tests.surroundings import around

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PICTURE = b"bytes of a picture"
SHA = hashlib.sha256(PICTURE).hexdigest()


def opened(folder: Path, **table: Any) -> Intake:
    brands = {"acme": Brand(name="ACME", domains=("social.acme.example",))}
    return Intake(IntakeConfig.model_validate(table), around(folder, brands=brands))


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / "intake" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def batches(source: Intake, start: int = 0) -> list[Batch]:
    (instance,) = source.instances()
    return list(source.batches(instance, start, observed_at=NOW))


def rows_of(found: list[Batch]) -> list[dict[str, Any]]:
    return [row for batch in found for row in batch.observations.to_pylist()]


def reasons_of(found: list[Batch]) -> list[tuple[int, str]]:
    return [(reject.position, reject.reason) for batch in found for reject in batch.rejects]


def test_without_a_folder_there_is_nothing_to_read_and_nothing_wrong(tmp_path: Path) -> None:
    source = opened(tmp_path)
    assert not source.reads_anything()
    assert list(source.instances()) == []
    assert list(source.faults()) == []


def test_a_list_under_another_name_is_the_same_and_an_edited_one_is_new(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "https://x.com/acme_help\n")
    put(tmp_path, "b.txt", "https://x.com/acme_help\n")
    source = opened(tmp_path)
    (before,) = source.instances()
    put(tmp_path, "b.txt", "https://x.com/acme_help\nhttps://x.com/acme_pay\n")
    ids = {one.id for one in source.instances()}
    assert before.id in ids and len(ids) == 2


def test_a_list_is_gathered_once_however_often_it_is_run(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "https://x.com/acme_help\nhttps://x.com/home\n")
    source, lake = opened(tmp_path), tmp_path / "lake"
    first = [gather_instance(source, one, lake, now=lambda: NOW) for one in source.instances()]
    put(tmp_path, "again.txt", "https://x.com/acme_help\nhttps://x.com/home\n")
    again = [gather_instance(source, one, lake, now=lambda: NOW) for one in source.instances()]
    assert [(one.rows, one.rejected) for one in first] == [(1, 1)]
    assert [(one.rows, one.rejected) for one in again] == [(0, 0)]


def test_a_screenshot_is_kept_in_the_lake_and_is_not_the_accounts_picture(tmp_path: Path) -> None:
    put(tmp_path, "seen.png", PICTURE)
    put(tmp_path, "a.csv", "link,screenshot\nhttps://x.com/acme_help,seen.png\n")
    source, lake = opened(tmp_path), tmp_path / "lake"
    (instance,) = source.instances()
    (batch,) = source.batches(instance, observed_at=NOW)
    (row,) = batch.observations.to_pylist()
    assert (row["image_sha256"], row["banner_sha256"]) == (None, None)
    assert row["screenshot_sha256"] == SHA
    assert json.loads(row["raw"])["screenshot_sha256"] == SHA
    assert row["evidence_hash"] == hashlib.sha256(row["raw"].encode()).hexdigest()
    gather_instance(source, instance, lake, now=lambda: NOW)
    with Lake(lake) as opened_lake:
        assert opened_lake.read_image(SHA) == PICTURE


def test_each_screenshot_stands_in_the_row_of_its_own_profile(tmp_path: Path) -> None:
    put(tmp_path, "seen.png", PICTURE)
    put(
        tmp_path,
        "a.csv",
        "link,screenshot\nhttps://x.com/acme_help,\nhttps://t.me/acme_help,seen.png\n"
        "https://x.com/acme_pay,gone.png\n",
    )
    assert [
        (row["platform"], row["screenshot_sha256"]) for row in rows_of(batches(opened(tmp_path)))
    ] == [("x", None), ("telegram", SHA), ("x", None)]


def test_an_avatar_is_the_accounts_picture(tmp_path: Path) -> None:
    put(tmp_path, "logo.png", PICTURE)
    put(tmp_path, "a.csv", "link,avatar\nhttps://x.com/acme_help,logo.png\n")
    (batch,) = batches(opened(tmp_path))
    (row,) = batch.observations.to_pylist()
    assert (row["image_sha256"], row["image_name"]) == (SHA, "logo.png")
    assert batch.images == {SHA: PICTURE}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../secret.png", "leads out of the list's folder"),
        ("/etc/passwd.png", "is absolute"),
        ("gone.png", "cannot be read"),
        ("notes.svgz", "is none of"),
        ("https://acme.example/a.png", "is an address and not a file"),
        ("link.png", "is a link that leads out"),
    ],
)
def test_a_picture_that_may_not_be_read_costs_the_picture_and_not_the_row(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    put(tmp_path, "a.jsonl", json.dumps({"link": "x.com/acme_help", "screenshot": name}))
    (tmp_path / "intake" / "link.png").symlink_to(tmp_path / "secret.png")
    (batch,) = batches(opened(tmp_path))
    assert batch.observations.num_rows == 1
    assert batch.images == {}
    ((position, said),) = reasons_of([batch])
    assert position == 1 and said.startswith("screenshot: ") and reason in said


def test_who_reported_it_is_not_stored_unless_that_is_wanted(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", "link,reported_by\nhttps://x.com/acme_help,Somebody Private\n")
    found = batches(opened(tmp_path))
    assert "Private" not in str(rows_of(found)) + str(found[0].rejects)
    assert reasons_of(found) == [(0, "reported_by: not kept, because keep_reporters is off")]
    kept = batches(opened(tmp_path, keep_reporters=True))
    assert json.loads(rows_of(kept)[0]["raw"])["reported_by"] == "Somebody Private"
    assert reasons_of(kept) == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"link": "https://x.com/acme", "platform": "instagram"}, "platform: is not what the link"),
        ({"link": "https://x.com/acme", "handle": "acme2"}, "handle: is not what the link says"),
        ({"link": "https://x.com/i/user/1", "native_id": "2"}, "native_id: is not what the link"),
        ({"link": "https://acme.example/x"}, "link: is no profile link"),
        ({"handle": "acme"}, "platform: is missing"),
        ({"platform": "instagramm", "handle": "acme"}, "platform: is none that namaak knows"),
        ({"link": "jan@social.acme.example"}, "link: is a mail address at a domain of your own"),
        ({"platform": "x"}, "has neither a link nor a handle nor an id"),
        ({"platform": "x", "handle": "acme.help"}, "handle: is none that X could have given"),
        ({"platform": "app-store", "handle": "acme"}, "native_id: is missing"),
        ({"platform": "x", "handle": "a\0b"}, "handle: holds a NUL character"),
        ({"platform": "x", "handle": "a" * 30_000}, "handle: is longer than 20,000"),
        ({"link": "https://x.com/ac\u202eme"}, "link: holds a character that nobody sees"),
    ],
)
def test_a_row_that_says_nobody_or_contradicts_itself_is_refused(
    tmp_path: Path, row: dict[str, str], reason: str
) -> None:
    put(tmp_path, "a.json", json.dumps([{"link": "https://x.com/acme_help"}, row]))
    found = batches(opened(tmp_path))
    assert [one["position"] for one in rows_of(found)] == [1]
    ((position, said),) = reasons_of(found)
    assert position == 2 and said.startswith(reason)
    assert sum(batch.skipped for batch in found) == 0


def test_a_link_and_a_column_that_agree_are_one(tmp_path: Path) -> None:
    rows = [
        {"link": "facebook.com/Acme.Bank", "handle": "acmebank", "platform": "Facebook"},
        {"link": "https://linkedin.com/in/acme-desk", "handle": "acme-desk"},
        {"link": "facebook.com/profile.php?id=100000000000001", "handle": "Acme.Bank"},
        {"link": "https://acme.example/x", "platform": "TikTok", "handle": "@acme"},
        {"link": "help@acme.example", "platform": "Mastodon"},
    ]
    put(tmp_path, "a.json", json.dumps(rows))
    found = batches(opened(tmp_path))
    assert [(one["subject_key"], one["handle"], one["url"]) for one in rows_of(found)] == [
        ("account:facebook:@acme.bank", "Acme.Bank", "https://www.facebook.com/Acme.Bank"),
        (
            "account:linkedin:@in/acme-desk",
            "in/acme-desk",
            "https://www.linkedin.com/in/acme-desk/",
        ),
        (
            "account:facebook:100000000000001",
            "Acme.Bank",
            "https://www.facebook.com/100000000000001",
        ),
        ("account:tiktok:@acme", "acme", "https://www.tiktok.com/@acme"),
        ("account:mastodon:@help@acme.example", "help@acme.example", "https://acme.example/@help"),
    ]
    assert [position for position, _ in reasons_of(found)] == [4]
    assert {one["trust"] for one in rows_of(found)} == {"unauthenticated"}
    assert {one["state"] for one in rows_of(found)} == {None}


def test_fields_that_cannot_be_read_are_told_and_the_row_stays(tmp_path: Path) -> None:
    row = {"link": "x.com/acme_help", "followers": "many", "seen_at": "soon", "colour": "red"}
    put(tmp_path, "a.jsonl", json.dumps({**row, "bio": ["no"], "created_at": "2026-11-02"}))
    found = batches(opened(tmp_path))
    assert rows_of(found)[0]["created_at"] == datetime(2026, 11, 2, tzinfo=UTC)
    assert [reason.partition(":")[0] for _, reason in reasons_of(found)] == [
        "bio",
        "has keys that mean nothing here",
        "followers",
        "seen_at",
    ]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "name,colour\nACME,red\n", "no column that says who is reported"),
        ("a.json", '{"link": ', "is no JSON"),
        ("a.json", "[" * 100_000, "is JSON nested too deep|is no JSON"),
        ("a.json", b"\xff\xfe", "is no JSON"),
        ("report.xlsx", "PK", "is no list of reports; save it as CSV"),
    ],
)
def test_a_list_that_cannot_be_read_says_so_and_holds_up_no_other(
    tmp_path: Path, name: str, content: str | bytes, says: str
) -> None:
    put(tmp_path, name, content)
    put(tmp_path, "good.txt", "x.com/acme_help\n")
    source = opened(tmp_path)
    outcomes = []
    for instance in source.instances():
        try:
            outcomes.append(rows_of(list(source.batches(instance, observed_at=NOW))))
        except SourceError as error:
            assert re.search(says, str(error))
            outcomes.append([])
    assert sorted(map(len, outcomes)) == [0, 1]


def test_an_empty_list_is_told(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", "")
    found = batches(opened(tmp_path))
    assert reasons_of(found) == [(0, "the list is empty")]
    assert found[-1].last


def test_a_list_larger_than_allowed_ends_early_and_says_so(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "x.com/acme_help\n" * 1000)
    found = batches(opened(tmp_path, max_bytes=1600))
    assert len(rows_of(found)) == 100
    assert reasons_of(found)[-1][1].startswith("file ends early: more than 1600 bytes")


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
def test_a_run_that_was_stopped_goes_on_where_it_was_and_loses_nothing(
    tmp_path: Path, name: str
) -> None:
    links = [f"https://x.com/acme_{number}" for number in range(25)] + ["https://x.com/home"]
    text = {
        "a.txt": "\n".join(links) + "\nsee x.com/one1 and https://x.com/two2\n",
        "a.csv": "link\n" + "\n".join(links),
        "a.jsonl": "\n".join(json.dumps({"link": link}) for link in links),
    }[name]
    put(tmp_path, name, text)
    source = opened(tmp_path, rows_per_batch=4)
    whole = batches(source)
    assert len(whole) > 5 and [batch.last for batch in whole[:-1]] == [False] * (len(whole) - 1)
    assert whole[-1].last
    for number, batch in enumerate(whole):
        again = batches(source, batch.start)
        assert [one.end for one in again] == [one.end for one in whole[number:]]
        assert rows_of(again) == rows_of(whole[number:])
        assert reasons_of(again) == reasons_of(whole[number:])


def test_a_pipe_in_the_folder_is_never_waited_for(tmp_path: Path) -> None:
    put(tmp_path, "good.txt", "x.com/acme_help\n")
    os.mkfifo(tmp_path / "intake" / "pipe.csv")
    source = opened(tmp_path)
    faults = [one.fault for one in source.instances()]
    assert sum(fault is not None and "not a regular file" in fault for fault in faults) == 1


def test_every_name_of_a_column_is_understood_in_any_spelling() -> None:
    for field, names in COLUMNS.items():
        for name in names:
            assert field_of(name.upper().replace("_", " ")) == field


def test_links_are_found_in_the_midst_of_a_mail() -> None:
    line = "Hello, <https://x.com/acme>; (t.me/acme_help). And @acme@social.example or and/or e.g."
    assert links_in(line) == ("https://x.com/acme", "t.me/acme_help", "@acme@social.example")
    assert links_in("nothing to see here") == ()


@given(
    st.dictionaries(
        st.sampled_from([*COLUMNS]), st.text(min_size=1, max_size=40) | st.just("x.com/acme")
    )
)
def test_a_row_is_understood_or_refused_and_nothing_else_ever(fields: dict[str, str]) -> None:
    try:
        report = understood(fields)
    except ValueError:
        return
    assert report.platform
    assert report.profile.handle or report.profile.native_id
    assert "reported_by" not in json.loads(report.profile.raw or "")


@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.csv", "a.jsonl", "a.json"]))
def test_whatever_lies_in_the_folder_a_run_goes_through_it(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    put(folder, name, content)
    source = opened(folder)
    for instance in source.instances():
        try:
            found = list(source.batches(instance, observed_at=NOW))
        except SourceError:
            continue
        assert found[-1].last and found[0].start == 0
        for batch in found:
            assert batch.skipped >= 0
