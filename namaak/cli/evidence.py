"""`namaak pack` and `verify`: evidence packs, and whether one is still what it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from namaak.cli.output import emit, say
from namaak.errors import NamaakError

if TYPE_CHECKING:
    from namaak.brands import WatchFile


def register(app: App) -> None:
    """Add the commands."""
    app.command(pack)
    app.command(verify)


def pack(
    case_id: str,
    *,
    output: Annotated[Path, Parameter(name=("--output", "-o"))] = Path("packs"),
    watch: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Write the evidence pack of a case: a BagIt bag that others can verify without namaak.

    Parameters
    ----------
    case_id
        Its id, or the beginning of it.
    output
        The folder to write it into; made where it is missing.
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    json
        One JSON object with the pack's path.
    """
    from dataclasses import asdict

    from namaak import __version__
    from namaak.casework.pack import write_pack
    from namaak.casework.reading import chain_head, open_snapshot, read_case
    from namaak.decoding.workers import Decoders
    from namaak.lake import Lake
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    with open_snapshot(settings.casebook) as snapshot:
        found = read_case(snapshot, case_id)
        head = chain_head(snapshot)
    places = dict.fromkeys(
        (match["source"], match["instance"], match["position"]) for match in found.matches
    )
    with Lake(settings.lake) as lake:
        seen = [row for place in places if (row := lake.observation(*place))]
        # The pictures compared are those of the strongest match by picture.
        shown = [match for match in found.matches if match["field"] == "image"]
        shown.sort(key=lambda match: (-match["strength"], match["match_id"]))
        others = (row["image_sha256"] for row in seen if row["image_sha256"])
        picture = shown[0]["value"] if shown else next(others, None)
        subject_image = lake.read_image(picture) if picture else None
    organisation = settings.watch.organisation
    with Decoders(1) as decoders:
        made = write_pack(
            found,
            output=output,
            now=datetime.now(UTC),
            contact=settings.watch.watch.contact,
            organisation=organisation.name if organisation else None,
            observations=seen,
            subject_image=subject_image,
            logo=_logo(settings.watch, found.case["brand_id"], shown),
            decode=decoders.decode,
            version=__version__,
            chain_head=asdict(head),
        )
    row = {"case_id": found.case["case_id"], "pack": str(made)}
    emit([row], ("case_id", "pack"), as_json=json, empty="")
    if not json:
        say(f"Open {made / 'data' / 'report.html'}; VERIFY.txt says how others can check the pack.")
    return 0


def _logo(watch: WatchFile, brand_id: str, shown: list[dict[str, Any]]) -> bytes | None:
    """The logo that a picture of the case resembles, or else the brand's first; as it is now."""
    brand = watch.brands.get(brand_id)
    if brand is None or not brand.logos:
        return None
    matched = shown[0]["term"] if shown else None
    path = next((logo for logo in brand.logos if str(logo) == matched), brand.logos[0])
    try:
        return watch.resolve(path).read_bytes()
    except OSError as error:
        say(f"namaak: the logo {path} cannot be read ({error.strerror}); the pack says so.")
        return None


def verify(pack: Path, *, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Check an evidence pack: every file's digests, nothing added, and the case's history.

    Parameters
    ----------
    pack
        The pack's folder.
    json
        One JSON object per problem.
    """
    from namaak.casework.pack import verify_pack

    problems = verify_pack(pack)
    if json:
        emit(({"pack": str(pack), "problem": one} for one in problems), (), as_json=True, empty="")
    if problems and not json:
        raise NamaakError("\n  - ".join((f"The pack {pack} is not what it was:", *problems)))
    if not json:
        print(f"{pack} is whole: files, manifests and history agree.")
    return 1 if problems else 0
