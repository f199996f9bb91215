"""Cases as MISP events, an event a case, in the objects of MISP's own templates.

Uuids are made from the case's id, so that an event that is imported again updates itself. Nothing
is shared by default: distribution is the importing organisation alone, and the tag says how far it
may go. Of what is not confirmed no attribute is marked for detection.
Pure. Needs the extra `exports`. May import: namaak.casework.exports, namaak.records,
namaak.errors.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from namaak.casework.exports.material import CaseExport, Profile, Tlp, export_id, time_of
from namaak.errors import NamaakError
from namaak.records import Band, SubjectKind, SubjectState

if TYPE_CHECKING:
    from types import ModuleType

#: MISP: 1 high, 2 medium, 3 low, 4 undefined.
_THREAT = {Band.CRITICAL: 1, Band.HIGH: 1, Band.REVIEW: 2, Band.WATCH: 3, Band.NONE: 4}
#: Platforms that MISP has a template for, with what its attributes are called there.
_ACCOUNTS = {
    "x": ("twitter-account", {"id": "id", "handle": "name", "name": "displayed-name",
                              "bio": "description", "url": "link"}),
    "facebook": ("facebook-account", {"id": "account-id", "handle": "account-name",
                                      "bio": "description", "url": "link"}),
    "instagram": ("instagram-account", {"id": "account-id", "handle": "account-name",
                                        "bio": "description", "url": "link"}),
    "telegram": ("telegram-account", {"id": "id", "handle": "username"}),
}  # fmt: skip
_USER_ACCOUNT = {
    "id": "user-id", "handle": "username", "name": "display-name", "bio": "description",
    "url": "link",
}  # fmt: skip
_MAX_ADDRESSES = 20


def misp_json(
    cases: Sequence[CaseExport],
    *,
    tlp: Tlp = Tlp.AMBER,
    profile: Profile = "full",
    organisation: str | None = None,
) -> bytes:
    """One event as {"Event": ...}; several as {"response": [...]}, as MISP itself sends them.

    Raises NamaakError without the extra.
    """
    library = _library()
    ordered = sorted(cases, key=lambda one: one.case_id)
    events = [_Event(library, one, tlp, profile, organisation).made() for one in ordered]
    document = events[0] if len(events) == 1 else {"response": events}
    text = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True)
    return text.encode() + b"\n"


class _Event:
    """The event of one case."""

    def __init__(
        self,
        library: ModuleType,
        case: CaseExport,
        tlp: Tlp,
        profile: Profile,
        organisation: str | None,
    ) -> None:
        self._library = library
        self._case = case
        self._tlp = tlp
        self._profile = profile
        self._organisation = organisation
        self._stamp = int(case.modified.timestamp())
        self._to_ids = case.is_sure

    def made(self) -> dict[str, Any]:
        """As MISP reads it."""
        case = self._case.file.case
        event = self._library.MISPEvent()
        event.uuid = export_id(self._case.case_id, "misp-event")
        event.info = f"{case['case_id']}: {case['subject']} poses as {case['brand_name']}"
        event.date = self._case.opened.date()
        event.timestamp = self._stamp
        event.distribution = 0
        event.threat_level_id = _THREAT[Band(case["band"])]
        event.analysis = 2 if self._case.down is not None else int(self._case.is_sure)
        event.published = False
        if self._organisation is not None:
            event.Orgc = {
                "name": self._organisation,
                "uuid": export_id("organisation", self._organisation),
            }
        for tag in self._tags():
            event.add_tag(tag)
        for made in self._objects():
            event.Object.append(made)
        self._attributes(event)
        # What is marked as edited loses its time, which says what is newer.
        for one in (*event.attributes, *event.objects, event):
            for part in getattr(one, "Attribute", ()):
                part.edited = False
            one.edited = False
        return {"Event": json.loads(event.to_json(sort_keys=True))}

    def _tags(self) -> list[str]:
        case, page = self._case.file.case, self._case.facts("page")
        takes = page.get("asks_password") or page.get("asks_card")
        tags = [f"tlp:{self._tlp}", f"namaak:workflow={case['workflow']}"]
        tags.append(f'rsit:fraud="{"phishing" if takes else "masquerade"}"')
        if self._case.is_dismissed:
            tags.append('false-positive:risk="high"')
        return tags

    def _objects(self) -> list[Any]:
        makers = {
            SubjectKind.HOST: self._host, SubjectKind.ACCOUNT: self._account,
            SubjectKind.APP: self._app,
        }  # fmt: skip
        maker = makers.get(self._case.file.case["subject_kind"])
        found = maker() if maker is not None else []
        for number, (sha256, what) in enumerate(self._case.pictures()):
            rows = [("sha256", sha256), ("text", what)]
            found.append(self._object("file", str(number), rows))
        return found

    def _host(self) -> list[Any]:
        case = self._case.file.case
        host = str(case["subject_key"]).removeprefix("host:")
        dns, rdap, page, certificate = map(self._case.facts, ("dns", "rdap", "page", "certificate"))
        addresses = _texts(dns.get("addresses"))[:_MAX_ADDRESSES]
        url = page.get("url") or f"http://{host}/"
        asked = self._case.asked
        rows: list[tuple[str, Any]] = [
            ("url", url), ("hostname", host), *(("ip", one) for one in addresses),
            ("target", case["brand_name"]), ("internal-reference", case["case_id"]),
            ("verified", "Yes" if self._case.is_sure else "No"),
            ("online", _online(case["subject_state"])),
            ("submission-time", self._case.opened),
            *(("url-redirect", hop["url"]) for hop in page.get("hops") or ()
              if isinstance(hop, dict) and isinstance(hop.get("url"), str) and hop["url"] != url),
        ]  # fmt: skip
        if asked:
            rows.append(("takedown-request", asked[0]["sent_at"]))
            named = dict.fromkeys(one["provider_name"] or one["scope"] for one in asked)
            rows += [("takedown-request-to", name) for name in named]
        if self._case.down is not None:
            rows.append(("takedown-time", self._case.down))
        found = [
            self._object("phishing", "", rows),
            self._object(
                "domain-ip",
                "",
                [
                    ("domain", host), *(("ip", one) for one in addresses),
                    ("first-seen", case["first_observed_at"]),
                    ("last-seen", case["last_observed_at"]),
                    ("registration-date", time_of(rdap.get("registered_at"))),
                ],
            ),
        ]  # fmt: skip
        if rdap.get("domain"):
            # Who registered it stays out: mostly hidden, and a person where it is not.
            rows = [
                ("domain", rdap["domain"]), ("registrar", rdap.get("registrar")),
                ("creation-date", time_of(rdap.get("registered_at"))),
                ("expiration-date", time_of(rdap.get("expires_at"))),
                *(("nameserver", one) for one in _texts(rdap.get("name_servers"))),
            ]  # fmt: skip
            found.append(self._object("whois", "", rows))
        if certificate.get("sha256"):
            rows = [
                ("x509-fingerprint-sha256", certificate["sha256"]),
                ("serial-number", certificate.get("serial")),
                ("issuer", certificate.get("issuer")),
                ("validity-not-before", time_of(certificate.get("valid_from"))),
                ("validity-not-after", time_of(certificate.get("valid_to"))),
                *(("dns_names", one) for one in _texts(certificate.get("names"))[:50]),
            ]  # fmt: skip
            found.append(self._object("x509", "", rows))
        return found

    def _account(self) -> list[Any]:
        case, version = self._case.file.case, self._case.version
        _, _, rest = str(case["subject_key"]).partition(":")
        platform, _, native = rest.partition(":")
        template, names = _ACCOUNTS.get(platform, ("user-account", _USER_ACCOUNT))
        known = {
            "id": None if native.startswith("@") else native,
            "handle": version.get("handle") or native.removeprefix("@"),
            "name": version.get("display_name"),
            "url": version.get("url"),
            "bio": version.get("bio") if self._profile == "full" else None,
        }
        rows = [(names[key], value) for key, value in known.items() if key in names]
        if template == "user-account":
            rows.append(("account-type", platform))
        return [self._object(template, "", rows)]

    def _app(self) -> list[Any]:
        case, version = self._case.file.case, self._case.version
        _, _, rest = str(case["subject_key"]).partition(":")
        store, _, native = rest.partition(":")
        name = version.get("display_name") or case["subject"]
        found = []
        if store == "google-play":
            found.append(self._object("android-app", "", [("name", name), ("appid", native)]))
        # No template is made for apps of other stores; all have a page.
        if version.get("url"):
            rows = [("url", version["url"]), ("text", f"{name} ({store} {native})")]
            found.append(self._object("url", "", rows))
        return found

    def _attributes(self, event: Any) -> None:
        """What no template has room for."""
        case = self._case.file.case
        says = "; ".join(self._case.reasons(self._profile)[:20])
        rows = [
            ("text", "Internal reference", case["case_id"], "internal-reference"),
            ("comment", "Other", says, "why"),
            ("text", "Other", f"confidence {self._case.confidence} of 100", "confidence"),
        ]
        for number, moment in enumerate(self._case.returned):
            text = f"there again {moment:%Y-%m-%d %H:%M}Z"
            rows.append(("comment", "Other", text, f"returned-{number}"))
        for kind, category, value, role in rows:
            if value:
                event.add_attribute(
                    kind,
                    value,
                    category=category,
                    to_ids=False,
                    uuid=export_id(self._case.case_id, "misp-attribute", role),
                    timestamp=self._stamp,
                    distribution=5,
                )

    def _object(self, template: str, role: str, rows: Sequence[tuple[str, Any]]) -> Any:
        """An object of one of MISP's templates, which refuses what it does not know."""
        made = self._library.MISPObject(template, strict=True)
        made.uuid = export_id(self._case.case_id, "misp-object", template, role)
        made.timestamp = self._stamp
        made.distribution = 5
        places: dict[str, int] = {}
        for name, value in rows:
            if value is None or value == "":
                continue
            place = places[name] = places.get(name, -1) + 1
            attribute = made.add_attribute(
                name,
                value=value,
                uuid=export_id(self._case.case_id, "misp-object", template, role, name, str(place)),
                timestamp=self._stamp,
                distribution=5,
            )
            if attribute is not None and not self._to_ids:
                attribute.to_ids = False
        return made


def _online(state: str) -> str | None:
    """Yes and No only where somebody looked: unknown is not offline."""
    up = {SubjectState.LIVE, SubjectState.PARKED}
    gone = {SubjectState.REMOVED, SubjectState.SUSPENDED, SubjectState.UNREGISTERED}
    return "Yes" if state in up else "No" if state in gone else None


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _library() -> ModuleType:
    try:
        import pymisp
    except ImportError:
        raise NamaakError(
            "MISP needs the library pymisp; install namaak with its extra exports."
        ) from None
    module: ModuleType = pymisp
    return module
