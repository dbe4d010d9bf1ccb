"""`omc models compare`: the same research by several models, several times each, and what can be said of them then."""

import asyncio
from dataclasses import asdict
from decimal import Decimal
from uuid import UUID

import click

from omc.cli.base import Door, answer, door, json_option, printable, progress, run, table
from omc.cli.working import some_worker
from omc.core.money import parse_decimal
from omc.core.money import text as plain
from omc.kit.errors import Refusal
from omc.lab import bakeoffs
from omc.lab.bakeoffs import Contender, Standing, Task
from omc.lab.scoring import Estimate, Score

GOAL = "Does a moving-average crossover beat holding BTC on hourly bars?"
LOOK_EVERY_S = 0.5


@click.command(name="compare")
@click.argument("models", nargs=-1, required=True)
@click.option("--goal", default=GOAL, show_default=True, help="What every model is asked.")
@click.option("--symbol", help="The market to look at: BTC/USDT.")
@click.option("--timeframe", help="The length of a bar: 1h.")
@click.option("--repeats", type=int, default=bakeoffs.MIN_REPEATS, show_default=True, help="Runs of each model.")
@click.option("--cap", required=True, help="US dollars that all runs together may cost at most.")
@json_option
def command(
    *,
    models: tuple[str, ...],
    goal: str,
    symbol: str | None,
    timeframe: str | None,
    repeats: int,
    cap: str,
    as_json: bool,
) -> int:
    r"""Give MODELS the same task on the same data and compare how they do.

    \b
    A model is `analyst`, `default`, a model that one key has, or KEY NAME:MODEL.
    omc models compare analyst Work:claude-haiku-5-5 Ollama:qwen3 --cap 3.00

    Ctrl-C leaves the runs to the next worker; the page shows them under Evals. Exit code 1 when no run ended well.
    """
    try:
        most = parse_decimal(cap)
    except ValueError as error:
        raise Refusal("not_an_amount", 422, f"{error}.", place="--cap") from None
    entries = [Contender(model=model) for model in models]
    task = Task(goal=goal, entries=entries, repeats=repeats, cap=most, symbol=symbol, timeframe=timeframe)
    return run(_compare(task, as_json=as_json))


async def _compare(task: Task, *, as_json: bool) -> int:
    async with door() as opened:
        async with opened.database.session(opened.workspace) as session:
            started = await bakeoffs.start(
                session, task, workspace_id=opened.workspace, person_id=opened.person, now=opened.clock()
            )
        async with some_worker(opened):
            found = await _ended(opened, started)
    answer(_plain(found), as_json=as_json, shown=lambda: _table(found))
    return 0 if any(score.verdicts for score in found.scores) else 1


async def _ended(opened: Door, bakeoff_id: UUID) -> Standing:
    told = -1
    while True:
        async with opened.database.session(opened.workspace) as session:
            found = await bakeoffs.standing(session, bakeoff_id)
        if found.ended > told:
            told = found.ended
            spent = plain(sum((run.cost for run in found.runs), Decimal(0)))
            progress(f"{told} of {len(found.runs)} runs ended, {spent} USD spent")
        if found.state != "running":
            return found
        await asyncio.sleep(LOOK_EVERY_S)


def _plain(found: Standing) -> dict[str, object]:
    scores = [{"entry": entry, **asdict(score)} for entry, score in zip(found.row.entries, found.scores, strict=True)]
    return {
        "id": found.row.id,
        "state": found.state,
        "repeats": found.row.repeats,
        "cap": found.row.cap,
        "as_of": found.row.as_of,
        "scores": scores,
        "data_hashes": list(found.data_hashes),
        "runs": [asdict(one) for one in found.runs],
    }


def _table(found: Standing) -> str:
    head = ("model", "runs", "reported", "evidence", "tools", "steps", "seconds", "USD a run", "verdicts")
    rows = [_row(str(contender.model), score) for contender, score in zip(found.contenders, found.scores, strict=True)]
    note = "95 % intervals in brackets; with few runs they are wide."
    return printable(f"{table(head, rows)}\n{note}")


def _row(model: str, score: Score) -> tuple[object, ...]:
    verdicts = ", ".join(f"{count} {name}" for name, count in sorted(score.verdicts.items()))
    return (
        model,
        score.runs,
        _share(score.reported),
        _share(score.evidence_validity),
        _share(score.tool_success),
        _mean(score.steps, 1),
        _mean(score.seconds, 1),
        _mean(score.cost, 4),
        verdicts or "-",
    )


def _share(found: Estimate | None) -> str:
    if found is None:
        return "-"
    interval = "" if found.low is None or found.high is None else f" [{found.low:.0%}-{found.high:.0%}]"
    return f"{found.value:.0%}{interval}"


def _mean(found: Estimate | None, digits: int) -> str:
    if found is None:
        return "-"
    interval = "" if found.low is None or found.high is None else f" [{found.low:.{digits}f}-{found.high:.{digits}f}]"
    return f"{found.value:.{digits}f}{interval}"
