"""The sample of ordinary names, and the files operators make of their own."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ordinary import (
    content_digest,
    ordinary_sample,
    ordinary_version,
    read_sample,
    shipped_sample,
)
from detectors.tables import make_ordinary


def test_the_shipped_sample_is_sorted_unique_ascii_without_suffix() -> None:
    labels = ordinary_sample().to_pylist()
    assert len(labels) == 300_000
    assert labels == sorted(set(labels))
    assert all(label.isascii() and label == label.lower() for label in labels)
    assert not any("." in label or not label for label in labels)


def test_a_labels_are_in_it_because_matching_decodes_them() -> None:
    assert any(label.startswith("xn--") for label in ordinary_sample().to_pylist())


def test_the_shipped_sample_says_where_it_comes_from() -> None:
    sample = shipped_sample()
    assert sample.licence == "CC0-1.0"
    assert "Tranco" in sample.source
    assert "sha256" in sample.source
    assert ordinary_version() == sample.version


def test_an_operator_makes_a_sample_of_own_names(tmp_path: Path) -> None:
    names, out = tmp_path / "names.txt", tmp_path / "own.parquet"
    names.write_text(
        "# ours\nwww.Acme.co.uk\n\nacme.com.\nshop.acme.github.io\nxn--bcher-kva.example\ncom\n"
        "bücher.example\n",
        encoding="utf-8",
    )
    assert make_ordinary.main(["--names", str(names), "--out", str(out), "--licence", "own"]) == 0
    sample = read_sample(out.read_bytes())
    assert sample.labels.to_pylist() == ["acme", "xn--bcher-kva"]
    assert sample.licence == "own"
    assert "names.txt" in sample.source
    assert sample.version != ordinary_version()


def test_a_file_without_names_makes_no_sample(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = tmp_path / "empty.txt"
    names.write_text("\n# nothing\n", encoding="utf-8")
    assert make_ordinary.main(["--names", str(names), "--out", str(tmp_path / "x")]) == 1
    assert "holds no host names" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_warning_list_is_read_with_its_version() -> None:
    hosts, version = make_ordinary.hosts_in(b' {"version": 7, "list": ["a.nl", "b.com"]}')
    assert (hosts, version) == (["a.nl", "b.com"], "7")


def test_the_same_labels_always_give_the_same_sample() -> None:
    labels = [f"name{number}" for number in range(50)]
    drawn = make_ordinary.sample(set(labels), many=10)
    assert drawn == make_ordinary.sample(set(labels), many=10) == sorted(drawn)
    assert len(set(drawn)) == 10


def test_names_changed_after_the_sample_was_made_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "own.parquet"
    make_ordinary.write(["acme", "zeta"], out, source="s", licence="l", version="1")
    table = pq.read_table(out)
    changed = pa.table({"label": pa.array(["acme", "zero"], pa.large_string())})
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), out)
    with pytest.raises(ValueError, match="not those their file was made with"):
        read_sample(out.read_bytes())


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({"name": pa.array(["a"], pa.large_string())}, "lacks the column"),
        ({"label": pa.array([], pa.large_string())}, "lacks the column"),
        ({"label": pa.array(["a"], pa.large_string())}, "its origin"),
    ],
)
def test_a_table_of_something_else_is_refused(
    tmp_path: Path, columns: dict[str, pa.Array], what: str
) -> None:
    pq.write_table(pa.table(columns), tmp_path / "x")
    with pytest.raises(ValueError, match=what):
        read_sample((tmp_path / "x").read_bytes())


def test_labels_that_are_no_text_are_refused(tmp_path: Path) -> None:
    head = dict.fromkeys(("version", "source", "licence", "content_sha256"), "x")
    for column in (pa.array([1, 2]), pa.array(["a", None], pa.large_string())):
        pq.write_table(pa.table({"label": column}).replace_schema_metadata(head), tmp_path / "x")
        with pytest.raises(ValueError, match="must be text"):
            read_sample((tmp_path / "x").read_bytes())


@given(st.binary(max_size=200))
def test_no_bytes_give_another_error_than_a_sentence(data: bytes) -> None:
    with pytest.raises(ValueError, match="sample of ordinary names"):
        read_sample(data)


@given(st.integers(0, 2000), st.integers(0, 255))
def test_a_damaged_file_is_refused_or_read_whole(at: int, byte: int) -> None:
    data = bytearray(_small_file())
    data[at % len(data)] = byte
    try:
        sample = read_sample(bytes(data))
    except ValueError:
        return
    assert sample.labels.to_pylist() == ["acme", "zeta"]


def _small_file() -> bytes:
    labels = pa.array(["acme", "zeta"], pa.large_string())
    head = dict.fromkeys(("version", "source", "licence"), "x")
    head["content_sha256"] = content_digest(labels)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"label": labels}).replace_schema_metadata(head), sink)
    return bytes(sink.getvalue())


@given(st.lists(st.text("abc-", max_size=5), max_size=8), st.integers(0, 8), st.integers(0, 8))
def test_the_digest_is_of_the_labels_not_of_how_they_lie_in_memory(
    labels: list[str], start: int, length: int
) -> None:
    whole = pa.array(labels, pa.large_string())
    part = pa.array(labels[start : start + length], pa.large_string())
    assert content_digest(whole.slice(start, length)) == content_digest(part)


def test_the_digest_tells_where_a_label_ends() -> None:
    one, other = (pa.array(labels, pa.large_string()) for labels in (["ab", "c"], ["a", "bc"]))
    assert content_digest(one) != content_digest(other)


@pytest.mark.peer
def test_the_sample_is_what_its_script_makes() -> None:
    pytest.importorskip("pymispwarninglists", reason="the list of names is in this package")
    hosts, _ = make_ordinary.hosts_in(make_ordinary.tranco())
    made = make_ordinary.sample(make_ordinary.labels_of(hosts))
    assert made == ordinary_sample().to_pylist()
