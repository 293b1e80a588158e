"""The lab: an embedded Azure on loopback, with guests.

with lab.serve("demo") as running:
    running.endpoint, running.ca_file, running.client_secret, running.fleet, running.requests
"""

from lab.scenario import ScenarioError
from lab.server import Lab, LabError, serve

__all__ = ["Lab", "LabError", "ScenarioError", "serve"]
