"""Identifiers of measuring services in a page: who counts its visitors, so often who made it.

Kits are copied with them: an identifier that stands on two pages ties them, and one of the brand's
own says that the page was copied from there. Read from the text as it stands; nothing is run.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import re

_MAX_IDS = 40

#: Service to pattern; the first group is the identifier. Every repetition is bounded.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (service, re.compile(pattern))
    for service, pattern in (
        ("google-analytics", r"\b(UA-[0-9]{4,10}-[0-9]{1,4})\b"),
        ("google-analytics", r"(?:gtag/js\?id=|['\"])(G-[A-Z0-9]{8,12})\b"),
        ("google-tag-manager", r"\b(GTM-[A-Z0-9]{4,9})\b"),
        ("google-ads", r"\b(AW-[0-9]{8,11})\b"),
        ("google-adsense", r"\b(ca-pub-[0-9]{10,16})\b"),
        ("meta-pixel", r"fbq\(\s{0,9}['\"]init['\"]\s{0,9},\s{0,9}['\"]([0-9]{6,20})['\"]"),
        ("meta-pixel", r"facebook\.com/tr\?id=([0-9]{6,20})"),
        ("yandex-metrica", r"\bym\(\s{0,9}([0-9]{4,12})\s{0,9},\s{0,9}['\"]init"),
        ("yandex-metrica", r"mc\.yandex\.(?:ru|com)/watch/([0-9]{4,12})"),
        ("matomo", r"['\"]setSiteId['\"]\s{0,9},\s{0,9}['\"]?([0-9]{1,9})"),
        ("hotjar", r"\bhjid\s{0,9}:\s{0,9}([0-9]{5,10})"),
        ("tiktok-pixel", r"ttq\.load\(\s{0,9}['\"]([A-Z0-9]{16,24})['\"]"),
        ("clarity", r"clarity\.ms/tag/([a-z0-9]{8,12})"),
        ("linkedin-insight", r"_linkedin_partner_id\s{0,9}=\s{0,9}['\"]([0-9]{4,10})"),
        ("baidu", r"hm\.baidu\.com/hm\.js\?([0-9a-f]{32})"),
    )
)
_MATOMO_SERVER = re.compile(
    r"(?:setTrackerUrl['\"]\s{0,9},\s{0,9}|var u\s{0,9}=\s{0,9})['\"]"
    r"(?:https?:)?//([a-z0-9.-]{4,100})",
    re.IGNORECASE,
)


def tracker_ids(text: str) -> list[str]:
    """`service:identifier`, sorted. A number of a Matomo server means something there only.

    >>> tracker_ids("gtag('config', 'G-ABCDEF1234'); fbq('init', '123456789');")
    ['google-analytics:G-ABCDEF1234', 'meta-pixel:123456789']
    """
    found: set[str] = set()
    for service, pattern in _PATTERNS:
        for hit in pattern.finditer(text):
            found.add(f"{service}:{hit[1]}")
            if len(found) >= _MAX_IDS:
                return sorted(found)
    server = _MATOMO_SERVER.search(text)
    return sorted(
        f"matomo:{server[1].lower()}:{one.partition(':')[2]}"
        if one.startswith("matomo:") and server
        else one
        for one in found
    )
