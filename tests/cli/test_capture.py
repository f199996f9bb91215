"""`namaak capture`: visits, keeps, tells; refuses in a sentence what it cannot visit."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from namaak.capturing import lacking
from namaak.casework.capture_reading import captures_of
from namaak.casework.casebook import Casebook
from namaak.casework.reading import open_snapshot, read_case
from namaak.cli import capture as command
from namaak.cli import invoke
from namaak.errors import UsageError
from namaak.evidence_store import EvidenceStore
from namaak.records import case_id
from namaak.settings import environment_settings
from tests.enriching.cases import host_match, made
from tests.enriching.world import allowed
from tests.peers import nginx, nsd

HOST, ACCOUNT, IMAGE = "waldermond-login.test", "account:x:77", f"image:{'a' * 64}"
CASE = case_id("waldermond", f"host:{HOST}")


@pytest.fixture(autouse=True)
def _no_other_folder(monkeypatch):
    for name in ("NAMAAK_DATA", "NAMAAK_WATCH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NAMAAK_ACTOR", "Ada Example")


@pytest.fixture
def world(tmp_path):
    matches = [
        host_match(HOST, odds=2.0),
        host_match(
            "x", odds=3.0, subject_key=ACCOUNT, subject_kind="account", field="handle",
            value="waldermond", resemblance="same-name", place="whole",
        ),
        host_match(
            "x", odds=3.0, subject_key=IMAGE, subject_kind="image", field="image",
            value="a" * 64, resemblance="same-image", place="whole",
        ),
    ]  # fmt: skip
    return made(tmp_path, 'resolvers = ["192.0.2.53"]', matches)


def ran(capsys, world, *tokens: str) -> tuple[int, str, str]:
    code = invoke(["capture", *tokens, "--watch", str(world.watch_path)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.peer
@pytest.mark.timeout(180)
def test_a_page_is_visited_kept_and_told(world, tmp_path, capsys, monkeypatch):
    if (reason := lacking()) is not None:
        pytest.skip(reason)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<title>Waldermond \u202e login</title>hello")
    zone = {"test": "* IN A 127.0.0.1\n"}
    with nsd(zone, tmp_path) as zones, nginx(tmp_path / "site") as served:
        text = world.watch_path.read_text().replace("192.0.2.53", zones.address)
        world.watch_path.write_text(f"{text}[evidence]\ncapture_seconds = 30\n")
        monkeypatch.setattr(command, "_allowed", allowed(served.port))
        url = f"http://{HOST}:{served.port}/"
        code, out, err = ran(capsys, world, CASE, "--url", url, "--json")
        assert code == 0, err
        # Loopback on any other port is refused, and that is kept as well.
        again, table, _ = ran(capsys, world, CASE, "--url", f"http://{HOST}:81/")
    row = json.loads(out)
    assert (row["outcome"], row["final_url"], row["operator"]) == ("ok", url, "Ada Example")
    assert again == 1
    assert "loopback" in table
    with open_snapshot(world.casebook) as snapshot:
        rows = captures_of(snapshot, CASE)
        kinds = [event["kind"] for event in read_case(snapshot, CASE).events]
    assert [one["outcome"] for one in rows] == ["failed", "ok"]
    assert kinds.count("captured") == 2
    store = EvidenceStore(world.evidence)
    assert store.read(rows[1]["wacz_sha256"]).startswith(b"PK")
    assert json.loads(store.read(rows[1]["document_sha256"]))["settings"]["seconds"] == "30"
    assert rows[0]["wacz_sha256"] is None


@pytest.mark.parametrize(
    ("tokens", "says"),
    [
        (("NK-ZZZZZZ",), "no case"),
        ((CASE, "--vantage", "berlin"), "no vantage 'berlin'"),
        ((CASE, "--url", "file:///etc/passwd"), "is no address of a page"),
        ((CASE, "--url", "https://ada:secret@a.test/"), "holds a password"),
        ((CASE, "--url", "https://[::1"), "is no address of a page"),
        ((case_id("waldermond", IMAGE),), "is about an image, which has no page of its own"),
        ((case_id("waldermond", ACCOUNT),), "Nobody told the address"),
    ],
)
def test_what_cannot_be_visited_is_wrong_use(world, capsys, tokens, says):
    code, out, err = ran(capsys, world, *tokens)
    assert (code, out) == (2, "")
    assert says in err


def test_without_a_browser_it_says_what_to_install(world, capsys, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    code, out, err = ran(capsys, world, CASE)
    assert (code, out) == (1, "")
    assert "no Chromium on the PATH" in err or 'the extra "capture"' in err
    assert err.count("\n") == 1


def test_without_the_extra_it_says_what_to_install(world, capsys, monkeypatch):
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *given: None if name == "wacz" else real(name)
    )
    code, _, err = ran(capsys, world, CASE)
    assert code == 1
    assert 'cannot be captured without wacz; install namaak with the extra "capture"' in err


def subject(kind: str, *profile: dict, events: list[dict] | None = None) -> SimpleNamespace:
    case = {"case_id": CASE, "subject_kind": kind, "subject": "waldermond-login.test"}
    return SimpleNamespace(case=case, profile=list(profile), events=events or [])


def version(**given) -> dict:
    return {"url": None, "platform": None, "handle": None, "native_id": None} | given


def test_a_host_is_asked_by_https_first():
    assert command.page_urls(subject("host")) == (f"https://{HOST}/", f"http://{HOST}/")


def test_the_link_with_which_a_person_asked_for_the_case_is_visited_first(world, capsys):
    settings = environment_settings(world.watch_path)
    with Casebook.writing(working=settings.working_casebook, published=world.casebook) as book:
        book._con.execute("insert into brands values ('waldermond', 'W', 'f', false, now())")
    opened = invoke([
        "open", f"https://{HOST}/login?id=7", "--brand", "waldermond", "--reason", "a mail",
        "--watch", str(world.watch_path),
    ])  # fmt: skip
    assert opened == 0
    capsys.readouterr()
    with open_snapshot(world.casebook) as snapshot:
        found = read_case(snapshot, CASE)
    root = (f"https://{HOST}/", f"http://{HOST}/")
    assert command.page_urls(found) == (f"https://{HOST}/login?id=7", *root)


def test_a_link_of_a_person_is_enough_where_nobody_else_told_one():
    def note(url: str | None) -> dict:
        return {"kind": "noted", "data": json.dumps({"note": "x", "by_hand": True, "url": url})}

    asked = [note("https://a.test/old"), note("https://a.test/new"), note(None)]
    other = {"kind": "noted", "data": json.dumps({"note": "x", "url": "https://b.test/"})}
    assert command.page_urls(subject("app", events=[*asked, other])) == ("https://a.test/new",)


def test_an_account_or_app_is_visited_where_it_was_last_seen():
    known = subject("account", version(url="https://a.test/old"), version(url="https://a.test/new"))
    assert command.page_urls(known) == ("https://a.test/new",)


def test_an_address_that_nobody_told_is_written_as_the_platform_does():
    known = subject("account", version(platform="linkedin", handle="in/acme-desk"))
    assert command.page_urls(known) == ("https://www.linkedin.com/in/acme-desk/",)
    with pytest.raises(UsageError, match="--url"):
        command.page_urls(subject("app", version(platform="nowhere", handle="x")))
