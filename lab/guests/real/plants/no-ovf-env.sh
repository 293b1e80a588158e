#!/bin/sh
# The file that names the account which has to go is gone, as where somebody emptied the agent's folder first.
set -eu
rm /var/lib/waagent/ovf-env.xml
