"""Answer files, and what all that read them say of a password in them: probe, disk reader and the sealed guest."""

from __future__ import annotations

GONE = "*SENSITIVE*DATA*DELETED*"

WITH_PASSWORD = (
    "<AdministratorPassword><Value>cABhAHMAcwA=</Value></AdministratorPassword>",
    "<AdministratorPassword>\r\n  <Value>pass</Value>\r\n  <PlainText>true</PlainText>",
    "<wcm:Password><wcm:Value>pass</wcm:Value></wcm:Password>",
    '<Password wcm:action="add"><Value>pass</Value></Password>',
    "<PASSWORD><VALUE>pass</VALUE></PASSWORD>",
    "<Identification><UnsecureJoin>true</UnsecureJoin><MachinePassword>x</MachinePassword></Identification>",
    "<AutoLogon><Enabled>true</Enabled><Password><Value>x</Value></Password><Username>a</Username></AutoLogon>",
    "<Password><Value>x</Value><PlainText>true</PlainText></Password>",
    "<Password><PlainText>true</PlainText><Value>x</Value></Password>",
    "<AdministratorPassword>\n<!-- ours -->\n<Value>x</Value></AdministratorPassword>",
    "<AdministratorPassword>\n<!-- was <Value/>, > 8 -->\n<Value>x</Value></AdministratorPassword>",
    "<Password><!-- ours --><!-- still -->x</Password>",
    "<Password><Value><!-- ours -->x</Value></Password>",
    "<u:Password><u:PlainText>false</u:PlainText><u:Value>eAA=</u:Value></u:Password>",
    "<Credentials><Password><![CDATA[x]]></Password></Credentials>",
    "<Password><Value><![CDATA[x]]></Value></Password>",
    "<Password><Value>" + " " * 5000 + "x</Value></Password>",
    f"<Password><Value>{GONE}</Value></Password><Password><PlainText>true</PlainText><Value>x</Value></Password>",
    "<Password><Value>x",
    "\0".join("<Password><Value>x</Value></Password>"),
)
WITHOUT = (
    f"<Password>{GONE}</Password>",
    f"<AdministratorPassword><Value>{GONE}</Value></AdministratorPassword>",
    f"<Password><PlainText>false</PlainText><Value>{GONE}</Value></Password>",
    f"<Password><!-- a --><Value><!-- b -->{GONE}</Value></Password><Name>x</Name><!-- c -->x",
    "<Password><!-- a --></Password><Name>x</Name><!-- b -->x",
    "<Password><PlainText>true</PlainText><Value></Value></Password>",
    "<Password></Password><Value>x</Value>",
    "<Password/><Value>x</Value>",
    "<Password><Value/><PlainText>true</PlainText></Password>",
    "<PasswordNeverExpires><Value>true</Value></PasswordNeverExpires>",
    "<ComputerName>golden</ComputerName>",
    "<Value>x</Value>",
)
SAMPLES = (*((text, True) for text in WITH_PASSWORD), *((text, False) for text in WITHOUT))
