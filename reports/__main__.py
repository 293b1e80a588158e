"""What can be done with evidence and waivers when no run is on: `python -m reports COMMAND`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from reports import strict_json
from reports.accounts import account, refusal
from reports.diff import Side, difference, render
from reports.errors import EvidenceError, KeyFileError, ReportError
from reports.evidence import Evidence
from reports.keys import load_public_key, load_signer, new_key_pair
from reports.merging import merge_folders
from reports.predicate import predicate
from reports.render import render_into
from reports.text import log_safe
from reports.verdict import exit_code
from reports.verify import parse, read_folder, verify
from reports.waivers import ends_soon, expiring, load_waivers

USAGE = 2
"""The exit code of a command that could not be done: argparse's own."""

REFUSED = 3
"""The exit code of evidence that can't be trusted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one command and return its exit code. A user's mistake is a message, not a traceback."""
    parser = argparse.ArgumentParser(prog="python -m reports", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _waivers(commands.add_parser("waivers", help="check a waivers file, and say what expires soon"))
    _verify(commands.add_parser("verify", help="say whether an evidence folder is what was signed, and what it proves"))
    _key(commands.add_parser("key", help="make a new key pair: the private key is printed, the public one written"))
    _render(commands.add_parser("render", help="render a run's record anew, into another folder"))
    _merge(commands.add_parser("merge", help="join the evidence of shards into that of one run"))
    _diff(commands.add_parser("diff", help="say what changed between two runs, such as two releases of an image"))
    _predicate(commands.add_parser("predicate", help="print what a run attests, for another signer (docs/ci)"))
    options = parser.parse_args(arguments)
    try:
        code: int = options.do(options)
    except ReportError as error:
        sys.stderr.write(log_safe(f"{error}\n"))
        return USAGE
    return code


def _waivers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--within", type=int, default=14, metavar="DAYS", help="what counts as soon (default: 14)")

    def do(options: argparse.Namespace) -> int:
        file, today = load_waivers(options.file), datetime.now(UTC).date()
        sys.stdout.write(log_safe(expiring(file, today, options.within) + "\n"))
        return 1 if ends_soon(file, today, options.within) else 0

    parser.set_defaults(do=do)


def _verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of a run, such as evidence/latest")
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="the signer's public key, PEM")
    parser.add_argument("--allow-lab", action="store_true", help="verify a lab's run as what it is")

    def do(options: argparse.Namespace) -> int:
        key = load_public_key(options.key)
        try:
            verified = verify(options.folder, key, allow_lab=options.allow_lab)
        except EvidenceError as error:
            sys.stdout.write(log_safe(refusal(options.folder, error)))
            return REFUSED
        sys.stdout.write(log_safe(account(verified)))
        return 1 if verified.result == "FAILED" else 0

    parser.set_defaults(do=do)


def _key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--public", type=Path, required=True, metavar="FILE", help="where the public key is written")

    def do(options: argparse.Namespace) -> int:
        private, public = new_key_pair()
        try:
            options.public.parent.mkdir(parents=True, exist_ok=True)
            options.public.write_bytes(public)
        except OSError as error:
            raise KeyFileError(f"{options.public}: can't be written: {error.strerror or error}.") from None
        sys.stdout.write(private.decode("ascii"))
        return 0

    parser.set_defaults(do=do)


def _render(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of a run")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the renderings are written")

    def do(options: argparse.Namespace) -> int:
        evidence = parse(read_folder(options.folder)["evidence.json"])
        written = render_into(options.out, evidence, options.folder)
        sys.stdout.write("".join(f"{path}\n" for path in written))
        return 0

    parser.set_defaults(do=do)


def _merge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR", help="the folders of the runs")
    parser.add_argument("--out", type=Path, default=Path("evidence"), metavar="DIR", help="where the folder is made")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the public key that verifies what is signed")
    parser.add_argument("--sign-key", metavar="KEY", help="sign the merged evidence: a PEM file, or env:NAME")
    parser.add_argument("--allow-lab", action="store_true", help="verify and sign lab runs as what they are")

    def do(options: argparse.Namespace) -> int:
        key = load_public_key(options.key) if options.key else None
        signer = load_signer(options.sign_key) if options.sign_key else None
        try:
            folder = merge_folders(options.folders, options.out, key, signer, allow_lab=options.allow_lab)
        except EvidenceError as error:
            sys.stdout.write(log_safe(refusal(options.out, error)))
            return REFUSED
        sys.stdout.write(f"{folder}\n")
        # The gate of a matrix: as if one run had done all of it.
        return exit_code(Evidence.from_bytes((folder / "evidence.json").read_bytes()))

    parser.set_defaults(do=do)


def _diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", type=Path, metavar="A", help="the folder of the earlier run")
    parser.add_argument("new", type=Path, metavar="B", help="the folder of the later run")
    parser.add_argument("--json", action="store_true", help="all changes, as JSON")

    def do(options: argparse.Namespace) -> int:
        found = difference(_side(options.old), _side(options.new))
        sys.stdout.write(found.to_json() if options.json else log_safe(render(found)))
        return 1 if found.any else 0

    parser.set_defaults(do=do)


def _side(folder: Path) -> Side:
    files = read_folder(folder)
    facts = {Path(name).stem: strict_json.loads(data) for name, data in files.items() if name.startswith("facts/")}
    return Side(parse(files["evidence.json"]), facts)


def _predicate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of a run, such as evidence/latest")
    parser.add_argument("--allow-lab", action="store_true", help="attest a lab's run as what it is")

    def do(options: argparse.Namespace) -> int:
        try:
            sys.stdout.write(predicate(options.folder, allow_lab=options.allow_lab).decode("utf-8"))
        except EvidenceError as error:
            sys.stderr.write(log_safe(refusal(options.folder, error)))
            return REFUSED
        return 0

    parser.set_defaults(do=do)


if __name__ == "__main__":
    sys.exit(main())
