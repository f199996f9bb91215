"""All kinds together: each name once, with every kind that makes it, the likeliest first.

The priority of a name is the share of a brand's registered lookalikes that it is thought to be:
the share of its kind (`kinds.SHARES`), divided among the names of the kind by how likely each is.
So the priorities of the names that a budget allows add up to what the budget covers.
May import: detectors.folding, detectors.lures, detectors.suffixes, detectors.permutations.*,
namaak.brands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import idna

from detectors.folding import SHORTEST_TERM, fold_table, letters_of
from detectors.lures import lexicon
from detectors.permutations import (
    homoglyphs,
    scripts,
    separators,
    typing_errors,
)
from detectors.permutations.kinds import KINDS, SHARES, Kind
from detectors.permutations.labels import MAX_LABEL, sold_host
from detectors.permutations.lure_words import FORMS, lure_words
from detectors.permutations.suffixes import suffix_table
from namaak.brands import Brand

#: Of the generators; with the versions of their tables it says which names are made.
_RULES = "1"
#: A slip in the first letter is seen at once, by those who make it and those who are to click.
_FIRST_LETTER = 0.5
#: Of a plural inside a name, against one at its end.
_INSIDE = 0.1
#: Of a label in another script with a letter that is not the nearest, against the nearest.
_FARTHER = 0.15
#: Lure words this far up the list are also asked under the most abused suffixes.
_HEADLINE_WORDS, _HEADLINE_SUFFIXES, _HEADLINE_WEIGHT = 40, 4, 0.2
#: Registries of these sell labels of other scripts.
_SELL_SCRIPTS = ("com", "net", "org")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A name to ask about."""

    host: str  #: A-labels, lower case
    kind: Kind  #: the first of `kinds`
    kinds: tuple[Kind, ...]  #: every way that makes it, in the order of `KINDS`
    priority: float  #: expected share of the brand's registered lookalikes, 0..1


@dataclass(frozen=True, slots=True)
class _Name:
    """What is varied."""

    label: str  #: Unicode where the domain is an IDN
    plain: str  #: the label in ASCII
    suffix: str


#: (name before the suffix, suffix, weight among the names of the kind)
_Made = Iterable[tuple[str, str, float]]


@cache
def version() -> str:
    """Of the rules and tables: changes when other names are made, or in another order."""
    parts = (_RULES, fold_table().version, lexicon().version, suffix_table().version)
    return f"permutations-{'-'.join(parts)}"


def permutations(
    domain: str,
    *,
    suffix: str = "com",
    kinds: Collection[Kind] = KINDS,
    suffixes: Sequence[str] | None = None,
    lures: Sequence[str] | None = None,
    languages: Sequence[str] = ("en",),
) -> list[Candidate]:
    """domain: a registrable domain, A-labels or Unicode, or a single label, then under `suffix`.

    suffixes: other suffixes to ask, the likeliest first; the shipped table when None. lures: words,
    likewise; those of the lexicon in `languages` when None. Raises ValueError when no label can be
    made of `domain`.

    >>> found = permutations("acme.nl", kinds=[Kind.OMISSION])
    >>> [candidate.host for candidate in found]
    ['ace.nl', 'acm.nl', 'ame.nl', 'cme.nl']
    """
    name = _name(domain, suffix)
    generators: Mapping[Kind, Callable[[], _Made]] = {
        Kind.PLURAL: lambda: _plural(name),
        Kind.IDN_HOMOGRAPH: lambda: _idn(name),
        Kind.WHOLE_SCRIPT: lambda: _whole_script(name),
        Kind.MIXED_SCRIPT: lambda: _under(name, scripts.mixed_script(name.plain), _idn_homes(name)),
        Kind.WWW_GLUED: lambda: _www_glued(name),
        Kind.JOINED_SUFFIX: lambda: _joined_suffix(name),
        Kind.OTHER_SUFFIX: lambda: _other_suffix(name, suffixes, languages),
        Kind.LURE: lambda: _lures(name, lures, languages),
    }
    found: dict[str, dict[Kind, float]] = {}
    own = sold_host(name.label, name.suffix)
    for kind in KINDS:
        if kind not in kinds:
            continue
        made = generators[kind]() if kind in generators else _slips(name, _SLIPS[kind])
        weights: dict[str, float] = {}
        for labels, under, weight in made:
            host = sold_host(labels, under)
            if host is not None and host != own:
                weights[host] = max(weight, weights.get(host, 0.0))
        whole = sum(weights.values())
        for host, weight in weights.items():
            found.setdefault(host, {})[kind] = SHARES[kind].of_names * weight / whole
    candidates = [
        Candidate(
            host=host,
            kind=next(iter(made_by)),
            kinds=tuple(made_by),
            priority=sum(made_by.values()),
        )
        for host, made_by in found.items()
    ]
    return sorted(candidates, key=lambda candidate: (-candidate.priority, candidate.host))


def origins(brand: Brand) -> list[str]:
    """The registrable domains that names are made like: the brand's, and what its names would be.

    A name goes under the suffix of the first own domain, or under .com.

    >>> origins(Brand(name="Acme Bank", domains=("www.acme.nl",)))
    ['acme.nl', 'acmebank.nl']
    """
    own = dict.fromkeys(registrable(domain) for domain in brand.domains)
    suffix = next((domain.partition(".")[2] for domain in own), "com")
    labels = {domain.partition(".")[0] for domain in own}
    for name in brand.names:
        label = letters_of(name)
        if SHORTEST_TERM <= len(label) <= MAX_LABEL and label not in labels:
            labels.add(label)
            own[f"{label}.{suffix}"] = None
    return list(own)


def registrable(host: str) -> str:
    """The domain of a host that somebody registers.

    >>> registrable("ac.me.co.uk")
    'me.co.uk'
    """
    # Brings a compiler along, a second that only those should pay who make names.
    from detectors.suffixes import registrable_domain

    return registrable_domain(host)


def _name(domain: str, suffix: str) -> _Name:
    # As above.
    from detectors.suffixes import suffix_list

    host = domain.strip().lower().removesuffix(".")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise ValueError(f"{domain!r} is no domain name ({error})") from None
    if "." in host:
        split = suffix_list().split(host)
        host, suffix = host[split.registrable : max(split.suffix - 1, 0)], host[split.suffix :]
    label = host
    if host.startswith("xn--"):
        try:
            label = idna.ulabel(host)
        except idna.IDNAError as error:
            raise ValueError(f"{domain!r} is no domain name ({error})") from None
    if not label or sold_host(label, suffix) is None:
        raise ValueError(f"{domain!r} is no domain that somebody could register")
    return _Name(label, label if label.isascii() else letters_of(label), suffix)


_SLIPS: Mapping[Kind, Callable[[str], Iterator[str]]] = {
    Kind.OMISSION: typing_errors.omission,
    Kind.TRANSPOSITION: typing_errors.transposition,
    Kind.REPETITION: typing_errors.repetition,
    Kind.REPLACEMENT: typing_errors.replacement,
    Kind.INSERTION: typing_errors.insertion,
    Kind.ADDITION: typing_errors.addition,
    Kind.VOWEL_SWAP: typing_errors.vowel_swap,
    Kind.HYPHEN_INSIDE: separators.hyphen_inside,
    Kind.DOT_INSIDE: separators.dot_inside,
    Kind.HOMOGLYPH: homoglyphs.homoglyph,
    Kind.HOMOGLYPH_TWICE: homoglyphs.homoglyph_twice,
    Kind.BITSQUAT: typing_errors.bitsquat,
}


def _slips(name: _Name, generator: Callable[[str], Iterator[str]]) -> _Made:
    """Under the brand's own suffix. Of an IDN also those of its ASCII form."""
    for label in dict.fromkeys((name.label, name.plain)):
        for made in generator(label):
            yield made, name.suffix, 1.0 if made[:1] == label[:1] else _FIRST_LETTER


def _plural(name: _Name) -> _Made:
    """The end first: inside a name few words end."""
    for made, home, weight in _slips(name, typing_errors.plural):
        inside = made[:-1] != name.plain[: len(made) - 1] and name.plain[:-1] != made
        yield made, home, weight * (_INSIDE if inside else 1.0)


def _under(name: _Name, labels: Iterable[str], homes: Sequence[str]) -> _Made:
    for label in labels:
        for home in homes:
            yield label, home, 1.0


def _idn_homes(name: _Name) -> tuple[str, ...]:
    """Where an IDN can be sold: where the brand is, if that registry sells any, and .com."""
    own = () if name.suffix in suffix_table().without_idn else (name.suffix,)
    return tuple(dict.fromkeys((*own, "com")))


def _idn(name: _Name) -> _Made:
    yield from _under(name, scripts.idn_homograph(name.plain), _idn_homes(name))
    if name.plain != name.label:
        # Of an IDN the plain letters are what others may take.
        yield name.plain, name.suffix, 1.0


def _whole_script(name: _Name) -> _Made:
    own = (name.suffix,) if name.suffix in _SELL_SCRIPTS else ()
    homes = tuple(dict.fromkeys((*own, *_SELL_SCRIPTS)))
    for place, label in enumerate(scripts.whole_script(name.plain)):
        for home in homes:
            yield label, home, _FARTHER if place else 1.0


def _www_glued(name: _Name) -> _Made:
    for form, weight in (("www{}", 1.0), ("www-{}", 0.6), ("ww{}", 0.3), ("wwww{}", 0.2)):
        yield form.format(name.plain), name.suffix, weight
        if name.suffix != "com":
            yield form.format(name.plain), "com", weight / 2


def _joined_suffix(name: _Name) -> _Made:
    """Such as acmenl.com, acme-com.nl, com-acme.nl; of acme.co.uk also acme.uk and acmeco.uk."""
    joined = name.suffix.replace(".", "")
    for home in dict.fromkeys((name.suffix, "com", "net")):
        for word, weight in ((joined, 1.0), ("com", 0.8)):
            yield f"{name.plain}{word}", home, weight
            yield f"{name.plain}-{word}", home, weight
        yield f"com-{name.plain}", home, 0.3
    below, _, above = name.suffix.rpartition(".")
    if below:
        yield name.plain, above, 1.0
        yield name.plain + below.replace(".", ""), above, 1.0


def _other_suffix(name: _Name, suffixes: Sequence[str] | None, languages: Sequence[str]) -> _Made:
    if suffixes is None:
        weights = suffix_table().others(languages)
    else:
        weights = {suffix: 1 / (1 + place / 10) for place, suffix in enumerate(suffixes)}
    for suffix, weight in weights.items():
        if suffix != name.suffix:
            yield name.plain, suffix, weight


def _lures(name: _Name, lures: Sequence[str] | None, languages: Sequence[str]) -> _Made:
    if lures is None:
        words = lure_words(languages)
    else:
        words = {word: 1 / (1 + place / 10) for place, word in enumerate(lures)}
    homes = tuple(dict.fromkeys((name.suffix, "com")))
    further = suffix_table().abused[:_HEADLINE_SUFFIXES]
    for place, (word, weight) in enumerate(words.items()):
        if word in name.plain:
            continue  # "acmebank-bank" is nobody's choice
        for form, form_weight in FORMS.items():
            labels = form.format(name=name.plain, word=word)
            for home in homes:
                yield labels, home, weight * form_weight
            if place < _HEADLINE_WORDS:
                for home in further:
                    if home not in homes:
                        yield labels, home, weight * form_weight * _HEADLINE_WEIGHT
