"""What a stopped Linux disk still holds: its form in the report, made of the records of checks/facts by their types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import Field, StringConstraints, create_model

from checks.facts import AuthorizedKey, Fact, LinuxIdentities, LinuxSecrets, LinuxState
from runners.observe.raw_fact import Name, Names, Raw, Strict, Word
from runners.observe.record import fact_types

R = TypeVar("R")
_Fingerprint = Annotated[str, StringConstraints(pattern=r"^(SHA256:[A-Za-z0-9+/]{43})?$")]


class _Key(Strict):
    path: Name
    account: Word
    fingerprint: _Fingerprint
    refers: bool


_Keys = Annotated[list[_Key], Field(max_length=500)]
_FORMS: dict[Any, Any] = {tuple[str, ...]: Raw[Names], tuple[AuthorizedKey, ...]: Raw[_Keys]}


def _model(kind: type[Any]) -> type[Strict]:
    forms: dict[str, Any] = {name: (_FORMS[inner], ...) for name, inner in fact_types(kind).items()}
    return create_model(kind.__name__, __base__=Strict, **forms)


if TYPE_CHECKING:

    class SecretsModel(Strict):
        """Of `LinuxSecrets`."""

    class IdentitiesModel(Strict):
        """Of `LinuxIdentities`."""

    class StateModel(Strict):
        """Of `LinuxState`."""
else:
    SecretsModel, IdentitiesModel, StateModel = map(_model, (LinuxSecrets, LinuxIdentities, LinuxState))


def record(kind: type[R], checked: Strict) -> R:
    """Return the record `kind` of a part of the report that has its form."""
    return kind(**{name: _fact(getattr(checked, name)) for name in fact_types(kind)})


def _fact(raw: Raw[Any]) -> Fact[Any]:
    if raw.value is None:
        return raw.fact()
    return Fact.of(tuple(_item(item) for item in raw.value))


def _item(item: Any) -> Any:
    return AuthorizedKey(**item.model_dump()) if isinstance(item, _Key) else item
