"""Who an account is: its age, its reach, its past names, what its platform and others vouch for.

What is proved here (a domain in the handle, a link that leads back) takes a case away, so it
counts only as far as the platform checked it and the brand alone could bring it about. What
somebody says for himself is told as a claim where it would speak against a case, and weighs
nothing; nobody claims to be young.
May import: detectors.pages, detectors.profiles, detectors.folding, namaak.brands, namaak.records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from detectors.folding import letters_of
from detectors.pages import mentions, owns
from detectors.profiles.contacts import host_of
from namaak.brands import Brand
from namaak.records import Flag, SubjectState, Trust, Verified

Profile = Mapping[str, Any]  #: columns of OBSERVATION_SCHEMA; a missing one is unknown
_Found = tuple[str, str, str]

YOUNG_DAYS = 180  #: up to which an age is told; the ranking weighs the first thirty more
_RECENT_DAYS = 90  # since when a change of name is recent
_STEADY_DAYS = 730  # seen by us under one name
_OLDER_DAYS = 365  # than the official account, before it says anything
_FEW_SHARE = 0.01  # of the official account's followers
_MANY_FOLLOWED, _MANY_TIMES = 500, 10
_SHORTEST = 4  # letters of a name that is looked for inside a handle

_FLAGS = {
    Flag.SCAM: "Its platform marks it as a scam",
    Flag.FAKE: "Its platform marks it as a fake",
    Flag.IMPERSONATION: "Its platform marks it as an impersonation",
    Flag.SPAM: "Its platform marks it as spam",
    Flag.LIMITED: "Its platform shows it to fewer people",
    # On some platforms the account itself does.
    Flag.PARODY: "It is labelled as parody",
    Flag.FAN: "It is labelled as a fan's",
    Flag.MOVED: "Its owner says that it lives elsewhere now",
}
_CLAIMS = (Trust.UNAUTHENTICATED, Trust.EXISTENCE)
_GONE = {
    SubjectState.REMOVED: "It is no longer there",
    SubjectState.SUSPENDED: "Its platform has suspended it",
}


def standing_traits(
    profile: Profile,
    brand: Brand,
    official: Sequence[Profile],
    history: Sequence[Profile],
    now: datetime,
) -> Iterator[_Found]:
    """Name, value seen and sentence of what is known of the account itself."""
    # Elsewhere people follow and begin at other times: only like is compared with like.
    peers = [own for own in official if own.get("platform") == profile.get("platform")]
    yield from _ages(profile, brand, peers, now)
    yield from _reach(profile, peers)
    yield from _names(profile, brand, history, now)
    for flag in profile.get("flags") or ():
        if flag in _FLAGS:
            yield f"profile.flag-{flag}", flag, _FLAGS[Flag(flag)]
    if (state := profile.get("state")) in _GONE:
        says = _GONE[SubjectState(str(state))]
        if _is_claim(profile):
            says += ", says somebody other than its platform"
            yield "profile.gone-claimed", str(state), says
        else:
            yield "profile.gone", str(state), says
    yield from _proofs(profile, brand)


def _is_claim(profile: Profile) -> bool:
    """Whether somebody says it for himself, or nobody more than that it exists."""
    # Profiles of the casebook, which keeps who told an age, hold no state and no proof by claim;
    # their trust is only that of the last sighting.
    return profile.get("trust") in _CLAIMS and "created_by" not in profile


def _is_of_platform(profile: Profile) -> bool:
    """Whether the account's own platform said so last."""
    return profile.get("trust") == Trust.PLATFORM


def _has_told_age(profile: Profile) -> bool:
    """Whether the platform or its directory says when it was made, and not the account itself."""
    by = profile.get("created_by")
    return _is_of_platform(profile) if by is None else by in ("platform", "directory")


def _ages(
    profile: Profile, brand: Brand, peers: Sequence[Profile], now: datetime
) -> Iterator[_Found]:
    created = profile.get("created_at")
    if created is None or created > now + timedelta(days=1):
        return
    days = max((now - created).days, 0)
    if days <= YOUNG_DAYS:
        when = "today" if days == 0 else f"{days} day{'' if days == 1 else 's'} before"
        yield "profile.young", str(days), f"The account was made {when}"
    day = f"{created:%Y-%m-%d}"
    is_told = _has_told_age(profile)
    before_brand = brand.founded is not None and created.year < brand.founded
    began = min((own["created_at"] for own in peers if own.get("created_at")), default=None)
    if began is not None and created > began:
        yield "profile.younger-than-official", day, "It is younger than the brand's own account"
    before_own = began is not None and (began - created).days >= _OLDER_DAYS
    if (before_brand or before_own) and not is_told:
        says = f"It is said to be of {created.year}, and its platform does not say so"
        yield "profile.age-claimed", day, says
        return
    if before_brand:
        says = f"The account was made in {created.year}, before {brand.name} ({brand.founded})"
        yield "profile.older-than-brand", day, says
    if began is not None and before_own:
        years = (began - created).days // 365
        span = "a year" if years == 1 else f"{years} years"
        yield "profile.older-than-official", day, f"It is {span} older than the brand's own account"


def _reach(profile: Profile, peers: Sequence[Profile]) -> Iterator[_Found]:
    followers, following = profile.get("followers"), profile.get("following")
    most = max((own.get("followers") or 0 for own in peers), default=0)
    if followers is not None and most * _FEW_SHARE > followers:
        says = f"It has {followers:,} followers, the brand's own account {most:,}"
        yield "profile.few-followers", str(followers), says
    # Unknown is not zero: without both numbers there is nothing to compare.
    if followers is not None and (following or 0) >= max(_MANY_FOLLOWED, _MANY_TIMES * followers):
        says = f"It follows {following:,} and is followed by {followers:,}"
        yield "profile.follows-many", f"{following}/{followers}", says
    if profile.get("posts") == 0:
        yield "profile.no-posts", "0", "It has posted nothing"


def _names(
    profile: Profile, brand: Brand, history: Sequence[Profile], now: datetime
) -> Iterator[_Found]:
    """What it was called before, as far as we have seen it."""
    seen = sorted((one for one in history if one.get("first_seen")), key=lambda o: o["first_seen"])
    if not seen or not _bears(profile, brand):
        return
    before = [one for one in seen if not _bears(one, brand)]
    if not before:
        told = [one for one in seen if _is_of_platform(one)]
        since = told[0]["first_seen"] if told and _is_of_platform(profile) else now
        if (now - since).days >= _STEADY_DAYS:
            yield "profile.steady", f"{since:%Y-%m-%d}", f"It has had this name since {since:%Y}"
        return
    last = before[-1]
    since = next((o["first_seen"] for o in seen if o["first_seen"] > last["first_seen"]), now)
    if (now - since).days > _RECENT_DAYS:
        return
    old, new = _shown(last), _shown(profile)
    says = f"It was “{old}” and took the brand's name by {since:%Y-%m-%d}"
    if last.get("image_sha256") and profile.get("image_sha256") not in (
        None, last["image_sha256"],
    ):  # fmt: skip
        says += ", with another picture"
    yield "profile.renamed", f"{old} > {new}", says


def _bears(profile: Profile, brand: Brand) -> bool:
    """Whether its handle or its name holds the brand, as people read it."""
    texts = [text for text in (profile.get("handle"), profile.get("display_name")) if text]
    if any(mentions(text.replace("_", " "), brand) for text in texts):
        return True
    letters = [letters_of(name) for name in brand.names]
    return any(
        name in letters_of(text) for text in texts for name in letters if len(name) >= _SHORTEST
    )


def _shown(profile: Profile) -> str:
    return str(profile.get("display_name") or profile.get("handle") or "")


def _proofs(profile: Profile, brand: Brand) -> Iterator[_Found]:
    verified = profile.get("verified")
    handle = host_of(profile.get("handle") or "")
    if handle and (own := owns(brand, handle)):
        if verified == Verified.DOMAIN and _is_of_platform(profile):
            yield "profile.domain-handle", handle, f"Its platform checked that it holds {own}"
        else:
            says = f"Its handle is the brand's own domain {own}, which nobody says was checked"
            yield "profile.domain-handle-claimed", handle, says
    for link in profile.get("proved_links") or ():
        host = host_of(link)
        if not host or not (own := owns(brand, host)):
            continue
        if _is_claim(profile):
            says = f"It is said that {link} leads back to it, and its platform does not say so"
            yield "profile.proved-link-claimed", link, says
        elif host.removeprefix("www.") == own and len(_steps(link)) <= 1:
            yield "profile.proved-link", link, f"The brand's own page {link} leads back to it"
        else:
            # A forum or a customer's page below the brand's domain says so for anybody.
            yield "profile.proved-below", link, f"A page at {host} leads back to it"
    if verified in (Verified.TRUSTED, Verified.ORGANISATION) and _is_claim(profile):
        says = "It is said to be verified, and its platform does not say so"
        yield "profile.verified-claimed", verified, says
    elif verified == Verified.TRUSTED:
        yield "profile.vouched", verified, "Somebody whom its platform trusts vouches for it"
    elif verified == Verified.ORGANISATION:
        yield "profile.checked", verified, "Its platform checked which organisation it is"
    elif verified == Verified.PAID:
        yield "profile.paid-badge", verified, "Its badge is one that whoever pays gets"


def _steps(link: str) -> list[str]:
    """The parts of the path."""
    return [part for part in urlsplit(link).path.split("/") if part]
