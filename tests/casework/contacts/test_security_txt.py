"""security.txt of providers: signed or not, whole, and only for as long as it holds."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.contacts.security_txt import NoSecurityTxt, read_security_txt

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PLAIN = """# for researchers
Contact: mailto:abuse@registrar.test
Contact: https://registrar.test/abuse
Expires: 2027-01-01T00:00:00.000Z
Preferred-Languages: en, nl
"""
SIGNED = f"""-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

{PLAIN}- -----
-----BEGIN PGP SIGNATURE-----

iQEzBAEB
-----END PGP SIGNATURE-----
Contact: mailto:evil@evil.test
"""


@pytest.mark.parametrize("text", [PLAIN, SIGNED, PLAIN.replace("\n", "\r\n"), "\ufeff" + PLAIN])
def test_contacts_come_in_the_order_of_the_file(text: str) -> None:
    read = read_security_txt(text.encode(), now=NOW)
    assert read.contacts == ("mailto:abuse@registrar.test", "https://registrar.test/abuse")
    assert read.languages == ("en", "nl")
    assert read.signed is text.startswith("-----BEGIN")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (PLAIN.replace("2027", "2020"), "held until 2020-01-01"),
        (PLAIN.replace("Expires", "X-Expires"), "does not say once"),
        (PLAIN + "Expires: 2028-01-01T00:00:00Z\n", "does not say once"),
        (PLAIN.replace("2027-01-01T00:00:00.000Z", "soon"), "as a date"),
        (PLAIN.replace("000Z", "000"), "in which zone"),
        ("Expires: 2027-01-01T00:00:00Z\n", "names no contact"),
        ("<html>not found</html>", "names no contact"),
        (SIGNED.partition("-----BEGIN PGP SIGNATURE")[0], "is cut off"),
        (PLAIN + "x\n" * 600, "more lines"),
    ],
)
def test_a_file_that_does_not_stand_says_why(text: str, why: str) -> None:
    with pytest.raises(NoSecurityTxt, match=why):
        read_security_txt(text.encode(), now=NOW)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(NoSecurityTxt):
        read_security_txt(body, now=NOW)


@given(st.lists(st.sampled_from([*PLAIN.splitlines(), *SIGNED.splitlines(), ": x", ""])))
def test_any_order_of_its_lines_is_read_or_refused(lines: list[str]) -> None:
    try:
        read = read_security_txt("\n".join(lines).encode(), now=NOW)
    except NoSecurityTxt:
        return
    assert read.contacts and read.expires > NOW
