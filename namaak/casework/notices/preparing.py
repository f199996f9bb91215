"""A notice from what the casebook holds, through a door that was chosen; ready to be kept.

Reads an open snapshot; stores and clock come as arguments. Writing it down is for
namaak.casework.actions, and nothing here goes out.
May import: the rest of namaak.casework.notices but sending, namaak.casework.contacts,
capture_reading, reading and followup.reading, namaak.brands, errors and records.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from namaak.brands import WatchFile
from namaak.casework.capture_reading import captures_of, packs_of
from namaak.casework.contacts.facts import case_facts
from namaak.casework.contacts.ladder import due_at as ladder_due_at
from namaak.casework.contacts.providers import route_of
from namaak.casework.contacts.scopes import Abuse
from namaak.casework.followup.reading import checks_of
from namaak.casework.notices.choosing import (
    Wanted,
    as_door,
    claims_of,
    door_of,
    language_of,
    template_of,
)
from namaak.casework.notices.composing import (
    Composed,
    Door,
    Thread,
    action_id,
    compose,
    plain,
)
from namaak.casework.notices.covering import (
    at_provider,
    covered_sentence,
    covering_action,
)
from namaak.casework.notices.drafting import Missing, draft
from namaak.casework.notices.facts import About, gather
from namaak.casework.notices.material import Material, last_capture
from namaak.casework.notices.packing import Packed, packed_for
from namaak.casework.notices.reading import actions_near, cases_of, read_action
from namaak.casework.notices.sights import Sight, sight_of
from namaak.casework.notices.templates import Template, template
from namaak.casework.notices.xarf import Exhibit
from namaak.casework.reading import campaign_of_case, read_campaign, read_case
from namaak.errors import UsageError
from namaak.records import ActionState

_Con = duckdb.DuckDBPyConnection
#: Of the reports that went out; a draft that was withdrawn was never an attempt.
_WENT_OUT = frozenset(ActionState) - {ActionState.DRAFT, ActionState.APPROVED}
_MAX_PICTURE = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A draft with all that goes with it, to be kept and written down."""

    row: dict[str, Any]  #: columns of actions that drafting decides
    case_ids: tuple[str, ...]
    composed: Composed
    added_to: bool  #: a case was added to a draft that was there
    sights: tuple[Sight, ...] = ()  #: of each case, what captures of it there are

    def keep(self, store: Callable[[bytes], str]) -> None:
        """Store every part, before the row that names it is written."""
        for part in self.composed.parts():
            store(part)


def prepare(
    con: _Con,
    case_id: str,
    wanted: Wanted,
    *,
    watch: WatchFile,
    read: Callable[[str], bytes | None],
    now: datetime,
) -> Prepared:
    """A draft about a case, or the open one of its campaign at that provider with the case in it.

    read: stored bytes by SHA-256. Raises UsageError where no contact fits, no template may be used,
    or a notice that went out covers it.
    """
    found = read_case(con, case_id)
    own = str(found.case["case_id"])
    facts = case_facts(found, official=watch.owned_domains)
    claimed = claims_of(wanted.given, facts.abuse)
    door, route = door_of(con, own, str(found.case["subject_kind"]), wanted)
    near = actions_near(con, own)
    open_one = covering_action(near, provider_id=door.provider_id, address=door.address)
    if open_one is not None and not wanted.again:
        if open_one["state"] not in (ActionState.DRAFT, ActionState.APPROVED):
            raise UsageError(covered_sentence(open_one))
        return prepare_again(
            con, open_one["action_id"], watch=watch, read=read, now=now, add=own,
            given=wanted.given, pack=wanted.pack,
        )  # fmt: skip
    before = [
        row
        for row in at_provider(near, provider_id=door.provider_id, address=door.address)
        if row["state"] in _WENT_OUT and row["sent_at"] is not None
    ]
    kind = str(found.case["subject_kind"])
    form = template_of(door, kind, facts.platform, claimed, route, wanted)
    new = action_id(own, door.scope, door.address or "", form.name, now.isoformat())
    thread = Thread(
        action_id=new,
        reference=before[0]["reference"] if before else new,
        attempt=len(before) + 1,
        message_ids=[row["message_id"] for row in before],
    )
    return _prepared(
        con, (own,), form, door, thread, before,
        language=language_of(form, wanted.language, watch), claimed=claimed, given=wanted.given,
        pack=_to_attach(con, wanted.pack, (own,)), watch=watch, read=read, added_to=False, now=now,
    )  # fmt: skip


def prepare_again(
    con: _Con,
    typed_id: str,
    *,
    watch: WatchFile,
    read: Callable[[str], bytes | None],
    now: datetime,
    add: str | None = None,
    given: Mapping[str, Sequence[str]] | None = None,
    pack: Packed | None = None,
    language: str | None = None,
) -> Prepared:
    """The same notice from what is known today. add: one more case.

    given: wins over what was said before, which else is said again; so does pack.
    """
    row = read_action(con, typed_id)
    case_ids = tuple(case["case_id"] for case in cases_of(con, row["action_id"]))
    added = add is not None and add not in case_ids
    if add is not None and added:
        case_ids = (*case_ids, add)
    said = {**json.loads(row["given"]), **(given or {})}
    found = read_case(con, case_ids[0])
    facts = case_facts(found, official=watch.owned_domains)
    form = template(row["template"])
    route = route_of(row["provider_id"], row["channel"], row["address"] or "", row["scope"])
    door = as_door(row, str(found.case["subject_kind"]), route)
    near = at_provider(
        actions_near(con, case_ids[0]), provider_id=door.provider_id, address=door.address
    )
    before = [one for one in near if one["sent_at"] and one["drafted_at"] < row["drafted_at"]]
    thread = Thread(
        action_id=row["action_id"],
        reference=row["reference"],
        attempt=row["attempt"],
        message_ids=[one["message_id"] for one in before],
    )
    kept = _to_attach(con, pack, case_ids)
    if kept is None and row["pack_sha256"]:
        kept = read(row["pack_sha256"])
    return _prepared(
        con, case_ids, form, door, thread, before,
        language=language_of(form, language or row["language"], watch),
        claimed=claims_of(said, facts.abuse), given=said, pack=kept, watch=watch,
        read=read, added_to=added, now=now,
    )  # fmt: skip


def _to_attach(con: _Con, pack: Packed | None, case_ids: Sequence[str]) -> bytes | None:
    if pack is None:
        return None
    rows = [row for case_id in case_ids for row in packs_of(con, case_id)]
    return packed_for(pack, rows, case_ids)


def due_after(row: Mapping[str, Any], sent_at: datetime) -> datetime | None:
    """When an answer to this notice is overdue; None where no ladder and no provider says."""
    route = route_of(row["provider_id"], row["channel"], row["address"] or "", row["scope"])
    claims = _abuse(json.loads(row["fields"]).get("abuse", ()))
    if row["rung"]:
        return ladder_due_at(row["rung"], route, sent_at, claims=claims)
    if route is not None and route.days is not None:
        return sent_at + timedelta(days=route.days)
    return None


def _prepared(
    con: _Con,
    case_ids: tuple[str, ...],
    form: Template,
    door: Door,
    thread: Thread,
    before: Sequence[Mapping[str, Any]],
    *,
    language: str,
    claimed: Iterable[str],
    given: Mapping[str, Sequence[str]],
    pack: bytes | None,
    watch: WatchFile,
    read: Callable[[str], bytes | None],
    added_to: bool,
    now: datetime,
) -> Prepared:
    cases = [_material(con, case_id, claimed, watch.owned_domains) for case_id in case_ids]
    about = About(now=now, reference=thread.reference, earlier=before, given=given)
    made = draft(form, gather(cases, watch, about), language, also_required=door.required)
    sender = watch.notices.sender or watch.watch.contact
    confidence = cases[0].case.get("confidence")
    composed = compose(
        made, form, door=door, thread=thread, sender=sender,
        sender_name=watch.organisation.name if watch.organisation else None,
        confidence=cases[0].case["score"] if confidence is None else confidence,
        exhibits=_exhibits(cases, read), pack=pack,
    )  # fmt: skip
    missing = list(made.missing)
    if form.xarf_only and composed.xarf is None:
        do = "complete the fields above: this provider takes a XARF report and nothing else"
        missing.append(Missing(field="xarf", do=do))
    row = {
        "action_id": thread.action_id,
        "route": door.route,
        "provider_id": door.provider_id,
        "provider_name": door.provider_name,
        "scope": door.scope,
        "channel": door.channel,
        "address": door.address,
        "template": form.name,
        "template_version": form.version,
        "language": language,
        "attempt": thread.attempt,
        "rung": door.rung,
        "campaign_id": campaign_of_case(con, case_ids[0]),
        "reference": thread.reference,
        "subject_line": made.subject,
        "message_id": composed.message_id,
        "fields": _json(plain(dict(made.fields))),
        "given": _json({name: list(values) for name, values in given.items()}),
        "missing": _json([{"field": one.field, "do": one.do} for one in missing]),
        "statements": _json(dict(made.statements)),
        "captured_at": made.fields.get("captured_at") or _captured(cases),
        **composed.digests(),
    }
    return Prepared(row=row, case_ids=case_ids, composed=composed, added_to=added_to,
                    sights=tuple(map(sight_of, cases)))  # fmt: skip


def _material(
    con: _Con, case_id: str, claimed: Iterable[str], official: Collection[str]
) -> Material:
    found = read_case(con, case_id)
    campaign = campaign_of_case(con, case_id)
    members = read_campaign(con, campaign).cases if campaign else []
    return Material(
        case=found.case,
        matches=found.matches,
        enrichments=found.enrichments,
        profile=found.profile,
        captures=captures_of(con, case_id),
        checks=checks_of(con, case_id),
        related=[row for row in members if row["case_id"] != case_id],
        abuse=sorted(claimed),
        ends_at_brand=case_facts(found, official=official).ends_at_brand,
    )


def _captured(cases: Sequence[Material]) -> datetime | None:
    shots = [last_capture(one.captures) for one in cases]
    times = [shot["ended_at"] for shot in shots if shot is not None]
    return min(times) if len(times) == len(cases) else None


def _exhibits(cases: Sequence[Material], read: Callable[[str], bytes | None]) -> list[Exhibit]:
    """What a visitor sees of each page, as far as it is small enough to go along."""
    shown = []
    for one in cases:
        shot = last_capture(one.captures)
        content = read(shot["view_sha256"]) if shot and shot.get("view_sha256") else None
        if shot is None or content is None or len(content) > _MAX_PICTURE:
            continue
        when = shot["ended_at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        shown.append(
            Exhibit(
                content_type="image/png",
                description=f"Screenshot, {when}, seen from {shot['vantage']}",
                content=content,
            )
        )
    return shown


def _abuse(words: Iterable[str]) -> list[Abuse]:
    known = frozenset(map(str, Abuse))
    return [Abuse(word) for word in words if word in known]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
