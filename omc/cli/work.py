"""`omc work`: a worker, alone or as a child of `omc up`; start as many as the machine carries."""

import click
import uvloop

from omc.cli.base import progress
from omc.cli.children import follow_parent
from omc.cli.database import open_place
from omc.kit.log import set_up
from omc.settings import load
from omc.worker import work


@click.command(name="work")
@click.option("--with-parent", is_flag=True, hidden=True, help="Stop when standard input ends.")
def command(*, with_parent: bool) -> None:
    """Run background jobs until stopped; what runs is finished, or taken over by the next worker."""
    settings = load()
    set_up(level=settings.log_level, style=settings.log_format)
    if with_parent:
        follow_parent()
    place = open_place(settings, progress)
    try:
        uvloop.run(work(settings, place.app_url))
    finally:
        place.close()
