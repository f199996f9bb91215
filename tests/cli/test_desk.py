"""`audit`, `allow`, `views`, `open`, `merge`, `split`, `hold`, and deciding about a campaign."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from namaak.casework.casebook import Casebook
from namaak.casework.reading import open_snapshot, read_rows
from namaak.cli import invoke
from namaak.lake import Lake
from namaak.records import MATCH_SCHEMA, Band, Score, Signal, case_id
from namaak.settings import load_settings
from tests.casework.accounts import host, matching
from tests.casework.history_made_anew import as_older_versions_wrote, history_made_anew

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
WATCH = """
[watch]
contact = "abuse@acme.example"
data = "kept"
[brands.acme]
name = "Acme"
[brands.waldermond]
name = "Waldermond"
"""
LOGINS = tuple(f"acme-login-{number}.example" for number in (1, 2, 3))
HOSTS = (*LOGINS, "dealer.test", "shop.dealer.test")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


def rank(brand_id, rows):
    word = Signal(name="name.test", says="It is so", raw="acme-login", weight=1.0,
                  contribution=1.0, detector="test")  # fmt: skip
    return Score(score=60, band=Band.REVIEW, signals=(word,), gates=())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    (folder / "watch.toml").write_text(WATCH)
    settings = load_settings(folder / "watch.toml", {})
    with Lake(settings.lake):
        pass
    rows = [matching(host(name)) for name in HOSTS]
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        brands = settings.watch.brands
        book.record_brands(brands, dict.fromkeys(brands, "1"), now=NOW)
        book.load_matches(
            pa.Table.from_pylist(rows, schema=MATCH_SCHEMA), file="one", rank=rank,
            brand_names={"acme": "Acme"}, subjects={}, now=NOW, rank_version="1",
            domains={f"host:{name}": name for name in LOGINS},
        )  # fmt: skip
        book.record_campaigns()
    return folder


@pytest.fixture
def cli(made, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "copy"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("NAMAAK_WATCH", raising=False)
    monkeypatch.delenv("NAMAAK_DATA", raising=False)
    monkeypatch.setenv("NAMAAK_ACTOR", "anna")

    def run(*tokens: str) -> Ran:
        capsys.readouterr()
        code = invoke(list(tokens))
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run


def an_id(name: str) -> str:
    return case_id("acme", f"host:{name}")


def workflows(cli) -> dict[str, str]:
    listed = cli("cases", "--every", "--limit", "0", "--json").rows
    return {row["subject"]: row["workflow"] for row in listed}


# audit


def test_audit_of_a_sound_casebook_says_so_and_gives_the_head_to_keep(cli, tmp_path):
    plain = cli("audit")
    assert plain.code == 0
    assert plain.out.startswith(
        "sound     5 events of 5 cases agree\nhead      event 5, chain hash "
    )
    assert "\nnot checked: names of brands; " in plain.out
    assert "opened as" not in plain.out
    kept = cli("audit", "--json", "--keep", str(tmp_path / "kept.json"))
    assert "saved views, learned weights" in "; ".join(kept.rows[0]["not_checked"])
    assert kept.rows[0]["untold_cases"] == 0
    assert kept.rows[0]["sound"] is True
    (tmp_path / "head.json").write_text(kept.out)
    assert cli("audit", "--head", str(tmp_path / "kept.json")).code == 0
    assert cli("audit", "--keep", str(tmp_path)).code == 2
    cli("triage", an_id(LOGINS[0]), "confirm")
    again = cli("audit", "--head", str(tmp_path / "head.json"))
    assert again.code == 0
    assert "goes on from the head that was kept" in again.out
    assert cli("audit", "--expect", kept.rows[0]["head"]["chain_hash"]).code == 0


def test_audit_counts_the_cases_of_which_older_events_say_too_little(cli):
    settings = load_settings(Path("watch.toml"), {})
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        history_made_anew(book._con, as_older_versions_wrote)
        book._mark.touch()
        book.wrote_much = True
    found = cli("audit")
    assert found.code == 0
    assert "\nnot checked: what 5 cases were opened as, beyond what an older namaak" in found.out
    assert cli("audit", "--json").rows[0]["untold_cases"] == 5


def test_audit_fails_where_the_history_is_not_the_one_that_was_kept(cli):
    found = cli("audit", "--expect", "0" * 64)
    assert found.code == 1
    assert "cut       the history does not go on from what was kept" in found.out
    assert cli("audit", "--expect", "0" * 64, "--json").rows[0]["sound"] is False


def test_audit_names_what_was_changed_and_where(cli):
    cli("triage", an_id(LOGINS[0]), "confirm")
    settings = load_settings(Path("watch.toml"), {})
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book._con.execute("update events set actor = 'eve' where kind = 'confirmed'")
        book._con.execute("update cases set workflow = 'closed' where subject = 'dealer.test'")
        book._mark.touch()
    found = cli("audit")
    assert found.code == 1
    assert f"broken    event 2 of case {an_id(LOGINS[0])} was changed: its hash" in found.out
    assert (
        f"changed   {an_id('dealer.test')}: workflow is closed, and its history says new"
        in found.out
    )
    told = cli("audit", "--json").rows[0]
    assert told["broken"]["case_id"] == an_id(LOGINS[0])
    assert (told["broken"]["case_seq"], told["broken"]["seq"]) == (2, 6)
    assert told["unlike_cases"] == 1


@pytest.mark.parametrize(
    "tokens",
    [("--expect", "abc"), ("--head", "missing.json"), ("--head", "watch.toml"),
     ("--head", "watch.toml", "--expect", "0" * 64)],
)  # fmt: skip
def test_audit_refuses_what_is_no_head(cli, tokens):
    assert cli("audit", *tokens).code == 2


@pytest.mark.parametrize("name", ["Flow:recheck", " flow:recheck", "flow:recheck", "an\u202ena"])
def test_a_command_is_given_by_nobody_who_is_called_like_a_flow(cli, name):
    refused = cli("triage", an_id(LOGINS[0]), "note", "--note", "x", "--actor", name)
    assert refused.code == 2
    assert set(workflows(cli).values()) == {"new"}
    assert "given by a person" in refused.err or "invisible character U+202E" in refused.err


# alerts


def test_alerts_that_are_off_are_said_to_be_off_and_on_ones_are_not(cli):
    off = cli("alerts")
    assert off.code == 0
    assert off.err.startswith("Alerts are off: nobody is told any of this; write enabled = true")
    watch = Path("watch.toml")
    watch.write_text(f"{watch.read_text()}[alerts]\nenabled = true\n")
    on = cli("alerts")
    assert (on.code, on.out) == (0, off.out)
    assert "Alerts are off" not in on.err


# allow

RULE = ("dealer.test", "--brand", "acme", "--reason", "a dealer", "--until", "90d")


def test_allow_shows_what_it_would_hide_and_writes_nothing_without_a_yes(cli):
    seen = cli("allow", *RULE, "--preview")
    assert seen.code == 0
    assert "would hide 2 open cases of Acme, and 2 stored matches of 2 subjects" in seen.err
    assert "shop.dealer.test" in seen.out
    refused = cli("allow", *RULE)
    assert refused.code == 2
    assert "say --yes" in refused.err
    assert cli("allow", "--list").out == ""
    assert set(workflows(cli).values()) == {"new"}


def test_allow_dismisses_and_withdrawing_opens_again(cli):
    done = cli("allow", *RULE, "--yes", "--json")
    assert done.code == 0
    assert {row["subject"] for row in done.rows} == {"dealer.test", "shop.dealer.test"}
    assert "matches Acme again" in done.err
    (rule,) = cli("allow", "--list", "--json").rows
    assert (rule["asset"], rule["author"], rule["holds"]) == ("dealer.test", "anna", True)
    assert workflows(cli)["dealer.test"] == "dismissed"
    twice = cli("allow", *RULE)
    assert twice.code == 2
    assert f"covered already: the rule {rule['rule_id']} of anna" in twice.err
    assert "say --yes" not in twice.err
    back = cli("allow", "--withdraw", rule["rule_id"], "--actor", "bob", "--json")
    assert {row["workflow"] for row in back.rows} == {"reopened"}
    (rule,) = cli("allow", "--list", "--json").rows
    assert (rule["withdrawn_by"], rule["holds"]) == ("bob", False)
    assert cli("allow", "--withdraw", rule["rule_id"]).code == 2
    assert cli("audit").code == 0


def asked_at_a_terminal(words: tuple[str, ...], answer: bytes) -> int:
    """The exit code of a command that asks, after this answer."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "namaak", *words], stdin=follower, stdout=follower,
        stderr=follower, env={**os.environ, "NAMAAK_ACTOR": "anna"},
    ) as asked:  # fmt: skip
        os.close(follower)
        said = b""
        while b"[y/N]" not in said:
            said += os.read(leader, 4096)
        os.write(leader, answer)
        try:
            while os.read(leader, 4096):
                pass
        except OSError:
            pass  # the other end is closed
        code = asked.wait(timeout=60)
    os.close(leader)
    return code


def test_allow_asks_at_a_terminal_and_a_no_writes_nothing(cli):
    for answer, code, written in ((b"n\n", 1, 0), (b"y\n", 0, 1)):
        assert asked_at_a_terminal(("allow", *RULE), answer) == code
        assert len(cli("allow", "--list", "--json").rows) == written


@pytest.mark.parametrize(
    "tokens",
    [
        ("dealer.test",),
        ("dealer", *RULE[1:], "--yes"),
        ("dealer.test", "--brand", "nobody", "--reason", "x", "--until", "9d", "--yes"),
        ("dealer.test", "--brand", "acme", "--reason", "x", "--until", "2020-01-01", "--yes"),
        ("--list", "--brand", "acme"),
        ("--withdraw", "NR-NOTHING"),
    ],
)
def test_allow_refuses_what_is_no_rule(cli, tokens):
    assert cli("allow", *tokens).code == 2


# open


def test_open_makes_a_case_that_a_person_asked_for(cli):
    made = cli("open", "https://other.test/acme", "--brand", "Acme", "--reason", "a mail", "--json")
    assert made.code == 0
    (row,) = made.rows
    assert (row["case_id"], row["band"], row["kind"]) == (an_id("other.test"), "review", "by-hand")
    again = cli("open", "other.test", "--brand", "acme", "--reason", "another mail")
    assert "is a case already" in again.err
    shown = cli("case", row["case_id"])
    assert "anna asked for a case: another mail" in shown.out
    assert "asked for as a case (https://other.test/acme): a mail" in shown.out
    assert cli("audit").code == 0


@pytest.mark.parametrize(
    "tokens",
    [("x",), ("other.test", "--brand", "nobody", "--reason", "x"),
     ("not a host", "--brand", "acme", "--reason", "x"),
     ("other.test", "--brand", "acme", "--reason", " ")],
)  # fmt: skip
def test_open_refuses_what_cannot_be_a_case(cli, tokens):
    assert cli("open", *tokens).code == 2


# merge, split, campaigns


def test_a_campaign_is_decided_as_one_after_saying_how_many(cli):
    done = cli("triage", "--campaign", an_id(LOGINS[1]), "confirm", "--json")
    assert done.code == 0
    assert "confirm is for all 3 cases of the campaign: 3 new." in done.err
    assert {row["subject"] for row in done.rows} == set(LOGINS)
    found = workflows(cli)
    assert [found[name] for name in LOGINS] == ["confirmed"] * 3
    assert found["dealer.test"] == "new"


def test_a_campaign_is_decided_whole_or_not_at_all(cli):
    cli("triage", an_id(LOGINS[0]), "confirm")
    refused = cli("triage", "--campaign", an_id(LOGINS[1]), "triage")
    assert refused.code == 2
    assert an_id(LOGINS[0]) in refused.err
    assert workflows(cli)[LOGINS[1]] == "new"


def test_merge_and_split_change_the_campaign_at_once(cli):
    both = (an_id(LOGINS[0]), an_id("dealer.test"))
    merged = cli("merge", *both, "--note", "one shop", "--yes", "--json")
    assert merged.code == 0
    assert "This joins 4 cases, of 1 campaign and 1 case in none:" in merged.err
    assert {row["subject"] for row in merged.rows} == {*LOGINS, "dealer.test"}
    assert "belong together" in cli("campaigns", an_id("dealer.test")).out
    assert cli("split", an_id("dealer.test")).code == 0
    assert "Nothing ties this case" in cli("campaigns", an_id("dealer.test")).err
    apart = cli("split", an_id(LOGINS[0]), "--from", an_id(LOGINS[1]), "--json")
    assert apart.code == 0
    again = cli("split", an_id(LOGINS[0]), "--from", an_id(LOGINS[1]), "--json")
    assert (again.code, [row["case_id"] for row in again.rows]) == (0, [an_id(LOGINS[0])])
    assert "Nothing changed, and nothing was written: they are kept apart already" in again.err
    shown = cli("case", an_id(LOGINS[0])).out
    assert shown.count("said not to be of one hand") == 1
    assert "said to be of one hand with" in shown
    assert f"said not to be of one hand with {an_id(LOGINS[1])}" in shown


def test_nothing_is_merged_in_a_pipe_without_yes_nor_by_a_preview(cli):
    both = (an_id(LOGINS[0]), an_id("dealer.test"))
    refused = cli("merge", *both)
    assert refused.code == 2
    assert "say --yes" in refused.err
    assert f"{an_id(LOGINS[2])}  " in refused.err
    shown = cli("merge", *both, "--preview", "--json")
    assert shown.code == 0
    assert {row["subject"] for row in shown.rows} == {*LOGINS, "dealer.test"}
    assert "Nothing ties this case" in cli("campaigns", an_id("dealer.test")).err


def test_merge_asks_at_a_terminal_and_a_no_merges_nothing(cli):
    for answer, code in ((b"n\n", 1), (b"y\n", 0)):
        words = ("merge", an_id(LOGINS[0]), an_id("dealer.test"))
        assert asked_at_a_terminal(words, answer) == code
        alone = "Nothing ties this case" in cli("campaigns", an_id("dealer.test")).err
        assert alone == (code == 1)


@pytest.mark.parametrize(
    "tokens",
    [
        ("merge", an_id(LOGINS[0])),
        ("merge",),
        ("split", "NK-00000000"),
        ("split", an_id(LOGINS[0]), "--from", an_id(LOGINS[0])),
        ("triage", "--campaign", an_id("dealer.test"), "confirm"),
        ("triage", an_id(LOGINS[0]), "--campaign", an_id(LOGINS[0]), "confirm"),
        ("triage", an_id(LOGINS[0]), "enforce"),
    ],
)
def test_ties_and_campaigns_that_are_none_are_refused(cli, tokens):
    assert cli(*tokens).code == 2


# hold


def test_a_hold_is_shown_and_ended(cli):
    assert cli("hold", an_id(LOGINS[0]), an_id(LOGINS[1]), "--reason", "case 12").code == 0
    assert "under legal hold" in cli("case", an_id(LOGINS[0])).out
    # All or none: the second is held already.
    assert cli("hold", an_id(LOGINS[2]), an_id(LOGINS[1]), "--reason", "x").code == 2
    settings = load_settings(Path("watch.toml"), {})
    with open_snapshot(settings.casebook) as snapshot:
        held = [row["subject"] for row in read_rows(snapshot, "from cases where legal_hold")]
    assert sorted(held) == sorted(LOGINS[:2])
    released = cli("hold", an_id(LOGINS[0]), "--release", "--reason", "settled", "--json")
    assert released.rows[0]["legal_hold"] is False
    assert cli("hold", "--reason", "x").code == 2


# views, and what is listed


def test_a_saved_view_lists_what_it_says(cli):
    assert "No view is saved" in cli("views", "list").err
    saved = cli("views", "save", "logins", "--subject", "login", "--every", "--band", "review")
    assert saved.code == 0
    assert {row["subject"] for row in cli("cases", "--view", "logins", "--json").rows} == {*LOGINS}
    narrowed = cli("cases", "--view", "logins", "--subject", "login-1", "--json")
    assert [row["subject"] for row in narrowed.rows] == [LOGINS[0]]
    (view,) = cli("views", "list", "--json").rows
    assert (view["name"], view["author"]) == ("logins", "anna")
    assert json.loads(view["query"]) == {"band": "review", "every": True, "subject": "login"}
    assert cli("views", "delete", "logins").code == 0
    assert cli("cases", "--view", "logins").code == 2
    assert cli("views", "delete", "logins").code == 2
    assert cli("views", "save", "x", "--workflow", "odd").code == 2


def test_cases_are_found_by_person_and_by_change(cli):
    before = datetime.now(UTC).isoformat()
    assert cli("cases", "--updated-since", before).code == 0
    cli("triage", an_id(LOGINS[0]), "assign", "--to", "bob")
    found = cli("cases", "--updated-since", before, "--json").rows
    assert [row["subject"] for row in found] == [LOGINS[0]]
    mine = cli("cases", "--assignee", "bob", "--json").rows
    assert [row["subject"] for row in mine] == [LOGINS[0]]
    assert cli("cases", "--updated-since", "soon").code == 2


def test_a_case_shows_its_three_axes_and_its_history_in_words(cli):
    cli("triage", an_id(LOGINS[0]), "snooze", "--until", "7d", "--on-change")
    shown = cli("case", an_id(LOGINS[0])).out
    assert "  state      snoozed until 20" in shown
    assert " or until it changes" in shown
    assert "  alive      whether it is still there is not known" in shown
    assert "  notices    none" in shown
    assert "anna              snoozed until" in shown
    told = cli("case", an_id(LOGINS[0]), "--json").rows[0]
    assert told["events"][0]["says"] == "became a case, review, 60 of 100"
    assert (told["actions"], told["checks"], told["contacts"]) == ([], [], [])


def test_a_duplicate_is_dismissed_with_the_case_that_it_doubles(cli):
    done = cli("triage", an_id(LOGINS[0]), "dismiss", "--reason", "duplicate", "--duplicate-of",
               an_id(LOGINS[1]))  # fmt: skip
    assert done.code == 0
    assert f"dismissed as duplicate of {an_id(LOGINS[1])}" in cli("case", an_id(LOGINS[0])).out
