"""Recorded answers of a server, and what they must give. All of it is invented."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from namaak.sources.base import RECORDED, Example, Served
from namaak.sources.profiles.answers import as_raw

_ITSELF = json.dumps(
    {
        "uri": "127.0.0.1",
        "title": "A server of examples",
        "version": "4.5.2",
        "stats": {"user_count": 1200, "status_count": 90000, "domain_count": 31415},
    }
).encode()


def _account(**given: object) -> dict[str, object]:
    return {
        "id": "109",
        "locked": False,
        "bot": False,
        "group": False,
        "discoverable": True,
        "note": "",
        "avatar_static": "https://files.example.invalid/avatars/original/missing.png",
        "header_static": "https://files.example.invalid/headers/original/missing.png",
        "fields": [],
        "emojis": [],
        **given,
    }


def _evidence(row: Mapping[str, object]) -> dict[str, str]:
    raw = as_raw(row)
    return {"raw": raw, "evidence_hash": hashlib.sha256(raw.encode()).hexdigest()}


_HELP = _account(
    username="acme_help",
    acct="acme_help",
    uri="https://127.0.0.1/users/acme_help",
    url="https://127.0.0.1/@acme_help",
    display_name="ACME Helpdesk ✅",
    created_at="2026-11-02T00:00:00.000Z",
    note='<p>We help.<br>Write to <a href="https://acme-pay.example/chat">'
    '<span class="invisible">https://</span>acme-pay.example/chat</a></p>',
    followers_count=3,
    following_count=412,
    statuses_count=1,
    fields=[
        {"name": "WhatsApp", "value": "+31 6 00000000", "verified_at": None},
        {
            "name": "Web",
            "value": '<a href="https://acme-pay.example/" rel="me">acme-pay.example</a>',
            "verified_at": "2026-11-03T10:00:00.000+00:00",
        },
    ],
)
_REMOTE = _account(
    username="waldermond",
    acct="waldermond@social.acme.example",
    uri="https://social.acme.example/users/waldermond",
    url="https://social.acme.example/@waldermond",
    display_name="",
    created_at="2025-01-05T00:00:00.000Z",
    bot=True,
    limited=True,
    moved=_account(acct="waldermond@else.example"),
)

EXAMPLES = (
    Example(
        what="an account of the server itself, one that it has heard of, and one of nobody",
        table={"servers": [RECORDED], "probes": 0, "directory": False, "pictures": False},
        served=(
            Served(path="/api/v1/instance", body=_ITSELF),
            Served(
                path="/api/v2/search?q=ACME&type=accounts&limit=40&resolve=false",
                body=json.dumps(
                    {
                        "accounts": [_HELP, _REMOTE, _account(acct="nobody")],
                        "statuses": [],
                        "hashtags": [],
                    }
                ).encode(),
            ),
        ),
        observations=(
            {
                "position": 0, "subject_kind": "account", "platform": "mastodon",
                "contacts": [], "flags": [],
                "subject_key": "account:mastodon:https://127.0.0.1/users/acme_help",
                "native_id": "https://127.0.0.1/users/acme_help",
                "handle": "acme_help@127.0.0.1", "display_name": "ACME Helpdesk ✅",
                "bio": "We help.\nWrite to https://acme-pay.example/chat\n"
                "WhatsApp: +31 6 00000000\nWeb: acme-pay.example",
                "url": "https://127.0.0.1/@acme_help",
                "followers": 3, "following": 412, "posts": 1,
                "created_at": "2026-11-02T00:00:00+00:00",
                "links": ["https://acme-pay.example/chat", "https://acme-pay.example/"],
                "proved_links": ["https://acme-pay.example/"],
                "state": "live", "trust": "platform",
                **_evidence(_HELP),
            },
            {
                "position": 1, "subject_kind": "account", "platform": "mastodon",
                "subject_key": "account:mastodon:https://social.acme.example/users/waldermond",
                "native_id": "https://social.acme.example/users/waldermond",
                "handle": "waldermond@social.acme.example",
                "url": "https://social.acme.example/@waldermond",
                "flags": ["bot", "limited", "moved"], "trust": "unauthenticated",
                **_evidence(_REMOTE),
            },
        ),
        rejects=((2, "uri: is missing"),),
    ),
)  # fmt: skip
