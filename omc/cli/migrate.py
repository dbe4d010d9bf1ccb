"""`omc migrate`: the schema, brought up to date as its owner."""

import click

from omc.cli.database import find_place, migrate, revision
from omc.settings import load


@click.command(name="migrate")
def command() -> None:
    """Bring the database's schema to this release's revision. Safe to repeat, and on several machines at once."""
    place = find_place(load(), lambda text: click.echo(f"· {text}", err=True))
    try:
        migrate(place, lambda text: click.echo(f"· {text}", err=True))
        click.echo(f"The schema is at revision {revision(place)}.")
    finally:
        place.close()
