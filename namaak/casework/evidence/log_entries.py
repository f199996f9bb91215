"""Entries of certificate logs in a pack: what each proves, and the files that show it to others.

An entry is proved where a proof of it was kept and still holds; of any other is said why not.
`ct.json` has all of it as data. Beside it lie, for each proof, the bytes that OpenSSL takes, made
of what stands there.
Pure. May import: namaak.casework.evidence.{json_text, material}, namaak.transparency.
"""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from namaak.casework.evidence.json_text import canonical_json
from namaak.casework.evidence.material import Enclosed, Row
from namaak.transparency.entry_proofs import Outcome, ProofError, Proved, proved, read_proof

CT_JSON = "data/network/ct.json"
SCHEMA = "namaak-ct-1"
FOLDER = "data/network/ct"
_LOGGED = ("x509", "precert")
#: Of `ct.json`, about: more is not read by whoever checks a pack.
MAX_CT_BYTES = 6 << 20
#: Said by whoever gave a list of certificates; not read from a log.
UNLOGGED = "unauthenticated"

#: An algorithm (ECDSA with SHA-256; which one does not matter here) and a BIT STRING of nothing.
_NO_SIGNATURE = bytes.fromhex("300a06082a8648ce3d040302030100")

_WHAT = (
    "Entries of logs of certificates. `log` and `leaf_index` say where; `leaf_hash` is the "
    "SHA-256 of the entry (RFC 6962, 2.1: of 0x00 and the leaf). `proof` shows that this very leaf "
    "is in the tree whose head the log signed: `leaf` (a MerkleTreeLeaf, base64), `path` (the "
    "hashes beside it, nearest first), `head` as the log gave it, and the log's `key`. `proves` "
    "says what follows from it, and `entry_type`, `serial`, `issuer_key_hash`, `valid_from`, "
    "`valid_to` and `logged_at` are then those of the leaf. Where `proof` is null, they are as "
    "observed, and `proof_says` says why. No proof covers `source`, `told_by`, `observed_at`, "
    "`trust`, `proof_says`, `proof_asked_at`, nor what a log is called: those are the word of "
    "whoever made the pack. `heads` are further heads of these logs, as received. VERIFY.txt tells "
    "how to recompute all of it."
)
#: What an entry tells of its proof.
OF_PROOF = frozenset({
    "proof_outcome", "proof_says", "proof_asked_at", "proof", "proves", "files",
})  # fmt: skip
#: All that an entry tells.
KEYS = OF_PROOF | frozenset({
    "source", "log", "leaf_index", "told_by", "leaf_hash", "entry_type", "host", "serial",
    "issuer_key_hash", "valid_from", "valid_to", "logged_at", "observed_at", "trust",
})  # fmt: skip
_UNASKED = "Nobody asked the log for a proof yet; `namaak capture` asks."
_NO_LOG = "A search service told of it; it names no entry of a log that could be proved."


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One certificate that was observed, and what a log proved of it."""

    row: Row  #: the observation
    outcome: Outcome
    says: str | None  #: why there is no proof, or what else is to be said
    asked_at: str | None  #: ISO 8601
    document: Mapping[str, object] | None  #: the proof, as it is kept
    proved: Proved | None
    folder: str | None  #: below data/: where its files lie


def log_entries(observations: Iterable[Row], enclosed: Enclosed) -> list[LogEntry]:
    """The certificates among the observations, in their order."""
    entries: list[LogEntry] = []
    for row in observations:
        if row.get("entry_type") in _LOGGED:
            number = sum(one.proved is not None for one in entries) + 1
            entries.append(_entry(row, enclosed.log_proofs, f"network/ct/{number:02d}"))
    return entries


def fitting(entries: Sequence[LogEntry]) -> list[LogEntry]:
    """Those for which `ct.json` has room: all that are proved, and of the others the first."""
    room = MAX_CT_BYTES - sum(_size(one) for one in entries if one.proved is not None)
    fit = []
    for entry in entries:
        if entry.proved is None:
            room -= _size(entry)
            if room < 0:
                continue
        fit.append(entry)
    return fit


def ct_files(entries: Sequence[LogEntry], logged: Sequence[Row]) -> dict[str, bytes]:
    """`network/ct.json`, and the files of each proof. logged: heads as the lake keeps them."""
    logs = {entry.row["instance"] for entry in entries if _is_of_a_log(entry.row)}
    document = {
        "schema": SCHEMA,
        "what": _WHAT,
        "entries": [_told(entry) for entry in entries],
        "heads": [dict(head) for head in logged if head.get("instance") in logs],
    }
    files = {CT_JSON: canonical_json(document)}
    for entry in entries:
        if entry.proved is not None:
            files |= proof_files(entry.proved, f"data/{entry.folder}")
    return files


def proof_files(found: Proved, folder: str) -> dict[str, bytes]:
    """What other programs take: path -> content. folder: in the bag."""
    certificate = found.leaf.certificate
    if found.leaf.entry_type == "precert":
        shown = {
            f"{folder}/tbs-certificate.der": certificate,
            f"{folder}/tbs-as-certificate.der": _framed(certificate),
        }
    else:
        shown = {f"{folder}/certificate.der": certificate}
    return {
        **shown,
        f"{folder}/leaf.bin": found.leaf.merkle_leaf,
        f"{folder}/log-key.pem": _pem(found.key),
        f"{folder}/head.txt": found.head.text.encode("utf-8"),
        f"{folder}/head-signed.bin": found.signed,
        f"{folder}/head-signature.bin": found.signature,
    }


def proves(found: Proved) -> dict[str, object]:
    """What follows from a proof, as `ct.json` says it."""
    return {
        "names": list(found.hosts),
        "entry_type": found.leaf.entry_type,
        "in_log_by": found.in_log_by,
        "taken_at": found.taken_at,
        "tree_size": found.head.size,
        "root": found.head.root.hex(),
    }


def certified(found: Proved) -> dict[str, object]:
    """What a proved leaf says, under the names that observations have for it."""
    key_hash = found.leaf.issuer_key_hash
    return {
        "leaf_hash": found.leaf_hash.hex(),
        "entry_type": found.leaf.entry_type,
        "serial": found.names.serial.hex(),
        "issuer_key_hash": None if key_hash is None else key_hash.hex(),
        "valid_from": found.valid_from,
        "valid_to": found.valid_to,
        "logged_at": found.taken_at,
    }


def lacking(entries: Sequence[LogEntry]) -> list[tuple[str, str]]:
    """Proofs that are not there: what and why."""
    by_reason: dict[str, list[Row]] = {}
    for entry in entries:
        if entry.proved is None:
            by_reason.setdefault(entry.says or _UNASKED, []).append(entry.row)
    return [
        (
            f"Proof by the log of {_place(rows[0])}"
            if len(rows) == 1
            else f"Proofs by logs of {len(rows)} certificates",
            reason,
        )
        for reason, rows in by_reason.items()
    ]


def proof_folder(number: int) -> str:
    """Where the files of the `number`th proof lie in the bag."""
    return f"{FOLDER}/{number:02d}"


def _entry(row: Row, proofs: Sequence[Row], folder: str) -> LogEntry:
    """Of several proofs the one that says the earliest time; of none what was answered last."""
    asked = [one for one in proofs if (one.get("log_id"), one.get("leaf_index")) == _key(row)]
    asked.sort(key=lambda one: str(one.get("asked_at")))
    says, outcome, asked_at = _UNASKED, Outcome.UNASKED, None
    if not _is_of_a_log(row):
        says, asked = _NO_LOG, []
    held: list[LogEntry] = []
    for one in asked:
        if one.get("outcome") == Outcome.UNASKED and outcome is not Outcome.UNASKED:
            # A later capture asked for others; that takes nothing from what was answered.
            continue
        document, asked_at = one.get("proof"), str(one.get("asked_at"))
        if not isinstance(document, Mapping):
            says, outcome = str(one.get("says") or _UNASKED), _outcome(one.get("outcome"))
            continue
        try:
            found = proved(read_proof(document))
            _is_of(row, found)
        except ProofError as error:
            says, outcome = f"The proof that was kept {error}.", Outcome.WRONG
            continue
        held.append(
            LogEntry(
                row=row,
                outcome=Outcome.FOUND,
                says=None if one.get("says") is None else str(one["says"]),
                asked_at=asked_at,
                document=document,
                proved=found,
                folder=folder,
            )
        )
    none = LogEntry(
        row=row, outcome=outcome, says=says, asked_at=asked_at, document=None, proved=None,
        folder=None,
    )  # fmt: skip
    return min(held, key=_time_proved, default=none)


def _time_proved(entry: LogEntry) -> int:
    return entry.proved.head.timestamp_ms if entry.proved is not None else 0


def _is_of(row: Row, found: Proved) -> None:
    """Raises ProofError where the proof is of another entry than was observed."""
    if (found.log.log_id, found.leaf_index) != _key(row):
        raise ProofError("is of another place than the one that was observed")
    if row.get("evidence_hash") not in (None, found.leaf_hash.hex()):
        raise ProofError("is of another entry than the one that was observed")
    if not found.is_for(str(row.get("host"))):
        raise ProofError(f"is of a certificate that does not name {row.get('host')}")


def _outcome(text: object) -> Outcome:
    try:
        return Outcome(str(text))
    except ValueError:
        return Outcome.UNASKED


def _told(entry: LogEntry) -> dict[str, object]:
    row, found = entry.row, entry.proved
    of_a_log = _is_of_a_log(row)
    told = {
        "source": row["source"],
        "log": row["instance"] if of_a_log else None,
        "leaf_index": row["position"] if of_a_log else None,
        "told_by": None if of_a_log else row["instance"],
        "leaf_hash": row.get("evidence_hash"),
        "entry_type": row.get("entry_type"),
        "host": row.get("host"),
        "serial": row.get("serial"),
        "issuer_key_hash": row.get("issuer_key_hash"),
        "valid_from": row.get("valid_from"),
        "valid_to": row.get("valid_to"),
        "logged_at": row.get("source_time"),
        "observed_at": row["observed_at"],
        "trust": row.get("trust"),
        "proof_outcome": entry.outcome.value,
        "proof_says": entry.says,
        "proof_asked_at": entry.asked_at,
        "proof": entry.document,
        "proves": None if found is None else proves(found),
        "files": entry.folder,
    }
    # The proof decides: a log that serves names alone says little of the certificate.
    return told if found is None else told | certified(found)


def _size(entry: LogEntry) -> int:
    return len(canonical_json(_told(entry)))


def _key(row: Row) -> tuple[object, object]:
    return row["instance"], row["position"]


def _place(row: Row) -> str:
    if not _is_of_a_log(row):
        return f"the certificate {row['position']} of {row['source']}"
    return f"entry {row['position']} of log {str(row['instance'])[:16]}…"


def _is_of_a_log(row: Row) -> bool:
    return row.get("trust") != UNLOGGED


def _framed(tbs: bytes) -> bytes:
    """A body in the frame of a certificate, unsigned: no program shows a body alone."""
    content = tbs + _NO_SIGNATURE
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((0x30, 0x80 | len(length))) + length + content


def _pem(key: bytes) -> bytes:
    body = "\n".join(textwrap.wrap(base64.b64encode(key).decode("ascii"), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n".encode()
