"""Reading PowerShell by its syntax tree: what is no PowerShell, what Windows PowerShell 5.1 lacks, and what writes.

The grammar is that of tree-sitter-powershell. It knows pipeline chains (`a && b`), which came with PowerShell 7, and
refuses by itself `??`, `??=`, `?.`, `?[]` and the ternary operator, which came with it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

NEW_COMMANDS = frozenset(
    {
        "clean",
        "convertfrom-clixml",
        "convertfrom-markdown",
        "convertto-clixml",
        "enable-experimentalfeature",
        "get-error",
        "get-uptime",
        "join-string",
        "remove-service",
        "show-markdown",
        "switch-process",
        "test-json",
    }
)
"""Commands that Windows PowerShell 5.1 does not have; `clean` is a block of a function."""

NEW_PARAMETERS = {
    "convertfrom-json": {"ashashtable", "depth", "noenumerate", "datekind"},
    "convertto-json": {"asarray", "enumsasstrings", "escapehandling"},
    "convertto-csv": {"noheader", "quotefields", "usequotes"},
    "export-csv": {"noheader", "quotefields", "usequotes"},
    "foreach-object": {"parallel", "throttlelimit", "timeoutseconds", "asjob", "usenewrunspace"},
    "get-childitem": {"followsymlink"},
    "get-content": {"asbytestream"},
    "get-date": {"asutc", "unixtimeseconds"},
    "get-random": {"shuffle"},
    "group-object": {"sorted"},
    "import-module": {"skipeditioncheck", "usewindowspowershell"},
    "invoke-restmethod": {"skipcertificatecheck", "skiphttperrorcheck", "maximumretrycount", "authentication"},
    "invoke-webrequest": {"skipcertificatecheck", "skiphttperrorcheck", "maximumretrycount", "authentication"},
    "join-path": {"extension"},
    "select-string": {"noemphasis", "raw", "culture"},
    "set-content": {"asbytestream"},
    "sort-object": {"stable", "top", "bottom"},
    "split-path": {"leafbase", "extension"},
    "start-process": {"environment"},
    "tee-object": {"encoding"},
    "test-connection": {"targetname", "tcpport", "ping", "traceroute", "mtusize"},
    "where-object": {"not"},
}
"""Parameters that came later than 5.1, by command."""

NEW_MEMBERS = frozenset({"tohexstring", "fromhexstring", "hashdata", "clamp", "processpath"})
"""Members of .NET that the .NET Framework of Windows does not have."""

READING_VERBS = frozenset(
    {
        "compare",
        "convertfrom",
        "convertto",
        "foreach",
        "get",
        "group",
        "join",
        "measure",
        "out-null",
        "out-string",
        "resolve",
        "select",
        "sort",
        "split",
        "test",
        "where",
    }
)
WRITING_MEMBERS = frozenset(
    {
        "appendalllines",
        "appendalltext",
        "copyto",
        "createdirectory",
        "createsubkey",
        "createtext",
        "delete",
        "deletesubkey",
        "deletevalue",
        "encrypt",
        "moveto",
        "openwrite",
        "setvalue",
        "writeallbytes",
        "writealllines",
        "writealltext",
    }
)
_PARSER = Parser(Language(tree_sitter_powershell.language()))
# "`u{20AC}"
_NEW_ESCAPES = re.compile(r"`u\{|`e")


def parse(text: str) -> Node:
    """Return the root of a script's syntax tree."""
    # The grammar knows the units of numbers in small letters only: $bytes / 1MB
    return _PARSER.parse(re.sub(r"(?<=\d)[KMGTP]B\b", lambda found: found[0].lower(), text).encode()).root_node


def unreadable(text: str) -> list[str]:
    """Return the places where a script is no PowerShell of the grammar, with their lines."""
    return [_shown(node) for node in _nodes(parse(text)) if node.type == "ERROR" or node.is_missing]


def lacking(text: str) -> list[str]:
    """Return what Windows PowerShell 5.1 lacks, of what a script uses."""
    return [
        *unreadable(text),
        *(_shown(node) for node in _nodes(parse(text)) if node.type == "pipeline_chain_tail" or _is_new(node)),
    ]


def commands(text: str) -> list[tuple[str, Node]]:
    """Return the commands of a script, by their names in lower case; of one that is computed, how it is."""
    return [(_name(node), node) for node in _nodes(parse(text)) if node.type == "command"]


def functions(text: str) -> set[str]:
    """Return the names of the functions that a script defines, in lower case."""
    return {_text(node).lower() for node in _nodes(parse(text)) if node.type == "function_name"}


def writing(text: str, allowed: Set[str]) -> list[str]:
    """Return what changes something: commands that read by no verb and are not `allowed`, files, members that write.

    A program is allowed with its first argument: `bcdedit.exe /enum`.
    """
    known = READING_VERBS | allowed | functions(text)
    unknown = [(name, node) for name, node in commands(text) if name not in known]
    found = [_shown(node) for name, node in unknown if name.partition("-")[0] not in READING_VERBS]
    for node in _nodes(parse(text)):
        if node.type == "redirected_file_name" and _text(node).strip() != "$null":
            found.append(_shown(node))
        if node.type == "member_name" and _text(node).lower() in WRITING_MEMBERS:
            found.append(_shown(node))
    return found


def _is_new(node: Node) -> bool:
    if node.type == "command":
        parameters = {_text(item).lower().lstrip("-").rstrip(":") for item in _parameters(node)}
        return _name(node) in NEW_COMMANDS or bool(parameters & NEW_PARAMETERS.get(_name(node), set()))
    if node.type == "expandable_string_literal":
        return bool(_NEW_ESCAPES.search(_text(node)))
    return node.type == "member_name" and _text(node).lower() in NEW_MEMBERS


def _parameters(command: Node) -> Iterator[Node]:
    for elements in command.children_by_field_name("command_elements"):
        yield from (item for item in elements.children if item.type == "command_parameter")


def _name(command: Node) -> str:
    node = command.child_by_field_name("command_name")
    name = _text(node).strip("'\"").lower() if node else _text(command)
    # & (Join-Path $System32 'bcdedit.exe') /enum osloader
    program = re.search(r"([\w.-]+\.exe)\W*$", name)
    return f"{program[1]} {_first_word(command)}" if program else name


def _first_word(command: Node) -> str:
    for elements in command.children_by_field_name("command_elements"):
        for item in elements.children:
            if item.type not in ("command_argument_sep", "redirection"):
                return _text(item).lower()
    return ""


def _nodes(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children)


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _shown(node: Node) -> str:
    return f"line {node.start_point[0] + 1}: {_text(node)[:80]}"
