"""One server, asked by c-ares, or by dnspython for types that c-ares does not know.

What c-ares calls an error is turned into an outcome here and nowhere else. Its own timers adapt
to how fast a server usually is, down to a quarter of a second, which is far too soon for a
resolver that has most answers in memory and must fetch the others: so it may send a question
again as often as it likes, and the deadline is ours.
May import: namaak.resolving.answers, namaak.resolving.records, namaak.resolving.servers.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterable
from typing import Any

import aiodns
import dns.asyncquery
import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
import pycares
from aiodns import error as cares_error

from namaak.resolving.answers import Outcome
from namaak.resolving.records import Record, Told, cares_records, escaped, read_answer
from namaak.resolving.servers import parse_server

#: Refusals and failures are told at once instead of asked again; neither the search domains nor
#: the aliases of the environment are used.
_FLAGS = pycares.ARES_FLAG_NOCHECKRESP | pycares.ARES_FLAG_NOSEARCH | pycares.ARES_FLAG_NOALIASES
#: c-ares sends again after this part of the deadline, or when a server is usually fast after a
#: quarter of a second, and then waits twice as long each time: eight are more than any deadline.
_FIRST_WAIT = 3
_SENDINGS = 8
#: Answers of these are rarely above 512 bytes (then TCP is used), and cost a tenth less without
#: EDNS. They are what is asked in bulk; the others are asked with EDNS.
_SHORT = frozenset({"A", "AAAA", "CNAME", "NS", "SOA"})
#: Answers that c-ares remembers while their TTL lasts, 1.5 kB each, before it is made to forget
#: them: it would keep any number.
_REMEMBERED = 20_000
_OUTCOMES = {
    cares_error.ARES_ENODATA: Outcome.EMPTY,
    cares_error.ARES_ENOTFOUND: Outcome.ABSENT,
    cares_error.ARES_ESERVFAIL: Outcome.BROKEN,
    cares_error.ARES_EREFUSED: Outcome.REFUSED,
    cares_error.ARES_ENOTIMP: Outcome.REFUSED,
    cares_error.ARES_ETIMEOUT: Outcome.TIMEOUT,
    # Nobody listens there: as silent as a time-out, and as little said of the name.
    cares_error.ARES_ECONNREFUSED: Outcome.TIMEOUT,
    cares_error.ARES_EFORMERR: Outcome.MALFORMED,
    cares_error.ARES_EBADRESP: Outcome.MALFORMED,
    cares_error.ARES_EBADNAME: Outcome.MALFORMED,
}
_CARES_TYPES = {
    "A": pycares.QUERY_TYPE_A,
    "AAAA": pycares.QUERY_TYPE_AAAA,
    "CAA": pycares.QUERY_TYPE_CAA,
    "CNAME": pycares.QUERY_TYPE_CNAME,
    "MX": pycares.QUERY_TYPE_MX,
    "NS": pycares.QUERY_TYPE_NS,
    "PTR": pycares.QUERY_TYPE_PTR,
    "SOA": pycares.QUERY_TYPE_SOA,
    "SRV": pycares.QUERY_TYPE_SRV,
    "TXT": pycares.QUERY_TYPE_TXT,
}


class _InLoop(aiodns.DNSResolver):
    """aiodns with c-ares' sockets in our own event loop, and answers without exceptions.

    Left alone it runs c-ares in a thread and wakes the loop for every single answer. With the
    sockets in the loop one wake-up reads all that has come, which costs a third less.
    """

    def _make_channel(self, **options: Any) -> tuple[bool, pycares.Channel]:
        # As in aiodns itself: no cycle, so that what is forgotten is closed at once.
        weak_self = weakref.ref(self)

        def socket_changed(fd: int, readable: bool, writable: bool) -> None:
            this = weak_self()
            if this is not None:
                this._sock_state_cb(fd, readable, writable)

        channel = pycares.Channel(sock_state_cb=socket_changed, timeout=self._timeout, **options)
        return False, channel

    def send(self, name: str, type_number: int) -> _Asked:
        """The future gives c-ares' result, or its error; None after the deadline of the caller."""
        asked: _Asked = self.loop.create_future()

        def answered(result: pycares.DNSResult | None, error: int | None) -> None:
            if not asked.done():
                asked.set_result((result, error))

        try:
            self._channel.query(name, type_number, callback=answered)
        except pycares.AresError as error:
            answered(None, error.args[0])
        return asked

    def forget(self) -> None:
        """Empty the memory of answers. c-ares reads the system's settings again; ours prevail."""
        self._channel.reinit()


#: Result and error of c-ares; both None when nothing came in time.
_Asked = asyncio.Future[tuple[pycares.DNSResult | None, int | None]]


class Channel:
    """Asks one server. Belongs to the running event loop."""

    def __init__(self, server: str, *, timeout_s: float) -> None:
        self._address, self._port = parse_server(server)
        self._timeout_s = timeout_s
        self._short, self._long = (
            _InLoop(
                nameservers=[server], timeout=timeout_s / _FIRST_WAIT, tries=_SENDINGS, flags=flags
            )
            for flags in (_FLAGS, _FLAGS | pycares.ARES_FLAG_EDNS)
        )
        self._loop = asyncio.get_running_loop()
        self._sent = 0
        # When each question is late. All wait equally long, so the first sent is the first late,
        # and one timer does for all.
        self._open: dict[_Asked, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def close(self) -> None:
        """Questions still open fail."""
        if self._timer is not None:
            self._timer.cancel()
        await self._short.close()
        await self._long.close()

    async def ask(self, name: str, type_: str) -> Told:
        """name: as `Resolver.ask` has checked it. Never later than the deadline."""
        type_number = _CARES_TYPES.get(type_)
        if type_number is None:
            return await self._ask_otherwise(name, type_)
        self._sent += 1
        if self._sent % _REMEMBERED == 0:
            self._short.forget()
            self._long.forget()
        asked = (self._short if type_ in _SHORT else self._long).send(name, type_number)
        self._open[asked] = self._loop.time() + self._timeout_s
        if self._timer is None:
            self._timer = self._loop.call_later(self._timeout_s, self._end_late)
        try:
            result, error = await asked
        finally:
            del self._open[asked]
        if result is not None:
            return read_answer(name, type_, cares_records(result))
        if error is None:
            return self._late()
        if error == cares_error.ARES_ECANCELLED:
            raise RuntimeError("the resolver was closed with questions open")
        outcome = _OUTCOMES.get(error, Outcome.MALFORMED)
        if outcome.exists is not None:
            return Told(outcome)
        return Told(outcome, says=str(pycares.errno.strerror(error)).lower())

    def _late(self) -> Told:
        return Told(Outcome.TIMEOUT, says=f"no answer within {self._timeout_s:g} s")

    def _end_late(self) -> None:
        now = self._loop.time()
        self._timer = None
        for asked, late_at in self._open.items():
            if late_at > now:
                self._timer = self._loop.call_at(late_at, self._end_late)
                return
            if not asked.done():
                asked.set_result((None, None))

    async def _ask_otherwise(self, name: str, type_: str) -> Told:
        try:
            question = dns.message.make_query(name, type_)
        except dns.exception.DNSException as error:
            return Told(Outcome.MALFORMED, says=f"cannot be asked: {error}")
        try:
            reply, _ = await dns.asyncquery.udp_with_fallback(
                question, self._address, timeout=self._timeout_s, port=self._port
            )
        except dns.exception.Timeout:
            return self._late()
        except (dns.exception.DNSException, EOFError) as error:
            return Told(Outcome.MALFORMED, says=f"the answer cannot be read: {error}")
        except OSError as error:
            return Told(Outcome.TIMEOUT, says=str(error.strerror or error).lower())
        outcome = _RCODES.get(reply.rcode())
        if outcome is None:
            return Told(Outcome.MALFORMED, says=f"response code {dns.rcode.to_text(reply.rcode())}")
        if outcome is not Outcome.EMPTY:
            says = "" if outcome is Outcome.ABSENT else dns.rcode.to_text(reply.rcode()).lower()
            return Told(outcome, says=says)
        return read_answer(name, type_, list(_dnspython_records(reply)))


_RCODES = {
    dns.rcode.NOERROR: Outcome.EMPTY,
    dns.rcode.NXDOMAIN: Outcome.ABSENT,
    dns.rcode.SERVFAIL: Outcome.BROKEN,
    dns.rcode.REFUSED: Outcome.REFUSED,
    dns.rcode.NOTIMP: Outcome.REFUSED,
}


def _dnspython_records(reply: dns.message.Message) -> Iterable[Record]:
    for rrset in reply.answer:
        owner = rrset.name.to_text(omit_final_dot=True).lower()
        type_ = dns.rdatatype.to_text(rrset.rdtype)
        for rdata in rrset:
            value = rdata.to_text()
            if type_ == "CNAME":
                value = value.lower().removesuffix(".")
            yield Record(owner, type_, rrset.ttl, escaped(value.encode("ascii", "replace")))
