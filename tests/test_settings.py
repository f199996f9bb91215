"""Settings: what wins over what, and where things lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from namaak.errors import WatchFileError
from namaak.settings import environment_settings, load_settings, watch_file_path

WATCH = '[watch]\ncontact = "abuse@acme.example"\n{data}[brands.acme]\nname = "ACME"\n'


def watch_file(folder: Path, data: str | None = None) -> Path:
    path = folder / "watch.toml"
    path.write_text(WATCH.format(data=f'data = "{data}"\n' if data else ""))
    return path


def test_the_option_wins_over_the_environment_and_that_over_the_folder() -> None:
    given, named = Path("given.toml"), {"NAMAAK_WATCH": "named.toml"}
    assert watch_file_path(given, named) == given
    assert watch_file_path(None, named) == Path("named.toml")
    assert watch_file_path(None, {}) == Path("watch.toml")


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path) -> None:
    assert watch_file_path(None, {"NAMAAK_WATCH": ""}) == Path("watch.toml")
    settings = load_settings(watch_file(tmp_path), {"NAMAAK_DATA": ""})
    assert settings.data == tmp_path / "namaak-data"


def test_the_data_folder_is_relative_to_the_watch_file(tmp_path: Path) -> None:
    assert load_settings(watch_file(tmp_path), {}).data == tmp_path / "namaak-data"
    assert load_settings(watch_file(tmp_path, "kept/here"), {}).data == tmp_path / "kept" / "here"
    elsewhere = tmp_path / "elsewhere"
    assert load_settings(watch_file(tmp_path, str(elsewhere)), {}).data == elsewhere


def test_the_environment_s_data_folder_wins_and_is_relative_to_the_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = watch_file(tmp_path, "kept")
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    assert load_settings(path, {"NAMAAK_DATA": "mine"}).data == tmp_path / "cwd" / "mine"
    assert load_settings(path, {"NAMAAK_DATA": "/mine"}).data == Path("/mine")


def test_all_that_is_written_lies_in_the_data_folder_and_nothing_twice(tmp_path: Path) -> None:
    settings = load_settings(watch_file(tmp_path), {})
    places = {settings.lake, settings.casebook, settings.working_casebook}
    assert len(places) == 3
    assert all(place.is_relative_to(settings.data) for place in places)
    # Whoever opens the published copy must not find the writer's file beside it.
    assert settings.casebook.parent != settings.working_casebook.parent


def test_paths_are_absolute_wherever_the_file_was_named_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch_file(tmp_path)
    monkeypatch.chdir(tmp_path)
    settings = load_settings(Path("watch.toml"), {})
    assert settings.watch_path == tmp_path / "watch.toml"
    assert settings.data == tmp_path / "namaak-data"


def test_loading_makes_no_file_and_no_folder(tmp_path: Path) -> None:
    load_settings(watch_file(tmp_path), {})
    assert [path.name for path in tmp_path.iterdir()] == ["watch.toml"]


def test_the_process_s_own_environment_is_used_by_flows_and_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAMAAK_WATCH", str(watch_file(tmp_path)))
    monkeypatch.setenv("NAMAAK_DATA", str(tmp_path / "mine"))
    assert environment_settings(None).data == tmp_path / "mine"


def test_a_watch_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WatchFileError, match=r"There is no watch file at .*nowhere\.toml"):
        load_settings(tmp_path / "nowhere.toml", {})
