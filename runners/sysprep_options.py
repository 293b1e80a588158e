"""How Sysprep is to be launched: the key `sysprep` of a fleet file, and the password of the account that it names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from runners.password import Variable, find_password

# builder, .\builder, CONTOSO\builder, builder@contoso.com
_ACCOUNT = re.compile(r"(?:[A-Za-z0-9._-]{1,63}\\)?[A-Za-z0-9._ -]{1,64}(?:@[A-Za-z0-9.-]{1,100})?")
_SYSTEM = ("system", "localsystem", "s-1-5-18")


class SysprepOptions(BaseModel):
    """What may be said of a launch of Sysprep. It is always told /generalize, /oobe and /quiet."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    end: Literal["shutdown", "quit"] = Field("shutdown", description="what Sysprep does at its end")
    mode: Literal["default", "vm"] = Field("default", description="vm for Sysprep's /mode:vm")
    run_as: str | None = Field(None, description="the account that launches Sysprep, through managed Run Command")
    password_env: Variable | None = Field(None, description="the environment variable that holds its password")
    password_file: Annotated[Path, Field(strict=False)] | None = Field(
        None, description="the file that holds its password"
    )

    @field_validator("run_as")
    @classmethod
    def _account_is_plain(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if value.rpartition("\\")[2].lower() in _SYSTEM:
            raise ValueError(
                "it is SYSTEM, as which Run Command runs anyway. Name a local administrator, or leave it out"
            )
        if not _ACCOUNT.fullmatch(value):
            raise ValueError(f"{value[:80]!r} is no account name, such as builder or CONTOSO\\builder")
        return value

    @model_validator(mode="after")
    def _password_has_one_place(self) -> SysprepOptions:
        places = [place for place in (self.password_env, self.password_file) if place is not None]
        if self.run_as is None and places:
            raise ValueError("it says where a password is and no account. Give run_as, or leave the password out")
        if self.run_as is not None and len(places) != 1:
            raise ValueError(
                "run_as needs a password, which never stands in this file. Give password_env, the name of an "
                "environment variable, or password_file, and not both"
            )
        return self


def read_password(options: SysprepOptions) -> str:
    """Return the password of the account in `options`. Raises `StepError` where it is not where it should be."""
    return find_password(str(options.run_as), options.password_env, options.password_file)
