"""`namaak ct verify`: what it says of heads that verify, of others, and of wrong use."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from namaak.cli import invoke
from namaak.gathering import gather_instance, open_instances, wanted_sources
from namaak.settings import load_settings
from tests.ct_log import CtLog, log_list, some_entries

ORIGIN = "log.example/2026h2"


@pytest.fixture
def log(tmp_path):
    made = CtLog(tmp_path / "log", origin=ORIGIN, rfc6962=True)
    made.append(some_entries(5))
    made.publish(timestamp_ms=1_790_000_000_123)
    other = CtLog(tmp_path / "other", origin="other.example", rsa_key=True)
    listed = log_list(
        other.list_entry("https://other.example/"), made.list_entry("https://mon.example/")
    )
    (tmp_path / "logs.json").write_bytes(listed)
    made.other = other
    return made


@pytest.fixture
def verify(log, tmp_path, capsys):
    """Runs the command on a file, or on bytes put into one; gives code, stdout, stderr."""

    def run(file, *options, key=tmp_path / "logs.json"):
        if isinstance(file, bytes):
            (tmp_path / "head").write_bytes(file)
            file = tmp_path / "head"
        code = invoke(["ct", "verify", str(file), "--key", str(key), *options])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


@pytest.mark.parametrize("path", ["checkpoint", "ct/v1/get-sth"])
def test_a_head_that_verifies_is_shown_with_its_log(log, verify, path):
    code, out, err = verify(log.folder / path)
    assert (code, err) == (0, "")
    heading, line = out.splitlines()
    assert heading.split("\t") == ["log", "size", "root", "time"]
    name, size, root, time = line.split("\t")
    assert (name, size, time) == (ORIGIN, "5", "2026-09-21 14:13Z")
    assert root in (log.folder / path).read_text()


def test_as_json_it_says_all_there_is_to_say(log, verify):
    code, out, _ = verify(log.folder / "checkpoint", "--json")
    assert code == 0
    shown = json.loads(out)
    assert (shown["log"], shown["size"], shown["verified"]) == (ORIGIN, 5, True)
    assert shown["time"] == "2026-09-21T14:13:20.123000Z"
    assert shown["log_id"] == log.log_id.hex()
    assert shown["operator"] == "Made-up Operator"


def test_the_log_may_be_named_by_origin_or_id(log, verify):
    listed = log.list_entry("https://mon.example/")["log_id"]
    for name in (ORIGIN, log.log_id.hex(), listed):
        for path in ("checkpoint", "ct/v1/get-sth"):
            assert verify(log.folder / path, "--log", name)[0] == 0


def test_a_head_of_another_log_than_the_named_does_not_verify(log, verify):
    code, out, err = verify(log.folder / "checkpoint", "--log", "other.example")
    assert (code, out) == (1, "")
    assert "does not verify: the checkpoint is of another log than other.example." in err
    code, out, err = verify(log.folder / "ct/v1/get-sth", "--log", "other.example")
    assert (code, out) == (1, "")
    assert "no signature by any of the 1 keys tried" in err


@pytest.mark.parametrize("path", ["checkpoint", "ct/v1/get-sth"])
def test_a_head_that_was_changed_does_not_verify_and_the_reason_is_one_sentence(log, verify, path):
    text = (log.folder / path).read_bytes()
    root = log.root()
    other = text.replace(_base64(root), _base64(root[::-1]))
    code, out, err = verify(other)
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "head does not verify: " in err
    assert "signature" in err


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"nothing", b"\xff\xfe", b"{" * 100_000, bytes(99)]
)
def test_what_is_no_head_does_not_verify(verify, content):
    code, out, err = verify(content)
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1


def test_an_origin_without_a_key_is_named_and_cannot_move_the_cursor(log, verify):
    text = log.checkpoint().replace(ORIGIN.encode(), "odd\u202e\u009b2J.example".encode())
    code, _, err = verify(text)
    assert code == 1
    assert "has no key for its origin" in err
    assert "\u202e" not in err
    assert "\u009b" not in err


def test_an_older_log_has_no_checkpoints(log, verify, tmp_path):
    entry = log.list_entry("https://older.example/ct/", tiled=False)
    (tmp_path / "older.json").write_bytes(log_list(entry))
    key = tmp_path / "older.json"
    code, _, err = verify(log.folder / "checkpoint", "--log", log.log_id.hex(), key=key)
    assert code == 2
    assert "has no checkpoints" in err
    assert verify(log.folder / "checkpoint", key=key)[0] == 1
    assert verify(log.folder / "ct/v1/get-sth", key=key)[0] == 0


def test_a_file_with_nothing_but_origins_and_keys_will_do(log, verify, tmp_path):
    entry = log.list_entry("https://mon.example/")
    bare = {"logs": [{"origin": ORIGIN, "key": entry["key"]}]}
    (tmp_path / "keys.json").write_text(json.dumps(bare))
    assert verify(log.folder / "checkpoint", key=tmp_path / "keys.json")[0] == 0


def test_entries_of_the_list_that_are_wrong_are_named_and_the_others_used(log, verify, tmp_path):
    wrong = log.other.list_entry("https://other.example/") | {"log_id": "AAAA"}
    (tmp_path / "logs.json").write_bytes(log_list(wrong, log.list_entry("https://mon.example/")))
    code, out, err = verify(log.folder / "checkpoint")
    assert (code, len(out.splitlines())) == (0, 2)
    assert "tiled_logs[0] is left out: log_id is not the SHA-256 of key." in err


def test_wrong_use_is_told_apart_from_a_head_that_does_not_verify(log, verify, tmp_path):
    (tmp_path / "empty.json").write_text("{}")
    for file, options, key, reason in (
        (log.folder / "absent", (), tmp_path / "logs.json", "absent cannot be read"),
        (tmp_path, (), tmp_path / "logs.json", "cannot be read"),
        (log.folder / "checkpoint", (), tmp_path / "absent.json", "absent.json cannot be read"),
        (log.folder / "checkpoint", (), tmp_path / "empty.json", "neither operators nor logs"),
        (log.folder / "checkpoint", ("--log", "nobody"), tmp_path / "logs.json", "no log nobody"),
    ):
        code, out, err = verify(file, *options, key=key)
        assert (code, out) == (2, "")
        assert reason in err
    assert invoke(["ct", "verify", str(log.folder / "checkpoint")]) == 2
    assert invoke(["ct", "verify"]) == 2


def _base64(content: bytes) -> bytes:
    import base64

    return base64.b64encode(content)


def test_in_json_a_head_that_does_not_verify_is_an_object_too(tmp_path, capsys):
    log = CtLog(tmp_path / "log", origin="log.example/2026h2")
    log.append(some_entries(3))
    log.publish()
    (tmp_path / "logs.json").write_bytes(log_list(log.list_entry("https://tiles.example/")))
    checkpoint = tmp_path / "log" / "checkpoint"
    checkpoint.write_bytes(checkpoint.read_bytes().replace(b"\n3\n", b"\n4\n"))
    given = ["ct", "verify", str(checkpoint), "--key", str(tmp_path / "logs.json"), "--json"]
    assert invoke(given) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["verified"] is False and "does not verify" in told["reason"]


def test_heads_that_were_kept_can_be_looked_at_and_verified_again(tmp_path, capsys):
    log = CtLog(tmp_path / "log", origin="log.example/2026h2")
    log.append(some_entries(300))
    log.publish()
    folder = tmp_path / "copies" / log.log_id.hex()
    folder.parent.mkdir()
    (tmp_path / "log").rename(folder)
    (tmp_path / "logs.json").write_bytes(log_list(log.list_entry("https://tiles.example/")))
    watch = tmp_path / "watch.toml"
    watch.write_text(
        '[watch]\ncontact = "abuse@acme.example"\n[brands.acme]\nname = "Acme"\n'
        '[sources.ct]\nlog_list = "logs.json"\nmirror = "copies"\nlogs = ["log.example"]\n'
    )
    settings = load_settings(watch, {})
    for source, instance in open_instances(wanted_sources(settings.watch)):
        gather_instance(source, instance, settings.lake, now=lambda: datetime.now(UTC))
    out = tmp_path / "heads"
    given = ["--watch", str(watch), "--output", str(out), "--json"]
    assert invoke(["ct", "heads", log.log_id.hex()[:8], *given]) == 0
    (head,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (head["size"], head["signed_text"]) == (300, (folder / "checkpoint").read_text())
    (written,) = out.iterdir()
    keys = ["--key", str(tmp_path / "logs.json"), "--json"]
    assert invoke(["ct", "verify", str(written), *keys]) == 0
    assert json.loads(capsys.readouterr().out)["root"] == head["root"]
