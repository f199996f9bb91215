"""The words of contacts: whose door it is, by which way, what may be claimed, and who says so.

Pure. May import: nothing of ours.
"""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """Whose door it is, and so what can be done there."""

    PLATFORM = "platform"  #: takes down accounts
    STORE = "store"  #: takes down apps
    SITE_BUILDER = "site-builder"  #: gives hosts below its own domain, and can take one back
    HOST = "host"  #: runs the server at an address
    NETWORK = "network"  #: announces the address; the upstream of a host that does not answer
    CDN = "cdn"  #: stands before the server; can warn, or say whose server it is
    REGISTRAR = "registrar"  #: can suspend the domain
    REGISTRY = "registry"  #: the same, of a whole top-level domain
    MAIL = "mail"  #: takes mail for the domain
    CERTIFICATE = "certificate"  #: issued a certificate that it should not have issued
    BLOCKLIST = "blocklist"  #: browsers warn; nothing goes away
    CLEARING_HOUSE = "clearing-house"  #: passes reports on to who can act
    DISPUTE = "dispute"  #: decides to whom a name belongs


class Channel(StrEnum):
    """By which way it is reached."""

    MAIL = "mail"
    FORM = "form"
    API = "api"
    POST = "post"


class Source(StrEnum):
    """Who says that this is the contact."""

    TABLE = "table"  #: the table of providers that came along
    PLATFORMS = "platforms"  #: the table of platforms that came along
    RDAP = "rdap"  #: the registry, the registrar, the regional registry of addresses
    LOOKUP = "lookup"  #: a look-up of abuse contacts over HTTP
    SECURITY_TXT = "security-txt"  #: the provider's own file (RFC 9116)
    GUESS = "guess"  #: RFC 2142 asks for abuse@; nobody says that somebody reads it


class Abuse(StrEnum):
    """What may be claimed about a case."""

    PHISHING = "phishing"
    MALWARE = "malware"
    BOTNET = "botnet"
    PHARMING = "pharming"
    SPAM = "spam"
    FRAUD = "fraud"
    IMPERSONATION = "impersonation"
    TRADEMARK = "trademark"
    COUNTERFEIT = "counterfeit"
    COPYRIGHT = "copyright"
    SUSPICIOUS_REGISTRATION = "suspicious-registration"


#: What registrars and registries of generic domains must act on (RAA 3.18.2, since April 2024);
#: spam only where it carries one of the others. The use of a mark alone is none of it.
DNS_ABUSE = frozenset({Abuse.PHISHING, Abuse.MALWARE, Abuse.BOTNET, Abuse.PHARMING, Abuse.SPAM})
