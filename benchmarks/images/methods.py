"""The ways of finding a logo that are compared, all asked in the same way.

A method is given the references once and then one picture at a time, as bytes; it answers with
the most similar reference. Classical hashes see a picture as Pillow decodes it, on white.
Every method's score grows with similarity; hashes score the negative of their distance.
May import: detectors.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

from detectors.images.decoding import decode
from detectors.images.gallery import Gallery, Logo, gallery_of
from detectors.images.matching import Fingerprint, enrol, fingerprint, rank
from detectors.images.picture import Undecodable
from detectors.images.scoring import at_even_odds, scores

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a method says of one picture."""

    best: int  #: index of the most similar reference; -1 for none
    score: float  #: greater is more alike; -inf where the picture is not compared at all
    probability: float | None = None  #: that the picture shows that reference's brand
    flagged: bool | None = None  #: by the method's own rule; None where it has none


class Method(Protocol):
    """Enrolled once, asked often."""

    def enrol(self, pictures: Sequence[bytes]) -> None:
        """The references, in the order that answers count them."""

    def hashed(self, picture: bytes) -> object:
        """Decoded, and all that is kept of it."""

    def answer(self, picture: bytes) -> Answer:
        """The most similar reference."""


def on_white(picture: bytes) -> Image.Image:
    """As the hash packages' own examples decode."""
    with Image.open(io.BytesIO(picture)) as opened:
        if opened.mode in ("RGB", "L"):
            return opened.convert("RGB")
        layer = opened.convert("RGBA")
    ground = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, layer).convert("RGB")


def words(bits: npt.ArrayLike) -> Words:
    """Bits, a multiple of 64, as words: (n // 64,)."""
    return np.packbits(np.asarray(bits, bool).ravel()).view(">u8").astype(np.uint64)


class PHash:
    """imagehash.phash, plain distance. near: bits at which its users call it a match."""

    def __init__(self, side: int, near: int | None) -> None:
        self._side, self._near = side, near
        self._known: Words = np.zeros((0, 1), np.uint64)

    def hashed(self, picture: bytes) -> Words:
        return words(imagehash.phash(on_white(picture), hash_size=self._side).hash)

    def enrol(self, pictures: Sequence[bytes]) -> None:
        self._known = np.stack([self.hashed(one) for one in pictures])

    def answer(self, picture: bytes) -> Answer:
        differ = np.bitwise_count(self._known ^ self.hashed(picture)).sum(axis=1, dtype=np.int64)
        best = int(differ.argmin())
        bits = int(differ[best])
        near = None if self._near is None else bits <= self._near
        return Answer(best=best, score=-float(bits), flagged=near)


class Pdq:
    """PDQ's 256 bits, plain distance. Its makers call 31 bits a match."""

    near = 31

    def __init__(self) -> None:
        self._known: Words = np.zeros((0, 4), np.uint64)

    def enrol(self, pictures: Sequence[bytes]) -> None:
        self._known = np.stack([self.hashed(one) for one in pictures])

    def hashed(self, picture: bytes) -> Words:
        import pdqhash

        return words(pdqhash.compute(np.asarray(on_white(picture)))[0])

    def answer(self, picture: bytes) -> Answer:
        differ = np.bitwise_count(self._known ^ self.hashed(picture)).sum(axis=-1, dtype=np.int64)
        return self._nearest(differ)

    def _nearest(self, differ: npt.NDArray[np.int64]) -> Answer:
        best = int(differ.argmin())
        bits = int(differ[best])
        return Answer(best=best, score=-float(bits), flagged=bits <= self.near)


class PdqAllWays(Pdq):
    """PDQ of the references turned and mirrored in eight ways, and of their negatives."""

    def enrol(self, pictures: Sequence[bytes]) -> None:
        import pdqhash

        self._known = np.stack([
            np.stack([words(way) for way in pdqhash.compute_dihedral(np.asarray(on_white(one)))[0]])
            for one in pictures
        ])  # fmt: skip

    def answer(self, picture: bytes) -> Answer:
        differ = np.bitwise_count(self._known ^ self.hashed(picture)).sum(axis=-1, dtype=np.int64)
        return self._nearest(np.minimum(differ, 256 - differ).min(axis=1))


class Ours:
    """The product: its decoder, gate, hashes, search, second look and threshold."""

    def __init__(self) -> None:
        self._gallery: Gallery = gallery_of([])

    def enrol(self, pictures: Sequence[bytes]) -> None:
        # A logo that is refused is never found: its pictures count as missed.
        made = [self._enrolled(at, one) for at, one in enumerate(pictures)]
        self._gallery = gallery_of([one for one in made if one is not None])

    def _enrolled(self, at: int, picture: bytes) -> Logo | None:
        seen = decode(picture)
        if isinstance(seen, Undecodable):
            return None
        made = enrol(str(at), str(at), hashlib.sha256(picture).hexdigest(), seen)
        return None if isinstance(made, Undecodable) else made

    def hashed(self, picture: bytes) -> Fingerprint | None:
        seen = decode(picture)
        return None if isinstance(seen, Undecodable) else fingerprint(seen)

    def answer(self, picture: bytes) -> Answer:
        made = self.hashed(picture)
        if made is None or made.gated:
            return Answer(best=-1, score=-math.inf, probability=0.0, flagged=False)
        found = rank(made, self._gallery)
        if not found:
            return Answer(best=-1, score=-math.inf, probability=0.0, flagged=False)
        first = found[0]
        return Answer(
            best=int(self._gallery.logos[first.logo].brand_id), score=first.score,
            probability=at_even_odds(first.llr), flagged=first.llr >= scores().match_from,
        )  # fmt: skip


#: By the names that results bear. pHash(8) has its users' popular rule, 10 bits.
METHODS: Mapping[str, Callable[[], Method]] = {
    "phash8": lambda: PHash(8, 10),
    "phash16": lambda: PHash(16, None),
    "pdq": Pdq,
    "pdq-dihedral-polarity": PdqAllWays,
    "ours": Ours,
}


def present() -> list[str]:
    """Names of the methods whose packages are installed."""
    has_pdq = importlib.util.find_spec("pdqhash") is not None
    return [name for name in METHODS if has_pdq or not name.startswith("pdq")]
