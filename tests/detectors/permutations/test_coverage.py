"""Against a generator that is not ours: which of dnstwist's names we make as well.

Names beyond ASCII are dnstwist's many: it puts two of them into one label, which gives thousands
of names a brand that no one has been seen to register. We make every single one, and no pairs.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import dnstwist
import idna
import pytest

from detectors.permutations import permutations

#: Made up; one with a hyphen, one with a plural, one short, one with doubled letters.
DOMAINS = ("waldermond.com", "nordvelt.nl", "acme-bank.com", "quibblox.com", "tullenzo.co.uk",
           "kpx.com", "zorgvuur.de", "boxers.com")  # fmt: skip


@cache
def shares() -> dict[str, tuple[int, float]]:
    """By dnstwist's kinds: how many names it makes, and which part of them we make."""
    made, ours = Counter(), Counter()
    for domain in DOMAINS:
        theirs = dnstwist.Fuzzer(domain)
        theirs.generate()
        known = {one.host for one in permutations(domain)}
        for one in theirs.permutations():
            kind = one["fuzzer"] + (" beyond ASCII" if "xn--" in one["domain"] else "")
            made[kind] += 1
            ours[kind] += one["domain"] in known
    del made["*original"]
    return {kind: (count, ours[kind] / count) for kind, count in made.items()}


@pytest.mark.parametrize(
    "kind",
    ["addition", "bitsquatting", "homoglyph", "hyphenation", "insertion", "omission", "plural",
     "repetition", "replacement", "subdomain", "transposition", "various", "vowel-swap",
     "cyrillic beyond ASCII"],
)  # fmt: skip
def test_nearly_all_names_of_a_kind_are_made(kind):
    count, share = shares()[kind]
    assert count and share >= 0.95


def test_no_other_kind_is_left_out_but_pairs_beyond_ascii():
    left_out = {kind for kind, (_, share) in shares().items() if share < 0.95}
    assert left_out == {"homoglyph beyond ASCII"}


def test_nearly_all_single_letters_beyond_ascii_are_made():
    made = ours = 0
    for domain in ("waldermond.com", "quibblox.com", "tullenzo.com"):
        label = domain.partition(".")[0]
        known = {one.host for one in permutations(domain)}
        for at in range(len(label)):
            for read in (label[at], label[at : at + 2]):
                for char in dnstwist.Fuzzer.glyphs_unicode.get(read, ()):
                    written = label[:at] + char + label[at + len(read) :]
                    try:
                        host = f"{idna.alabel(written).decode()}.com"
                    except idna.IDNAError:
                        continue
                    made += 1
                    ours += host in known
    assert made > 200
    assert ours / made >= 0.95
