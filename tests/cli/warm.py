"""What the process that forks each command has loaded: the module of every command."""

import importlib

from omc.cli import COMMANDS

for row in COMMANDS:
    importlib.import_module(f"omc.cli.{row.module}")
