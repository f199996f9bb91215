"""The keys of the facts of each aspect, as JSON holds them. Docs: docs/reference/enrichment.md.

Every key is there whenever the outcome is ANSWERED; else only those that could be told, and
always `reason` where the outcome is not ANSWERED. None means "could not be told", never "no".
Times are ISO 8601 in UTC, hashes lower-case hex, hosts A-labels in lower case without final dot.
Lists are cut at the limits below, with `..._cut` true where that happened.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

#: Code points of visible text that the facts hold; the whole stands in the raw page.
MAX_TEXT = 20_000
MAX_TITLE = 500
#: Hosts of a kind, links, forms of a page.
MAX_HOSTS = 200
MAX_FORMS = 50


class Question(TypedDict):
    """One question to the resolver and what came of it."""

    name: str
    type: str  #: "A", "AAAA", "NS", "SOA", "MX", "TXT", "CAA"
    outcome: str  #: answered, empty, absent, broken, refused, timeout or malformed
    values: list[str]  #: in presentation form, at most 50
    ttl: int | None  #: seconds


class ParkingSign(TypedDict):
    """A name that belongs to a service that parks domains."""

    by: str  #: "name-server", "alias" or "page"
    value: str  #: the host, or the words, that were seen
    pattern: str  #: of tables/parking.toml
    service: str  #: who
    kind: str  #: "parking" (ads), "for-sale", "registrar" (not yet used)


class DnsFacts(TypedDict, total=False):
    """aspect "dns"."""

    reason: str
    registrable: str  #: the domain somebody registered
    questions: list[Question]
    exists: bool | None  #: False is NXDOMAIN, which a name on hold gives too
    registered: bool | None  #: True where it exists; the DNS alone never says False
    delegated: bool | None  #: it has name servers of its own
    suffix_wildcard: bool | None  #: every name beside it answers alike, so its answers say nothing
    answers: bool | None  #: host or registrable domain has an address
    addresses: list[str]  #: of the host
    apex_addresses: list[str]  #: of the registrable domain
    private_addresses: list[str]  #: of both, those that are nobody's on the internet
    name_servers: list[str]  #: of the registrable domain
    soa: str | None  #: its SOA record
    mail_servers: list[str]  #: hosts, best first; without the null MX of RFC 7505
    null_mx: bool | None  #: says that it takes no mail
    mail_capable: bool | None  #: names at least one mail server
    mail_without_web: bool | None  #: names a mail server and has no address: mail fraud needs none
    spf: str | None  #: the record
    spf_all: str | None  #: what it says of mail from elsewhere: "-", "~", "?", "+"
    dmarc: str | None  #: the record
    dmarc_policy: str | None  #: "none", "quarantine", "reject"
    caa: list[str]  #: who may issue certificates
    wildcard: bool | None  #: any label below the registrable domain has an address
    wildcard_addresses: list[str]  #: that such a label gets
    parking: list[ParkingSign]  #: names of services that park domains
    min_ttl: int | None  #: seconds, over host and apex addresses


class Contact(TypedDict):
    """A mailbox and a telephone of one role."""

    name: str | None
    email: list[str]
    tel: list[str]


class RdapServer(TypedDict):
    """One server of the chain, registry first."""

    url: str
    role: str  #: "registry", "registrar"
    outcome: str  #: an Outcome
    status: int | None  #: HTTP
    sha256: str | None  #: of its answer as it came
    received_at: str | None
    reason: NotRequired[str]


class RdapFacts(TypedDict, total=False):
    """aspect "rdap": of the registrable domain."""

    reason: str
    domain: str
    unicode: str | None
    handle: str | None
    registered: bool | None  #: False only where the registry itself answered 404
    servers: list[RdapServer]
    read_by: str  #: "whoisit", or "ours" where that could not read it
    registrar: str | None
    registrar_iana_id: str | None
    registrar_url: str | None
    abuse: Contact | None  #: of the registrar
    registered_at: str | None
    expires_at: str | None
    changed_at: str | None
    database_at: str | None  #: last update of the registry's own data
    status: list[str]  #: EPP words as RDAP writes them: "client hold", "active"
    on_hold: bool | None  #: taken out of the zone: client hold, server hold
    name_servers: list[str]
    dnssec: bool | None
    redacted: list[str]  #: names of redacted fields; normal, and no signal
    registrant: Contact | None  #: mostly redacted


class Network(TypedDict, total=False):
    """One address and whose it is."""

    address: str
    outcome: str
    reason: str
    url: str | None
    sha256: str | None
    handle: str | None
    name: str | None
    start: str | None
    end: str | None
    cidrs: list[str]
    country: str | None
    holder: str | None
    abuse: Contact | None
    asn: list[int]  #: origin, where RDAP or the origin zone tells
    asn_from: str | None  #: "rdap", "dns:<zone>"


class NetworkFacts(TypedDict, total=False):
    """aspect "network"."""

    reason: str
    networks: list[Network]
    left_out: int  #: addresses that were not asked about
    abuse_emails: list[str]  #: of all of them, each once
    asn: list[int]


class CertificateFacts(TypedDict, total=False):
    """aspect "certificate": as shown on port 443 when asked for the host by name."""

    reason: str
    address: str  #: that was connected to
    port: int
    tls_version: str | None
    sha256: str  #: of the leaf's DER
    spki_sha256: str | None
    names: list[str]  #: DNS names of the leaf
    names_cut: bool
    common_name: str | None
    issuer: str | None
    issuer_organisation: str | None
    serial: str | None  #: hex
    valid_from: str | None
    valid_to: str | None
    expired: bool | None
    not_yet_valid: bool | None
    self_signed: bool | None
    mismatch: bool | None  #: names the host in none of its names
    chain_length: int
    sends_chain: bool  #: more than the leaf


class Hop(TypedDict):
    """One step of the redirect chain."""

    url: str
    status: int | None
    location: str | None
    address: str | None
    how: str  #: "http", "meta-refresh", "failed"
    reason: NotRequired[str]  #: of what failed


class Form(TypedDict):
    """A form, or the password fields outside any."""

    action: str  #: absolute; the page itself where none is given
    action_host: str
    method: str
    password: bool  #: has a password field
    fields: list[str]  #: types, or telling names: "password", "email", "tel", "card"
    off_site: bool  #: posts to another registrable domain than the page's


class Icon(TypedDict, total=False):
    """A favicon as it was fetched."""

    url: str
    outcome: str
    reason: str
    sha256: str
    mmh3: int  #: signed 32 bits over base64 text with line breaks, as search engines have it
    phash: str | None  #: 64 hex digits; None where it could not be decoded
    format: str | None


class PageFacts(TypedDict, total=False):
    """aspect "page"."""

    reason: str
    hops: list[Hop]
    url: str  #: final
    final_host: str
    off_site: bool  #: ended on another registrable domain
    status: int
    server: str | None
    content_type: str | None
    length: int  #: bytes, decompressed
    kind: str  #: "content", "parked", "for-sale", "suspended", "default-server", "blocked",
    #: "empty", "error", "not-html"
    kind_reasons: list[str]
    recognised: str | None  #: whose page it is and nothing else, see namaak.enriching.recognised
    active: list[str]  #: what may make more of it than its plain words: "script", "frame", ...
    parking: list[ParkingSign]
    title: str | None
    description: str | None
    site_name: str | None  #: og:site_name, application-name
    language: str | None
    charset: str
    headings: list[str]
    text: str  #: visible, white space folded, at most MAX_TEXT
    text_length: int  #: of the whole, code points
    text_cut: bool
    forms: list[Form]
    asks_password: bool
    asks_card: bool
    resources: dict[str, int]  #: how many scripts, styles, images, frames by foreign host
    resources_cut: bool
    images: dict[str, int]  #: the same, of images and styles alone: what hot-linking takes
    links: dict[str, int]  #: how many links by foreign host
    links_cut: bool
    mentions: dict[str, int]  #: times that a brand's name stands in the visible text, by name
    icons: list[Icon]
    html_sha256: str
    html_tlsh: str | None  #: None: too short or too uniform
    text_tlsh: str | None
    script_set: str | None  #: SHA-256 over the sorted URLs of scripts and styles, without query
    trackers: list[str]  #: "google-analytics:G-XXXX", "meta-pixel:123", ...
    generator: str | None
    refreshes_to: str | None  #: `<meta http-equiv=refresh>` of the final page
    script_sends_to: str | None  #: first address that a script of the page would go to
    obfuscated: bool  #: most of the page is a script that writes the rest


class ScreenshotFacts(TypedDict, total=False):
    """aspect "screenshot"."""

    reason: str
    url: str  #: final
    status: int | None
    title: str | None
    width: int
    height: int
    sha256: str
    phash: str
    browser: str  #: name and version
    user_agent: str
    viewport: str
    sandbox: bool  #: False: run as root, where Chromium has none
    requests: int  #: connections made
    bytes: int  #: both ways
    refused: dict[str, int]  #: requests refused by us or by the browser's own rules, by reason
    cut: bool  #: taken before everything had loaded
    addresses: dict[str, str]  #: host to the address that was connected to


FACTS: dict[str, Any] = {
    "dns": DnsFacts,
    "rdap": RdapFacts,
    "network": NetworkFacts,
    "certificate": CertificateFacts,
    "page": PageFacts,
    "screenshot": ScreenshotFacts,
}
