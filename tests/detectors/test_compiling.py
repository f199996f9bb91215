"""What was compiled belongs to the sources it was compiled from."""

from __future__ import annotations

from pathlib import Path

from detectors import compiling
from detectors.compiling import _folder_of, _keep_in


def test_any_change_of_any_source_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    source = tmp_path / "deep" / "osa.py"
    source.write_text("one")
    before = _folder_of(tmp_path)
    assert _folder_of(tmp_path) == before
    source.write_text("two")
    assert _folder_of(tmp_path) != before


def test_what_older_sources_left_is_dropped(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(compiling.numba.config, "CACHE_DIR", "")
    old, new = tmp_path / "compiled-old", tmp_path / "compiled-new"
    old.mkdir()
    (old / "kernel.nbc").write_bytes(b"")
    (tmp_path / "other").mkdir()
    _keep_in(new)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["compiled-new", "other"]
    assert str(new) == compiling.numba.config.CACHE_DIR


def test_where_nothing_may_be_written_nothing_is_changed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(compiling.numba.config, "CACHE_DIR", "")
    (tmp_path / "file").write_bytes(b"")
    _keep_in(tmp_path / "file" / "compiled-new")
    assert compiling.numba.config.CACHE_DIR == ""


def test_a_folder_that_the_operator_named_is_kept(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(compiling.numba.config, "CACHE_DIR", "elsewhere")
    _keep_in(tmp_path / "compiled-new")
    assert compiling.numba.config.CACHE_DIR == "elsewhere"
    assert not (tmp_path / "compiled-new").exists()
    assert compiling.is_compiled()
