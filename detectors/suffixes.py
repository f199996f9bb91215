"""Where the public suffix of a host begins: a set walk over the bundled Public Suffix List.

The list is the snapshot inside the tldextract package (private section included), read once;
its extraction is forty times slower than matching, so only its data are used.
Algorithm: publicsuffix.org, "Format", read 2026; an unknown top-level domain is a suffix.
May import: nothing of ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import idna


@dataclass(frozen=True, slots=True)
class Split:
    """Positions in the host. host[registrable:suffix] is the label people register."""

    registrable: int  #: start of the registrable domain; 0 <= registrable <= suffix
    suffix: int  #: start of the public suffix; 0 when the host is itself a suffix
    private: bool  #: the suffix is a hosting service's (github.io), not a registry's


class SuffixList:
    """Rules as A-labels. `walk` holds every right part of a rule, so a walk knows when to stop."""

    def __init__(self, text: str) -> None:
        found = re.search(r"^// VERSION: (\S+)", text, re.MULTILINE)
        self.version = found.group(1) if found else "unknown"
        self._rules: dict[str, bool] = {}
        self._exceptions: set[str] = set()
        self._wild: dict[str, bool] = {}
        private = False
        for line in text.splitlines():
            if "===BEGIN PRIVATE DOMAINS" in line:
                private = True
            rule = line.split(" ")[0].strip().lower()
            if not rule or rule.startswith("//"):
                continue
            if rule.startswith("!"):
                self._exceptions.add(_a_labels(rule[1:]))
            elif rule.startswith("*."):
                self._wild[_a_labels(rule[2:])] = private
            else:
                self._rules[_a_labels(rule)] = private
        self._walk: set[str] = set()
        for rule in (*self._rules, *self._wild, *self._exceptions):
            labels = rule.split(".")
            self._walk.update(".".join(labels[start:]) for start in range(len(labels)))

    def split(self, host: str) -> Split:
        """host: A-labels, lower case, no trailing dot.

        >>> suffix_list().split("login.acme.co.uk")
        Split(registrable=6, suffix=11, private=False)
        >>> suffix_list().split("acme.github.io").private
        True
        """
        # Start of the suffix found so far, of the label left of it, and of the tail walked.
        suffix = host.rfind(".") + 1
        private = False
        start = suffix
        while True:
            tail = host[start:]
            if tail in self._exceptions:
                suffix = host.find(".", start) + 1
                break
            if tail in self._rules:
                suffix, private = start, self._rules[tail]
            if start == 0 or tail not in self._walk:
                break
            above = host.rfind(".", 0, start - 1) + 1
            if tail in self._wild and host[above:] not in self._exceptions:
                suffix, private = above, self._wild[tail]
            start = above
        if suffix == 0:
            return Split(0, 0, private)
        return Split(host.rfind(".", 0, suffix - 1) + 1, suffix, private)


def registrable_domain(host: str) -> str:
    """The domain somebody registered; the host itself when it is a public suffix.

    >>> registrable_domain("login.acme.co.uk")
    'acme.co.uk'
    """
    return host[suffix_list().split(host).registrable :]


@cache
def suffix_list() -> SuffixList:
    """The bundled list, parsed once (about 60 ms)."""
    text = files("tldextract").joinpath(".tld_set_snapshot").read_text(encoding="utf-8")
    return SuffixList(text)


def _a_labels(rule: str) -> str:
    return rule if rule.isascii() else idna.encode(rule, uts46=True).decode("ascii")
