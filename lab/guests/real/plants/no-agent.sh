#!/bin/sh
# The agent's program is gone; its unit and its folder are not.
set -eu
rm "$(command -v waagent)"
