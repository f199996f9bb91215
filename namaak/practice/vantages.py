"""`[[vantages]]`: from where pages are looked at. A page that one place cannot see is not gone.

May import: namaak.practice.strict, namaak.resolving.servers.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from namaak.practice.strict import Strict, Text


def _to_server(text: str) -> str:
    """A resolver's address as it was given. Raises ValueError with one sentence."""
    # Only for a file that names one: the client of the resolver comes along.
    from namaak.resolving.servers import parse_server

    parse_server(text)
    return text


class Vantage(Strict):
    """One place: name servers of its own, a proxy, or both."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    resolvers: tuple[Annotated[Text, AfterValidator(_to_server)], ...] = ()
    #: An HTTP proxy elsewhere. A password in it stands in NAMAAK_PROXY_<NAME> instead.
    proxy: Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]+$")] | None = None
