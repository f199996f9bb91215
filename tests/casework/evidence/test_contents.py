"""What stands where in a pack, and what is said of what is not there."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from namaak.casework.evidence.contents import (
    account_part,
    actions_part,
    answers_named,
    brand_part,
    cluster_part,
    exports_part,
    network_part,
)
from namaak.casework.evidence.material import Enclosed, Export, Paper

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOST = {"subject_kind": "host"}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def finding(aspect: str, raw: bytes | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "aspect": aspect,
        "asked_at": AT,
        "vantage": "here",
        "outcome": "answered",
        "facts": "{}",
        "raw_sha256": None if raw is None else digest(raw),
        "raw_type": None,
    } | changes


def test_answers_stand_there_as_they_came_and_the_last_that_said_something() -> None:
    old, new, registrar, chain = b'{"old": 1}', b'{"new": 1}', b'{"registrar": 1}', b"-----BEGIN"
    servers = json.dumps({"servers": [{"sha256": digest(new)}, {"sha256": digest(registrar)}]})
    findings = [
        finding("rdap", old, asked_at=AT - timedelta(days=9)),
        finding("rdap", new, facts=servers),
        finding("rdap", outcome="timeout", asked_at=AT + timedelta(days=1)),
        finding("certificate", chain, raw_type="application/pem-certificate-chain"),
        finding("dns", facts='{"addresses": ["192.0.2.7"]}'),
        finding("page", facts='{"hops": [{"url": "http://a.example/"}], "status": 200}'),
    ]
    assert answers_named(findings) == [digest(new), digest(registrar), digest(chain)]
    kept = {digest(one): one for one in (old, new, registrar, chain)}
    part = network_part(HOST, [], Enclosed(findings=findings, kept=kept))
    assert part.files["data/network/rdap-domain.json"] == new
    assert part.files["data/network/rdap-domain-2.json"] == registrar
    assert part.files["data/network/tls.pem"] == chain
    assert b"192.0.2.7" in part.files["data/network/dns.json"]
    assert json.loads(part.files["data/network/redirects.json"])["status"] == 200
    told = json.loads(part.files["data/network/findings.json"])
    assert [one["outcome"] for one in told if one["aspect"] == "rdap"] == ["timeout"]
    assert dict(part.missing).keys() == {
        "Registration of the address (RDAP)",
        "Certificate Transparency",
    }


def test_an_answer_that_is_not_kept_any_more_is_said_to_be_missing() -> None:
    part = network_part(HOST, [], Enclosed(findings=[finding("rdap", b"{}")]))
    assert "data/network/rdap-domain.json" not in part.files
    assert "not kept any more" in dict(part.missing)["Registration of the domain (RDAP)"]


def test_an_entry_of_a_log_names_its_place_its_leaf_and_the_heads_that_cover_it() -> None:
    entry = {
        "source": "ct", "instance": "log-a", "position": 417, "observed_at": AT,
        "entry_type": "precert", "evidence_hash": "ab" * 32, "host": "acme-login.example",
    }  # fmt: skip
    heads = [{"instance": "log-a", "size": 500, "signed_text": "origin\n500\n"},
             {"instance": "log-b", "size": 9, "signed_text": "other"}]  # fmt: skip
    part = network_part(HOST, [entry], Enclosed(logged=heads))
    told = json.loads(part.files["data/network/ct.json"])
    assert (told["entries"][0]["leaf_index"], told["entries"][0]["leaf_hash"]) == (417, "ab" * 32)
    assert [head["signed_text"] for head in told["heads"]] == ["origin\n500\n"]
    assert told["entries"][0]["proof"] is None
    assert "`namaak capture` asks" in told["entries"][0]["proof_says"]
    assert ("Proof by the log of entry 417 of log log-a…", told["entries"][0]["proof_says"]) in (
        part.missing
    )


def test_an_account_has_a_profile_with_its_history_and_its_picture_as_it_came() -> None:
    versions = [{"version": 1, "handle": "a"}, {"version": 2, "handle": "b"}]
    part = account_part({"subject_kind": "account"}, Enclosed(versions=versions, avatar=b"GIF89a"))
    profile = json.loads(part.files["data/account/profile.json"])
    assert profile["latest"]["handle"] == "b" and len(profile["history"]) == 2
    assert part.files["data/account/avatar.orig"] == b"GIF89a"
    assert len(account_part({"subject_kind": "account"}, Enclosed()).missing) == 2
    assert account_part(HOST, Enclosed(versions=versions)).files == {}
    assert network_part({"subject_kind": "account"}, [], Enclosed()).missing == ()


def test_papers_are_numbered_and_a_paper_that_cannot_be_read_is_named() -> None:
    papers = [
        Paper(name="certificate of mark 1", content=b"%PDF", ending="pdf"),
        Paper(name="certificate of mark 2", content=None, ending="pdf", problem="No such file."),
        Paper(name="authority letter", content=b"%PDF letter", ending="pdf"),
    ]
    part = brand_part(b"png", Enclosed(papers=papers, marks=[{"number": "1"}]))
    assert sorted(part.files) == [
        "data/brand/authority-letter.pdf",
        "data/brand/certificates/01.pdf",
        "data/brand/marks.json",
        "data/brand/official-logo.png",
    ]
    assert list(part.missing) == [("certificate of mark 2", "No such file.")]


def test_a_route_that_is_no_word_makes_no_path_and_a_reply_keeps_its_kind() -> None:
    notice, reply = b"notice", b"reply"
    actions = [{"action_id": "NA-1", "route": "../up", "text_sha256": digest(notice)},
               {"action_id": "NA-2", "route": "host", "eml_sha256": digest(b"gone"),
                "form_sha256": digest(notice)}]  # fmt: skip
    replies = [{"action_id": "NA-2", "channel": "mail", "content_sha256": digest(reply)},
               {"action_id": "NA-2", "channel": "form", "content_sha256": None}]  # fmt: skip
    kept = {digest(one): one for one in (notice, reply)}
    part = actions_part(Enclosed(actions=actions, replies=replies, kept=kept))
    assert part.files["data/actions/01-route/notice.txt"] == notice
    assert part.files["data/actions/02-host/fields.json"] == notice
    assert part.files["data/actions/02-host/reply-01.txt"] == reply
    assert "data/actions/02-host/reply-02.txt" not in part.files
    assert [what for what, _ in part.missing] == ["actions/02-host/notice.eml"]


def test_a_reply_is_a_mail_file_only_where_it_came_as_one() -> None:
    contents = [
        b"thanks",
        b"From: abuse@host.example\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\n"
        b"Received: from a.example\r\n\tby b.example\r\n\r\nThe page is gone.",
        b"From: nobody who says when\n\nThe page is gone.",
        b"Dear sirs,\nFrom: one\nDate: another\n\nThe page is gone.",
        b"From - Sun Nov 22\nFrom: abuse@host.example\nDate: 22 Nov 2026\n",
        b"",
    ]
    replies = [{"action_id": "NA-1", "channel": "mail", "content_sha256": digest(one)}
               for one in contents]  # fmt: skip
    actions = [{"action_id": "NA-1", "route": "host"}]
    kept = {digest(one): one for one in contents}
    files = actions_part(Enclosed(actions=actions, replies=replies, kept=kept)).files
    folder = "data/actions/01-host"
    kinds = [next(kind for kind in ("eml", "txt") if f"{folder}/reply-{number:02d}.{kind}" in files)
             for number in range(1, 7)]  # fmt: skip
    assert kinds == ["txt", "eml", "txt", "txt", "eml", "txt"]


def test_tables_run_nothing_in_a_spreadsheet_and_exports_say_why_they_are_not_there() -> None:
    part = cluster_part(Enclosed(members=[{"subject": "=1+1", "seen": AT}], edges=[]))
    assert part.files["data/cluster/members.csv"] == b"subject,seen\n'=1+1,2026-11-20T12:00:00Z\n"
    exports = [Export(name="case.csv", content=b"x"),
               Export(name="stix.json", content=None, problem="No library.")]  # fmt: skip
    made = exports_part(Enclosed(exports=exports))
    assert made.files == {"data/exports/case.csv": b"x"}
    assert list(made.missing) == [("exports/stix.json", "No library.")]
