"""`namaak contacts`: whom to write to about a case, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from namaak.cli.acting import acting_person
from namaak.cli.options import Flag, WatchPath, actor_that, as_json
from namaak.cli.output import emit, say
from namaak.errors import UsageError

if TYPE_CHECKING:
    from namaak.casework.contacts.contact import Found
    from namaak.casework.contacts.facts import CaseFacts
    from namaak.settings import Settings

_COLUMNS = ("rank", "scope", "provider_name", "channel", "address", "source", "why")
_VAIN = ("scope", "source", "subject", "says")


def register(app: App) -> None:
    """Add the commands."""
    app.command(contacts)


def contacts(
    case_id: str,
    *,
    look_up: Flag = False,
    look_up_at: str | None = None,
    abuse: Annotated[list[str] | None, Parameter(negative="")] = None,
    actor: Annotated[str | None, actor_that("looks, for the history")] = None,
    watch: WatchPath = None,
    json: Annotated[
        bool, as_json("per contact, then one per place where one was looked for in vain")
    ] = False,
) -> int:
    """Whom to write to about a case, in the order of the ladder, and why; then what is not known.

    From what looks at the case found (`namaak enrich`) and the table of providers; nobody is asked
    anything unless you say --look-up. A mailbox at a domain of the case itself is never among
    them: its owner is whoever is complained about.

    Parameters
    ----------
    case_id
        Its id, or the beginning of it.
    look_up
        Ask RIPEstat for the abuse contacts of each address and AS number, registries for the
        registrars of domains that redirects lead through, and providers for their security.txt.
        They see what is asked; hosts of the case do not.
    look_up_at
        Ask this address in place of RIPEstat's; it must answer in the same form.
    abuse
        What you claim, as in --abuse phishing, several times for several; else what the evidence
        supports. It decides who stands in front: registrars act upon phishing, not upon names.
    """
    from namaak.casework.contacts.facts import case_facts
    from namaak.casework.contacts.reading import contacts_of, failures_of
    from namaak.casework.contacts.standing import standing, with_answers
    from namaak.casework.reading import open_snapshot, read_case
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    claims = _claims(abuse)
    if look_up_at is not None and not look_up:
        raise UsageError("--look-up-at says whom to ask; add --look-up to ask.")
    with open_snapshot(settings.casebook) as snapshot:
        found = read_case(snapshot, case_id)
        case = found.case["case_id"]
        stored = contacts_of(snapshot, case), failures_of(snapshot, case)
    facts = case_facts(found, abuse=claims, official=settings.watch.owned_domains)
    now = _now()
    if look_up:
        asked = _ask(settings, facts, look_up_at)
        now = _now()
        result = with_answers(facts, asked, now=now)
    else:
        result = standing(facts, *stored, now=now)
    # Every notice is drafted from what is stored, so that stands as it is shown.
    if look_up or _differs(result, *stored, now):
        _record(settings, case, result, actor, now)
    _show(facts, result, as_json=json)
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _claims(words: list[str] | None) -> list[Any] | None:
    from namaak.casework.contacts.scopes import Abuse

    if not words:
        return None
    unknown = [word for word in words if word not in [*Abuse]]
    if unknown:
        raise UsageError(f"Nobody takes reports of {unknown[0]!r}; use one of {', '.join(Abuse)}.")
    return [Abuse(word) for word in words]


def _ask(settings: Settings, facts: CaseFacts, base_url: str | None) -> Found:
    import asyncio

    from namaak.casework.contacts.lookup import LOOK_UP, look_up
    from namaak.enriching.bootstrap import Bootstrap
    from namaak.fetch import Fetcher, Manners

    url = base_url or LOOK_UP
    say(f"Asking {url} and the providers themselves.")

    async def asked() -> Found:
        bootstrap = Bootstrap(settings.data / "rdap", clock=_now)
        async with Fetcher(contact=settings.watch.watch.contact, manners=Manners()) as fetch:
            return await look_up(fetch, facts, now=_now(), base_url=url, bootstrap=bootstrap)

    return asyncio.run(asked())


def _differs(
    result: Found, contacts: list[dict[str, Any]], failures: list[dict[str, Any]], now: datetime
) -> bool:
    """Whether anything but times changed."""
    from dataclasses import replace

    from namaak.casework.contacts.contact import contact_of, failure_of

    kept = [replace(contact_of(row), checked_at=now) for row in contacts]
    lacking = {replace(failure_of(row), checked_at=now) for row in failures}
    return kept != [replace(one, checked_at=now) for one in result.contacts] or lacking != {
        replace(one, checked_at=now) for one in result.failures
    }


def _record(
    settings: Settings, case_id: str, result: Found, actor: str | None, now: datetime
) -> None:
    from namaak.casework.casebook import Casebook

    person = acting_person(actor)
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.record_contacts(case_id, result.contacts, result.failures, actor=person, now=now)


def _show(facts: CaseFacts, result: Found, *, as_json: bool) -> None:
    from dataclasses import asdict

    rows = [{"case_id": facts.case_id, **asdict(one)} for one in result.contacts]
    vain = [{"case_id": facts.case_id, **asdict(one)} for one in result.failures]
    if as_json:
        emit([{"what": "contact", **row} for row in rows], (), as_json=True, empty="")
        emit([{"what": "in-vain", **row} for row in vain], (), as_json=True, empty="")
        return
    if facts.abuse_reasons:
        say("What may be claimed: " + "; ".join(facts.abuse_reasons) + ".")
    emit(rows, _COLUMNS, as_json=False, empty="Nobody is known to write to about this case.")
    if vain:
        print("\nLooked for in vain")
        emit(vain, _VAIN, as_json=False, empty="")
