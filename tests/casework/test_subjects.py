"""What people read for a subject."""

from __future__ import annotations

import pytest

from namaak.casework.subjects import subject_text
from namaak.records import account_key, app_key, host_key, image_key


@pytest.mark.parametrize(
    ("key", "rows", "text"),
    [
        (host_key("acme-login.example"), [], "acme-login.example"),
        (
            account_key("bluesky", "did:plc:abc", "Acme"),
            [{"field": "display-name", "value": "Acme"}, {"field": "handle", "value": "Acme_Help"}],
            "bluesky/@Acme_Help",
        ),
        (account_key("bluesky", "did:plc:abc", "Acme"), [], "bluesky/did:plc:abc"),
        (account_key("x", None, "Acme"), [], "x/@acme"),
        (
            app_key("google-play", "example.acme"),
            [{"field": "app", "value": "Acme Wallet"}],
            "Acme Wallet",
        ),
        (app_key("google-play", "example.acme"), [], "google-play/example.acme"),
        (image_key("ab" * 32), [], "image abababababab"),
    ],
)
def test_a_subject_is_shown_as_people_call_it(key, rows, text):
    assert subject_text(key, rows) == text
