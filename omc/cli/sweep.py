"""`omc sweep`: many parameter sets of a document, each in training and in test, stopped and gone on with at will."""

from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from uuid import uuid5

import click

from omc.cli.asking import Wanted, bars_of, document_options, trial, watched
from omc.cli.base import Door, answer, door, json_option, progress, run, table
from omc.cli.belief import day, figure, named, percent
from omc.cli.sweeping import Done, by_workers, workers_up
from omc.cli.together import labels_of, shared_request, together_option
from omc.core.canonical import digest
from omc.engine.document import document_hash
from omc.engine.grid import Side
from omc.engine.metrics import DAYS_A_YEAR
from omc.engine.records import Request
from omc.engine.sweep import TRAIN, Planned, Row, Search, Sweep, plan, sweep, values_of
from omc.engine.sweep_file import kept_in, rows_in
from omc.engine.tpe import MAX_TRIES, corners, learn, tries_of
from omc.engine.trials import Found
from omc.engine.watch import Watch
from omc.kit.ids import new_id

SHOWN = 20
FOLDER = "sweeps"


@click.command(name="sweep")
@document_options
@together_option
@click.option("--set", "ranges", multiple=True, required=True, help="fast=10:50:5, or fast=10,20,40; may be repeated.")
@click.option("--sample", type=click.IntRange(1), help="Try so many of the combinations, at random.")
@click.option("--optuna", "tries", type=click.IntRange(1, MAX_TRIES), help="Try so many, each learned from others.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed, the same sample.")
@click.option("--train", type=float, default=TRAIN, show_default=True, help="Share of the bars that trains.")
@click.option("--here", is_flag=True, help="Try all of them in this process, also while workers are up.")
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Where to keep what is tried here.")
@click.option("--fresh", is_flag=True, help="Try all of them again.")
@click.option("--top", type=click.IntRange(1), default=SHOWN, show_default=True, help="Rows to show.")
@json_option
def command(  # noqa: PLR0913 - click gives every option as an argument
    *,
    wanted: Wanted,
    together: bool,
    ranges: tuple[str, ...],
    sample: int | None,
    tries: int | None,
    seed: int,
    train: float,
    here: bool,
    file: Path | None,
    fresh: bool,
    top: int,
    as_json: bool,
) -> int:
    """Try DOCUMENT with many values of its parameters; the first part of the bars trains, the rest tests.

    \b
    omc sweep cross.json --set fast=10:50:5 --set slow=100,150,200 --timerange 20220101-20230601

    The best in the test comes first, with both figures. While OMC is up, all of its workers take part, and the page
    shows it; else it runs here. Ctrl-C stops it; the same command goes on where it was. Each combination counts as a
    trial, once. Where a grid is too big, --optuna learns what to try from the training. Exit code 1 when every
    combination is refused.
    """  # noqa: D301 - click reads the backspace as: keep these lines as they are
    values = dict(values_of(one) for one in ranges)
    search = Search(values=values, sample=sample, tries=tries, seed=seed, train=train)
    how = _How(together=together, file=file, here=here or file is not None, fresh=fresh)
    return run(_sweep(wanted, search, how, top=top, as_json=as_json))


@dataclass(frozen=True, slots=True, kw_only=True)
class _How:
    """Over which symbols, and where it is tried and kept."""

    together: bool
    file: Path | None
    here: bool
    fresh: bool


async def _sweep(wanted: Wanted, search: Search, how: _How, *, top: int, as_json: bool) -> int:
    tries_of(wanted.document, search)
    async with door() as opened:
        asked = await shared_request(opened, wanted, together=how.together)
        if not how.here and await workers_up(opened):
            done = await by_workers(opened, asked, search, fresh=how.fresh)
        else:
            if not how.here:
                progress("no worker is up, so this process does it alone; beside `omc up` all workers would take part")
            done = await _alone(opened, asked, search, how.file, fresh=how.fresh)
    head = {"hash": document_hash(asked.document), "series": labels_of(asked), done.kept_as: done.kept_in}
    shown = [labels_of(asked), *done.said.values(), *_lines(done.found, top)]
    answer(head | done.found.plain() | {"said": dict(done.said)}, as_json=as_json, shown=lambda: "\n".join(shown))
    return 0 if done.found.rows else 1


async def _alone(opened: Door, asked: Request, search: Search, file: Path | None, *, fresh: bool) -> Done:
    """Try all of it in this process; what was found stands in a file, from which the same command goes on."""
    file = file or opened.settings.data_dir / FOLDER / _name(asked)
    trial_id = new_id() if fresh else uuid5(opened.workspace, _question(asked, search))
    count = tries_of(asked.document, search)
    async with trial(opened, asked, "sweep", combinations=count, trial_id=trial_id) as tried:
        bars = await bars_of(opened, asked)
        laid_out = search if search.tries is None else corners(search)
        planned = plan(asked.document, bars.market, laid_out, start=bars.first)
        found = await watched(lambda watch: _kept(planned, search, file, watch, fresh=fresh))
        tried.found = _found(found)
    return Done(found=found, said=bars.said, kept_as="file", kept_in=str(file))


def _question(asked: Request, search: Search) -> str:
    """The same for the same search on the same bars, so that going on with it is one try."""
    edges = (asked.span.start, asked.span.end) if asked.span else (asked.series.start, asked.series.end)
    return digest([document_hash(asked.document), *_ids(asked), *map(str, edges), repr(search)])


def _name(asked: Request) -> str:
    return f"{digest([document_hash(asked.document), *_ids(asked)])[:16]}.jsonl"


def _ids(asked: Request) -> list[str]:
    return [str(one.id) for one in asked.every]


def _kept(planned: Planned, search: Search, file: Path, watch: Watch, *, fresh: bool) -> Sweep:
    if fresh:
        file.unlink(missing_ok=True)
    known = rows_in(file)
    here = 0 if search.tries is not None else sum(row.key in known for row in planned.tries)
    if here:
        progress(f"{here} of {len(planned.tries)} combinations are in {file} already; --fresh tries them again")
    with kept_in(file) as keep:
        if search.tries is not None:
            return learn(planned, search, known=known, keep=keep, watch=watch)
        return sweep(planned, known=known, keep=keep, watch=watch)


def _found(found: Sweep) -> Found:
    """Sharpe ratios of the tests as the record of trials keeps them: of daily returns, not annualised."""
    known = [row.test.sharpe for row in found.rows if row.test is not None and row.test.sharpe is not None]
    sharpes = tuple(one / sqrt(DAYS_A_YEAR) for one in known)
    return Found(sharpe=sharpes[0] if sharpes else None, sharpes=sharpes)


def _lines(found: Sweep, top: int) -> list[str]:
    head = ("parameters", "train Sharpe", "test Sharpe", "train return", "test return", "test drawdown", "positions")
    rows = [_cells(row, row.train, row.test) for row in found.rows[:top] if row.train and row.test]
    lines = [f"{found.trials} combinations tried; training before {day(found.split_ts)}, test from there on", ""]
    lines += table(head, rows, right=head[1:]).splitlines()
    lines += [f"refused: {named(row.parameters)}: {row.refused}" for row in found.refused[:top]]
    more = len(found.rows) - top
    return lines + ([f"… and {more} more; --json has them all"] if more > 0 else [])


def _cells(row: Row, train: Side, test: Side) -> tuple[str, ...]:
    return (
        named(row.parameters),
        figure(train.sharpe),
        figure(test.sharpe),
        percent(train.total_return),
        percent(test.total_return),
        percent(test.max_drawdown),
        f"{train.closed_positions}+{test.closed_positions}",
    )
