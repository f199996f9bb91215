"""Two small logs, recorded: what the source gives for them is what a test replays.

Made with keys of their own that sign nothing else. The list of logs calls the tiled one read
only, so that the tile at its end, which is not full, is read at once.
May import: namaak.sources.base.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

from namaak.sources.base import RECORDED, Example, Served

_ISSUER_KEY = "7dbe89271c41e3002a03bb35f42de82ac6c6b10c59c36c64795f07059cf81fa6"
_LOG_ID = "920f2e567dff7717fc6ebb4fdd86b3a496e35d2357d5add7fea554abe4576d0d"
_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+1W/nNrMPMgn5nqG++ElnZkCgt0TBdUKMOweCQwgfJiqkbEBZN9C"
    "hHR+qPh6LNnDe0mOilaUxfSoopTRzDaywA=="
)
_LIST = {
    "operators": [
        {
            "name": "Recorded",
            "tiled_logs": [
                {
                    "description": "Recorded log",
                    "log_id": base64.b64encode(bytes.fromhex(_LOG_ID)).decode(),
                    "key": _KEY,
                    "mmd": 60,
                    "submission_url": "https://log.example/recorded/",
                    "monitoring_url": "https://tiles.example/recorded/",
                    "state": {
                        "readonly": {
                            "timestamp": "2026-07-02T00:00:00Z",
                            "final_tree_head": {
                                "tree_size": 2,
                                "sha256_root_hash": "bHWew530mlHdJY3gsQR6H2Mx270aEReZ3/4yhE+hmCk=",
                            },
                        }
                    },
                }
            ],
        }
    ]
}
_CHECKPOINT = base64.b64decode(
    "bG9nLmV4YW1wbGUvcmVjb3JkZWQKMgpiSFdldzUzMG1sSGRKWTNnc1FSNkgyTXgyNzBhRVJlWjMvNHloRStobUNr"
    "PQoK4oCUIGxvZy5leGFtcGxlL3JlY29yZGVkIFI0eExHd0FBQVo4YStiM0VCQU1BU0RCR0FpRUFwRU40MzJkc2Z4"
    "SGw0WklTeW1MQ0l2NC8zeUR1QmZZTDVXZGdKb3ByUjVzQ0lRRGM1YW91QlFzUVo5SDNoVVRVVWk2RERHRWEwZSs1"
    "K1VSYjh1Z2t1aG52bGc9PQo="
)
_HASHES = base64.b64decode(
    "Zzb7SP2GY6w4WW32Wb8Hjvnh4vjIZXYYsUuWrTd5imVILLICIDv0L8kUnJF1Qz8ZNaBCmRcna/ozydrfrXBPdA=="
)
_ENTRIES = base64.b64decode(
    "AAABnxr5t+gAAX2+iSccQeMAKgO7NfQt6CrGxrEMWcNsZHlfBwWc+B+mAAEyMIIBLqADAgECAgECMAoGCCqGSM49"
    "BAMCMB8xHTAbBgNVBAMMFE1hZGUtdXAgSXNzdWluZyBDQSAxMB4XDTI2MDcwMTAwMDAwMVoXDTI2MDkyOTAwMDAw"
    "MVowHTEbMBkGA1UEAwwSYWNtZS1sb2dpbi5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXNTOzEJI"
    "npjtP/cUmAUfeA82SG1NRNhn2ZgYV4Tn2lfu9xpA1qatET1Hu/MRC/EYXDrkYzF6sAZzBDq8vNQFS6NdMFswDAYD"
    "VR0TAQH/BAIwADBLBgNVHREERDBCghJhY21lLWxvZ2luLmV4YW1wbGWCFCouYWNtZS1sb2dpbi5leGFtcGxlghZ3"
    "d3cuYWNtZS1sb2dpbi5leGFtcGxlAAgAAAUAAAAAAAABoDCCAZwwggFDoAMCAQICAQIwCgYIKoZIzj0EAwIwHzEd"
    "MBsGA1UEAwwUTWFkZS11cCBJc3N1aW5nIENBIDEwHhcNMjYwNzAxMDAwMDAxWhcNMjYwOTI5MDAwMDAxWjAdMRsw"
    "GQYDVQQDDBJhY21lLWxvZ2luLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARc1M7MQkiemO0/9xSY"
    "BR94DzZIbU1E2GfZmBhXhOfaV+73GkDWpq0RPUe78xEL8RhcOuRjMXqwBnMEOry81AVLo3IwcDAMBgNVHRMBAf8E"
    "AjAAMEsGA1UdEQREMEKCEmFjbWUtbG9naW4uZXhhbXBsZYIUKi5hY21lLWxvZ2luLmV4YW1wbGWCFnd3dy5hY21l"
    "LWxvZ2luLmV4YW1wbGUwEwYKKwYBBAHWeQIEAwEB/wQCBQAwCgYIKoZIzj0EAwIDRwAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA7oJR3O8YXoOUl"
    "YW7lnmNiX3EBGoV3a2NSpyLUn00rGgAAAZ8a+bvQAAAAAXkwggF1MIIBHKADAgECAgEDMAoGCCqGSM49BAMCMB8x"
    "HTAbBgNVBAMMFE1hZGUtdXAgSXNzdWluZyBDQSAxMB4XDTI2MDcwMTAwMDAwMloXDTI2MDkyOTAwMDAwMlowHjEc"
    "MBoGA1UEAwwTbGVnYWN5LmFjbWUuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFzUzsxCSJ6Y7T/3"
    "FJgFH3gPNkhtTUTYZ9mYGFeE59pX7vcaQNamrRE9R7vzEQvxGFw65GMxerAGcwQ6vLzUBUujSjBIMAwGA1UdEwEB"
    "/wQCMAAwOAYDVR0RBDEwL4IQcGF5LmFjbWUuZXhhbXBsZYIJMTkyLjAuMi43ghBiYWQgbmFtZS5leGFtcGxlMAoG"
    "CCqGSM49BAMCA0cAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAIAAAFAAAAAAEAIDuglHc7xheg5SVhbuWeY2JfcQEahXdrY1KnItSfTSsa"
)
_FIRST = {
    "position": 0,
    "subject_kind": "host",
    "source_time": "2026-07-01T00:00:01+00:00",
    "entry_type": "precert",
    "trust": "verified",
    "evidence_hash": "6736fb48fd8663ac38596df659bf078ef9e1e2f8c8657618b14b96ad37798a65",
    "valid_from": "2026-07-01T00:00:01+00:00",
    "valid_to": "2026-09-29T00:00:01+00:00",
    "issuer_key_hash": _ISSUER_KEY,
    "serial": "02",
}
_SECOND = {
    "position": 1,
    "subject_kind": "host",
    "source_time": "2026-07-01T00:00:02+00:00",
    "entry_type": "x509",
    "trust": "verified",
    "evidence_hash": "482cb202203bf42fc9149c9175433f1935a0429917276bfa33c9dadfad704f74",
    "valid_from": "2026-07-01T00:00:02+00:00",
    "valid_to": "2026-09-29T00:00:02+00:00",
    "serial": "03",
    "wildcard": False,
}

_OLD_ID = "74c6409a7baca280cca721fdb0bba6cc26d42e7e1f17d66e4e6f12143f7daa24"
_OLD_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5aHvdXjhN02DlkBz95JaHWL2dfGWwoxYPywFszCY1fy/tzHHaZJt"
    "cTaOoZsdKBttVVLCuAF3T5pHKK71IRNNlg=="
)
_OLD_HEAD = base64.b64decode(
    "eyJ0cmVlX3NpemUiOjMsInRpbWVzdGFtcCI6MTc4Mjg2NDAwMzUwMCwic2hhMjU2X3Jvb3RfaGFzaCI6IkdId0VX"
    "Q1Y4Uy9wUUNKcjNjVElzL1hIS3dCSG01NVU0eUVhMW1qbTJMUG89IiwidHJlZV9oZWFkX3NpZ25hdHVyZSI6IkJB"
    "TUFSekJGQWlFQStHUTJRYlZmMHFMbDFYK2l1U01uNmdwUU9RcktERjNnSzg3T1EwcXIwL1lDSUY0dVlHMHcyOU41"
    "dytrTTF6a3FrWjZ6amhIaXRIcEcwN2l1VGNrR2hEaEMifQ=="
)
_OLD_ENTRIES = base64.b64decode(
    "eyJlbnRyaWVzIjpbeyJsZWFmX2lucHV0IjoiQUFBQUFBR2ZHdm0zNkFBQmZiNkpKeHhCNHdBcUE3czE5QzNvS3Ni"
    "R3NReFp3MnhrZVY4SEJaejRINllBQU9Vd2dlS2dBd0lCQWdJQkFqQUtCZ2dxaGtqT1BRUURBakFmTVIwd0d3WURW"
    "UVFEREJSTllXUmxMWFZ3SUVsemMzVnBibWNnUTBFZ01UQWVGdzB5TmpBM01ERXdNREF3TURGYUZ3MHlOakE1TWpr"
    "d01EQXdNREZhTUFBd1dUQVRCZ2NxaGtqT1BRSUJCZ2dxaGtqT1BRTUJCd05DQUFSYzFNN01Ra2llbU8wLzl4U1lC"
    "Ujk0RHpaSWJVMUUyR2ZabUJoWGhPZmFWKzczR2tEV3BxMFJQVWU3OHhFTDhSaGNPdVJqTVhxd0JuTUVPcnk4MUFW"
    "TG95NHdMREFNQmdOVkhSTUJBZjhFQWpBQU1Cd0dBMVVkRVFRVk1CT0NFV0ZqYldVdGMyaHZjQzVsZUdGdGNHeGxB"
    "QUE9IiwiZXh0cmFfZGF0YSI6IkFBRlRNSUlCVHpDQjk2QURBZ0VDQWdFQ01Bb0dDQ3FHU000OUJBTUNNQjh4SFRB"
    "YkJnTlZCQU1NRkUxaFpHVXRkWEFnU1hOemRXbHVaeUJEUVNBeE1CNFhEVEkyTURjd01UQXdNREF3TVZvWERUSTJN"
    "RGt5T1RBd01EQXdNVm93QURCWk1CTUdCeXFHU000OUFnRUdDQ3FHU000OUF3RUhBMElBQkZ6VXpzeENTSjZZN1Qv"
    "M0ZKZ0ZIM2dQTmtodFRVVFlaOW1ZR0ZlRTU5cFg3dmNhUU5hbXJSRTlSN3Z6RVF2eEdGdzY1R014ZXJBR2N3UTZ2"
    "THpVQlV1alF6QkJNQXdHQTFVZEV3RUIvd1FDTUFBd0hBWURWUjBSQkJVd0U0SVJZV050WlMxemFHOXdMbVY0WVcx"
    "d2JHVXdFd1lLS3dZQkJBSFdlUUlFQXdFQi93UUNCUUF3Q2dZSUtvWkl6ajBFQXdJRFJ3QUFBQUFBQUFBQUFBQUFB"
    "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
    "QUFBQUFBQUFBQUFBQUFBRkpBQUZHTUlJQlFqQ0I2YUFEQWdFQ0FnRUJNQW9HQ0NxR1NNNDlCQU1DTUI4eEhUQWJC"
    "Z05WQkFNTUZFMWhaR1V0ZFhBZ1NYTnpkV2x1WnlCRFFTQXhNQjRYRFRJMU1EY3dNVEF3TURBd01Gb1hEVE0yTURZ"
    "eU9EQXdNREF3TUZvd0h6RWRNQnNHQTFVRUF3d1VUV0ZrWlMxMWNDQkpjM04xYVc1bklFTkJJREV3V1RBVEJnY3Fo"
    "a2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVJjMU03TVFraWVtTzAvOXhTWUJSOTREelpJYlUxRTJHZlptQmhYaE9m"
    "YVYrNzNHa0RXcHEwUlBVZTc4eEVMOFJoY091UmpNWHF3Qm5NRU9yeTgxQVZMb3hZd0ZEQVNCZ05WSFJNQkFmOEVD"
    "REFHQVFIL0FnRUFNQW9HQ0NxR1NNNDlCQU1DQTBnQU1FVUNJUUQ3WnZtWXp3cndXZEVadU5BZnhHM0pRbk4rcUVQ"
    "WTA1UlRWZGFzRFZMSlVBSWdjSy9UVE9GbWhUS0E0dS9hZkVvaEIyeFgrZlFFRjFlYkJkSlp5dXc2dEFvPSJ9LHsi"
    "bGVhZl9pbnB1dCI6IkFBQUFBQUdmR3ZtNzBBQUFBQUFGTUFOaFltTUFBQT09IiwiZXh0cmFfZGF0YSI6IkFBRkpB"
    "QUZHTUlJQlFqQ0I2YUFEQWdFQ0FnRUJNQW9HQ0NxR1NNNDlCQU1DTUI4eEhUQWJCZ05WQkFNTUZFMWhaR1V0ZFhB"
    "Z1NYTnpkV2x1WnlCRFFTQXhNQjRYRFRJMU1EY3dNVEF3TURBd01Gb1hEVE0yTURZeU9EQXdNREF3TUZvd0h6RWRN"
    "QnNHQTFVRUF3d1VUV0ZrWlMxMWNDQkpjM04xYVc1bklFTkJJREV3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFN"
    "QkJ3TkNBQVJjMU03TVFraWVtTzAvOXhTWUJSOTREelpJYlUxRTJHZlptQmhYaE9mYVYrNzNHa0RXcHEwUlBVZTc4"
    "eEVMOFJoY091UmpNWHF3Qm5NRU9yeTgxQVZMb3hZd0ZEQVNCZ05WSFJNQkFmOEVDREFHQVFIL0FnRUFNQW9HQ0Nx"
    "R1NNNDlCQU1DQTBnQU1FVUNJUUQ3WnZtWXp3cndXZEVadU5BZnhHM0pRbk4rcUVQWTA1UlRWZGFzRFZMSlVBSWdj"
    "Sy9UVE9GbWhUS0E0dS9hZkVvaEIyeFgrZlFFRjFlYkJkSlp5dXc2dEFvPSJ9LHsibGVhZl9pbnB1dCI6IkFBQUFB"
    "QUdmR3ZtL3VBQUFBQUZCTUlJQlBUQ0I1YUFEQWdFQ0FnRUVNQW9HQ0NxR1NNNDlCQU1DTUI4eEhUQWJCZ05WQkFN"
    "TUZFMWhaR1V0ZFhBZ1NYTnpkV2x1WnlCRFFTQXhNQjRYRFRJMk1EY3dNVEF3TURBd00xb1hEVEkyTURreU9UQXdN"
    "REF3TTFvd0FEQlpNQk1HQnlxR1NNNDlBZ0VHQ0NxR1NNNDlBd0VIQTBJQUJGelV6c3hDU0o2WTdULzNGSmdGSDNn"
    "UE5raHRUVVRZWjltWUdGZUU1OXBYN3ZjYVFOYW1yUkU5Ujd2ekVRdnhHRnc2NUdNeGVyQUdjd1E2dkx6VUJVdWpN"
    "VEF2TUF3R0ExVWRFd0VCL3dRQ01BQXdId1lEVlIwUkJCZ3dGb0lVWXNPOFkyaGxjaTFoWTIxbExtVjRZVzF3YkdV"
    "d0NnWUlLb1pJemowRUF3SURSd0FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
    "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE9IiwiZXh0cmFfZGF0YSI6"
    "IkFBRkpBQUZHTUlJQlFqQ0I2YUFEQWdFQ0FnRUJNQW9HQ0NxR1NNNDlCQU1DTUI4eEhUQWJCZ05WQkFNTUZFMWha"
    "R1V0ZFhBZ1NYTnpkV2x1WnlCRFFTQXhNQjRYRFRJMU1EY3dNVEF3TURBd01Gb1hEVE0yTURZeU9EQXdNREF3TUZv"
    "d0h6RWRNQnNHQTFVRUF3d1VUV0ZrWlMxMWNDQkpjM04xYVc1bklFTkJJREV3V1RBVEJnY3Foa2pPUFFJQkJnZ3Fo"
    "a2pPUFFNQkJ3TkNBQVJjMU03TVFraWVtTzAvOXhTWUJSOTREelpJYlUxRTJHZlptQmhYaE9mYVYrNzNHa0RXcHEw"
    "UlBVZTc4eEVMOFJoY091UmpNWHF3Qm5NRU9yeTgxQVZMb3hZd0ZEQVNCZ05WSFJNQkFmOEVDREFHQVFIL0FnRUFN"
    "QW9HQ0NxR1NNNDlCQU1DQTBnQU1FVUNJUUQ3WnZtWXp3cndXZEVadU5BZnhHM0pRbk4rcUVQWTA1UlRWZGFzRFZM"
    "SlVBSWdjSy9UVE9GbWhUS0E0dS9hZkVvaEIyeFgrZlFFRjFlYkJkSlp5dXc2dEFvPSJ9XX0="
)
_OLD_LIST = {
    "operators": [
        {
            "name": "Recorded",
            "logs": [
                {
                    "description": "Recorded log of the older kind",
                    "log_id": base64.b64encode(bytes.fromhex(_OLD_ID)).decode(),
                    "key": _OLD_KEY,
                    "mmd": 60,
                    "url": f"{RECORDED}/old/",
                    "state": {"usable": {"timestamp": "2026-06-01T00:00:00Z"}},
                }
            ],
        }
    ]
}

EXAMPLES = (
    Example(
        what="a copy of a log of two leaves",
        table={"log_list": "logs.json", "mirror": "copies", "logs": ["recorded"]},
        recorded={
            "logs.json": json.dumps(_LIST).encode(),
            f"copies/{_LOG_ID}/checkpoint": _CHECKPOINT,
            f"copies/{_LOG_ID}/tile/0/000.p/2": _HASHES,
            f"copies/{_LOG_ID}/tile/data/000.p/2": _ENTRIES,
        },
        observations=(
            _FIRST
            | {
                "subject_key": "host:acme-login.example",
                "host": "acme-login.example",
                "wildcard": True,
            },
            _FIRST
            | {
                "subject_key": "host:www.acme-login.example",
                "host": "www.acme-login.example",
                "wildcard": False,
            },
            _SECOND | {"subject_key": "host:pay.acme.example", "host": "pay.acme.example"},
            _SECOND | {"subject_key": "host:legacy.acme.example", "host": "legacy.acme.example"},
        ),
        rejects=((1, "name: is an IP address"), (1, "name: has a character")),
    ),
    Example(
        what="an older log over the network",
        table={"log_list": f"{RECORDED}/logs.json"},
        served=(
            Served(path="/logs.json", body=json.dumps(_OLD_LIST).encode()),
            Served(path="/old/ct/v1/get-sth", body=_OLD_HEAD),
            Served(path="/old/ct/v1/get-entries", body=_OLD_ENTRIES),
        ),
        now=datetime(2026, 7, 1, tzinfo=UTC),
        observations=(
            {
                "position": 0,
                "subject_kind": "host",
                "subject_key": "host:acme-shop.example",
                "host": "acme-shop.example",
                "source_time": "2026-07-01T00:00:01+00:00",
                "entry_type": "precert",
                "trust": "verified",
                "evidence_hash": "cc50c91a9b2cc0582633908b683a4f8ad27bbde10c11c6a851cdfd1b11cb5d51",
                "wildcard": False,
                "valid_from": "2026-07-01T00:00:01+00:00",
                "valid_to": "2026-09-29T00:00:01+00:00",
                "issuer_key_hash": _ISSUER_KEY,
                "serial": "02",
            },
            {
                "position": 2,
                "subject_kind": "host",
                "subject_key": "host:xn--bcher-acme-9db.example",
                "host": "xn--bcher-acme-9db.example",
                "source_time": "2026-07-01T00:00:03+00:00",
                "entry_type": "x509",
                "trust": "verified",
                "evidence_hash": "0961bd09ec4abaf2f6e36ef9c79801ae2856d1e199e65c7483be68fe3c76b21a",
                "wildcard": False,
                "valid_from": "2026-07-01T00:00:03+00:00",
                "valid_to": "2026-09-29T00:00:03+00:00",
                "serial": "04",
            },
        ),
        rejects=((1, "certificate: "),),
    ),
)
