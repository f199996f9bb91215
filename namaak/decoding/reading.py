"""What is known by name, decoded: the watch file's logos, and pictures kept by their digest.

May import: detectors.images, namaak.decoding.workers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from detectors.images.picture import Picture, Undecodable
from namaak.decoding.workers import Decoders

LogoKey = tuple[str, str]  #: brand id, path as in the watch file


def decoded_logos(
    logos: Mapping[LogoKey, bytes], decoders: Decoders
) -> dict[LogoKey, tuple[str, Picture | Undecodable]]:
    """Each logo's SHA-256 and picture."""
    return {
        key: (hashlib.sha256(logos[key]).hexdigest(), picture)
        for key, picture in decoders.decode_many(logos.items())
    }


def kept_pictures(
    digests: Sequence[str], read_image: Callable[[str], bytes | None], decoders: Decoders
) -> Iterator[tuple[str, Picture | Undecodable]]:
    """digests: SHA-256 of the wanted ones. read_image: their bytes; None for what is not kept."""
    missing: list[str] = []

    def kept() -> Iterator[tuple[str, bytes]]:
        for sha256 in digests:
            data = read_image(sha256)
            if data is None:
                missing.append(sha256)
            else:
                yield sha256, data

    yield from decoders.decode_many(kept())
    for sha256 in missing:
        yield sha256, Undecodable("not kept in the lake")
