"""`python -m lab`: `serve` a lab for any ARM client, `import` a VM as a scenario, print the `schema` of scenarios."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from lab import Lab, LabError, serve
from lab.imports.command import add_options as add_import_options
from lab.imports.command import run as run_import
from lab.principal import OWNER, Principal
from lab.scenario_loader import scenario_names
from lab.schema import schema_text
from runners.errors import SealproofError


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns 0 when it did what was asked (serve: until Ctrl-C or SIGTERM), 2 when it could not."""
    options = _parser().parse_args(arguments)
    if options.command == "import":
        return _import(options)
    if options.command == "schema":
        print(schema_text(), end="")
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends guests as Ctrl-C does
    try:
        running = serve(
            options.scenario, port=options.port, ca_file=options.ca_file, request_log=options.request_log
        ).start()
    except SealproofError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("lab: stopped while it started", file=sys.stderr)
        return 2
    try:
        token_file = _write_federated_token(running, options.principal, options.federated_token_file)
        print(_introduction(running, running.principal(options.principal), token_file), flush=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        print("\nlab: stopped")
        for fault in running.unused_faults:
            print(f"lab: this fault of the scenario never struck: {fault}", file=sys.stderr)
    except SealproofError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 2
    finally:
        running.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="An embedded Azure on loopback, with guests.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    importing = commands.add_parser(
        "import",
        help="make a scenario from the ARM documents of a VM",
        description="Make a scenario from the ARM documents of VMs, without their secrets.",
    )
    add_import_options(importing)
    commands.add_parser(
        "schema",
        help="print the JSON Schema of scenario files",
        description="Print the JSON Schema of scenario files, as docs/scenario.schema.json holds it.",
    )
    command = commands.add_parser(
        "serve", help="run a lab until Ctrl-C", description="Run a lab until Ctrl-C and print what a client needs."
    )
    command.add_argument(
        "--scenario", required=True, help=f"one of {', '.join(scenario_names())}, or the path of a scenario file"
    )
    command.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    command.add_argument("--ca-file", type=Path, help="where the CA's certificate goes (default: a temporary file)")
    command.add_argument(
        "--federated-token-file",
        type=Path,
        help="write a token of the lab's issuer here, good for a day, for workload identity federation",
    )
    command.add_argument("--principal", default=OWNER, help="whom to sign in as (default: the owner of everything)")
    command.add_argument("--request-log", type=Path, help="append every request to this file, one JSON object a line")
    return parser


def _import(options: argparse.Namespace) -> int:
    try:
        print(run_import(options))
    except SealproofError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 2
    return 0


def _write_federated_token(running: Lab, principal: str, file: Path | None) -> Path | None:
    if file is None:
        return None
    try:
        file.write_text(running.federated_token(principal, seconds=86_400), encoding="utf-8")
    except OSError as error:
        raise LabError(f"the federated token can't be written to {file}: {error.strerror}. Check the path.") from None
    return file.absolute()


def _introduction(running: Lab, principal: Principal, token_file: Path | None) -> str:
    ways = [("client secret", "AZURE_CLIENT_SECRET", principal.secret)]
    ways += [("federated token", "AZURE_FEDERATED_TOKEN_FILE", str(token_file) if token_file else None)]
    if principal.managed_identity:
        ways += [("identity", "IDENTITY_ENDPOINT", running.identity_endpoint)]
        ways += [("identity header", "IDENTITY_HEADER", running.identity_header)]
    shown = "".join(f"  {words:<16} {value}\n" for words, _, value in ways if value)
    exports = "".join(f"  export {name}={value}\n" for _, name, value in ways if value)
    proof = '--federated-token "$(cat "$AZURE_FEDERATED_TOKEN_FILE")"' if token_file else '-p "$AZURE_CLIENT_SECRET"'
    machines = "\n".join(f"  {machine.id}" for machine in running.scenario.machines)
    first = running.scenario.machines[0]
    return f"""\
The lab '{running.scenario.name}' runs. {running.scenario.description}

  ARM endpoint     {running.endpoint}
  authority        {running.authority}
  CA certificate   {running.ca_file}
  tenant           {running.tenant_id}
  subscription     {running.subscription_id}
  principal        {principal.name}
  client id        {principal.client_id}
{shown}
Machines:
{machines}

For azure-identity and requests:
  export AZURE_TENANT_ID={running.tenant_id}
  export AZURE_CLIENT_ID={principal.client_id}
{exports}  export AZURE_AUTHORITY_HOST={running.authority}
  export AZURE_SUBSCRIPTION_ID={running.subscription_id}
  export REQUESTS_CA_BUNDLE={running.ca_file}

With Sealproof, after the exports above:
  sealproof --arm-endpoint {running.endpoint} --ca {running.ca_file} --target {first.id}

With the Azure CLI, after the exports above:
  export AZURE_CONFIG_DIR="$(mktemp -d)" AZURE_CORE_INSTANCE_DISCOVERY=false AZURE_CORE_COLLECT_TELEMETRY=no
  az cloud register -n lab --endpoint-resource-manager {running.endpoint}
  az cloud set -n lab
  az login --service-principal -u {principal.client_id} --tenant {running.tenant_id} {proof}

In Python, after the exports above:
  from azure.identity import DefaultAzureCredential
  from azure.mgmt.compute import ComputeManagementClient
  credential = DefaultAzureCredential(disable_instance_discovery=True)
  compute = ComputeManagementClient(credential, "{running.subscription_id}", base_url="{running.endpoint}",
      credential_scopes=["{running.endpoint}/.default"])
  print(compute.virtual_machines.instance_view("{first.spec.resource_group}", "{first.name}").as_dict())

Ctrl-C stops it.
"""


if __name__ == "__main__":
    sys.exit(main())
