"""`omc lab`: what there is to do with research sessions: their life, their schedule, and whether they hold."""

import click

from omc.cli import proving, scheduling, sessions


@click.group(name="lab")
def command() -> None:
    """Find, stop, change and keep sessions, ask questions on a schedule, and replay what was found."""


command.add_command(proving.replay)
command.add_command(proving.repeat)
command.add_command(scheduling.group)
for one in sessions.COMMANDS:
    command.add_command(one)
