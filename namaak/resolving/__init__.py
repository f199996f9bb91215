"""The one door to the DNS: questions in bulk, and answers that never say more than is known.

A name that does not exist, a name without such a record, a broken delegation, a refusal and
silence are five different things here, because only the first of them is absence.
May import: namaak.errors.
"""

from namaak.resolving.answers import Answer, Outcome
from namaak.resolving.existence import Examined, Existence, Inquiry
from namaak.resolving.resolver import Resolver
from namaak.resolving.servers import parse_server, system_servers
from namaak.resolving.wildcards import Wildcard

__all__ = [
    "Answer",
    "Examined",
    "Existence",
    "Inquiry",
    "Outcome",
    "Resolver",
    "Wildcard",
    "parse_server",
    "system_servers",
]
