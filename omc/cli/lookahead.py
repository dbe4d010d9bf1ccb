"""`omc lookahead`: whether a document reads the future, and whether it warms up long enough."""

import click

from omc.cli.asking import Wanted, bars_of, document_options, watched
from omc.cli.base import answer, door, json_option, run
from omc.cli.belief import ahead_lines, warm_up_lines
from omc.cli.together import labels_of, shared_request, together_option
from omc.engine.document import document_hash
from omc.engine.simulate import Settings
from omc.engine.validation.evidence import attempted
from omc.engine.validation.lookahead import look_ahead
from omc.engine.validation.replays import CUTS, LookAhead
from omc.engine.validation.warm_up import WarmUp, check_warm_up
from omc.engine.watch import Watch
from omc.kit.errors import Refusal


@click.command(name="lookahead")
@document_options
@together_option
@click.option("--cuts", type=click.IntRange(10, 10_000), default=CUTS, show_default=True, help="Bars to cut at.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed, the same cuts.")
@json_option
def command(*, wanted: Wanted, together: bool, cuts: int, seed: int, as_json: bool) -> int:
    """Replay DOCUMENT on bars that end early or go on otherwise: decisions and fills up to there must be the same.

    Besides, one, two and five times its warm-up must decide the same. Shows no figure by which to choose a strategy, so
    it counts as no trial. Exit code 1 when anything is found.
    """
    return run(_lookahead(wanted, cuts, seed, together=together, as_json=as_json))


async def _lookahead(wanted: Wanted, cuts: int, seed: int, *, together: bool, as_json: bool) -> int:
    async with door() as opened:
        asked = await shared_request(opened, wanted, together=together)
        bars = await bars_of(opened, asked)

        def work(watch: Watch) -> tuple[LookAhead, WarmUp | Refusal]:
            settings = Settings(start=bars.first)
            found = look_ahead(asked.document, bars.market, settings=settings, count=cuts, seed=seed, watch=watch)
            return found, attempted(lambda: check_warm_up(asked.document, bars.market, seed=seed, watch=watch))

        ahead, warm_up = await watched(work)
    value = {
        "hash": document_hash(asked.document),
        "series": labels_of(asked),
        "look_ahead": ahead.plain(),
        "warm_up": warm_up.plain() if isinstance(warm_up, WarmUp) else {"ok": None, "refused": warm_up.text},
    }
    shown = [*ahead_lines(ahead), *warm_up_lines(warm_up)]
    answer(value, as_json=as_json, shown=lambda: "\n".join([labels_of(asked), *shown]))
    return 0 if ahead.ok and (isinstance(warm_up, Refusal) or warm_up.ok) else 1
