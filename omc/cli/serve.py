"""`omc serve`: the page and the API, alone or as a child of `omc up`."""

import asyncio
import socket

import click

from omc.app import serve
from omc.cli.address import listen
from omc.cli.base import progress
from omc.cli.children import follow_parent
from omc.cli.database import open_place
from omc.kit.log import set_up
from omc.settings import load


@click.command(name="serve")
@click.option("--fd", type=int, hidden=True, help="An open listening socket to use.")
@click.option("--with-parent", is_flag=True, hidden=True, help="Stop when standard input ends.")
def command(*, fd: int | None, with_parent: bool) -> None:
    """Serve the page and the API until stopped. Jobs need `omc work` beside it; `omc up` runs both."""
    settings = load()
    set_up(level=settings.log_level, style=settings.log_format)
    if with_parent:
        follow_parent()
    listener = listen(settings) if fd is None else socket.socket(fileno=fd)
    place = open_place(settings, progress)
    try:
        if fd is None:
            progress(f"Serving {settings.browser_url}")
        asyncio.run(serve(settings, place.app_url, sockets=[listener]))
    finally:
        place.close()
