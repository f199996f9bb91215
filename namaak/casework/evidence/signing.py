"""Signatures over a pack's tag manifests: SSHSIG, made and checked by ssh-keygen.

Chosen because the program that checks it is on nearly every computer, and because who signs
decides with a key that never leaves the person's hands or agent. Both tag manifests are signed:
neither is listed in the other.
Starts ssh-keygen, without a shell. May import: namaak.errors.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from namaak.errors import NamaakError, UsageError

NAMESPACE = "evidence"
ALLOWED_SIGNERS = "allowed_signers"
_PROGRAM = "ssh-keygen"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_PUBLIC = re.compile(r"(ssh-[a-z0-9-]+|ecdsa-[a-z0-9-]+|sk-[a-z0-9@.-]+) ([A-Za-z0-9+/=]+)")
_DEADLINE_S = 60.0
#: A person types a passphrase, or touches a token.
_PATIENCE_S = 180.0
_MAX_BYTES = 1 << 20
_MAX_NAMES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs, with what."""

    key: Path  #: a private key of OpenSSH, or the public one of a key that the agent holds
    principal: str  #: by which name others know the key: a mail address
    public: str  #: type and base64

    @property
    def allowed_signers(self) -> bytes:
        """The file by which `ssh-keygen -Y verify` knows the key."""
        return f'{self.principal} namespaces="{NAMESPACE}" {self.public}\n'.encode()

    def sign(self, content: bytes) -> bytes:
        """An armoured SSHSIG. Raises NamaakError where the key cannot be used."""
        command = ("-Y", "sign", "-q", "-n", NAMESPACE, "-f", str(self.key))
        done = _run(*command, question=content, deadline_s=_PATIENCE_S)
        if done.returncode or not done.stdout.startswith(_BEGIN.encode()):
            raise NamaakError(
                f"The pack could not be signed with {self.key} ({_reason(done)}); give a key that "
                "can be used, or leave signing_key and --sign out."
            )
        return _armoured(_body(done.stdout))


def signer(key: Path, *, principal: str) -> Signer:
    """The signer of a key. Raises UsageError where it is no key that signs."""
    if not key.is_file():
        raise UsageError(f"There is no key at {key}; `ssh-keygen -t ed25519 -f {key}` makes one.")
    if key.suffix == ".pub":
        try:
            text = key.read_text("utf-8")[:_MAX_BYTES]
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"The key {key} cannot be read ({error}); mend that.") from None
    else:
        done = _run("-y", "-f", str(key), question=b"", deadline_s=_PATIENCE_S)
        if done.returncode:
            raise UsageError(
                f"{key} is no private key that ssh-keygen can read ({_reason(done)}); give one of "
                "OpenSSH, or the .pub of a key that the agent holds."
            )
        text = done.stdout.decode("utf-8", "replace")
    found = _PUBLIC.match(text.strip())
    if found is None:
        raise UsageError(f"{key} holds no public key of OpenSSH; give another.")
    if not re.fullmatch(r"[^\s,\"*?!]+", principal):
        raise UsageError(f"{principal!r} cannot be a signer's name; give a mail address.")
    return Signer(key=key, principal=principal, public=found[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What ssh-keygen says of a signature."""

    problem: str | None  #: why it is no good one; None where it is
    principals: tuple[str, ...] = ()  #: whose key made it, by the names of the allowed signers


def check_signature(content: bytes, signature: bytes, allowed: bytes) -> Checked:
    """Whether this is a good signature of the content by one of the allowed, and by whom.

    allowed: a file of allowed signers. All three may be anybody's.
    """
    if not _is_plain(signature):
        return Checked(problem="it is not written as ssh-keygen writes a signature")
    with tempfile.TemporaryDirectory(prefix="namaak-") as folder:
        known, made = Path(folder, "allowed"), Path(folder, "signature")
        known.write_bytes(allowed)
        made.write_bytes(signature)
        finding = ("-Y", "find-principals", "-s", str(made), "-f", str(known))
        found = _run(*finding, question=b"")
        names = found.stdout.decode("utf-8", "replace").splitlines()
        if found.returncode or not names:
            return Checked(problem="its key is none of the allowed signers")
        good, problem = [], None
        checking = ("-Y", "verify", "-n", NAMESPACE, "-f", str(known), "-s", str(made))
        # One line of the file may give a key several names.
        for name in dict.fromkeys(names[:_MAX_NAMES]):
            done = _run(*checking, "-I", name, question=content)
            if done.returncode == 0:
                good.append(name)
            else:
                problem = problem or _reason(done)
    return Checked(problem=None if good else problem, principals=tuple(good))


def signature_problem(content: bytes, signature: bytes, allowed: bytes) -> str | None:
    """Why this is no good signature, as `check_signature`; None where it is one."""
    return check_signature(content, signature, allowed).problem


def available() -> bool:
    """Whether ssh-keygen is on this machine."""
    return shutil.which(_PROGRAM) is not None


def _is_plain(signature: bytes) -> bool:
    """Whether the armour is the one way in which a pack writes these bytes.

    Base64 can be written in several ways; a byte that was changed in it shall show even where it
    means nothing.
    """
    try:
        body = _body(signature)
    except ValueError:
        return False
    # ssh-keygen also takes version 0, of which there is none (PROTOCOL.sshsig).
    return body.startswith(b"SSHSIG\0\0\0\1") and signature == _armoured(body)


def _body(signature: bytes) -> bytes:
    """The signature without armour. Raises ValueError."""
    text = signature.decode("ascii").strip()
    if not (text.startswith(_BEGIN) and text.endswith(_END)):
        raise ValueError("no armour")
    inside = "".join(text.removeprefix(_BEGIN).removesuffix(_END).split("\n"))
    return base64.b64decode(inside, validate=True)


def _armoured(body: bytes) -> bytes:
    """In one line and without an end of line behind it.

    ssh-keygen skips white space in the armour; without any, each byte of the file counts, and its
    own check notices a change of any.
    """
    return "\n".join((_BEGIN, base64.b64encode(body).decode("ascii"), _END)).encode("ascii")


def _run(
    *options: str, question: bytes, deadline_s: float = _DEADLINE_S
) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which(_PROGRAM)
    if program is None:
        raise NamaakError("There is no ssh-keygen on the PATH; install OpenSSH's client.")
    try:
        return subprocess.run(  # noqa: S603 - no shell; files are ours or a person's
            [program, *options],
            input=question,
            capture_output=True,
            timeout=deadline_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NamaakError(f"ssh-keygen gave no answer within {deadline_s:g} s.") from None


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    line = said[-1] if said else f"it ended with {done.returncode}"
    return "".join(c if c.isprintable() else " " for c in line)[:200].rstrip(".")
