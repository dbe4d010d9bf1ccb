"""`omc link`: a new way in for the owner, who holds this machine."""

import click

from omc.cli.base import progress
from omc.cli.database import open_place
from omc.cli.first_run import new_link
from omc.settings import load


@click.command(name="link")
def command() -> None:
    """Print a one-time sign-in link for the owner. It works once, for half an hour, while OMC is up."""
    settings = load()
    place = open_place(settings, progress)
    try:
        click.echo(new_link(place, settings))
    finally:
        place.close()
