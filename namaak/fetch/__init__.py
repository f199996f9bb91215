"""The one door to the network: whatever namaak asks of a web server goes through here.

One door, because every answer comes from a stranger: addresses are checked where the socket is
made, sizes are counted before they are believed, hosts are asked no more often than promised and
told whom to write to. Sources and probes say what they want; how it is asked is decided here.
See docs/explanation/network.md. May import: namaak.errors, namaak.durable, namaak.visible.
"""

from namaak.fetch.addresses import Allowed
from namaak.fetch.budgets import Budget
from namaak.fetch.failures import Attempt, FetchError
from namaak.fetch.fetcher import Fetcher
from namaak.fetch.listening import Listener
from namaak.fetch.manners import Manners, Rate
from namaak.fetch.proxies import Proxy
from namaak.fetch.replies import Downloaded, Hop, Limits, Reply, Validators

__all__ = [
    "Allowed",
    "Attempt",
    "Budget",
    "Downloaded",
    "FetchError",
    "Fetcher",
    "Hop",
    "Limits",
    "Listener",
    "Manners",
    "Proxy",
    "Rate",
    "Reply",
    "Validators",
]
