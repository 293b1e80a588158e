"""`python -m lab serve --scenario demo`: run the lab alone, for any ARM client."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from lab import Lab, serve
from lab.scenario_loader import scenario_names
from runners.errors import SealproofError


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns 0 after Ctrl-C or SIGTERM, 2 when the lab can't be started."""
    options = _parser().parse_args(arguments)
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
        print(_introduction(running), flush=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        print("\nlab: stopped")
    finally:
        running.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="An embedded Azure on loopback, with guests.")
    command = parser.add_subparsers(required=True, metavar="serve").add_parser(
        "serve", help="run a lab until Ctrl-C", description="Run a lab until Ctrl-C and print what a client needs."
    )
    command.add_argument(
        "--scenario", required=True, help=f"one of {', '.join(scenario_names())}, or the path of a scenario file"
    )
    command.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    command.add_argument("--ca-file", type=Path, help="where the CA's certificate goes (default: a temporary file)")
    command.add_argument("--request-log", type=Path, help="append every request to this file, one JSON object a line")
    return parser


def _introduction(running: Lab) -> str:
    machines = "\n".join(f"  {machine.id}" for machine in running.scenario.machines)
    first = running.scenario.machines[0]
    return f"""\
The lab '{running.scenario.name}' runs. {running.scenario.description}

  ARM endpoint     {running.endpoint}
  authority        {running.authority}
  CA certificate   {running.ca_file}
  tenant           {running.tenant_id}
  subscription     {running.subscription_id}
  client id        {running.client_id}
  client secret    {running.client_secret}

Machines:
{machines}

For azure-identity and requests:
  export AZURE_TENANT_ID={running.tenant_id}
  export AZURE_CLIENT_ID={running.client_id}
  export AZURE_CLIENT_SECRET={running.client_secret}
  export AZURE_AUTHORITY_HOST={running.authority}
  export AZURE_SUBSCRIPTION_ID={running.subscription_id}
  export REQUESTS_CA_BUNDLE={running.ca_file}

In Python, after the exports above:
  from azure.identity import ClientSecretCredential
  from azure.mgmt.compute import ComputeManagementClient
  credential = ClientSecretCredential("{running.tenant_id}", "{running.client_id}", "{running.client_secret}",
      authority="{running.authority}", disable_instance_discovery=True)
  compute = ComputeManagementClient(credential, "{running.subscription_id}", base_url="{running.endpoint}",
      credential_scopes=["{running.endpoint}/.default"])
  print(compute.virtual_machines.instance_view("{first.spec.resource_group}", "{first.name}").as_dict())

Ctrl-C stops it.
"""


if __name__ == "__main__":
    sys.exit(main())
