"""The two companies that do not exist, and the words that stand beside their names.

Waldermond Bank has a long coined name: edits and lookalike letters can be told from chance.
Peer is a web shop with the Dutch word for a pear: four letters, ordinary in three languages,
and half of every word list contains it. Host names of strangers end in names that nobody can
register: the reserved ones of RFC 2606 and the test names that IANA once tried in other scripts.
May import: the standard library.
"""

from __future__ import annotations

from typing import Final

BANK: Final = "waldermond"  #: brand id and the label people type
SHOP: Final = "peer"

OWN_HOSTS: Final = {
    BANK: ("waldermond.example", "waldermondbank.example"),
    SHOP: ("peer.example", "peerwebwinkel.example"),
}

#: RFC 2606: never delegated.
RESERVED: Final = ("example", "test", "invalid")
#: Cyrillic, Greek and Japanese words for "test", withdrawn by IANA and reserved since.
CYRILLIC_TEST: Final = "xn--80akhbyknj4f"
RESERVED_IDN: Final = (CYRILLIC_TEST, "xn--jxalpdlp", "xn--zckzah")
#: RFC 2606 reserves these at the second level.
RESERVED_DOMAINS: Final = ("example.com", "example.net", "example.org")
#: Private suffixes under which anybody gets a label for nothing.
PLATFORMS: Final = (
    "github.io",
    "web.app",
    "firebaseapp.com",
    "workers.dev",
    "pages.dev",
    "netlify.app",
    "vercel.app",
    "blogspot.com",
    "herokuapp.com",
    "azurewebsites.net",
)

#: Words that invite a customer to act, by language.
LURES: Final = {
    "nl": ("inloggen", "klantenservice", "verificatie", "betaalpas", "beveiliging", "activeren"),
    "en": ("login", "support", "verify", "secure", "account", "refund"),
    "de": ("anmelden", "kundenservice", "sicherheit", "konto", "bestaetigen", "hilfe"),
    "fr": ("connexion", "assistance", "securite", "compte", "remboursement", "verifier"),
    "es": ("acceso", "soporte", "seguridad", "cuenta", "reembolso", "verificar"),
}
#: What a web shop's imitators add.
SHOP_LURES: Final = {
    "nl": ("korting", "bestelling", "retour", "cadeaubon"),
    "en": ("giftcard", "refund", "outlet", "order"),
    "de": ("gutschein", "rabatt", "bestellung", "rueckgabe"),
    "fr": ("remise", "commande", "cadeau", "remboursement"),
    "es": ("descuento", "pedido", "regalo", "reembolso"),
}

#: Lookalike hosts to which impersonators' profiles send their victims: one campaign.
LINKED_FROM_PROFILES: Final = {
    "waldermond-inloggen.test": BANK,
    "peer-bestelling.test": SHOP,
    "peer-giftcard.test": SHOP,
}
