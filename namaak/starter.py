"""The watch file that `namaak init` writes: everything explained where it stands.

Pure. May import: namaak.brands, namaak.errors.
"""

from __future__ import annotations

import json
import re

from namaak.brands import to_a_label
from namaak.errors import UsageError


def starter_file(given: str) -> str:
    """given: a brand's name or its domain. Returns the text of a valid watch file.

    Raises UsageError for a name without a letter or digit, or one that no file can hold.
    """
    if len(given) > _LONGEST or not _is_writable(given):
        raise UsageError(
            f"The name is longer than {_LONGEST} characters or holds some that are no text; "
            'give one as people write it, as in "Acme Bank".'
        )
    name, domain = _name_and_domain(given.strip())
    brand_id = re.sub(r"[^a-z0-9]+", "-", name.lower().encode("ascii", "ignore").decode())
    brand_id = brand_id.strip("-")[:60].rstrip("-") or "brand"
    if not any(char.isalnum() for char in name):
        raise UsageError(f'{given!r} is no name; give one with letters, as in "Acme Bank".')
    # JSON's strings are TOML's basic strings, but that TOML wants DEL escaped as well.
    quoted = json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
    domains = json.dumps([domain] if domain else [])
    return _STARTER.format(name=quoted, brand_id=brand_id, domains=domains)


def _name_and_domain(given: str) -> tuple[str, str | None]:
    if "." in given and " " not in given:
        try:
            domain = to_a_label(given)
        except ValueError as error:
            raise UsageError(f"{given!r} is neither a name nor a domain: {error}.") from None
        labels = given.split(".")
        return labels[labels[0].lower() == "www" and len(labels) > 2], domain
    return given, None


#: What the watch file allows.
_LONGEST = 500


def _is_writable(text: str) -> bool:
    """Arguments of a command that are not UTF-8 arrive with lone surrogates in them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_STARTER = """\
# What namaak protects and where it looks. Check it with `namaak check`, then `namaak run`.

[watch]
# A role mailbox, nobody's own: it stands in requests and notices and others will see it.
contact = "brand-protection@acme.example"
# Where everything is kept, relative to this file.
data = "namaak-data"
# Names of your market that are called ordinary, and how many of a million may raise an alarm.
#ordinary_names = "ordinary.tsv.gz"
#alerts_per_million = 1000

# Who asks, as takedown notices must say it.
#[organisation]
#name = "Acme Holding B.V."
#address = "Street 1, 1234 AB Town"
#country = "NL"
#contact_name = "Brand protection desk"
#phone = "+31 20 555 0100"
#authority = "owner of the marks"

[brands.{brand_id}]
name = {name}
# Other names and spellings people know it by, abbreviations too.
aliases = []
languages = ["nl", "en"]
#industry = "banking"
# The year it began: an account that is older bears the name for another reason.
#founded = 1998
# true when the name is an ordinary word, surname or place: then it needs more evidence.
common_word = false
# Words that hold the name by chance, as "pineapple" for Apple.
negative_words = []
# "dispute" ranks without what was learned from phishing.
#case_type = "fraud"
# What is yours, sub-domains included: seen and counted, never a case. List all you own.
domains = {domains}
# PNG, JPEG, GIF or WebP files beside this one.
logos = []

# Your own accounts by platform, and apps by store. Write exact handles: acme_* would own whatever
# begins so, an impostor's acme_help too. A star is safe where nobody else can have such a name.
[brands.{brand_id}.accounts]
#x = ["acme", "acme_nl"]
#instagram = ["acme"]
#bluesky = ["acme.example", "*.acme.example"]

[brands.{brand_id}.apps]
#google-play = ["nl.acme.app"]

# Registered marks, as notices must cite them; one block each.
#[[brands.{brand_id}.marks]]
#text = "ACME"
#kind = "word"            # word, figurative or combined
#office = "BOIP"
#number = "0000000"
#classes = [36]
#jurisdictions = ["BX"]
#owner = "Acme Holding B.V."

# People whom impersonators pose as. Copies of the photo are found; faces are never compared.
#[[brands.{brand_id}.executives]]
#name = "First Last"
#role = "chief executive"
#photo = "people/first-last.jpg"

# What others own with good reason, and until when that is to be believed.
#[[brands.{brand_id}.allow]]
#asset = "dealer.example"  # or "instagram:acme_dealer"
#reason = "authorised dealer"
#author = "brand desk"
#until = 2027-12-31

# Looks at the hosts of cases: who registered them, are they alive, what do they show. Off until
# you say so: your resolver and the registries learn which names you look at, and with "page" or
# "certificate" the host's owner sees this machine's address.
#[enrichment]
#enabled = true
#resolvers = ["127.0.0.1:53"]       # a validating resolver of your own, as unbound
#aspects = ["dns", "rdap"]          # also "network", "certificate", "page", "screenshot"
#from_band = "watch"                # cases from this band on
#hosts_per_run = 500
#again_after_days = 1
#in_flight = 20

# How long things are kept: profiles that never resembled a brand, answers of servers as they came,
# captures and notices after their case is over.
#[retention]
#bystanders_days = 30
#answers_days = 365
#captures_days = 730
#notices_days = 3650

# With what evidence packs are signed and time-stamped, and what is enclosed.
#[evidence]
#signing_key = "keys/evidence"        # ssh-keygen -t ed25519 -f keys/evidence
#timestamp_url = "https://tsa.example/tsr"
#timestamp_chain = "keys/tsa-chain.pem"
#authority_letter = "papers/authority.pdf"
#certificates = {{ "0123456" = "papers/mark-0123456.pdf" }}
#capture_seconds = 45
#capture_megabytes = 50
#capture_requests = 500

# From where else pages are looked at: what one place cannot see is not gone.
#[[vantages]]
#name = "elsewhere"
#resolvers = ["192.0.2.53:53"]
#proxy = "http://proxy.example:3128"
#address = "192.0.2.80"               # as which others see us there
#user_agent = "Mozilla/5.0"
#locale = "nl-NL"

# Who writes to providers. Nothing is ever sent that a person did not approve.
#[notices]
#sender = "abuse@{brand_id}.example"
#smtp_host = "mail.{brand_id}.example"   # without it, notices are sent by a person's own hand
#smtp_port = 587
#smtp_security = "starttls"
#language = "en"                      # or "nl"
#signature = "Brand protection"

# Looks again at confirmed cases until they are down and stay down.
#[follow_up]
#enabled = true
#first_hours = 6
#slowest_days = 14
#resolved_after_days = 7
#cases_per_run = 500

# Who is told of what cannot wait; their addresses are in NAMAAK_ALERT_URLS.
#[alerts]
#enabled = true
#from_band = "high"
#quiet_hours = "22:00-07:00"
#time_zone = "Europe/Amsterdam"
#digest_at = 08:30:00

# Lists and folders to read: txt, csv, jsonl, parquet, also .gz and .zip; folders of pictures.
[sources.files]
enabled = true
#[[sources.files.inputs]]
#path = "lists/new-domains.txt.gz"
#kind = "host"            # host, account, app or image; told from the columns otherwise

# Profiles and apps that people report, with `namaak intake` or as lists in the folder intake/.
[sources.intake]

# What is read over the network; nothing of it is on by itself. See docs/reference/watch-file.md.
# Certificate logs: take away the mark before the next line, and that is all.
#[sources.ct]

# Accounts and apps. These need no key; `namaak sources --needs` says what the others want.
#[sources.bluesky]
#[sources.mastodon]
#[sources.wordpress]
#[sources.wikipedia]
#[sources.app-store]
#countries = ["nl", "be"]

# Names like yours that exist, asked of a resolver of your own.
#[sources.permutations]
#resolvers = ["127.0.0.1:53"]

# Lists of new registrations.
#[[sources.registrations.lists]]
#name = "daily"
#url = "https://lists.example/{{date}}.txt.gz"

# Zones: of ICANN's service, with CZDS_USERNAME and CZDS_PASSWORD in the environment...
#[sources.czds]
#zones = ["shop", "online"]

# ... and those that a registry lets anybody transfer.
#[[sources.axfr.zones]]
#zone = "se"
#servers = ["transfer.registry.example"]
"""
