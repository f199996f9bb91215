"""DIDs and handles: which text is one, and what a handle proves.

Pure. May import: nothing of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

#: did:plc of 24 base32 characters, did:web of a host; the network allows no other method.
_DID = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[A-Za-z0-9.-]{1,253})")
_HANDLE = re.compile(
    r"(?=.{3,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
#: What the platform shows where a handle does not point back at its account.
_UNPROVED = "handle.invalid"
_SCHEME = "at://"


def is_did(value: object) -> bool:
    """Whether it is the permanent id of an account.

    >>> is_did("did:plc:w6niwkjgh24qf4qdqvucxhx5"), is_did("did:key:z6Mk")
    (True, False)
    """
    return isinstance(value, str) and _DID.fullmatch(value) is not None


def is_handle(value: object) -> bool:
    """Whether it is a handle by its form. "handle.invalid" is none: it stands for no handle."""
    return (
        isinstance(value, str)
        and _HANDLE.fullmatch(value) is not None
        and value.lower() != _UNPROVED
    )


def handle_in(name: object) -> str | None:
    """The handle that one of the names of a DID claims.

    >>> handle_in("at://acme.example"), handle_in("https://acme.example")
    ('acme.example', None)
    """
    if not isinstance(name, str) or not name.startswith(_SCHEME):
        return None
    handle = name.removeprefix(_SCHEME)
    return handle if is_handle(handle) else None


def is_own_domain(handle: str, hosts: Iterable[str]) -> bool:
    """Whether somebody had to hold a domain for it. hosts: where handles are given out to anybody.

    >>> [is_own_domain(handle, ["bsky.social"]) for handle in ("acme.example", "a.bsky.social")]
    [True, False]
    """
    return not any(f".{handle}".lower().endswith(f".{host.lower().strip('.')}") for host in hosts)


def page_of(account: str) -> str:
    """Where people see an account. account: its handle or DID."""
    return f"https://bsky.app/profile/{quote(account, safe=':')}"
