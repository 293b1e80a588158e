"""The plugin is all there is: see runners/plugin.py."""

pytest_plugins = ["runners.plugin"]
