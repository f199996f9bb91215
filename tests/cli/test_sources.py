"""`namaak sources`: how each source stands, in a table, in a pipe, and as JSON."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from namaak.cli import invoke
from namaak.errors import Failure, SourceError
from namaak.gathering import gather_instance, open_instances, wanted_sources
from namaak.lake import Lake
from namaak.settings import load_settings
from namaak.sources import discover

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WATCH = """
[watch]
contact = "abuse@waldermond.example"
[brands.waldermond]
name = "Waldermond"
[sources.files]
[[sources.files.inputs]]
path = "hosts.txt"
[sources.certspotter]
[sources.x]
[sources.twitch]
"""


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def by_name(self) -> dict[str, dict]:
        return {row["source"]: row for row in map(json.loads, self.out.splitlines())}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A watch file, a list of hosts, and no key of any platform in the environment."""
    monkeypatch.chdir(tmp_path)
    keys = {name for source in discover().values() for name in (source.auth or "").split(" and ")}
    for name in ("NAMAAK_DATA", "NAMAAK_WATCH", *keys):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "watch.toml").write_text(WATCH)
    (tmp_path / "hosts.txt").write_text("waldermond-login.example\nother.example\n")
    return tmp_path


@pytest.fixture
def namaak(folder, capsys):
    """Run a command in that folder."""

    def run(*tokens: str) -> Ran:
        capsys.readouterr()
        code = invoke(list(tokens))
        return Ran(code, *capsys.readouterr())

    return run


def gathered(folder):
    settings = load_settings(folder / "watch.toml", {})
    for source, instance in open_instances(wanted_sources(settings.watch)):
        gather_instance(source, instance, settings.lake, now=lambda: NOW)
    return settings


def test_every_source_there_is_has_a_row_whether_it_is_on_or_not(namaak):
    ran = namaak("sources", "--json")
    assert ran.code == 0
    assert list(ran.by_name) == list(discover())
    assert {row["state"] for row in ran.by_name.values()} == {"on", "off", "left out"}
    for name, row in ran.by_name.items():
        assert row["platform"] == discover()[name].platform
        assert row["gives"] == sorted(discover()[name].kinds)
        assert row["terms"] and row["budget"] and row["cursor"]


def test_before_there_is_a_watch_file_every_source_is_off(folder, namaak):
    (folder / "watch.toml").unlink()
    ran = namaak("sources", "--json")
    assert {row["state"] for row in ran.by_name.values()} == {"off"}


def test_a_source_that_lacks_something_is_left_out_and_says_what(namaak, monkeypatch):
    row = namaak("sources", "--json").by_name["x"]
    assert row["state"] == "left out"
    assert row["lacks"].startswith("X_BEARER_TOKEN is not set")
    assert row["needs"] == row["lacks"]
    monkeypatch.setenv("X_BEARER_TOKEN", "a-token")
    assert "set dollars_per_month" in namaak("sources", "--json").by_name["x"]["needs"]


def test_a_source_that_is_on_shows_what_it_may_still_spend(folder, namaak, monkeypatch):
    monkeypatch.setenv("X_BEARER_TOKEN", "a-token")
    (folder / "watch.toml").write_text(
        WATCH.replace("[sources.x]", "[sources.x]\ndollars_per_month = 25")
    )
    row = namaak("sources", "--json").by_name["x"]
    assert (row["state"], row["lacks"], row["needs"]) == ("on", None, None)
    assert row["quota"].startswith("$25.00 of $25.00 left this month")


def test_a_source_that_is_off_says_what_would_switch_it_on(namaak):
    rows = namaak("sources", "--json").by_name
    assert rows["youtube"]["needs"] == "a table [sources.youtube]; YOUTUBE_API_KEY (not set)"
    assert rows["axfr"]["needs"] == "a table [sources.axfr]"
    # Its table is there, and says nothing; without a key it asks less, and asks.
    assert rows["certspotter"]["state"] == "off"
    assert rows["certspotter"]["needs"] == "enabled = true is missing in [sources.certspotter]"
    assert rows["telegram"]["needs"] == "a table [sources.telegram] with enabled = true"
    assert rows["instagram"]["needs"].startswith(
        "a table [sources.instagram]; INSTAGRAM_TOKEN (not set); instagram is left out: set account"
    )


def test_a_source_whose_table_says_that_it_is_off_is_told_so(folder, namaak):
    (folder / "watch.toml").write_text(WATCH.replace("[sources.x]", "[sources.x]\nenabled = false"))
    needs = namaak("sources", "--json").by_name["x"]["needs"]
    assert needs.startswith("enabled = true in [sources.x], which says false; X_BEARER_TOKEN")
    assert "set dollars_per_month" in needs


def test_what_an_off_source_lacks_beside_keys_is_told_before_there_is_a_watch_file(
    folder, namaak, monkeypatch
):
    (folder / "watch.toml").unlink()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    rows = namaak("sources", "--json").by_name
    assert "install namaak with its extra google-play" in rows["google-play"]["needs"]
    assert "set dollars_per_month" in rows["x"]["needs"]
    assert rows["mastodon"]["needs"] == "a table [sources.mastodon]"


def test_keys_that_a_source_can_do_without_are_called_optional(namaak, monkeypatch):
    keys = {name: row["key"] for name, row in namaak("sources", "--json").by_name.items()}
    assert keys["mastodon"] == "MASTODON_TOKENS (optional, not set)"
    assert keys["certspotter"] == "CERTSPOTTER_TOKEN (optional, not set)"
    assert keys["github"] == "GITHUB_TOKEN (not set)"
    assert keys["czds"] == "CZDS_USERNAME (not set) and CZDS_PASSWORD (not set)"
    monkeypatch.setenv("MASTODON_TOKENS", "a.example=a-token")
    key = namaak("sources", "--json").by_name["mastodon"]["key"]
    assert key == "MASTODON_TOKENS (optional)"


def test_a_source_that_will_fail_for_want_of_its_account_says_so(folder, namaak):
    (folder / "watch.toml").write_text(f"{WATCH}[sources.czds]\n")
    row = namaak("sources", "--json").by_name["czds"]
    assert "CZDS_USERNAME and CZDS_PASSWORD are not set" in row["needs"]


def test_what_was_read_is_counted_with_its_time(folder, namaak):
    gathered(folder)
    rows = namaak("sources", "--json").by_name
    assert (rows["files"]["instances"], rows["files"]["rows"]) == (1, 2)
    assert rows["files"]["last_success"] == "2026-11-22T12:00:00Z"
    assert rows["files"]["last_failure"] is None
    assert (rows["ct"]["instances"], rows["ct"]["last_success"]) == (0, None)


def test_the_last_failure_is_one_line_and_no_success(folder, namaak):
    settings = gathered(folder)
    with Lake(settings.lake) as lake:
        for hour, words in ((13, "an older one"), (14, "it is\nexpired\x1b[2J")):
            error = SourceError(words, Failure.AUTH)
            at = NOW.replace(hour=hour)
            lake.record_failure(
                error, source="twitch", instance="search", label="twitch search", at=at
            )
    row = namaak("sources", "--json").by_name["twitch"]
    assert row["last_failure"].startswith("2026-11-22 14:00Z auth: it is")
    assert (row["instances"], row["rows"], row["last_success"]) == (0, 0, None)
    (line,) = [one for one in namaak("sources").out.splitlines() if one.startswith("twitch\t")]
    assert "expired" in line and "\x1b" not in line


def test_a_table_with_faults_hides_no_other_source(folder, namaak):
    (folder / "watch.toml").write_text(WATCH.replace("[sources.x]", "[sources.x]\nprobes = -1"))
    rows = namaak("sources", "--json").by_name
    assert rows["x"]["state"] == "faulty"
    assert "[sources.x] probes" in rows["x"]["needs"]
    assert rows["files"]["state"] == "on"


def test_in_a_pipe_a_row_is_a_line_of_as_many_cells_as_there_are_columns(namaak):
    heading, *lines = namaak("sources").out.splitlines()
    assert heading.split("\t") == [
        "source", "state", "gives", "platform", "instances", "rows", "last_success", "quota",
        "last_failure", "needs",
    ]  # fmt: skip
    assert len(lines) == len(discover())
    assert {line.count("\t") for line in lines} == {9}


def test_needs_names_every_variable_and_which_of_them_are_set(namaak, monkeypatch):
    monkeypatch.setenv("TWITCH_CLIENT_ID", "an-app")
    heading, *lines = namaak("sources", "--needs").out.splitlines()
    assert heading.split("\t") == ["source", "state", "needs", "key", "terms", "budget"]
    rows = {line.split("\t")[0]: line.split("\t") for line in lines}
    assert "set dollars_per_month" in rows["x"][2]
    assert rows["twitch"][3] == "TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET (not set)"
    assert "an-app" not in "".join(lines)
    assert rows["files"][3] == ""
