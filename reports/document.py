"""A YAML file that a person wrote: its data, and the line of each key for messages.

Stricter than YAML, since these files decide what is destroyed: a repeated key is an error and not a silent
overwriting, aliases are refused (a few lines of them can name billions of nodes), and so are tags, several
documents in one file, more than 1 MiB and deep nesting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from reports.errors import DocumentError

Place = tuple[str | int, ...]
"""Keys and indexes from the root of a document down to one value, such as `("targets", 0, "name")`."""

_SIZE_LIMIT = 1024 * 1024
_DEPTH_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Document:
    """The data of one file. `source` is its path as messages name it, `digest` the SHA-256 of its bytes."""

    source: str
    data: Any
    lines: Mapping[Place, int]
    digest: str

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest place around it that the file has."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_document(path: Path, what: str) -> Document:
    """Read a YAML file. `what` names it in messages, such as `fleet file`.

    Raises `DocumentError` that lists what is wrong, each with `file:line`.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_SIZE_LIMIT + 1)
    except OSError as error:
        raise DocumentError(f"{path}: the {what} can't be read: {error.strerror or error}. Check the path.") from None
    if len(content) > _SIZE_LIMIT:
        raise DocumentError(f"{path}: the {what} is larger than 1 MiB. That is hardly the right file; check the path.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DocumentError(f"{path}:{line}: the {what} is not UTF-8 text. Save it as UTF-8.") from None
    root = _compose(text, str(path), what)
    builder = _Builder(str(path))
    data = builder.build(root, ())
    if builder.mistakes:
        raise DocumentError("\n".join(builder.mistakes))
    return Document(str(path), data, builder.lines, hashlib.sha256(content).hexdigest())


def _compose(text: str, source: str, what: str) -> yaml.Node:
    try:
        _look_over(text, source, what)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        seen = f"the character U+{ord(text[error.position]):04X}"
        raise DocumentError(
            f"{source}:{line}: the {what} holds {seen}, which YAML does not allow. Remove it."
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        hint = "Check the indentation, colons and quotes on this line and the one above."
        if "\\t" in (error.problem or ""):
            hint = "Indent with spaces: YAML does not take tabs."
        raise DocumentError(f"{source}:{line}: the {what} is not YAML: {error.problem}. {hint}") from None
    if root is None:
        raise DocumentError(f"{source}:1: the {what} is empty.")
    return root


def _look_over(text: str, source: str, what: str) -> None:
    """Refuse what must not even be built: aliases, several documents, and nesting that exhausts the stack."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        where = f"{source}:{_line(event)}"
        if isinstance(event, yaml.AliasEvent):
            raise DocumentError(f"{where}: the {what} uses the alias *{event.anchor}. Write the value out.")
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise DocumentError(f"{where}: a second document begins here (---). Keep one per {what}.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEPTH_LIMIT:
                raise DocumentError(f"{where}: the {what} is nested more than {_DEPTH_LIMIT} deep.")
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Builder:
    """Turns YAML nodes into data, and notes the line of each key and item on the way."""

    def __init__(self, source: str) -> None:
        self.lines: dict[Place, int] = {}
        self.mistakes: list[str] = []
        self._source = source
        self._scalars = yaml.constructor.SafeConstructor()

    def build(self, node: yaml.Node, place: Place) -> Any:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self.build(item, (*place, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        return self._refuse(node, f"the tag {node.tag} is not used here; remove it")

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._refuse(key_node, "a key must be a word, not a list or a mapping")
                continue
            key = str(key_node.value)
            if key in data:
                first = self.lines[(*place, key)]
                self._refuse(key_node, f"the key {key!r} was given before, on line {first}; keep one of the two")
                continue
            self.lines[(*place, key)] = key_node.start_mark.line + 1
            data[key] = self.build(value_node, (*place, key))
        return data

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        try:
            return self._scalars.construct_object(node)
        except yaml.YAMLError:
            return self._refuse(node, f"the tag {node.tag} is not used here; remove it")
        except ValueError:  # `2026-02-30` looks like a date and is none
            return self._refuse(node, f"the value {node.value[:60]!r} can't be read; if it is text, put it in quotes")

    def _refuse(self, node: yaml.Node, text: str) -> None:
        self.mistakes.append(f"{self._source}:{node.start_mark.line + 1}: {text}.")
