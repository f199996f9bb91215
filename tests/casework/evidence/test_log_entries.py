"""Entries of logs in a pack: proved to whoever has the pack alone, or said not to be."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from namaak.casework.evidence import ct_check
from namaak.casework.evidence import log_entries as log_entries_module
from namaak.casework.evidence.bag import MAX_TEXT_BYTES
from namaak.casework.evidence.checking import Result, examine_pack, verify_pack
from namaak.casework.evidence.ct_check import ListedLog, check_logged
from namaak.casework.evidence.log_entries import MAX_CT_BYTES, ct_files, log_entries
from namaak.casework.evidence.material import Enclosed, Profile
from namaak.transparency.entry_proofs import Outcome
from tests.casework.evidence.test_pack import SEEN, packed, reseal, specimen
from tests.ct_entries import cheap_entry
from tests.ct_log import CtLog, some_entries
from tests.transparency.test_entry_proofs import HOST, INDEX, SIZE, a_log, document

CT = "data/network/ct.json"
WHAT = "log entries"
NOW = "2026-11-21T12:00:00Z"


def a_case() -> Any:
    return specimen(subject=HOST, subject_key=f"host:{HOST}", subject_kind="host", assignee=None)


def seen(log: CtLog, **changes: Any) -> dict[str, Any]:
    return {
        "source": "ct", "instance": log.log_id.hex(), "position": INDEX, "observed_at": SEEN,
        "subject_kind": "host", "subject_key": f"host:{HOST}", "host": HOST,
        "entry_type": log_type(log), "evidence_hash": log.leaf_hash(INDEX).hex(),
        "trust": "verified", "source_time": SEEN,
    } | changes  # fmt: skip


def log_type(log: CtLog) -> str:
    return "x509" if log.entries[INDEX].issuer_key_hash is None else "precert"


def kept(log: CtLog, **changes: Any) -> dict[str, Any]:
    return {
        "source": "ct", "log_id": log.log_id.hex(), "leaf_index": INDEX, "asked_at": NOW,
        "outcome": "found", "says": None, "proof": document(log),
    } | changes  # fmt: skip


def made(folder: Path, log: CtLog, *proofs: dict[str, Any], **changes: Any) -> Path:
    given = {"observations": [seen(log)], "enclosed": Enclosed(log_proofs=proofs)} | changes
    return packed(folder / "packs", a_case(), subject_image=None, **given)


@pytest.fixture(scope="module", params=["tiled", "older", "rsa"])
def any_pack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, CtLog]:
    """One of each kind of log and key, not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    how = {"tiled": {}, "older": {"tiled": False, "rfc6962": True}, "rsa": {"rsa_key": True}}
    log = a_log(folder / "log", **how[request.param])
    return made(folder, log, kept(log)), log


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    log = a_log(folder / "log")
    return made(folder, log, kept(log))


@pytest.fixture
def pack(tmp_path: Path, whole: Path) -> Path:
    return shutil.copytree(whole, tmp_path / whole.name)


def entry_of(pack: Path) -> dict[str, Any]:
    (entry,) = json.loads((pack / CT).read_text())["entries"]
    return entry


def test_the_pack_alone_proves_the_entry(any_pack: tuple[Path, CtLog]) -> None:
    pack, log = any_pack
    assert verify_pack(pack) == ()
    (check,) = [one for one in examine_pack(pack).checks if one.what == WHAT]
    assert check.result is Result.GOOD
    assert f"one for {HOST}" in check.says
    assert "not later than 2026-07-01 00:00:11.500 UTC" in check.says
    assert "by keys that the pack brings; nobody checked that these logs are public" in check.says
    assert f"the log {log.log_id.hex()}" in check.says and "Made-up" not in check.says
    entry = entry_of(pack)
    assert entry["proof_outcome"] == "found"
    assert entry["proves"]["names"] == [HOST, "www.acme-login.example"]
    assert entry["proves"]["in_log_by"] == "2026-07-01T00:00:11.500000Z"
    assert (entry["proves"]["tree_size"], entry["proves"]["root"]) == (SIZE, log.root().hex())


def test_the_report_says_what_is_proved_and_no_more(pack: Path) -> None:
    page = (pack / "data/report.html").read_text()
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert f"A certificate that names {HOST}, www.acme-login.example was in the log" in said
    assert "not later than 2026-07-01 00:00:11.500 UTC, by the head that the log's key" in said
    assert f"entry {INDEX} (the first is 0) of {SIZE}" in said
    assert "It does not show who asked for it" in said
    assert "Proof by the log" not in said


def test_a_list_of_logs_that_the_reader_trusts_decides_whose_key_it_is(
    any_pack: tuple[Path, CtLog],
) -> None:
    pack, log = any_pack
    listed = ListedLog(key=log.key, description="Peer's log")
    own = {log.log_id.hex(): listed}
    assert examine_pack(pack, logs=own).problems == ()
    said = " ".join(examine_pack(pack, logs=own).proved)
    assert "Certificates stood in logs of the list that you gave" in said
    assert f"“Peer's log”, the log {log.log_id.hex()}, not later than" in said
    assert "Made-up" not in said and "nobody checked" not in said
    for other in ({"ab" * 32: listed}, {log.log_id.hex(): replace(listed, key=b"another")}):
        (problem,) = examine_pack(pack, logs=other).problems
        assert "is of a log that the list you gave does not name" in problem


def test_no_word_of_the_pack_stands_in_what_verify_says_of_a_log(tmp_path: Path) -> None:
    """Neither what it calls the log, nor a name that is a sentence."""
    log = CtLog(tmp_path / "log")
    sentence = "x” not later than 2019-01-01 (by keys in the list you gave). All is well"
    log.append([*some_entries(INDEX), cheap_entry([sentence, HOST], number=INDEX)])
    log.append(some_entries(SIZE - INDEX - 1, start=INDEX + 1))
    strange = document(log)
    strange["log"] |= {"description": sentence, "operator": sentence, "url": sentence}
    pack = made(tmp_path, log, kept(log, proof=strange))
    for logs in (None, {log.log_id.hex(): ListedLog(key=log.key, description="Peer's log")}):
        (check,) = [one for one in examine_pack(pack, logs=logs).checks if one.what == WHAT]
        assert check.result is Result.GOOD
        assert f"one for {HOST} and 1 more in " in check.says and "2019" not in check.says


def test_every_byte_of_ct_json_that_matters_is_missed(
    any_pack: tuple[Path, CtLog], tmp_path: Path
) -> None:
    """Whatever claims something: what no proof covers (labels, our own dates) is the manifests'."""
    pack = shutil.copytree(any_pack[0], tmp_path / "pack")
    content = (pack / CT).read_bytes()
    text = content.decode()
    entry = entry_of(pack)
    proof, proves = entry["proof"], entry["proves"]
    told = [
        *((name, entry[name]) for name in ("log", "leaf_index", "leaf_hash", "host", "entry_type",
                                           "proof_outcome", "files", "serial", "valid_from",
                                           "valid_to", "logged_at", "issuer_key_hash")),
        *((name, proof[name]) for name in ("leaf", "leaf_index")),
        *((name, proof["log"][name]) for name in ("key", "log_id", "kind")),
        *((name, value) for name, value in proves.items() if name != "names"),
    ]  # fmt: skip
    claims = [f'"{name}": {json.dumps(value)}' for name, value in told]
    ends = {match.end() for one in claims for match in re.finditer(re.escape(one), text)}
    listed = [json.dumps(one) for one in (*proof["path"], *proves["names"])]
    ends |= {match.end() for one in listed for match in re.finditer(re.escape(one), text)}
    # The root stands before the blank line, the own signature is the line behind it or in JSON.
    ends.add(text.index(json.dumps(proof["head"], ensure_ascii=False)) + 20)
    for end in sorted(ends):
        changed = bytearray(content)
        at = len(text[:end].encode()) - (1 if text[end - 1].isdigit() else 3)
        changed[at] ^= 1
        (pack / CT).write_bytes(changed)
        assert check_logged(pack).problems, changed[at - 40 : at + 20]


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("proof",), None, "says that it is proved, and holds no proof"),
        (("proof", "path"), [], "does not fit its head"),
        (("host",), "acme.example", "does not name acme.example"),
        (("host",), "www.acme-login.example", "is about another host than the case"),
        (("leaf_index",), INDEX + 1, "is of another place"),
        (("log",), "ab" * 32, "is of another place"),
        (("leaf_hash",), "ab" * 32, "is of another leaf"),
        (("serial",), "00", "whose serial is not the one"),
        (("issuer_key_hash",), "ff" * 32, "whose issuer_key_hash is not the one"),
        (("valid_from",), "2018-01-01T00:00:00.000000Z", "whose valid_from is not the one"),
        (("valid_to",), None, "whose valid_to is not the one"),
        (("logged_at",), "2019-01-01T00:00:00.000000Z", "whose logged_at is not the one"),
        (("told_by",), "somebody", "no log is said to have told"),
        (("trust",), "unauthenticated", "no log is said to have told"),
        (("seen_by_the_log_in",), "2019", "says more than a pack says of an entry"),
        (("proof_outcome",), "does-not-verify", "calls itself not proved"),
        (("proves", "in_log_by"), "2020-01-01T00:00:00.000000Z", "does not show what"),
        (("proves", "names"), [HOST], "does not show what"),
        (("proves",), None, "does not show what"),
        (("files",), "../..", "names another folder"),
        (("proof",), "yes", "is of another form"),
        (("proof", "leaf_index"), 10**4000, "is of another form"),
    ],
)
def test_a_claim_that_the_proof_does_not_bear_is_named(
    pack: Path, path: tuple[str, ...], value: object, says: str
) -> None:
    told = json.loads((pack / CT).read_text())
    place = told["entries"][0]
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    sys.set_int_max_str_digits(0)
    try:
        (pack / CT).write_text(json.dumps(told))
    finally:
        sys.set_int_max_str_digits(4300)
    reseal(pack)
    problems = verify_pack(pack)
    assert any(says in one for one in problems) or "does not hold entries" in problems[0], problems
    assert all(len(one) < 400 for one in problems)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"proof_outcome": "found"}, "says that it is proved, and holds no proof"),
        ({"proof_outcome": "found "}, "says that it is proved, and holds no proof"),
        ({"proof_outcome": "not-asked"}, "says that it is proved, and holds no proof"),
        ({"proves": None, "proof_outcome": "not-asked"}, "says that it is proved"),
        ({"proves": None, "files": None, "proof_outcome": "seen by all"}, "what no pack says"),
        ({"proves": None, "files": None, "proof_outcome": None}, "what no pack says"),
    ],
)
def test_an_entry_that_claims_a_proof_beside_a_good_one_is_named(
    pack: Path, changes: dict[str, Any], says: str
) -> None:
    told = json.loads((pack / CT).read_text())
    told["entries"].append(told["entries"][0] | {"proof": None, "leaf_index": 77} | changes)
    (pack / CT).write_text(json.dumps(told))
    reseal(pack)
    (problem,) = verify_pack(pack)
    assert problem.startswith(f"{CT}: entry 2 ") and says in problem


def test_what_stands_twice_in_ct_json_is_read_by_nobody(pack: Path) -> None:
    """Programs differ in which of the two they take."""
    text = (pack / CT).read_text()
    assert '"host"' in text
    (pack / CT).write_text(text.replace('"host"', '"host": "acme.example", "host"', 1))
    assert check_logged(pack).problems == (
        f"{CT} does not hold entries of logs as a pack has them.",
    )


def test_of_a_proved_entry_the_pack_tells_what_the_leaf_says(tmp_path: Path) -> None:
    """Also where the log served no more than names, so that nothing of the leaf was observed."""
    log = a_log(tmp_path / "log")
    entry = entry_of(made(tmp_path, log, kept(log)))
    own = log.entries[INDEX]
    assert entry["serial"] == f"{own.serial:02x}"
    assert entry["issuer_key_hash"] == (own.issuer_key_hash or b"").hex()
    assert entry["valid_from"] == "2026-07-01T00:00:05.000000Z"
    assert entry["valid_to"] == "2026-09-29T00:00:05.000000Z"
    assert entry["logged_at"] == "2026-07-01T00:00:05.000000Z"


def test_a_pack_that_does_not_say_whom_it_is_about_is_not_sound(pack: Path) -> None:
    (pack / "data/case.json").write_text("{}")
    reseal(pack)
    (problem,) = verify_pack(pack)
    assert "no proof can be held against the case" in problem
    (pack / "data/case.json").unlink()
    reseal(pack)
    first, second = verify_pack(pack)
    assert first.startswith("data/case.json, which says what the pack is about, is missing")
    assert second == problem


@pytest.mark.parametrize("name", ["ct/02/leaf.bin", "ct/01/more.der", "ct/leaf.bin", "ct/1/2/3"])
def test_what_lies_among_the_proofs_and_belongs_to_none_is_named(pack: Path, name: str) -> None:
    file = pack / "data/network" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")
    reseal(pack)
    told = f"'data/network/{name}' belongs to no proof of {CT}."
    assert verify_pack(pack) == (told,)
    (pack / CT).unlink()
    reseal(pack)
    assert told in verify_pack(pack)


def test_a_link_where_proofs_lie_shows_nothing_of_what_it_leads_to(
    pack: Path, tmp_path: Path
) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "diary.txt").write_text("x")
    shutil.rmtree(pack / "data/network/ct")
    (pack / "data/network/ct").symlink_to(tmp_path / "private")
    assert "diary" not in " ".join(verify_pack(pack))


@pytest.mark.parametrize("name", [CT, "data/case.json", "data/chain-head.json"])
def test_a_json_of_tens_of_megabytes_is_not_even_parsed(
    pack: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a zip of some kilobytes it would take gigabytes of memory."""
    (pack / name).write_bytes(b'{"entries": [' + b"[]," * (3 << 20) + b"[]]}")
    reseal(pack)
    loads = json.loads

    def small(text: str, **how: Any) -> Any:
        assert len(text) < 9 << 20
        return loads(text, **how)

    monkeypatch.setattr(json, "loads", small)
    assert verify_pack(pack) != ()


@pytest.mark.parametrize("name", ["leaf.bin", "log-key.pem", "head-signed.bin", "head.txt"])
def test_what_other_programs_are_given_is_what_ct_json_says(pack: Path, name: str) -> None:
    file = pack / "data/network/ct/01" / name
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    reseal(pack)
    (problem,) = verify_pack(pack)
    assert problem == f"data/network/ct/01/{name} is not what {CT} says."


@pytest.mark.parametrize(
    "content",
    ["", "7", "[]", "{}", '{"entries": 7}', '{"entries": [7]}', "[" * 100_000, '{"entries": {}}'],
)
def test_a_ct_json_of_anything_is_a_problem_and_no_crash(pack: Path, content: str) -> None:
    (pack / CT).write_text(content)
    found = check_logged(pack)
    assert found.proved == ()
    assert found.problems == (f"{CT} does not hold entries of logs as a pack has them.",)


def test_more_proofs_than_anybody_asks_for_are_not_computed(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = json.loads((pack / CT).read_text())
    told["entries"] *= 101
    (pack / CT).write_text(json.dumps(told))
    monkeypatch.setattr(ct_check, "proved", lambda _: pytest.fail("was computed"))
    assert check_logged(pack).problems == (f"{CT} holds more than 100 proofs.",)


def test_a_pack_of_an_older_namaak_without_proofs_is_as_sound_as_it_was(pack: Path) -> None:
    told = json.loads((pack / CT).read_text())
    for name in ("proof", "proof_outcome", "proof_says", "proves", "files", "proof_asked_at",
                 "told_by"):  # fmt: skip
        del told["entries"][0][name]
    del told["schema"]
    shutil.rmtree(pack / "data/network/ct")
    (pack / CT).write_text(json.dumps(told))
    assert check_logged(pack) == ct_check.Logged(proved=(), problems=())


def test_of_what_was_not_proved_the_pack_says_why(tmp_path: Path) -> None:
    log = a_log(tmp_path / "log")
    other = a_log(tmp_path / "other", origin="other.example")
    why = "The log is not there any more: 404."
    for number, (proofs, outcome, says) in enumerate((
        ((), "not-asked", "`namaak capture` asks"),
        ((kept(log, outcome="log-gone", says=why, proof=None),), "log-gone", why),
        ((kept(log, proof=document(other)),), "does-not-verify", "another place"),
        ((kept(log, proof=document(log, 3)),), "does-not-verify", "another place"),
        ((kept(log, proof=document(log) | {"path": []}),), "does-not-verify", "fit its head"),
        ((kept(log, proof={"hello": 1}),), "does-not-verify", "another form"),
        ((kept(log, leaf_index=INDEX + 1),), "not-asked", "asks"),
    )):  # fmt: skip
        pack = made(tmp_path / str(number), log, *proofs)
        entry = entry_of(pack)
        assert entry["proof"] is None and entry["proof_outcome"] == outcome, entry
        assert says in entry["proof_says"]
        assert verify_pack(pack) == ()
        missing = json.loads((pack / "data/missing.json").read_text())
        assert any(f"entry {INDEX}" in one["what"] and says in one["reason"] for one in missing)
        assert "not proved" in (pack / "data/report.html").read_text()


def test_a_proof_of_another_leaf_or_host_at_that_place_is_none(tmp_path: Path) -> None:
    log = a_log(tmp_path / "log")
    enclosed = Enclosed(log_proofs=[kept(log)])
    for change, says in (
        ({"evidence_hash": "ab" * 32}, "another entry than the one that was observed"),
        ({"host": "acme.example"}, "does not name acme.example"),
    ):
        (entry,) = log_entries([seen(log, **change)], enclosed)
        assert entry.outcome is Outcome.WRONG and says in (entry.says or "")
    (entry,) = log_entries([seen(log, evidence_hash=None, trust="names")], enclosed)
    assert entry.outcome is Outcome.FOUND


def test_a_proof_that_once_held_stays_when_the_log_is_gone_later(tmp_path: Path) -> None:
    log = a_log(tmp_path / "log")
    later = kept(log, asked_at="2026-11-22T12:00:00Z", outcome="log-gone", says="Gone.", proof=None)
    entry = entry_of(made(tmp_path, log, kept(log), later))
    assert (entry["proof_outcome"], entry["proof_asked_at"]) == ("found", NOW)


def test_of_several_proofs_the_earliest_time_is_told(tmp_path: Path) -> None:
    log = a_log(tmp_path / "log")
    proofs = [
        kept(log, proof=document(log, size=size), asked_at=f"2026-11-2{day}T12:00:00Z")
        for day, size in ((1, SIZE), (2, SIZE - 2), (3, SIZE - 1))
    ]
    (entry,) = log_entries([seen(log)], Enclosed(log_proofs=proofs))
    assert entry.proved is not None and entry.proved.head.size == SIZE - 2
    assert entry.asked_at == "2026-11-22T12:00:00Z"


def test_of_several_answers_without_a_proof_the_last_is_told(tmp_path: Path) -> None:
    log = a_log(tmp_path / "log")
    answers = [
        kept(log, proof=None, outcome=outcome, says=outcome, asked_at=f"2026-11-2{day}T12:00:00Z")
        for day, outcome in ((1, "unanswered"), (3, "log-gone"), (2, "not-offered"))
    ]
    (entry,) = log_entries([seen(log)], Enclosed(log_proofs=answers))
    assert (entry.outcome, entry.says) == (Outcome.GONE, "log-gone")


def test_that_a_later_capture_did_not_ask_takes_nothing_from_what_was_answered(
    tmp_path: Path,
) -> None:
    log = a_log(tmp_path / "log")
    answers = [
        kept(log, proof=None, outcome=outcome, says=outcome, asked_at=f"2026-11-2{day}T12:00:00Z")
        for day, outcome in ((1, "not-asked"), (2, "does-not-verify"), (3, "not-asked"))
    ]
    (entry,) = log_entries([seen(log)], Enclosed(log_proofs=answers))
    assert (entry.outcome, entry.asked_at) == (Outcome.WRONG, "2026-11-22T12:00:00Z")


def test_what_a_search_service_told_of_names_no_log(tmp_path: Path) -> None:
    log = a_log(tmp_path / "log")
    told = seen(log, source="crtsh", instance="acme", trust="unauthenticated", position=99)
    (entry,) = log_entries([told], Enclosed(log_proofs=[kept(log)]))
    assert entry.outcome is Outcome.UNASKED and "search service" in (entry.says or "")
    document = json.loads(ct_files([entry], [])[CT])["entries"][0]
    assert (document["log"], document["leaf_index"], document["told_by"]) == (None, None, "acme")


def test_more_entries_than_can_be_checked_are_left_out_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_CT_BYTES < MAX_TEXT_BYTES
    log = a_log(tmp_path / "log")
    rows = [seen(log, position=position) for position in (1, 2, 3, INDEX)]
    monkeypatch.setattr(log_entries_module, "MAX_CT_BYTES", 6_000)
    pack = made(tmp_path, log, kept(log), observations=rows)
    entries = json.loads((pack / CT).read_text())["entries"]
    left = 4 - len(entries)
    assert left > 0 and entries[-1]["proof_outcome"] == "found"
    missing = json.loads((pack / "data/missing.json").read_text())
    assert any(one["what"].startswith(f"{left} entries of certificate logs") for one in missing)
    assert verify_pack(pack) == ()


def test_a_notice_has_the_proof_too(tmp_path: Path) -> None:
    log = a_log(tmp_path / "log")
    pack = made(tmp_path, log, kept(log), profile=Profile.NOTICE)
    assert entry_of(pack)["proof_outcome"] == "found"
    assert verify_pack(pack) == ()


def test_names_of_a_stranger_are_made_harmless_in_the_report(tmp_path: Path) -> None:
    log = CtLog(tmp_path / "log")
    names = [
        HOST,
        "<script>alert(1)</script>",
        "\u202e.example",
        *(f"n{n}.example" for n in range(40)),
    ]
    log.append([*some_entries(INDEX), cheap_entry(names, number=INDEX)])
    log.append(some_entries(SIZE - INDEX - 1, start=INDEX + 1))
    strange = document(log)
    strange["log"]["description"] = "\x1b[2J<b>log</b>"
    pack = made(tmp_path, log, kept(log, proof=strange))
    assert verify_pack(pack) == ()
    page = (pack / "data/report.html").read_text()
    assert "<script>" not in page and "\u202e" not in page and "\x1b" not in page
    assert "and 35 more" in page
    assert "\x1b" not in " ".join(examine_pack(pack).proved)


# Other people's programs


needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="needs OpenSSL on the PATH"
)


def commands(pack: Path) -> list[str]:
    """Those of VERIFY.txt that are about logs, as a reader would copy them."""
    text = (pack / "VERIFY.txt").read_text()
    text = text[text.index("What certificate logs proved") :].replace("\\\n", "")
    found = re.findall(r"^  (openssl .*)$", text, re.MULTILINE)
    return [*found, text[text.index("python3 -") : text.index("\nEND\n") + 5]]


def run(command: str, pack: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd=pack, capture_output=True, text=True, timeout=60
    )


@needs_openssl
@pytest.mark.peer
def test_the_commands_of_verify_txt_work_as_they_stand(any_pack: tuple[Path, CtLog]) -> None:
    pack, _ = any_pack
    signature, certificate, path = commands(pack)
    assert run(signature, pack).stdout == "Verified OK\n"
    assert HOST in run(certificate, pack).stdout
    done = run(path, pack)
    assert done.returncode == 0, done.stderr
    assert f"entry {INDEX} is in the log" in done.stdout and "by 1782864011" in done.stdout


@needs_openssl
@pytest.mark.peer
def test_the_commands_of_verify_txt_fail_on_what_was_changed(pack: Path) -> None:
    signature, _, path = commands(pack)
    folder = pack / "data/network/ct/01"
    for name, command in (("head-signed.bin", signature), ("head-signature.bin", signature),
                          ("head-signed.bin", path), ("leaf.bin", path)):  # fmt: skip
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert run(command, pack).returncode != 0, (name, command)
        (folder / name).write_bytes(content)
    told = json.loads((pack / CT).read_text())
    told["entries"][0]["proof"]["path"][0] = "00" * 32
    (pack / CT).write_text(json.dumps(told))
    assert "does not lead to the signed root" in run(path, pack).stderr
