"""What people read for a subject: its key is for machines.

Pure. May import: namaak.records, detectors.folding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from detectors.folding import letters_of
from namaak.records import Field, SubjectKind


def subject_text(subject_key: str, rows: Iterable[Mapping[str, Any]] = ()) -> str:
    """The host, `platform/@handle`, an app's title, or the beginning of an image's SHA-256.

    rows: its matches; an account's handle and an app's title stand there.

    >>> subject_text("account:bluesky:@acme-help")
    'bluesky/@acme-help'
    """
    kind, _, rest = subject_key.partition(":")
    platform, _, native = rest.partition(":")
    seen = {row["field"]: row["value"] for row in rows}
    if kind == SubjectKind.ACCOUNT:
        if handle := seen.get(Field.HANDLE):
            return f"{platform}/@{handle.removeprefix('@')}"
        return f"{platform}/{native}"
    if kind == SubjectKind.APP:
        return str(seen.get(Field.APP) or f"{platform}/{native}")
    if kind == SubjectKind.IMAGE:
        return f"image {rest[:12]}"
    return rest


def subject_texts(observations: pa.Table, matches: pa.Table) -> dict[str, str]:
    """subject_key to text, for the subjects of `matches` that their matches alone cannot name.

    observations: OBSERVATION_SCHEMA, the batch they were found in. An account found by its
    picture has a handle only there, and a picture its file's name.
    """
    wanted = pc.is_in(observations["subject_key"], pc.unique(matches["subject_key"]))
    rows = observations.filter(wanted).select(
        ["subject_key", "subject_kind", "platform", "handle", "display_name", "image_name"]
    )
    texts = {}
    for row in rows.to_pylist():
        text = None
        if row["subject_kind"] == SubjectKind.ACCOUNT and row["handle"]:
            text = f"{row['platform']}/@{row['handle']}"
        elif row["subject_kind"] == SubjectKind.APP:
            text = row["display_name"]
        elif row["subject_kind"] == SubjectKind.IMAGE:
            text = row["image_name"]
        if text:
            # A renamed account is known by its newest name: later rows win.
            texts[row["subject_key"]] = text
    return texts


#: A pattern of fewer letters is shared by chance.
_SHORTEST_PATTERN = 4


def series_of(domain: str | None, brand: str) -> str | None:
    """What names of one campaign share: the registrable label without digits and hyphens.

    brand: its name. None when there is neither digit nor hyphen in the label, hardly a letter,
    or nothing but the brand: acme1.com and ac-me.net have one thing in common, and that is Acme.

    >>> series_of("acme-login-07.shop", "Acme"), series_of("acmelogin.shop", "Acme")
    ('acmelogin', None)
    """
    if domain is None or domain.startswith("xn--"):
        return None
    label = domain.partition(".")[0]
    pattern = "".join(char for char in label if char.isalpha())
    if pattern == letters_of(brand):
        return None
    return pattern if len(label) > len(pattern) >= _SHORTEST_PATTERN else None


def host_domains(matches: pa.Table, registrable: Callable[[str], str]) -> dict[str, str]:
    """subject_key of every host in `matches` to its registrable domain, by the given splitter."""
    hosts = matches.filter(pc.equal(matches["subject_kind"], SubjectKind.HOST))
    keys: list[str] = pc.unique(hosts["subject_key"]).to_pylist()
    return {key: registrable(key.partition(":")[2]) for key in keys}
