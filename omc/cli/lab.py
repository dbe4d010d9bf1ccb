"""`omc lab`: what there is to do with research sessions that were run."""

import click

from omc.cli import proving


@click.group(name="lab")
def command() -> None:
    """Replay sessions from their record and ask their questions again."""


command.add_command(proving.replay)
command.add_command(proving.repeat)
