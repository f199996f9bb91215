"""`namaak pack` and `verify` as a person types them: profiles, keys, stamps, and what is told."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from detectors import observations
from detectors.suffixes import registrable_domain
from namaak.casework import ranking
from namaak.casework.capture_reading import packs_of
from namaak.casework.casebook import Casebook
from namaak.casework.evidence.checking import verify_pack
from namaak.casework.reading import open_snapshot, read_case
from namaak.casework.subjects import host_domains, subject_texts
from namaak.cli import invoke
from namaak.decoding.reading import decoded_logos, kept_pictures
from namaak.decoding.workers import Decoders
from namaak.enrolment import enrol
from namaak.fetch import Allowed
from namaak.gathering import gather_instance, open_instances, wanted_sources
from namaak.lake import Lake
from namaak.packing import make_pack
from namaak.settings import load_settings
from tests.casework.evidence.conftest import Authority, authority, key  # noqa: F401
from tests.casework.evidence.test_pack import reseal
from tests.casework.evidence.test_wacz import archive

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WATCH = """
[watch]
contact = "abuse@waldermond.example"
data = "kept"
[brands.waldermond]
name = "Waldermond"
domains = ["waldermond.example"]
logos = ["waldermond.png"]
[[brands.waldermond.marks]]
text = "WALDERMOND"
office = "BOIP"
number = "1234567"
[evidence]
authority_letter = "letter.pdf"
timestamp_url = "http://127.0.0.1:PORT/tsr"
timestamp_chain = "chain.pem"
[evidence.certificates]
"1234567" = "nowhere.pdf"
[sources.files]
[[sources.files.inputs]]
path = "hosts.txt"
kind = "host"
"""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Path:  # noqa: F811
    folder = tmp_path_factory.mktemp("made")
    (folder / "watch.toml").write_text(WATCH.replace("PORT", str(authority.port)))
    (folder / "hosts.txt").write_text("waldermond-login.test\n")
    (folder / "letter.pdf").write_bytes(b"%PDF-1.7 letter")
    (folder / "chain.pem").write_bytes(authority.chain)
    shutil.copy(ROOT / "examples" / "logos" / "waldermond.png", folder)
    settings = load_settings(folder / "watch.toml", {})
    for source, instance in open_instances(wanted_sources(settings.watch)):
        gather_instance(source, instance, settings.lake, now=lambda: NOW)
    enrolled = enrol(settings.watch, detectors=observations.version())
    with (
        Decoders() as decoders,
        Lake(settings.lake) as lake,
        Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book,
    ):
        logos = decoded_logos(enrolled.logos, decoders)
        watchlist = observations.compile_watchlist(enrolled.brands, logos)
        read = partial(kept_pictures, read_image=lake.read_image, decoders=decoders)
        book.record_brands(enrolled.brands, enrolled.fingerprints, now=NOW)
        for work in lake.pending(enrolled.fingerprints):
            for batch in work.batch_ids:
                found = observations.match_observations(lake.observations(batch), watchlist, read)
                lake.record_matches(
                    batch, dict(enrolled.fingerprints), found.matches,
                    pictures=found.pictures, detected_at=NOW,
                )  # fmt: skip
        for file in lake.match_files():
            matches = lake.matches(file)
            book.load_matches(
                matches, file=file.name, rank=ranking.rank, brand_names={},
                subjects=subject_texts(lake.observations(file.batch_id), matches),
                domains=host_domains(matches, registrable_domain), now=NOW,
                rank_version=ranking.VERSION,
            )  # fmt: skip
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for name in ("NAMAAK_DATA", "NAMAAK_WATCH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NAMAAK_ACTOR", "an analyst")
    return tmp_path


@pytest.fixture
def namaak(folder: Path, capsys: pytest.CaptureFixture[str]):
    def run(*tokens: str) -> Ran:
        capsys.readouterr()
        code = invoke(list(tokens))
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def case_id(namaak) -> str:
    return json.loads(namaak("cases", "--json").out.splitlines()[0])["case_id"]


def row_of(ran: Ran) -> dict:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_a_signed_pack_is_made_recorded_zipped_and_verified(
    namaak,
    folder: Path,
    case_id: str,
    key: Path,  # noqa: F811
) -> None:
    row = row_of(namaak("pack", case_id, "--sign", str(key), "--no-stamp", "--no-pdf", "--zip",
                        "--json"))  # fmt: skip
    assert row["signed"] and not row["stamped"]
    pack = Path(row["pack"])
    with open_snapshot(folder / "kept" / "casebook.duckdb") as snapshot:
        (kept,) = packs_of(snapshot, case_id)
        event = read_case(snapshot, case_id).events[-1]
    assert (event["kind"], event["actor"]) == ("packed", "an analyst")
    assert json.loads(event["data"])["tagmanifest_sha256"] == row["tagmanifest_sha256"]
    assert kept["signed"] and kept["profile"] == "full"
    with zipfile.ZipFile(row["zip"]) as zipped:
        assert f"{pack.name}/bagit.txt" in zipped.namelist()
        assert len(zipped.namelist()) == sum(1 for one in pack.rglob("*") if one.is_file())
    signers = folder / "signers"
    signers.write_text(f"abuse@waldermond.example {key.with_suffix('.pub').read_text()}")
    ran = namaak("verify", str(pack), "--signers", str(signers))
    assert ran.code == 0
    assert "signed by abuse@waldermond.example (who you say may sign)" in ran.out
    signers.write_text("")
    ran = namaak("verify", str(pack), "--signers", str(signers))
    assert ran.code == 1 and "none of the allowed signers" in ran.err


def test_the_text_names_the_zip_and_the_case_its_packs(namaak, case_id: str) -> None:
    ran = namaak("pack", case_id, "--no-pdf", "--zip", "-o", "made")
    assert ran.code == 0, ran.err
    (zipped,) = Path("made").glob("*.zip")
    assert str(zipped) in ran.out
    assert ".zip" not in namaak("pack", case_id, "--no-pdf", "-o", "other").out
    shown = namaak("case", case_id).out
    assert f"made/{zipped.stem}" in shown.partition("Packs that were made of it")[2]
    assert "a second name, picture or text counts half" in shown


def test_papers_of_the_watch_file_are_enclosed_or_said_to_be_missing(namaak, case_id: str) -> None:
    row = row_of(namaak("pack", case_id, "--no-stamp", "--no-pdf", "--json"))
    pack = Path(row["pack"])
    assert (pack / "data/brand/authority-letter.pdf").read_bytes() == b"%PDF-1.7 letter"
    assert json.loads((pack / "data/brand/marks.json").read_text())[0]["number"] == "1234567"
    assert "certificate of mark 1234567" in row["missing"]
    assert "Fresh capture (WACZ, screenshots)" in row["missing"]
    assert (pack / "data/exports/case.csv").read_text().count(case_id) == 1


def test_an_authority_at_an_address_that_is_nobody_s_is_not_asked_and_the_pack_says_so(
    namaak,
    case_id: str,
    authority: Authority,  # noqa: F811
) -> None:
    asked = len(authority.asked)
    ran = namaak("pack", case_id, "--no-pdf")
    assert ran.code == 0
    assert "The time-stamp authority gave no answer" in ran.err
    assert len(authority.asked) == asked


@pytest.mark.peer
def test_a_time_stamp_is_asked_for_through_the_door_to_the_network(
    folder: Path,
    case_id: str,
    authority: Authority,  # noqa: F811
) -> None:
    settings = load_settings(folder / "watch.toml", {})
    found, pack = make_pack(
        settings, case_id, output=folder / "packs", now=NOW, pdf=False,
        allow=(Allowed("127.0.0.1", authority.port),),
    )  # fmt: skip
    assert found.case["case_id"] == case_id
    assert pack.stamped and pack.doubts == ()
    assert authority.asked[-1][0] == "application/timestamp-query"
    assert verify_pack(pack.path) == ()
    command = ["openssl", "ts", "-verify", "-data", "tagmanifest-sha256.txt", "-in",
               "tagmanifest-sha256.txt.tsr", "-CAfile", "tsa-chain.pem"]  # fmt: skip
    done = subprocess.run(command, cwd=pack.path, capture_output=True, timeout=60)
    assert done.returncode == 0


def test_a_notice_is_small_and_names_nobody(namaak, case_id: str) -> None:
    row = row_of(namaak("pack", case_id, "--profile", "notice", "--no-stamp", "--no-pdf",
                        "--language", "nl", "--json"))  # fmt: skip
    pack = Path(row["pack"])
    assert row["bytes"] <= 5_000_000
    assert not (pack / "data" / "events.jsonl").exists()
    page = (pack / "data" / "report.html").read_text()
    assert '<html lang="nl">' in page and "Waarom deze score" in page
    assert "an analyst" not in page
    assert namaak("verify", str(pack)).code == 0


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--sign", "no-such-key"), 2, "There is no key at no-such-key"),
        (("--max-bytes", "1000"), 1, "does not fit into 1000 bytes"),
        (("--profile", "thin"), 2, "profile"),
    ],
)
def test_what_cannot_be_made_leaves_no_pack(
    namaak, folder: Path, case_id: str, options: tuple[str, ...], code: int, said: str
) -> None:
    ran = namaak("pack", case_id, "--no-stamp", "--no-pdf", *options)
    assert ran.code == code
    assert said in ran.err
    assert not (folder / "packs").exists()


def test_a_stamp_without_an_authority_is_wrong_use(namaak, folder: Path, case_id: str) -> None:
    lines = (folder / "watch.toml").read_text().splitlines()
    kept = [line for line in lines if not line.startswith("timestamp_")]
    (folder / "watch.toml").write_text("\n".join(kept))
    ran = namaak("pack", case_id, "--stamp", "--no-pdf")
    assert ran.code == 2 and "names no time-stamp authority" in ran.err


def test_a_page_that_cannot_be_captured_spoils_no_pack(
    namaak, folder: Path, case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from namaak.capturing import taking

    with (folder / "watch.toml").open("a") as watch:
        watch.write('[enrichment]\nresolvers = ["127.0.0.1:53"]\n')
    monkeypatch.setattr(taking, "lacking", lambda: "There is no browser here.")
    ran = namaak("pack", case_id, "--capture", "--no-stamp", "--no-pdf", "--json")
    row = row_of(ran)
    assert "There is no browser here." in ran.err
    assert "Fresh capture (WACZ, screenshots)" in row["missing"]


def test_a_hostile_pack_is_one_message_that_moves_no_cursor(
    namaak, folder: Path, case_id: str
) -> None:
    pack = Path(row_of(namaak("pack", case_id, "--no-stamp", "--no-pdf", "--json"))["pack"])
    place = pack / "data" / "captures" / "x" / "capture.wacz"
    place.parent.mkdir(parents=True, exist_ok=True)
    odd = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://x/ \x1b[2J\r\n\r\n"
    for content in (archive(odd), archive(b"WARC/1.1\r\nWARC-Type: response\r\n\r\n"),
                    archive(odd, compression=zipfile.ZIP_LZMA)):  # fmt: skip
        place.write_bytes(content)
        reseal(pack)
        ran = namaak("verify", str(pack))
        assert ran.code == 1 and ran.out == ""
        assert ran.err.startswith("namaak: ") and "capture.wacz" in ran.err
        assert "\x1b" not in ran.err and "Traceback" not in ran.err
    told = json.loads(namaak("verify", str(pack), "--json").out)
    assert told["sound"] is False
    assert any("capture.wacz" in problem for problem in told["problems"])


def test_as_json_a_sound_pack_is_one_object_that_says_what_was_checked(
    namaak, case_id: str
) -> None:
    pack = row_of(namaak("pack", case_id, "--no-stamp", "--no-pdf", "--json"))["pack"]
    told = row_of(namaak("verify", pack, "--json"))
    assert (told["pack"], told["sound"], told["problems"]) == (pack, True, [])
    by = {check["what"]: (check["by"], check["result"]) for check in told["checks"]}
    assert by["files"][1] == "good" and str(by["files"][0]).startswith("namaak ")
    assert by["signature"] == (None, "absent")


def test_a_pack_in_one_file_is_verified_as_its_folder_is(
    namaak, case_id: str, folder: Path
) -> None:
    row = row_of(namaak("pack", case_id, "--no-stamp", "--no-pdf", "--zip", "--json"))
    zipped = Path(row["zip"])
    shutil.rmtree(row["pack"])
    told = row_of(namaak("verify", str(zipped), "--json"))
    assert (told["pack"], told["sound"], told["problems"]) == (str(zipped), True, [])
    assert namaak("verify", str(zipped)).code == 0

    changed = folder / "changed.zip"
    with zipfile.ZipFile(zipped) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            odd = b" " if entry.filename.endswith("/data/case.json") else b""
            new.writestr(zipfile.ZipInfo(entry.filename), content + odd)
    ran = namaak("verify", str(changed))
    assert ran.code == 1
    assert f"The pack {changed} is not what it was" in ran.err and "data/case.json" in ran.err


@pytest.mark.parametrize(
    ("name", "says"),
    [("a/case.json", "there is no bagit.txt"), ("../up", "is no pack in one file")],
)
def test_a_zip_that_is_no_pack_is_refused(namaak, folder: Path, name: str, says: str) -> None:
    odd = folder / "odd.zip"
    with zipfile.ZipFile(odd, "w") as made:
        made.writestr(zipfile.ZipInfo(name), b"{}")
    ran = namaak("verify", str(odd))
    assert ran.code == 1 and says in ran.err
    assert not (folder.parent / "up").exists()
    odd.write_bytes(b"no zip")
    ran = namaak("verify", str(odd))
    assert ran.code == 1 and "is no pack in one file" in ran.err


def test_verifying_nothing_is_wrong_use(namaak, folder: Path) -> None:
    assert namaak("verify", "nowhere").code == 2
    ran = namaak("verify", "nowhere", "--signers", "no-file")
    assert ran.code == 2
