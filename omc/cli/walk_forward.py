"""`omc walk-forward`: parameters fitted window by window on the past only, and traded on what follows."""

from typing import Literal

import click

from omc.cli.asking import Wanted, bars_of, document_options, trial, watched
from omc.cli.base import answer, door, json_option, run
from omc.cli.belief import walk_lines
from omc.cli.together import labels_of, shared_request, together_option
from omc.engine import universe
from omc.engine.document import document_hash
from omc.engine.outline import outline_walk_forward
from omc.engine.sweep import values_of
from omc.engine.trials import found_of
from omc.engine.walk_forward import MAX_WINDOWS, Plan, walk_forward


@click.command(name="walk-forward")
@document_options
@together_option
@click.option("--set", "ranges", multiple=True, help="Values to fit, fast=10:50:5 or fast=10,20; may be repeated.")
@click.option("--windows", type=click.IntRange(1, MAX_WINDOWS), default=6, show_default=True, help="Tests in a row.")
@click.option("--kind", type=click.Choice(["anchored", "rolling"]), default="anchored", show_default=True)
@click.option("--train", type=float, default=0.4, show_default=True, help="Share of the bars fitted on first.")
@click.option("--purge", type=click.IntRange(0), default=1, show_default=True, help="Bars left out before each test.")
@click.option("--embargo", type=click.IntRange(0), default=0, show_default=True, help="Bars left out besides them.")
@json_option
def command(  # noqa: PLR0913 - click gives every option as an argument
    *,
    wanted: Wanted,
    together: bool,
    ranges: tuple[str, ...],
    windows: int,
    kind: Literal["anchored", "rolling"],
    train: float,
    purge: int,
    embargo: int,
    as_json: bool,
) -> int:
    """Fit DOCUMENT's parameters anew in each window, on earlier bars only, and trade them on the window.

    Without --set, values near its own are tried; where it names no parameters, its indicators' windows are fitted.
    Counts as a trial. Exit code 1 when refused.
    """
    values = dict(values_of(one) for one in ranges)
    plan = Plan(windows=windows, kind=kind, train=train, gap_bars=purge + embargo, values=values)
    return run(_walk(wanted, plan, together=together, as_json=as_json))


async def _walk(wanted: Wanted, plan: Plan, *, together: bool, as_json: bool) -> None:
    async with door() as opened:
        asked = await shared_request(opened, wanted, together=together)
        async with trial(opened, asked, "walk_forward") as tried:
            bars = await bars_of(opened, asked)
            async with opened.database.session(opened.workspace) as session:
                learning = await universe.taught(session, asked.document, bars.market)
            tested = await watched(
                lambda watch: walk_forward(asked.document, bars.market, plan, learning=learning, watch=watch)
            )
            tried.found = found_of(tested.out_of_sample.ts, tested.out_of_sample.equity)
    head = {"hash": document_hash(asked.document), "series": labels_of(asked)}
    shown = [labels_of(asked), *bars.said.values(), *walk_lines(tested)]
    found = {**head, **outline_walk_forward(tested), "said": dict(bars.said)}
    answer(found, as_json=as_json, shown=lambda: "\n".join(shown))
