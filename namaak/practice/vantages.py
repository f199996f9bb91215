"""`[[vantages]]`: from where pages are looked at. A page that one place cannot see is not gone.

May import: namaak.practice.strict, namaak.resolving.servers.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from namaak.practice.strict import Strict, Text


def _to_server(text: str) -> str:
    """A resolver's address as it was given. Raises ValueError with one sentence."""
    # Only for a file that names one: the client of the resolver comes along.
    from namaak.resolving.servers import parse_server

    parse_server(text)
    return text


def _to_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError(
            f"{text!r} is no IP address; give the one that others see, as in 198.51.100.7"
        ) from None


def _to_name(text: str) -> str:
    if text == HERE:
        raise ValueError(f'"{HERE}" is this machine without any table; choose another name')
    return text


#: The vantage that needs no table: this machine, with the resolvers of [enrichment].
HERE = "here"


class Vantage(Strict):
    """One place: name servers of its own, a proxy, or both; and as whom the browser comes."""

    name: Annotated[
        str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$"), AfterValidator(_to_name)
    ]
    resolvers: tuple[Annotated[Text, AfterValidator(_to_server)], ...] = ()
    #: An HTTP proxy elsewhere. A password in it stands in NAMAAK_PROXY_<NAME> instead.
    proxy: Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]+$")] | None = None
    #: The address that the other side sees, where somebody knows it; stands in captures.
    address: Annotated[Text, AfterValidator(_to_address)] | None = None
    #: Of the browser; else its own. Who hides a page from strangers often goes by these two.
    user_agent: Annotated[Text, StringConstraints(max_length=300, pattern=r"^[ -~]+$")] | None = (
        None
    )
    locale: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")] = "en-GB"


def credentials_of(vantage: Vantage, environ: Mapping[str, str]) -> str | None:
    """user:password of the vantage's proxy; None where there is no proxy, or it needs none."""
    return environ.get(password_variable(vantage.name)) if vantage.proxy else None


def password_variable(name: str) -> str:
    """The environment variable that holds user:password of a vantage's proxy.

    >>> password_variable("berlin-2")
    'NAMAAK_PROXY_BERLIN_2'
    """
    return f"NAMAAK_PROXY_{name.upper().replace('-', '_')}"
