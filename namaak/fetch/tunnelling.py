"""The client's connections, made by a proxy: each address is checked before the proxy hears of it.

The client knows proxies too, but tells them names, and sends plain http to them unchanged. So its
own step that opens a connection is replaced by one that has the proxy open it.
May import: namaak.errors.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from namaak.fetch.proxies import Proxy, ProxyFailure

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import AddrInfoType

#: Addresses of one host that the proxy is asked for.
_MAX_ADDRESSES = 2


class FarEnd(ResponseHandler):
    """Our end of a connection that a proxy made; it remembers to whom."""

    address = ""


class Tunnelling(aiohttp.TCPConnector):
    """Has a proxy make the connections."""

    def __init__(
        self,
        proxy: Proxy,
        *,
        places: Callable[[], Awaitable[Sequence[str]]],
        check: Callable[[str, int], None],
        connect_s: float,
        **usual: Any,
    ) -> None:
        """places: the proxy's own addresses; raises ProxyFailure.

        check: raises OSError for an address and port that may not be asked. connect_s: for the
        proxy's answer, and again for the handshake with the host. usual: of the client.
        """
        super().__init__(**usual)
        self._proxy = proxy
        self._places = places
        self._check = check
        self._connect_s = connect_s

    async def _wrap_create_connection(
        self,
        *_: Any,
        addr_infos: list[AddrInfoType],
        req: ClientRequest,
        **options: Any,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        """Replaces the client's own; it raises what that one does."""
        try:
            transport, address = await self._tunnelled(addr_infos)
            return await self._spoken_to(
                transport, address, options.get("ssl"), options.get("server_hostname")
            )
        except ssl.CertificateError as error:
            raise aiohttp.ClientConnectorCertificateError(req.connection_key, error) from error
        except ssl.SSLError as error:
            raise aiohttp.ClientConnectorSSLError(req.connection_key, error) from error
        except TimeoutError:
            raise
        except OSError as error:
            raise aiohttp.ClientConnectorError(req.connection_key, error) from error
        finally:
            # All that may be tried was: the client would go on with the rest of the list.
            addr_infos.clear()

    async def _tunnelled(self, addr_infos: Sequence[AddrInfoType]) -> tuple[asyncio.Transport, str]:
        checked: list[tuple[str, int]] = []
        refused: OSError | None = None
        for info in addr_infos:
            host, port = str(info[4][0]), int(info[4][1])
            try:
                self._check(host, port)
            except OSError as error:
                refused = error
            else:
                checked.append((host, port))
        if not checked:
            raise refused or OSError("has a name without an address")
        places = await self._places()
        failure: ProxyFailure | None = None
        for host, port in checked[:_MAX_ADDRESSES]:
            try:
                transport = await self._proxy.tunnel(places, host, port, within_s=self._connect_s)
            except ProxyFailure as error:
                failure = error
                if not error.reached_nobody:
                    break
            else:
                return transport, host
        assert failure is not None
        raise failure

    async def _spoken_to(
        self,
        transport: asyncio.Transport,
        address: str,
        tls: ssl.SSLContext | None,
        name: str | None,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        """TLS is spoken with the host itself, by its name: the proxy reads nothing of it."""
        loop = asyncio.get_running_loop()
        end = FarEnd(loop=loop)
        end.address = address
        if tls is None:
            transport.set_protocol(end)
            end.connection_made(transport)
            transport.resume_reading()
            return transport, end
        try:
            async with asyncio.timeout(self._connect_s):
                secured = await loop.start_tls(transport, end, tls, server_hostname=name)
        except BaseException:
            transport.abort()
            raise
        if secured is None:
            raise ConnectionResetError("the connection was closed within the handshake")
        end.connection_made(secured)
        return secured, end
