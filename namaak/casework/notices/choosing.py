"""Which door and which template a notice takes, out of what is known and what a person asks for.

What a person leaves out is chosen: the first contact of the case that fits, and the template that
may claim there what the evidence supports.
May import: namaak.casework.contacts, namaak.casework.notices.{composing, packing, templates},
namaak.brands and errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from namaak.brands import WatchFile
from namaak.casework.contacts.ladder import rung_of_scope
from namaak.casework.contacts.providers import Route, route_of
from namaak.casework.contacts.reading import contacts_of
from namaak.casework.contacts.scopes import Abuse
from namaak.casework.notices.composing import DEFAULT_MAX_BYTES, Door
from namaak.casework.notices.packing import Packed
from namaak.casework.notices.templates import Template, fitting, template
from namaak.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person asked for; what is left out is chosen."""

    template: str | None = None
    scope: str | None = None
    provider: str | None = None  #: its id, name or address
    language: str | None = None
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)
    pack: Packed | None = None
    again: bool = False


def claims_of(given: Mapping[str, Sequence[str]], supported: Iterable[str]) -> list[str]:
    """What a person says it is; else what the evidence supports."""
    said = given.get("abuse")
    return sorted(said if said is not None else map(str, supported))


def door_of(
    con: duckdb.DuckDBPyConnection, case_id: str, subject_kind: str, wanted: Wanted
) -> tuple[Door, Route | None]:
    """The first contact that fits what was asked for. Raises UsageError."""
    rows = contacts_of(con, case_id)
    fit = [row for row in rows if _fits(row, wanted)]
    if not fit:
        asked = " ".join(part for part in (wanted.scope, wanted.provider) if part) or "any door"
        if wanted.template and (by_hand := _without_contact(wanted)) is not None:
            return by_hand, None
        raise UsageError(
            f"No contact of {case_id} fits {asked}; find them with `namaak contacts {case_id}`, or "
            "name an address with --provider and its place with --route."
        )
    row = fit[0]
    route = route_of(row["provider_id"], row["channel"], row["address"], row["scope"])
    return as_door(row, subject_kind, route), route


def _fits(row: Mapping[str, Any], wanted: Wanted) -> bool:
    if wanted.scope is not None and wanted.scope != row["scope"]:
        return False
    if wanted.provider is not None:
        names = (row["provider_id"], row["provider_name"], row["address"])
        if wanted.provider.casefold() not in {str(name).casefold() for name in names if name}:
            return False
    if wanted.template is not None:
        form = template(wanted.template)
        return row["scope"] in form.scopes and row["channel"] in form.channels
    return True


def _without_contact(wanted: Wanted) -> Door | None:
    """A person names template and address: a letter to a holder, a complaint to a body."""
    form = template(wanted.template or "")
    scope = wanted.scope or form.scopes[0]
    if scope not in form.scopes:
        return None
    address = wanted.provider if wanted.provider and "@" in wanted.provider else None
    channel = "mail" if address and "mail" in form.channels else "post"
    if channel not in form.channels:
        return None
    return Door(scope=scope, channel=channel, address=address,
                provider_name=None if address else wanted.provider)  # fmt: skip


def as_door(row: Mapping[str, Any], subject_kind: str, route: Route | None) -> Door:
    rung = rung_of_scope(row["scope"], subject_kind)
    return Door(
        scope=row["scope"],
        channel=row["channel"],
        address=row["address"],
        provider_id=row["provider_id"],
        provider_name=row["provider_name"],
        rung=rung.id if rung else None,
        required=route.required if route else (),
        max_bytes=(route.max_bytes if route else None) or DEFAULT_MAX_BYTES,
        days=route.days if route else None,
    )


def template_of(
    door: Door,
    subject_kind: str,
    platform: str | None,
    claimed: Sequence[str],
    route: Route | None,
    wanted: Wanted,
) -> Template:
    if wanted.template is not None:
        return template(wanted.template)
    allowed = claimed
    if route is not None:
        allowed = [word for word in claimed if word in frozenset(map(str, route.accepts))]
    form = fitting(
        scope=door.scope, channel=door.channel, subject_kind=subject_kind, abuse=allowed,
        provider_id=door.provider_id, platform=platform, hint=route.template if route else None,
    )  # fmt: skip
    if form is None:
        takes = claims_taken(door, subject_kind, platform, route)
        if not takes:
            raise UsageError(
                f"No template may claim anything of this case at {door.name} ({door.scope}, "
                f"{door.channel}); try another --route, or name one with --template."
            )
        says = "you say it is" if "abuse" in wanted.given else "the evidence shows"
        raise UsageError(
            f"{door.name} ({door.scope}, {door.channel}) takes notices of {', '.join(takes)}, and "
            f"{says} {', '.join(claimed) or 'nothing that a notice may claim'}; try "
            f"another --route, or say what you saw yourself, as in --field abuse={takes[0]}."
        )
    return form


def claims_taken(
    door: Door, subject_kind: str, platform: str | None, route: Route | None
) -> list[str]:
    """What may be claimed at a door about such a subject, the gravest first."""
    accepted = list(Abuse) if route is None else [one for one in Abuse if one in route.accepts]
    return [
        str(one)
        for one in accepted
        if fitting(
            scope=door.scope,
            channel=door.channel,
            subject_kind=subject_kind,
            abuse=[str(one)],
            provider_id=door.provider_id,
            platform=platform,
        )
    ]


def language_of(form: Template, wanted: str | None, watch: WatchFile) -> str:
    if wanted is not None:
        if wanted not in form.languages:
            raise UsageError(
                f"{form.name} is not written in {wanted!r}; use one of {', '.join(form.languages)}."
            )
        return wanted
    ours = watch.notices.language
    return ours if ours in form.languages else form.languages[0]
