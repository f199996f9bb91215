"""`namaak pack` and `verify`: evidence packs, and whether one is still what it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from namaak.cli.output import emit, say
from namaak.errors import LakeError, NamaakError

if TYPE_CHECKING:
    from namaak.brands import WatchFile
    from namaak.casework.reading import CaseFile
    from namaak.lake import Lake


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
        reports = reports_of(lake, found)
        # Several reports may stand at one line of a list; those of this subject were found by it.
        others = [row for place in places if place[0] != _REPORTING
                  if (row := lake.observation(*place))]  # fmt: skip
        seen = [*others, *reports]
        # The pictures compared are those of the strongest match by picture.
        shown = [match for match in found.matches if match["field"] == "image"]
        shown.sort(key=lambda match: (-match["strength"], match["match_id"]))
        pictures = (row["image_sha256"] for row in seen if row["image_sha256"])
        picture = shown[0]["value"] if shown else next(pictures, None)
        subject_image = lake.read_image(picture) if picture else None
        kept = {row["screenshot_sha256"] for row in reports} - {None}
        screenshots = {sha256: lake.read_image(sha256) for sha256 in sorted(kept)}
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
            screenshots={name: data for name, data in screenshots.items() if data is not None},
        )
    row = {"case_id": found.case["case_id"], "pack": str(made)}
    emit([row], ("case_id", "pack"), as_json=json, empty="")
    if not json:
        say(f"Open {made / 'data' / 'report.html'}; VERIFY.txt says how others can check the pack.")
    return 0


#: The source of what people report.
_REPORTING = "intake"


def reports_of(lake: Lake, found: CaseFile) -> list[dict[str, Any]]:
    """All that was reported of the case's subject, also under the handles that were known to be
    its own then: a match names only the first of them, because the others say nothing new."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    from namaak.records import OBSERVATION_SCHEMA

    subject = found.case["subject_key"]
    aliases = [one for one in found.aliases if one["outcome"] == "same"]
    aliases = [one for one in aliases if one["subject_key"] == subject]
    # A case may have been joined: what its matches name belongs to it under whichever key.
    matched = {
        (one["instance"], one["position"], one["subject_key"])
        for one in found.matches
        if one["source"] == _REPORTING
    }
    keys = {subject, *(one["alias_key"] for one in aliases), *(key for _, _, key in matched)}
    # Names of files begin with their source, which spares reading all the others.
    files = [
        str(file) for file in lake.observation_files() if file.stem.startswith(f"{_REPORTING}-")
    ]
    if not files:
        return []
    wanted = (ds.field("source") == _REPORTING) & ds.field("subject_key").isin(sorted(keys))
    try:
        stored = ds.dataset(files, schema=OBSERVATION_SCHEMA, format="parquet", partitioning=None)
        rows = stored.to_table(filter=wanted).to_pylist()
    except (OSError, pa.ArrowInvalid) as error:
        raise LakeError(
            f"What was reported cannot be read from the lake ({error}); restore it from a backup."
        ) from None
    return [
        row
        for row in rows
        if row["subject_key"] == subject
        or (row["instance"], row["position"], row["subject_key"]) in matched
        or _held(row, aliases)
    ]


def _held(row: Mapping[str, Any], aliases: list[dict[str, Any]]) -> bool:
    """Whether the handle was the subject's at the time that the report speaks of."""
    at = min(row["source_time"] or row["observed_at"], row["observed_at"])
    return any(
        one["alias_key"] == row["subject_key"] and one["held_from"] <= at < one["held_to"]
        for one in aliases
    )


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
