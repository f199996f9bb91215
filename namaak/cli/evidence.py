"""`namaak pack` and `verify`: evidence packs, and whether one is still what it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from namaak.cli.acting import acting_person
from namaak.cli.options import Flag, WatchPath, actor_that, as_json
from namaak.cli.output import emit, say
from namaak.errors import NamaakError, UsageError

if TYPE_CHECKING:
    from namaak.casework.evidence.ct_check import ListedLog
    from namaak.casework.evidence.pack import Made


def register(app: App) -> None:
    """Add the commands."""
    app.command(pack)
    app.command(verify)


def pack(
    case_id: str,
    *,
    output: Annotated[Path, Parameter(name=("--output", "-o"))] = Path("packs"),
    profile: Literal["full", "notice"] = "full",
    max_bytes: int | None = None,
    capture: Flag = False,
    sign: Path | None = None,
    stamp: bool | None = None,
    zip: Flag = False,
    pdf: Annotated[bool, Parameter(negative="--no-pdf")] = True,
    language: Literal["en", "nl"] = "en",
    actor: Annotated[str | None, actor_that("makes it")] = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("with the pack's path and digest, and what is missing")] = False,
) -> int:
    """Write the evidence pack of a case: a BagIt bag that others can verify without namaak.

    It holds what is there and says what is missing: the page as it was visited, registrations,
    comparisons, the brand's papers, the history, what was asked of whom. That it was made is
    written into the case.

    Parameters
    ----------
    case_id
        Its id, or the beginning of it.
    output
        The folder to write it into; made where it is missing.
    profile
        full for court, disputes and the archive; notice for a provider: what it needs to act,
        small enough for its mail, without names of your staff; what the account says of itself,
        former names included, stays, as evidence.
    max_bytes
        What the recipient takes at most; a notice has 5 MB without it.
    capture
        Visit the page first, as `namaak capture` does; its server sees that somebody looked.
    sign
        A key of OpenSSH to sign with, or its .pub where an agent holds it; else signing_key of
        [evidence].
    stamp
        Ask the authority of [evidence] for a time stamp; done without saying where one is named.
    zip
        Write the pack as one .zip beside the folder, too.
    pdf
        Print the report as PDF/A, too; needs the extra `report`.
    language
        Which label comes first in the report.
    """
    from namaak.casework.casebook import Casebook
    from namaak.casework.evidence.material import Profile
    from namaak.casework.evidence.zipping import zip_pack
    from namaak.packing import make_pack, pack_row
    from namaak.settings import environment_settings

    person = acting_person(actor)
    settings = environment_settings(watch)
    if capture:
        _capture_first(case_id, actor=person, watch=watch)
    now = datetime.now(UTC)
    wanted = Profile(profile)
    found, made = make_pack(
        settings,
        case_id,
        output=output,
        now=now,
        profile=wanted,
        max_bytes=max_bytes,
        language=language,
        sign=sign,
        stamp=stamp,
        pdf=pdf,
    )
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.record_pack(pack_row(found, made, actor=person, now=now, profile=wanted))
    zipped = zip_pack(made.path, now=now) if zip else None
    row = {
        "case_id": found.case["case_id"],
        "pack": str(made.path),
        "zip": None if zipped is None else str(zipped),
        "profile": profile,
        "bytes": made.size,
        "signed": made.signed,
        "stamped": made.stamped,
        "tagmanifest_sha256": made.tagmanifest_sha256,
        "missing": [what for what, _ in made.missing],
    }
    columns = ("case_id", "pack") if zipped is None else ("case_id", "pack", "zip")
    emit([row], columns, as_json=json, empty="")
    if not json:
        _tell(made)
    return 0


def _tell(made: Made) -> None:
    for doubt in made.doubts:
        say(f"namaak: {doubt}")
    if made.missing:
        names = ", ".join(what for what, _ in made.missing[:4])
        more = f" and {len(made.missing) - 4} more" if len(made.missing) > 4 else ""
        say(f"Missing: {names}{more}; data/missing.json says why.")
    say(
        f"Open {made.path / 'data' / 'report.html'}; VERIFY.txt says how others can check the pack."
    )
    say(f"Its digest, to be told by another way: {made.tagmanifest_sha256}")


def _capture_first(case_id: str, *, actor: str, watch: Path | None) -> None:
    """A visit that fails is no reason to have no pack: it is kept as what it is, and told."""
    import sys
    from contextlib import redirect_stdout

    from namaak.cli.capture import capture

    try:
        # What the visit came to is talk here; the result is the pack.
        with redirect_stdout(sys.stderr):
            failed = capture(case_id, actor=actor, watch=watch) != 0
    except UsageError:
        raise
    except NamaakError as error:
        failed = True
        say(f"namaak: {error}")
    if failed:
        say("namaak: the page could not be captured; the pack is made of what there is.")


def verify(
    pack: Path,
    *,
    signers: Path | None = None,
    tsa_chain: Path | None = None,
    logs: Path | None = None,
    json: Flag = False,
) -> int:
    """Check an evidence pack: files, history, signature, time stamp, web archives, log entries.

    Parameters
    ----------
    pack
        The pack's folder, or the one file that --zip made of it.
    signers
        Who may have signed it, as an allowed_signers file of OpenSSH; else the pack's own, which
        proves that one key signed all of it and not whose.
    tsa_chain
        Certificates of the time-stamp authority that you trust, PEM; else the pack's own.
    logs
        A list of certificate logs that you trust, such as browsers publish (log_list.json): proofs
        of other logs do not count then. Without it nobody checks that a log is public: its key
        comes with the pack; compare the log ids yourself.
    json
        One JSON object: whether it is sound, the problems, and each check with what did it.
    """
    from namaak.casework.evidence.checking import examine_pack

    known = None if logs is None else _listed_logs(logs)
    examined = examine_pack(pack, signers=signers, tsa_chain=tsa_chain, logs=known)
    problems = examined.problems
    if json:
        checks = [
            {"what": one.what, "by": one.by, "result": one.result, "says": one.says}
            for one in examined.checks
        ]
        row = {"pack": str(pack), "sound": not problems, "problems": problems, "checks": checks}
        emit([row], (), as_json=True, empty="")
        return 1 if problems else 0
    if problems:
        raise NamaakError("\n  - ".join((f"The pack {pack} is not what it was:", *problems)))
    for proof in examined.proved:
        print(f"{pack}: {proof}")
    return 0


def _listed_logs(file: Path) -> dict[str, ListedLog]:
    from namaak.casework.evidence.ct_check import ListedLog
    from namaak.sources.certificates.log_list import MAX_LIST_BYTES, LogListError, read_log_keys

    try:
        with file.open("rb") as opened:
            logs, _ = read_log_keys(opened.read(MAX_LIST_BYTES + 1))
    except OSError as error:
        raise UsageError(
            f"The list of logs {file} cannot be read ({error.strerror}); name another."
        ) from None
    except LogListError as error:
        raise UsageError(f"The list of logs {file} {error}; name another.") from None
    return {log.log_id.hex(): ListedLog(key=log.key, description=log.description) for log in logs}
