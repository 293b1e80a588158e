"""What has the form of a secret is taken out; what a report needs stays."""

from __future__ import annotations

import pytest

from reports.keys import new_key_pair
from reports.redaction import MARK, redact, redact_all, redact_lines
from reports.text import block, line

PRIVATE = new_key_pair()[0].decode()


@pytest.mark.parametrize(
    "text",
    [
        "/etc/shadow-: azureuser: a password hash (expected: none)",
        "the account's password: locked",
        "Provisioning.DeleteRootPassword = True",
        "PasswordCryptSaltLength = 10",
        "OS.PasswordPath = /etc/shadow",
        "PublicKeyToken=neutral",
        "https://learn.microsoft.com/azure/virtual-machines/generalize",
        "https://localhost:8443/subscriptions/1@2",
        "SHA256:jPZk1QtqK3mZ0y3ZqfJ3x1oC6Q9Zb1c7kqzY6xJ8f0A",
        "probe sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
        "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.Compute/disks/Os1",
        "manage-bde -off C: needs the key protector",
        "C:\\Windows\\Panther\\unattend.xml holds a password",
        "expected: token: none; secret: absent",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (PRIVATE, f"{MARK}\n"),
        (PRIVATE[:120], MARK),
        ("a " + PRIVATE.replace("\n", " ") + "z", f"a {MARK} z"),
        ("x?sv=1&sig=ab%2Fc%3D&se=2", f"x?sv=1&sig={MARK}&se=2"),
        ("http://u:p%40ss@proxy:3128/", f"http://{MARK}@proxy:3128/"),
        ("eyJhbGciOi.eyJhdWQi.c2lnbmF0dXJl", MARK),
        ("root:$y$j9T$abc.def$xyz:1", f"root:{MARK}:1"),
        ("AccountKey=abc123+/xyz==;x", f"AccountKey={MARK};x"),
        ('"accessToken": "abcdef123456"', f'"accessToken": "{MARK}"'),
        ("net user x --password Hunter2hunter2 /add", f"net user x --password {MARK} /add"),
    ],
)
def test_a_secret_goes_and_what_is_around_it_stays(text: str, left: str) -> None:
    assert redact(text) == left
    assert redact(left) == left


def test_a_key_on_many_lines_goes_as_a_whole() -> None:
    lines = [f"12:00 Error {item}" for item in ("before", *PRIVATE.splitlines(), "after")]
    kept = redact_lines(lines)
    assert kept == ["12:00 Error before", f"12:00 Error {MARK}", "12:00 Error after"]
    assert redact_all({"excerpt": lines}) == {"excerpt": kept}


def test_it_goes_through_plain_json() -> None:
    value = {"a": ["password=hunter2hunter2", 1, None, True], "sig=abc": {"b": "sig=abc"}, "c": ["x", "sig=y"]}
    assert redact_all(value) == {
        "a": [f"password={MARK}", 1, None, True],
        f"sig={MARK}": {"b": f"sig={MARK}"},
        "c": ["x", f"sig={MARK}"],
    }


def test_text_is_redacted_as_it_enters_the_record() -> None:
    assert line("sig=abc") == f"sig={MARK}"
    assert PRIVATE.splitlines()[2] not in block(f"first\n{PRIVATE}\nlast")
