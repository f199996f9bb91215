"""Cases as a STIX 2.1 bundle (OASIS Standard, June 2021), with TLP 2.0.

A case is a grouping of what was observed, an indicator with our confidence, the infrastructure of a
host, notes with the reasons, and a course of action for each takedown that somebody was asked for.
The same cases in the same state give the same bytes; a case that changed keeps its ids and gets a
newer `modified`, so that whoever imports it sees one object and not two.
Pure. Needs the extra `exports`. May import: namaak.casework.exports, namaak.records,
namaak.errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from namaak.casework.exports.material import CaseExport, Profile, Tlp, export_id, time_of
from namaak.errors import NamaakError
from namaak.records import SubjectKind

if TYPE_CHECKING:
    from types import ModuleType

#: Of OASIS's common objects, "TLP v2.0".
_TLP_IDS = {
    Tlp.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
_TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_TLP_CREATED = "2022-10-01T00:00:00.000Z"
#: An identity never changes by itself: a brand with another name is another identity.
_IDENTITY_CREATED = "2026-01-01T00:00:00.000Z"
_MAX_ADDRESSES = 20
_MAX_HOPS = 10
_SHA256 = re.compile(r"[0-9a-f]{64}")


def stix_json(
    cases: Sequence[CaseExport],
    *,
    tlp: Tlp = Tlp.AMBER,
    profile: Profile = "full",
    organisation: str | None = None,
) -> bytes:
    """The bundle as JSON. organisation: who exports. Raises NamaakError without the extra."""
    library = _library()
    marking = _marking(library, tlp)
    producer = None if organisation is None else _identity(library, organisation, "producer", ())
    made: dict[str, Any] = {marking.id: marking}
    if producer is not None:
        made[producer.id] = producer
    for case in sorted(cases, key=lambda one: one.case_id):
        shared = {"object_marking_refs": [marking.id]}
        if producer is not None:
            shared["created_by_ref"] = producer.id
        for one in _Builder(library, case, profile, shared).objects():
            # Cases share addresses, brands and campaigns; the newest of each is the one that holds.
            before = made.get(one.id)
            if before is None or before.get("modified", 0) < one.get("modified", 0):
                made[one.id] = one
    bundle = library.Bundle(
        objects=[made[name] for name in sorted(made)],
        id=f"bundle--{export_id(*sorted(one.case_id for one in cases), tlp, profile)}",
    )
    text: str = bundle.serialize(pretty=True)
    return text.encode() + b"\n"


class _Builder:
    """The objects of one case."""

    def __init__(
        self, library: ModuleType, case: CaseExport, profile: Profile, shared: dict[str, Any]
    ) -> None:
        self._library = library
        self._case = case
        self._profile = profile
        self._shared = shared
        # Newer than what it describes is only what was changed later.
        self._times = {"created": case.opened, "modified": max(case.opened, case.modified)}
        self._kept: list[Any] = []

    def objects(self) -> list[Any]:
        """All of them, each once."""
        case = self._case.file.case
        seen = self._observables()
        brand = self._keep(
            _identity(self._library, case["brand_name"], case["brand_id"], self._shared.items())
        )
        observed: Any = None
        indicator: Any = None
        if seen:
            observed = self._keep(self._observed(seen))
            indicator = self._keep(self._indicator(seen))
        place: Any = None
        if case["subject_kind"] == SubjectKind.HOST:
            place = self._keep(self._infrastructure())
        if indicator is not None:
            self._relate(indicator.id, "based-on", observed.id)
            self._relate(indicator.id, "related-to", brand.id)
            if place is not None:
                self._relate(indicator.id, "indicates", place.id)
            for action in self._case.asked:
                course = self._keep(self._course(action))
                self._relate(course.id, "mitigates", indicator.id)
            for sighting in self._sightings(indicator.id, observed.id):
                self._keep(sighting)
        if place is not None:
            self._relate(place.id, "consists-of", seen[0].id)
            self._relate(place.id, "related-to", brand.id)
        if self._case.campaign_id is not None:
            campaign = self._keep(self._campaign(self._case.campaign_id))
            if indicator is not None:
                self._relate(indicator.id, "indicates", campaign.id)
        refs = [one.id for one in self._kept]
        note = self._keep(self._note(refs))
        self._keep(self._grouping([*refs, note.id]))
        return self._kept

    def _keep(self, one: Any) -> Any:
        if all(before.id != one.id for before in self._kept):
            self._kept.append(one)
        return one

    def _sdo(self, kind: str, *role: str, **values: Any) -> Any:
        """A domain object with an id of this case's own."""
        name = _KINDS[kind]
        given = {key: value for key, value in values.items() if value not in (None, [], "")}
        return getattr(self._library, name)(
            id=f"{kind}--{export_id(self._case.case_id, kind, *role)}",
            **{**self._times, **self._shared, **given},
        )

    def _observable(self, kind: str, **values: Any) -> Any:
        """What was seen; its id follows from what it is, by the standard's own rule."""
        given = {key: value for key, value in values.items() if value not in (None, [], "", {})}
        marks = {"object_marking_refs": self._shared["object_marking_refs"]}
        return self._keep(getattr(self._library, kind)(**given, **marks))

    def _observables(self) -> list[Any]:
        """The subject first."""
        makers = {
            SubjectKind.HOST: self._host, SubjectKind.ACCOUNT: self._account,
            SubjectKind.APP: self._app,
        }  # fmt: skip
        maker = makers.get(self._case.file.case["subject_kind"])
        found = maker() if maker is not None else []
        for sha256, what in self._case.pictures():
            if _SHA256.fullmatch(sha256):
                found.append(self._observable("File", name=what, hashes={"SHA-256": sha256}))
        return found

    def _host(self) -> list[Any]:
        host = str(self._case.file.case["subject_key"]).removeprefix("host:")
        page, certificate = self._case.facts("page"), self._case.facts("certificate")
        addresses = [
            self._observable("IPv6Address" if ":" in one else "IPv4Address", value=one)
            for one in _texts(self._case.facts("dns").get("addresses"))[:_MAX_ADDRESSES]
        ]
        name = self._observable(
            "DomainName", value=host, resolves_to_refs=[one.id for one in addresses]
        )
        urls = [hop.get("url") for hop in page.get("hops") or () if isinstance(hop, dict)]
        urls = [*urls[:_MAX_HOPS], page.get("url")]
        found = [name, *addresses]
        for url in dict.fromkeys(one for one in urls if _is_url(one)):
            found.append(self._observable("URL", value=url))
        if isinstance(certificate.get("sha256"), str):
            found.append(
                self._observable(
                    "X509Certificate",
                    hashes={"SHA-256": certificate["sha256"]},
                    serial_number=certificate.get("serial"),
                    issuer=certificate.get("issuer"),
                    validity_not_before=time_of(certificate.get("valid_from")),
                    validity_not_after=time_of(certificate.get("valid_to")),
                )
            )
        return found

    def _account(self) -> list[Any]:
        version = self._case.version
        _, _, rest = str(self._case.file.case["subject_key"]).partition(":")
        platform, _, native = rest.partition(":")
        handle = version.get("handle") or (native[1:] if native.startswith("@") else None)
        account = self._observable(
            "UserAccount",
            user_id=None if native.startswith("@") else native,
            account_login=handle,
            account_type=platform,
            display_name=version.get("display_name"),
        )
        return [account, *self._link(version)]

    def _app(self) -> list[Any]:
        version = self._case.version
        app = self._observable(
            "Software",
            name=version.get("display_name") or self._case.file.case["subject"],
            vendor=version.get("developer"),
        )
        return [app, *self._link(version)]

    def _link(self, version: Any) -> list[Any]:
        url = version.get("url")
        return [self._observable("URL", value=url)] if _is_url(url) else []

    def _observed(self, seen: Sequence[Any]) -> Any:
        case = self._case.file.case
        return self._sdo(
            "observed-data",
            first_observed=case["first_observed_at"],
            last_observed=max(case["first_observed_at"], case["last_observed_at"]),
            number_observed=max(1, min(int(case["matches"]), 999_999_999)),
            object_refs=[one.id for one in seen],
        )

    def _indicator(self, seen: Sequence[Any]) -> Any:
        case = self._case.file.case
        start = case["first_observed_at"]
        down = self._case.down
        sort = "malicious-activity" if self._case.is_sure else "anomalous-activity"
        return self._sdo(
            "indicator",
            name=f"{case['subject']} poses as {case['brand_name']}",
            description="; ".join(self._case.reasons(self._profile)[:20]),
            indicator_types=["benign" if self._case.is_dismissed else sort],
            pattern=_pattern(seen),
            pattern_type="stix",
            pattern_version="2.1",
            valid_from=start,
            # The standard wants it later than the beginning, though some things vanish at once.
            valid_until=None if down is None else max(down, start + timedelta(milliseconds=1)),
            confidence=self._case.confidence,
            revoked=True if self._case.is_dismissed else None,
            labels=[f"band:{case['band']}", f"resemblance:{case['kind']}"],
            external_references=self._reference(),
        )

    def _infrastructure(self) -> Any:
        case = self._case.file.case
        page = self._case.facts("page")
        takes = bool(page.get("asks_password") or page.get("asks_card"))
        return self._sdo(
            "infrastructure",
            name=case["subject"],
            infrastructure_types=["phishing" if takes else "unknown"],
            first_seen=case["first_observed_at"],
            last_seen=max(case["first_observed_at"], case["last_observed_at"]),
            confidence=self._case.confidence,
        )

    def _course(self, action: Any) -> Any:
        who = action["provider_name"] or action["scope"]
        says = [
            f"Notice {action['action_id']} to {who} ({action['scope']}), "
            f"sent {action['sent_at']:%Y-%m-%d %H:%M}Z, now {action['state']}"
        ]
        if action["ended_at"] is not None:
            says.append(f"ended {action['ended_at']:%Y-%m-%d %H:%M}Z")
        return self._sdo(
            "course-of-action",
            action["action_id"],
            name=f"Takedown asked of {who}",
            description=", ".join(says),
        )

    def _sightings(self, indicator: str, observed: str) -> list[Any]:
        return [
            self._library.Sighting(
                id=f"sighting--{export_id(self._case.case_id, 'sighting', str(number))}",
                sighting_of_ref=indicator,
                observed_data_refs=[observed],
                first_seen=moment,
                last_seen=moment,
                count=1,
                description="it was there again after it had been gone",
                **{**self._times, **self._shared},
            )
            for number, moment in enumerate(self._case.returned)
        ]

    def _campaign(self, campaign_id: str) -> Any:
        # Not of this case: all cases of a campaign share it.
        return self._library.Campaign(
            id=f"campaign--{export_id(campaign_id, 'campaign')}",
            name=f"Campaign of {campaign_id}",
            created=_IDENTITY_CREATED,
            modified=_IDENTITY_CREATED,
            **self._shared,
        )

    def _note(self, refs: Sequence[str]) -> Any:
        case = self._case.file.case
        lines = [
            f"{case['case_id']}: {case['subject']} and {case['brand_name']}.",
            f"Confidence {self._case.confidence} of 100, band {case['band']}, "
            f"workflow {case['workflow']}, subject {case['subject_state']}.",
            *(f"- {says}" for says in self._case.reasons(self._profile)),
            *(f"- held back: {says}" for says in case["gates"]),
        ]
        if self._profile == "full":
            lines += [
                f"{row['happened_at']:%Y-%m-%d %H:%M}Z {row['kind']} by {row['actor']}"
                for row in self._case.file.events
                if not str(row["actor"]).startswith("flow:")
            ]
            if self._case.version.get("bio"):
                lines.append(f"It says of itself: {self._case.version['bio']}")
        return self._sdo(
            "note",
            abstract=f"Why {case['case_id']} is a case",
            content="\n".join(lines),
            object_refs=list(refs),
        )

    def _grouping(self, refs: Sequence[str]) -> Any:
        case = self._case.file.case
        return self._sdo(
            "grouping",
            name=f"{case['case_id']}: {case['subject']} poses as {case['brand_name']}",
            context="suspicious-activity",
            object_refs=list(refs),
            external_references=self._reference(),
        )

    def _relate(self, source: str, how: str, target: str) -> None:
        self._keep(
            self._library.Relationship(
                id=f"relationship--{export_id(self._case.case_id, source, how, target)}",
                relationship_type=how,
                source_ref=source,
                target_ref=target,
                **{**self._times, **self._shared},
            )
        )

    def _reference(self) -> list[dict[str, str]]:
        """The case, and what its platform or store calls the subject for ever."""
        found = [{"source_name": "namaak", "external_id": self._case.case_id}]
        kind, _, rest = str(self._case.file.case["subject_key"]).partition(":")
        place, _, native = rest.partition(":")
        if kind in (SubjectKind.ACCOUNT, SubjectKind.APP) and native:
            found.append({"source_name": place, "external_id": native})
        return found


_KINDS = {
    "observed-data": "ObservedData", "indicator": "Indicator", "infrastructure": "Infrastructure",
    "course-of-action": "CourseOfAction", "note": "Note", "grouping": "Grouping",
}  # fmt: skip


def _identity(library: ModuleType, name: str, key: str, shared: Iterable[tuple[str, Any]]) -> Any:
    return library.Identity(
        id=f"identity--{export_id('identity', key, name)}",
        name=name,
        identity_class="organization",
        created=_IDENTITY_CREATED,
        modified=_IDENTITY_CREATED,
        **dict(shared),
    )


def _marking(library: ModuleType, tlp: Tlp) -> Any:
    return library.MarkingDefinition(
        id=_TLP_IDS[tlp],
        created=_TLP_CREATED,
        name=f"TLP:{tlp.upper()}",
        extensions={
            _TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": str(tlp)},
        },
    )


def _pattern(seen: Sequence[Any]) -> str:
    """What to look for, in the words of the standard's patterns.

    What names a thing for ever first: handles are given to others. An app has no number in the
    standard's words, so its page in the store stands for it.
    """
    kinds = [one["type"] for one in seen]
    subject = seen[kinds.index("url")] if kinds[0] == "software" and "url" in kinds else seen[0]
    kind = subject["type"]
    for path in _PATHS[kind]:
        is_hash = path.startswith("hashes")
        value = subject["hashes"]["SHA-256"] if is_hash else subject.get(path)
        if value:
            return f"[{kind}:{path} = '{_quoted(str(value))}'{_beside(subject)}]"
    raise AssertionError(f"{kind} has nothing to look for")


_PATHS = {
    "domain-name": ("value",), "user-account": ("user_id", "account_login"),
    "software": ("name",), "url": ("value",), "file": ("hashes.'SHA-256'",),
}  # fmt: skip


def _beside(seen: Any) -> str:
    """An id says whose it is only together with its platform."""
    platform = seen.get("account_type") if seen["type"] == "user-account" else None
    return f" AND user-account:account_type = '{_quoted(platform)}'" if platform else ""


def _quoted(text: str) -> str:
    """Text of strangers within the quotes of a pattern."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _is_url(text: object) -> bool:
    """Whole, and nothing in it that a reader would take for something else."""
    return (
        isinstance(text, str)
        and text.startswith(("http://", "https://"))
        and text.isascii()
        and text.isprintable()
        and not set(text) & set(' "<>\\^`{|}')
        and len(text) <= 4_000
    )


def _library() -> ModuleType:
    try:
        import stix2.v21  # type: ignore[import-untyped]
    except ImportError:
        raise NamaakError(
            "STIX needs the library stix2; install namaak with its extra exports."
        ) from None
    module: ModuleType = stix2.v21
    return module
