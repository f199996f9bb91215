"""Which owners of `ns` records are registrations: one level below what a registry sells under.

Below `uk` that is `acme.co.uk` and not `co.uk`, by the public suffixes of the registries. Names
that have only DS, NSEC or RRSIG records, or addresses for the servers of others (glue), have no
`ns` record and never come here.
Pure; the list of suffixes is the snapshot in the tldextract package. May import: nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import idna
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from tldextract import TLDExtract


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegations:
    """The registrations among some owners."""

    rows: npt.NDArray[np.int64]  #: which of the owners, ascending
    names: Any  #: theirs without the zone's own: Arrow strings
    refused: dict[int, str]  #: owner -> why it is none; the zone's own name is silent


class Registry:
    """What counts as a registration in one zone."""

    def __init__(self, apex: str) -> None:
        """apex: as `presentation.absolute` gives names."""
        self._apex = apex
        self._ending = f".{apex}" if apex else ""
        below = {
            suffix.removesuffix(self._ending)
            for suffix in _public_suffixes()
            if self._ending and suffix.endswith(self._ending)
        }
        #: `*.ck`: everything directly below ck is sold under, but for what is named.
        self._all_sold_under = "*" in below
        self._excepted = pa.array(
            sorted(name[1:] for name in below if name.startswith("!")), pa.string()
        )
        plain = (name for name in below if "." not in name and name[:1] not in ("*", "!"))
        self._sold_under = pa.array(sorted(plain), pa.string())

    def delegations(self, owners: Any) -> Delegations:
        """owners: Arrow strings, as `presentation.absolute` gives names."""
        inside = pc.ends_with(owners, self._ending)
        apex = pc.equal(owners, self._apex)
        refused = dict.fromkeys(
            _where(pc.invert(pc.or_(inside, apex))), f"its owner is not in the zone {self._apex}"
        )
        rows = np.flatnonzero(pc.and_(inside, pc.invert(apex)).to_numpy(zero_copy_only=False))
        within = owners if len(rows) == len(owners) else owners.take(pa.array(rows))
        names = within
        if self._ending:
            names = pc.utf8_slice_codeunits(within, start=0, stop=-len(self._ending))
        deep = pc.match_substring(names, ".")
        sold_under = pc.is_in(names, self._sold_under)
        if self._all_sold_under:
            sold_under = pc.invert(pc.or_(pc.is_in(names, self._excepted), deep))
        suspects = pc.or_(deep, sold_under)
        if not pc.any(suspects).as_py():
            return Delegations(rows=rows, names=names, refused=refused)
        keep = np.ones(len(rows), bool)
        for place in _where(suspects):
            reason = self._refusal(within[place].as_py())
            if reason is not None:
                keep[place] = False
                refused[int(rows[place])] = reason
        return Delegations(rows=rows[keep], names=names.filter(pa.array(keep)), refused=refused)

    def _refusal(self, owner: str) -> str | None:
        """Why a name that is deep, or a public suffix, is no registration."""
        found = _extractor().extract_str(owner)
        if not found.domain:
            return "its owner is what names are registered under, no registration"
        if found.subdomain:
            return "its owner stands below a registration"
        return None


@cache
def _extractor() -> TLDExtract:
    """Never asks the network; suffixes of registries only, not those of hosting services."""
    # Imports an HTTP client that nobody needs who only matches names.
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=False)


@cache
def _public_suffixes() -> tuple[str, ...]:
    return tuple(map(_a_labels, _extractor().tlds))


def _a_labels(suffix: str) -> str:
    if suffix.isascii():
        return suffix
    mark = suffix[:1] if suffix[:1] in "*!" else ""
    return ".".join(
        label if label.isascii() else idna.alabel(label.removeprefix(mark)).decode("ascii")
        for label in suffix.split(".")
    )


def _where(mask: Any) -> list[int]:
    return [int(row) for row in np.flatnonzero(mask.to_numpy(zero_copy_only=False))]
