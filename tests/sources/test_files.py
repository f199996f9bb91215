"""The source `files` as flows see it: inputs in, batches out."""

import gzip
import io
import os
import tracemalloc
import zipfile
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from namaak.errors import SourceError
from namaak.records import SubjectKind, account_key, host_key
from namaak.sources.files import Files
from tests.surroundings import around

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def files(folder, *inputs, **table):
    return Files(Files.Config.model_validate({"inputs": list(inputs), **table}), around(folder))


def only(folder, given, **table):
    source = files(folder, given, **table)
    (instance,) = source.instances()
    return source, instance


def gather(folder, given, *, start=0, **table):
    source, instance = only(folder, given, **table)
    return list(source.batches(instance, start, observed_at=NOW))


def rows(batches):
    return [row for batch in batches for row in batch.observations.to_pylist()]


def rejects(batches):
    return [reject for batch in batches for reject in batch.rejects]


def same(left, right):
    return (
        left.observations.equals(right.observations)
        and serialised(left.observations) == serialised(right.observations)
        and (left.start, left.end, left.last) == (right.start, right.end, right.last)
        and (left.rejects, left.skipped, dict(left.images))
        == (right.rejects, right.skipped, dict(right.images))
    )


def serialised(table):
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


HOSTS = [f"login{n}.acme.example" for n in range(25)]


def write_list(path, form):
    """HOSTS in one of the forms that are understood."""
    table = pa.table({"Domain": HOSTS, "n": range(len(HOSTS))})
    text = {
        "txt": "\n".join(HOSTS),
        "csv": "\n".join(["n,Domain", *(f"{n},{host}" for n, host in enumerate(HOSTS))]),
        "jsonl": "\n".join(f'{{"domain": "{host}"}}' for host in HOSTS),
    }
    inner = form.removesuffix(".gz").removesuffix(".zip")
    if inner == "parquet":
        sink = io.BytesIO()
        pq.write_table(table, sink, row_group_size=10)
        content = sink.getvalue()
    else:
        content = text[inner].encode()
    if form.endswith(".gz"):
        content = gzip.compress(content)
    if form.endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"folder/list.{inner}", content)
    else:
        path.write_bytes(content)


FORMS = [f"{f}{p}" for f in ("txt", "csv", "jsonl", "parquet") for p in ("", ".gz", ".zip")]


@pytest.mark.parametrize("form", FORMS)
def test_a_list_gives_the_same_hosts_in_every_form(tmp_path, form):
    write_list(tmp_path / f"list.{form}", form)
    batches = gather(tmp_path, {"path": f"list.{form}"})
    assert [row["host"] for row in rows(batches)] == HOSTS
    assert rejects(batches) == []
    assert [batch.last for batch in batches] == [True]


@pytest.mark.parametrize("form", FORMS)
def test_a_resumed_list_gives_the_batches_of_an_undisturbed_run(tmp_path, form):
    write_list(tmp_path / f"list.{form}", form)
    given = {"path": f"list.{form}"}
    batches = gather(tmp_path, given, rows_per_batch=7)
    assert [batch.start for batch in batches] == [0, 7, 14, 21]
    assert [batch.last for batch in batches] == [False, False, False, True]
    for place, batch in enumerate(batches):
        resumed = gather(tmp_path, given, start=batch.start, rows_per_batch=7)
        assert len(resumed) == len(batches) - place
        assert all(map(same, resumed, batches[place:]))
    assert gather(tmp_path, given, start=batches[-1].end, rows_per_batch=7) == []


def test_a_list_that_ends_on_a_border_has_one_last_batch(tmp_path):
    (tmp_path / "a.txt").write_text("a.example\nb.example\nc.example\n")
    batches = gather(tmp_path, {"path": "a.txt"}, rows_per_batch=4)
    assert [(b.start, b.end, b.last) for b in batches] == [(0, 4, True)]


def test_the_keys_are_those_of_the_records(tmp_path):
    (tmp_path / "a.csv").write_text("handle,id,site\nAcme,,Twitter\nacme,7,x\n")
    (tmp_path / "b.txt").write_text("ACME.example\n")
    assert [row["subject_key"] for row in rows(gather(tmp_path, {"path": "a.csv"}))] == [
        account_key("x", None, "Acme"),
        account_key("x", "7", "acme"),
    ]
    (host,) = rows(gather(tmp_path, {"path": "b.txt"}))
    assert host["subject_key"] == host_key("acme.example")


def test_the_same_content_is_one_instance_and_an_edited_file_a_new_one(tmp_path):
    (tmp_path / "a.txt").write_text("a.example\n")
    (tmp_path / "b.txt").write_text("a.example\n")
    source = files(tmp_path, {"path": "a.txt"}, {"path": "b.txt"})
    (first,) = source.instances()
    assert first.label == "a.txt" and len(first.id) == 32
    (tmp_path / "b.txt").write_text("a.example\nb.example\n")
    assert len({instance.id for instance in source.instances()}) == 2
    account = {"path": "a.txt", "kind": "account", "platform": "x"}
    assert only(tmp_path, account)[1].id != first.id


def test_the_same_name_twice_is_two_observations(tmp_path):
    (tmp_path / "a.txt").write_text("a.example\nA.example\n")
    found = rows(gather(tmp_path, {"path": "a.txt"}))
    assert [(row["position"], row["host"]) for row in found] == [(1, "a.example"), (2, "a.example")]


def test_an_empty_file_is_noted(tmp_path):
    for name in ("a.txt", "a.csv", "a.jsonl"):
        (tmp_path / name).write_bytes(b"")
        (batch,) = gather(tmp_path, {"path": name})
        assert batch.observations.num_rows == 0 and batch.last
        assert [(r.position, r.reason) for r in batch.rejects] == [(0, "the file is empty")]


def test_a_truncated_gz_gives_what_it_held_and_is_named(tmp_path):
    names = [f"{os.urandom(8).hex()}.example" for _ in range(5000)]
    whole = gzip.compress("\n".join(names).encode())
    (tmp_path / "a.txt.gz").write_bytes(whole[: len(whole) // 2])
    batches = gather(tmp_path, {"path": "a.txt.gz"}, rows_per_batch=1000)
    found = [row["host"] for row in rows(batches)]
    assert found == names[: len(found)] and 1500 < len(found) < 4000
    (reject,) = rejects(batches)
    assert reject.position == len(found) + 1
    assert reject.reason.startswith("file ends early: ")
    assert [batch.last for batch in batches] == [False] * (len(batches) - 1) + [True]


@pytest.mark.parametrize("name", ["a.txt.gz", "a.csv.gz", "a.jsonl.gz", "a.parquet", "a.zip"])
def test_a_file_that_is_not_what_its_name_says_is_a_reject(tmp_path, name):
    (tmp_path / name).write_bytes(b"neither gzip nor zip nor parquet")
    (batch,) = gather(tmp_path, {"path": name})
    assert batch.observations.num_rows == 0 and batch.last
    (reject,) = batch.rejects
    assert reject.reason.startswith("file ends early: ")


def test_a_parquet_file_keeps_the_row_groups_before_the_damage(tmp_path):
    path = tmp_path / "a.parquet"
    names = [f"n{n}.example" for n in range(3000)]
    pq.write_table(pa.table({"host": names}), path, row_group_size=1000, compression="gzip")
    column = pq.read_metadata(path).row_group(1).column(0)
    content = bytearray(path.read_bytes())
    begin = column.dictionary_page_offset
    content[begin : begin + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(content)
    batches = gather(tmp_path, {"path": "a.parquet"})
    assert [row["host"] for row in rows(batches)] == names[:1000]
    (reject,) = rejects(batches)
    assert reject.position == 1001 and reject.reason.startswith("file ends early: ")


@pytest.mark.parametrize("given", ["missing.txt", "a.pdf", "pipe.txt", "names.csv", "dot.csv"])
def test_an_input_that_cannot_be_read_does_not_stop_the_others(tmp_path, given):
    (tmp_path / "good.txt").write_text("a.example\n")
    (tmp_path / "a.pdf").write_text("x")
    (tmp_path / "names.csv").write_text("colour,size\nred,1\n")
    (tmp_path / "dot.csv").write_text("handle\nacme\n")
    os.mkfifo(tmp_path / "pipe.txt")
    source = files(tmp_path, {"path": given}, {"path": "good.txt"})
    faulty, good = source.instances()
    with pytest.raises(SourceError) as caught:
        next(source.batches(faulty, observed_at=NOW))
    assert given in str(caught.value) and str(caught.value).endswith(".")
    assert len(rows(source.batches(good, observed_at=NOW))) == 1


def test_unknown_columns_are_told_with_those_that_would_be_understood(tmp_path):
    (tmp_path / "a.csv").write_text("colour;size\nred;1\n")
    source, instance = only(tmp_path, {"path": "a.csv"})
    with pytest.raises(SourceError, match=r"found are colour, size, understood would be .*handle"):
        next(source.batches(instance, observed_at=NOW))


def test_an_overlong_line_is_one_reject_and_is_never_held_whole(tmp_path):
    with (tmp_path / "a.txt").open("wb") as stream:
        stream.write(b"a.example\n" + b"x" * (10 << 20) + b"\nb.example\n")
    tracemalloc.start()
    batches = gather(tmp_path, {"path": "a.txt"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(row["position"], row["host"]) for row in rows(batches)] == [
        (1, "a.example"),
        (3, "b.example"),
    ]
    (reject,) = rejects(batches)
    assert (reject.position, len(reject.excerpt)) == (2, 200)
    assert "longer than 1048576 bytes" in reject.reason
    assert peak < 9 << 20


@pytest.mark.parametrize("form", ["gz", "zip"])
def test_a_bomb_ends_at_the_limit_in_bounded_memory(tmp_path, form):
    bomb = b"\n" * (64 << 20)
    path = tmp_path / f"a.txt.{form}" if form == "gz" else tmp_path / "a.zip"
    if form == "gz":
        path.write_bytes(gzip.compress(bomb))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.txt", bomb)
    tracemalloc.start()
    batches = gather(tmp_path, {"path": path.name}, max_bytes=4 << 20, rows_per_batch=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (reject,) = rejects(batches)
    assert reject.reason.startswith("file ends early: more than 4194304 bytes unpacked")
    assert batches[-1].end <= (4 << 20) + 3
    assert peak < 64 << 20


def test_archives_in_archives_and_other_members_are_named_and_not_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inner.zip", b"x")
        archive.writestr("inner.txt.gz", b"x")
        archive.writestr("../../etc/names.txt", "a.example\n")
        archive.writestr("readme.md", "x")
        archive.writestr("lzma.txt", "x", compress_type=zipfile.ZIP_LZMA)
    source = files(tmp_path, {"path": "a.zip"})
    found = {i.label: list(source.batches(i, observed_at=NOW)) for i in source.instances()}
    assert [row["host"] for row in rows(found["a.zip/../../etc/names.txt"])] == ["a.example"]
    refused = {r.excerpt: r.reason for r in rejects(found["a.zip"])}
    assert set(refused) == {"inner.zip", "inner.txt.gz", "readme.md", "lzma.txt"}
    assert "archives inside archives" in refused["inner.zip"]


def test_junk_lines_are_rejects_and_the_rest_is_read(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a.example\n\xff\xfe\nb\0.example\nc.example")
    batches = gather(tmp_path, {"path": "a.txt"})
    assert [row["position"] for row in rows(batches)] == [1, 4]
    assert [(r.position, r.excerpt) for r in rejects(batches)] == [
        (2, "\\xff\\xfe"),
        (3, "b\\x00.example"),
    ]


def test_a_row_keeps_its_place_when_a_field_is_cut_or_unreadable(tmp_path):
    (tmp_path / "a.csv").write_text(
        "handle,display_name,bio,followers,created_at\n"
        f"{'h' * 501},{'n' * 1001},{'b' * 10_001},-1,yesterday\n"
        "@Acme ,,,12,1767225600\n"
    )
    batches = gather(tmp_path, {"path": "a.csv", "platform": "x"})
    long, acme = rows(batches)
    lengths = [len(long[name]) for name in ("handle", "display_name", "bio")]
    assert lengths == [500, 1000, 10_000]
    assert long["followers"] is None and long["created_at"] is None
    assert sorted(r.reason.split(":")[0] for r in rejects(batches)) == [
        "bio",
        "created_at",
        "display_name",
        "followers",
        "handle",
    ]
    assert any(r.reason == "bio: cut to 10000" for r in rejects(batches))
    assert acme["handle"] == "Acme" and acme["display_name"] is None
    assert acme["created_at"] == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_list_says_when_its_things_were_seen(tmp_path):
    (tmp_path / "a.csv").write_text(
        "host,Seen at,observed_at\n"
        "a.example,2026-11-02,2026-11-01T10:00:00+01:00\n"
        "b.example,1767225600,\n"
        "c.example,,\n"
        "d.example,soon,\n"
        "e.example,1905-01-01,\n"
    )
    batches = gather(tmp_path, {"path": "a.csv"})
    assert [row["source_time"] for row in rows(batches)] == [
        datetime(2026, 11, 1, 9, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
        None,
        None,
        None,
    ]
    assert [(r.position, r.reason.split(":")[0]) for r in rejects(batches)] == [
        (5, "source_time"),
        (6, "source_time"),
    ]
    # When namaak read it stays what it was.
    assert {row["observed_at"] for row in rows(batches)} == {NOW}


def test_a_stray_quote_costs_its_own_line_only(tmp_path):
    lines = ["host,title", 'a.example,"open', *(f"n{n}.example,t" for n in range(500))]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    batches = gather(tmp_path, {"path": "a.csv"})
    assert len(rows(batches)) == 500
    (reject,) = rejects(batches)
    assert reject.position == 2 and "never closed" in reject.reason


def test_a_record_over_several_lines_survives_a_border_inside_it(tmp_path):
    (tmp_path / "a.csv").write_text('host,title\na.example,"one\n\nthree"\nb.example,t\n')
    given = {"path": "a.csv"}
    batches = gather(tmp_path, given, rows_per_batch=3)
    assert [(r["position"], r["display_name"]) for r in rows(batches)] == [
        (2, "one\n\nthree"),
        (5, "t"),
    ]
    assert sum(batch.skipped for batch in batches) == 3
    assert same(gather(tmp_path, given, start=3, rows_per_batch=3)[0], batches[1])


def test_parquet_values_of_any_type_become_text(tmp_path):
    table = pa.table(
        {
            "track_id": pa.array([12.0, None]),
            "bundle_id": pa.array([b"x", b"a.b"]),
            "title": pa.array(["ACME", "B"]).dictionary_encode(),
            "followers": pa.array([1, 2]),
            "created_at": pa.array([NOW, None]),
            "tags": pa.array([["x"], []]),
            "description": pa.array([b"\xff", b"ok"]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    batches = gather(tmp_path, {"path": "a.parquet", "platform": "App Store"})
    first, second = rows(batches)
    assert (first["native_id"], second["native_id"]) == ("12", "a.b")
    assert first["subject_key"] == "app:app-store:12"
    assert first["created_at"] == NOW and first["display_name"] == "ACME"
    assert first["bio"] is None and second["bio"] == "ok"
    assert [r.reason for r in rejects(batches)] == [
        "description: is not UTF-8 text; taken as absent"
    ]


def test_a_huge_value_repeated_in_parquet_is_not_unfolded_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("namaak.sources.lists.parquet.MAX_STEP_BYTES", 16 << 20)
    title = pa.DictionaryArray.from_arrays(pa.array([0] * 600, pa.int32()), ["x" * (2 << 20)])
    table = pa.table({"host": [f"n{n}.example" for n in range(600)], "title": title})
    pq.write_table(table, tmp_path / "a.parquet")
    batches = gather(tmp_path, {"path": "a.parquet"})
    assert {len(row["display_name"]) for row in rows(batches)} == {1000}
    assert len(rejects(batches)) == 600
    assert pa.default_memory_pool().max_memory() < 600 << 20  # 1.2 GB when unfolded at once


def test_a_picture_outside_the_lists_folder_is_refused_and_the_row_kept(tmp_path):
    home = tmp_path / "lists"
    home.mkdir()
    (tmp_path / "secret.png").write_bytes(b"secret")
    (home / "ok.png").write_bytes(b"picture")
    (home / "notes.txt").write_bytes(b"text")
    (home / "link.png").symlink_to(tmp_path / "secret.png")
    (home / "loop.png").symlink_to(home / "loop.png")
    os.mkfifo(home / "pipe.png")
    names = ["../secret.png", str(tmp_path / "secret.png"), "link.png", "loop.png", "pipe.png"]
    names += ["notes.txt", "gone.png", "..\\secret.png", "ok.png", "https://acme.example/a.png", ""]
    (home / "a.csv").write_text(
        "handle,avatar\n" + "".join(f"h{n},{name}\n" for n, name in enumerate(names))
    )
    (batch,) = gather(home, {"path": "a.csv", "platform": "x"})
    found = batch.observations.to_pylist()
    assert [row["image_name"] for row in found] == [name or None for name in names]
    assert list(batch.images.values()) == [b"picture"]
    assert [row["image_sha256"] is not None for row in found].index(True) == names.index("ok.png")
    assert [reject.position for reject in batch.rejects] == list(range(2, 10))


def test_a_folder_of_pictures_is_read_in_order_under_limits(tmp_path):
    home = tmp_path / "pictures"
    (home / "sub").mkdir(parents=True)
    (tmp_path / "out.png").write_bytes(b"outside")
    (home / "b.PNG").write_bytes(b"b")
    (home / "a.gif").write_bytes(b"a" * 11)
    (home / "c.png").symlink_to(tmp_path / "out.png")
    (home / "sub" / "d.webp").write_bytes(b"b")
    (home / "readme.txt").write_bytes(b"x")
    batches = gather(tmp_path, {"path": "pictures"}, max_image_bytes=10)
    assert [(r["position"], r["image_name"]) for r in rows(batches)] == [
        (2, "b.PNG"),
        (4, "sub/d.webp"),
    ]
    assert {r["subject_key"] for r in rows(batches)} == {f"image:{k}" for k in batches[0].images}
    assert [(r.position, r.excerpt) for r in rejects(batches)] == [(1, "a.gif"), (3, "c.png")]
    single = gather(tmp_path, {"path": "pictures/b.PNG"})
    assert [row["image_name"] for row in rows(single)] == ["b.PNG"]


def test_a_batch_ends_early_where_its_pictures_weigh_much(tmp_path, monkeypatch):
    monkeypatch.setattr("namaak.sources.lists.pictures.MAX_BATCH_BYTES", 10)
    for n in range(7):
        (tmp_path / f"{n}.png").write_bytes(b"%d" % n * 4)
    batches = gather(tmp_path, {"path": "."}, rows_per_batch=6)
    assert [(b.start, b.end, len(b.images)) for b in batches] == [
        (0, 3, 2),
        (3, 5, 2),
        (5, 6, 1),
        (6, 8, 2),
    ]
    for place, batch in enumerate(batches):
        resumed = gather(tmp_path, {"path": "."}, start=batch.start, rows_per_batch=6)
        assert all(map(same, resumed, batches[place:])) and len(resumed) == len(batches) - place


def test_a_batch_ends_early_where_its_text_weighs_much(tmp_path, monkeypatch):
    monkeypatch.setattr("namaak.sources.lists.batching.MAX_BATCH_TEXT", 100)
    (tmp_path / "a.txt").write_text("\n".join(HOSTS))
    batches = gather(tmp_path, {"path": "a.txt"})
    assert len(batches) == 5 and [row["host"] for row in rows(batches)] == HOSTS
    for place, batch in enumerate(batches):
        resumed = gather(tmp_path, {"path": "a.txt"}, start=batch.start)
        assert all(map(same, resumed, batches[place:])) and len(resumed) == len(batches) - place


TRICKY = b"""host,title
handle;x
"
a.example,"
","
# c

{"host":"a.example"}
{"host":"\\ud800.example"}
{"host":[1]}
{}
acme.example
acme.example,1
*.a.example
\r""".split(b"\n")
LINES = st.lists(
    st.binary(max_size=30)
    | st.sampled_from([*TRICKY, b"\xef\xbb\xbfhost", b"[" * 2000, b"1" * 5000]),
    max_size=12,
).map(b"\n".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    content=LINES,
    name=st.sampled_from(["a.txt", "a.csv", "a.jsonl"]),
    kind=st.sampled_from([None, *SubjectKind]),
    size=st.integers(1, 5),
)
def test_arbitrary_bytes_are_accounted_for_line_by_line(tmp_path, content, name, kind, size):
    (tmp_path / name).write_bytes(content)
    given = {"path": name, "kind": kind, "platform": "x"}
    source, instance = only(tmp_path, given, rows_per_batch=size)
    try:
        batches = list(source.batches(instance, observed_at=NOW))
    except SourceError:
        return
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    count = len(lines) - (lines[-1] == b"")
    assert batches[-1].end == count + 1 and batches[-1].last
    assert [b.start for b in batches[1:]] == [b.end for b in batches[:-1]]
    told = [row["position"] for row in rows(batches)]
    assert told == sorted(set(told))
    silent = sum(batch.skipped for batch in batches)
    assert silent == count - len(set(told) | {r.position for r in rejects(batches)} - {0})
    if name != "a.csv":
        quiet = [line for line in lines[:count] if not _text(line).strip()]
        comments = [line for line in lines[:count] if _text(line).strip().startswith("#")]
        assert silent == len(quiet) + (len(comments) if name == "a.txt" else 0)
    for batch in batches:
        batch.observations.validate(full=True)
        resumed = next(source.batches(instance, batch.start, observed_at=NOW))
        assert same(resumed, batch)


def _text(line):
    try:
        return "junk" if b"\0" in line else line.decode()
    except UnicodeDecodeError:
        return "junk"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.sampled_from(["a.txt.gz", "a.zip", "a.parquet"]),
    damage=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, 10_000),
)
def test_any_damage_to_a_packed_list_is_a_reject_or_our_error(tmp_path, name, damage, cut):
    form = {"a.txt.gz": "txt.gz", "a.zip": "csv.zip", "a.parquet": "parquet"}[name]
    write_list(tmp_path / name, form)
    content = bytearray((tmp_path / name).read_bytes())
    for place, value in damage:
        content[place % len(content)] = value
    (tmp_path / name).write_bytes(content[: max(1, cut % (2 * len(content)))])
    source = files(tmp_path, {"path": name}, max_bytes=1 << 20)
    for instance in source.instances():
        try:
            batches = list(source.batches(instance, observed_at=NOW))
        except SourceError:
            continue
        assert batches[-1].last
