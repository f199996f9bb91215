"""From what a look gave to what one place saw: a host at all its known addresses, or an account.

Of several addresses of a host any one that is there is enough for "there", and all must be gone for
"gone"; where the name leads nowhere, its pages are all gone with it. What a person named, and what
was seen to ask for secrets, must have been looked at before anything is called gone. How one is
judged: `judging`; what is compared with the next look: `aspects`.
Pure. May import: detectors.suffixes, namaak.casework.followup, namaak.records, namaak.visible.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from detectors.suffixes import registrable_domain
from namaak.casework.followup.addresses import MAX_URL
from namaak.casework.followup.aspects import (
    OWN_KINDS,
    aspects_of_host,
    hosts_of,
    of_page,
    short,
)
from namaak.casework.followup.diff import PAGES
from namaak.casework.followup.judging import TELLING, Answer, judged, rests_on, told_facts
from namaak.casework.followup.views import PLATFORM, AddressView, RestsOn, View
from namaak.records import SubjectState, Trust
from namaak.visible import visible

#: Behind it stands how many.
MISSED = "nobody looked at addresses that a person named or that asked for secrets"
#: Addresses that a sentence names; the rest is counted.
_MOST_NAMED = 3
_MOST_OF_AN_ADDRESS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What came of asking for one known address."""

    page: Answer | None  #: None: its name leads nowhere, so nobody was asked
    #: Of an address under another name: that name, and its aspects. Else it is the host's own.
    host: str | None = None
    names: Mapping[str, Answer] = field(default_factory=dict)
    sha256: str | None = None  #: of what came


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One address, judged."""

    view: AddressView
    rests_on: RestsOn | None
    page: Answer | None
    sha256: str | None


def view_of_host(
    answers: Mapping[str, Answer],
    *,
    host: str,
    vantage: str,
    showed_a_page: bool,
    front_sha256: str | None = None,
    known: Mapping[str, Page] = MappingProxyType({}),
    left_out: int = 0,
    missed: Collection[str] = (),
) -> View:
    """answers: by aspect: dns, rdap, network, certificate, page; what was not asked is absent.

    showed_a_page: whether a page of somebody's own was seen there before. front_sha256: of the
    front page as it came. known: by address what other pages showed, what matters most first;
    of a host whose name leads nowhere only those of others. left_out: how many more are known.
    missed: hosts of those among these that matter; see `Known`.
    """
    dns, front = told_facts(answers, "dns"), answers.get("page")
    pages = [front, *(one.page for one in known.values())]
    showed = showed_a_page or any(_shows_its_own(page) for page in pages)
    first = _look(f"https://{host}/", answers, host, showed, sha256=front_sha256)
    others = [
        _look(
            url,
            {**(one.names if one.host else answers), **({"page": one.page} if one.page else {})},
            one.host or host,
            showed,
            sha256=one.sha256,
        )
        for url, one in known.items()
    ]
    lead = _lead(first, others)
    facts: Mapping[str, Any] = lead.page.facts if lead.page is not None else {}
    aspects = aspects_of_host(answers, host)
    if known:
        aspects[PAGES] = {url: of_page(one.page, one.host or host) for url, one in known.items()}
    # Where there is no way to the front page, its word is the name's.
    asked = [first, *others] if dns.get("addresses") and front is not None else others
    rests = _rest_together(lead, [first, *others])
    state, down, said = lead.view.state, lead.view.down, _in_words(lead, [first, *others])
    if down and (unseen := _do_not_go_with(host, rests, missed)):
        state, down, rests = SubjectState.UNKNOWN, None, None
        said += f"; it cannot be told, for {MISSED}: {unseen}"
    return View(
        vantage=vantage,
        state=state,
        down=down,
        says=said,
        dns=answers["dns"].outcome if "dns" in answers else None,
        http_status=facts.get("status"),
        final_url=short(facts.get("url")),
        title=short(facts.get("title")),
        aspects=aspects,
        addresses=tuple(look.view for look in asked),
        left_out=left_out,
        content_sha256=lead.sha256,
        rests_on=rests,
    )


def view_of_account(profile: Mapping[str, Any] | None, *, newer: bool) -> View:
    """profile: a row of latest_profiles, with `phash` of its picture; None: nothing is known.

    newer: whether the platform showed it since the last check. What it said before then was counted
    then: nothing is guessed of it now.
    """
    if profile is None or not newer:
        says = "no source has asked its platform since the last check"
        return View(vantage=PLATFORM, state=SubjectState.UNKNOWN, down=None, says=says)
    state = SubjectState(profile["state"] or SubjectState.UNKNOWN)
    down: bool | None = None
    says = "the platform said nothing of its state"
    if profile["trust"] not in (Trust.PLATFORM, Trust.EXISTENCE):
        says = "whoever said so is not its platform"
    elif state in (SubjectState.REMOVED, SubjectState.SUSPENDED):
        down, says = True, f"its platform says that it is {state}"
    elif state is SubjectState.LIVE:
        down, says = False, "its platform shows it"
    given = {
        "handle": short(profile["handle"]),
        "name": short(profile["display_name"]),
        "words": short(profile["bio"]),
        "picture": profile["phash"],
        "links": hosts_of(profile["links"] or ()) if profile["links"] is not None else None,
    }
    return View(
        vantage=PLATFORM,
        state=state,
        down=down,
        says=says,
        final_url=short(profile["url"]),
        title=given["name"],
        aspects={name: value for name, value in given.items() if value is not None},
        rests_on=None if down is None else RestsOn.PLATFORM,
    )


def _look(
    url: str, answers: Mapping[str, Answer], host: str, showed: bool, *, sha256: str | None
) -> _Look:
    page = answers.get("page")
    state, down, says = judged(answers, host, showed)
    facts: Mapping[str, Any] = page.facts if page is not None else {}
    return _Look(
        view=AddressView(
            url=url,
            state=state,
            down=down,
            says=says,
            final_url=_kept(facts.get("url")),
            http_status=facts.get("status"),
            asks=bool(facts.get("asks_password") or facts.get("asks_card")),
        ),
        rests_on=None if down is None else rests_on(answers, told_facts(answers, "dns"), host),
        page=page,
        sha256=sha256,
    )


def _lead(first: _Look, others: Sequence[_Look]) -> _Look:
    """By which of them it is judged: one that is there, else one that cannot be told."""
    inwards = [*others, first]
    for down in (False, None):
        if (found := next((one for one in inwards if one.view.down is down), None)) is not None:
            return found
    return first


def _rest_together(lead: _Look, looks: Sequence[_Look]) -> RestsOn | None:
    """Of "gone" the weakest: it takes all of them, and pages show one address what they like."""
    if lead.view.down and any(look.rests_on is RestsOn.PAGE for look in looks):
        return RestsOn.PAGE
    return lead.rests_on


def _do_not_go_with(host: str, rests: RestsOn | None, missed: Collection[str]) -> int:
    """How many of these hosts may be there all the same, when the host is gone by that word."""
    if rests is RestsOn.PAGE:
        return len(missed)
    if rests is RestsOn.REGISTRY:
        domain = registrable_domain(host)
        return sum(bool(name) and registrable_domain(name) != domain for name in missed)
    return sum(name not in (host, "") for name in missed)


def _kept(url: str | None) -> str | None:
    """Whole, since it is asked again; one character more than is asked tells that it is cut."""
    return None if url is None else url[: MAX_URL + 1]


def _in_words(lead: _Look, looks: Sequence[_Look]) -> str:
    """Of several addresses, each page once: a redirect leads two addresses to one."""
    once = {look.view.place: look.view for look in looks}
    if len(once) == 1:
        return lead.view.says
    gone = [view for view in once.values() if view.down]
    if not lead.view.down:
        said = _at(lead.view)
        if lead.view.down is False and gone:
            names = ", ".join(_named(view) for view in gone[:_MOST_NAMED])
            said += f"; nothing at {names}{_and_more(gone)}"
        return said
    said = "; ".join(_at(view) for view in gone[:_MOST_NAMED]) + _and_more(gone)
    return f"none of {len(gone)} known addresses is there: {said}"


def _at(view: AddressView) -> str:
    return f"at {_named(view)}: {view.says}"


def _named(view: AddressView) -> str:
    name = visible(view.place)
    cut = len(name) > _MOST_OF_AN_ADDRESS
    return f"{name[:_MOST_OF_AN_ADDRESS]}..." if cut else name


def _and_more(views: Sequence[AddressView]) -> str:
    more = len(views) - _MOST_NAMED
    return f" and {more} more" if more > 0 else ""


def _shows_its_own(page: Answer | None) -> bool:
    return page is not None and page.outcome in TELLING and page.facts.get("kind") in OWN_KINDS
