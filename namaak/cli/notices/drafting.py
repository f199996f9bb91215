"""`namaak notice draft` and `revise`: a notice from what is known, and what it lacks."""

from __future__ import annotations

import json as jsonlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from namaak.cli.acting import acting_person
from namaak.cli.notices.rows import told
from namaak.cli.options import Flag, Json, WatchPath, actor_that
from namaak.cli.output import say
from namaak.cli.writing import writing
from namaak.errors import UsageError
from namaak.visible import visible

if TYPE_CHECKING:
    from namaak.casework.notices.packing import Packed
    from namaak.casework.notices.preparing import Prepared
    from namaak.settings import Settings

#: A field that a person may say, of every case.
_EXAMPLE = "deadline=2026-12-31"


def draft(
    case_id: str,
    *,
    route: str | None = None,
    provider: str | None = None,
    template: str | None = None,
    language: str | None = None,
    field: list[str] | None = None,
    pack: Path | None = None,
    again: Flag = False,
    actor: Annotated[str | None, actor_that("drafts")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Draft a notice about a case; what it lacks is named, and nothing is sent.

    Contact and template are chosen by the case: the first contact of `namaak contacts`, and the
    template that fits it and what the evidence shows. Where a draft for the same provider and
    campaign lies ready, the case is added to it.

    Parameters
    ----------
    case_id
        Its id, or the beginning of it.
    route
        Whose door: host, network, cdn, registrar, registry, platform, store, blocklist, ...
    provider
        The provider's id, name or mail address.
    template
        Name of the template; see the reference.
    language
        en or nl, where the template is written in it.
    field
        What you say yourself, as in urls=https://acme-login.example/a; may be repeated.
    pack
        An evidence pack of the case, of the profile notice, folder or zip, to attach to the mail.
    again
        Another one, although a notice for this provider and campaign is open.
    """
    from namaak.casework.notices.choosing import Wanted
    from namaak.casework.notices.preparing import prepare
    from namaak.casework.reading import open_snapshot
    from namaak.evidence_store import EvidenceStore
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    who, now = acting_person(actor), datetime.now(UTC)
    wanted = Wanted(
        template=template, scope=route, provider=provider, language=language,
        given=_given(field), pack=_packed(pack), again=again,
    )  # fmt: skip
    store = EvidenceStore(settings.evidence)
    with open_snapshot(settings.casebook) as snapshot:
        made = prepare(
            snapshot, case_id, wanted, watch=settings.watch, read=store.read, now=now
        )  # fmt: skip
    return _keep(settings, made, who=who, now=now, again=again, json=json)


def revise(
    action_id: str,
    *,
    language: str | None = None,
    field: list[str] | None = None,
    pack: Path | None = None,
    actor: Annotated[str | None, actor_that("drafts")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Draft a notice anew from what is known today; an approved one is a draft again.

    Parameters
    ----------
    action_id
        Its id, or the beginning of it.
    language
        en or nl, where the template is written in it.
    field
        What you say yourself, as in urls=https://acme-login.example/a; may be repeated. What you
        said before is said again.
    pack
        An evidence pack of the profile notice to attach in place of the one before.
    """
    from namaak.casework.notices.preparing import prepare_again
    from namaak.casework.reading import open_snapshot
    from namaak.evidence_store import EvidenceStore
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    who, now = acting_person(actor), datetime.now(UTC)
    store = EvidenceStore(settings.evidence)
    with open_snapshot(settings.casebook) as snapshot:
        made = prepare_again(
            snapshot, action_id, watch=settings.watch, read=store.read, now=now,
            given=_given(field), pack=_packed(pack), language=language,
        )  # fmt: skip
    return _keep(settings, made, who=who, now=now, again=True, json=json)


def _keep(
    settings: Settings, made: Prepared, *, who: str, now: datetime, again: bool, json: bool
) -> int:
    from namaak.evidence_store import EvidenceStore

    made.keep(EvidenceStore(settings.evidence).keep)
    with writing(settings) as book:
        book.draft_action(made.row, made.case_ids, actor=who, now=now, again=again)
    if made.added_to:
        say(f"The case was added to {made.row['action_id']}, which is about its campaign.")
    _say_missing(made, now)
    return told(settings, made.row["action_id"], json=json)


def _say_missing(made: Prepared, now: datetime) -> None:
    from namaak.casework.action_rows import FRESH

    one = made.row["action_id"]
    missing = jsonlib.loads(made.row["missing"])
    needs = {
        sight.case_id: need for sight in made.sights if (need := sight.needs(since=now - FRESH))
    }
    if not missing and not needs:
        say(f"Complete; read it and approve it with `namaak notice approve {one}`.")
        return
    if missing:
        say(f"{one} is kept, and cannot be approved before this is mended:")
    for gap in missing:
        say(f"  {gap['field']}: {gap['do']}")
    if needs:
        say(f"{one} {'also ' if missing else ''}needs a capture of the last 24 hours of each case:")
        for case_id, need in needs.items():
            say(f"  {case_id}: {visible(need)}; capture it with `namaak capture {case_id}`")
        say(
            f"Then draft it anew with `namaak notice revise {one}`; or say why it goes without: "
            f"`namaak notice approve {one} --without-capture REASON`."
        )


def _given(field: list[str] | None) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for one in field or ():
        name, equals, value = one.partition("=")
        if not equals:
            raise UsageError(f"{one!r} is no field; write name=value, as in {_EXAMPLE}.")
        said.setdefault(name.strip().replace("-", "_"), []).append(value)
    return said


def _packed(pack: Path | None) -> Packed | None:
    from namaak.casework.notices.packing import read_pack

    return None if pack is None else read_pack(pack)
