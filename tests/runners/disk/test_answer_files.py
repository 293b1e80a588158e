"""Passwords in answer files, in the forms that Setup reads and people write."""

from __future__ import annotations

import pytest

from runners.disk.process.windows_secrets import has_password

GONE = "*SENSITIVE*DATA*DELETED*"


@pytest.mark.parametrize(
    "text",
    [
        "<Password><Value>x</Value><PlainText>true</PlainText></Password>",
        "<Password><PlainText>true</PlainText><Value>x</Value></Password>",
        "<AdministratorPassword>\n<!-- ours -->\n<Value>x</Value></AdministratorPassword>",
        "<u:Password><u:PlainText>false</u:PlainText><u:Value>eAA=</u:Value></u:Password>",
        "<Credentials><Password><![CDATA[x]]></Password></Credentials>",
        "<Password><Value><![CDATA[x]]></Value></Password>",
        f"<Password><Value>{GONE}</Value></Password><Password><PlainText>true</PlainText><Value>x</Value></Password>",
        "<Password><Value>x",
    ],
)
def test_a_password_is_found_wherever_it_stands_in_its_element(text: str) -> None:
    assert has_password(f"<unattend>{text}</unattend>")


@pytest.mark.parametrize(
    "text",
    [
        f"<Password>{GONE}</Password>",
        f"<Password><PlainText>false</PlainText><Value>{GONE}</Value></Password>",
        "<Password><PlainText>true</PlainText><Value></Value></Password>",
        "<Password/><Value>x</Value>",
        "<Password><Value/><PlainText>true</PlainText></Password>",
        "<Value>x</Value>",
    ],
)
def test_what_setup_has_used_and_what_is_empty_is_none(text: str) -> None:
    assert not has_password(f"<unattend>{text}</unattend>")
