"""`omc compare`: two or more backtests side by side, kept ones by their ids or documents that are run for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import UUID

import click

from omc.cli.asking import Wanted, Where, read_document, series_options
from omc.cli.backtest import tested
from omc.cli.base import Door, answer, door, json_option, run, table
from omc.cli.together import shared_request, together_option
from omc.core.ids import BacktestId
from omc.engine.document import StrategyDocument, document_hash, plain
from omc.engine.outline import outline
from omc.engine.service import get_backtest
from omc.kit.errors import Refusal

MAX_RUNS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One backtest: how it is called, its document, and its outline."""

    name: str
    document: StrategyDocument
    outline: Mapping[str, object]


@click.command(name="compare")
@click.argument("runs", nargs=-1, required=True)
@series_options
@together_option
@json_option
def command(*, runs: tuple[str, ...], where: Where, together: bool, as_json: bool) -> int:
    """Lay RUNS side by side: ids of kept backtests, or documents, which are run (and counted) on the bars asked for.

    \b
    omc compare one.json other.json --timerange 20220101-20230601

    Exit code 1 when they were not made from the same bars, as their figures say nothing about each other then.
    """  # noqa: D301 - click reads the backspace as: keep these lines as they are
    if not 2 <= len(runs) <= MAX_RUNS:
        raise click.UsageError(f"Name 2 to {MAX_RUNS} backtests or documents to compare.")
    return run(_compare(runs, where, together=together, as_json=as_json))


async def _compare(runs: Sequence[str], where: Where, *, together: bool, as_json: bool) -> int:
    async with door() as opened:
        sides = [await _side(opened, one, where, together=together) for one in runs]
    data = {str(_manifest(side).get("data")) for side in sides}
    value = {
        "same_data": len(data) == 1,
        "runs": [
            {"run": side.name, "hash": document_hash(side.document), "manifest": _manifest(side)}
            | {"metrics": side.outline["metrics"]}
            for side in sides
        ],
        "differences": _differences(sides),
    }
    answer(value, as_json=as_json, shown=lambda: _shown(sides, same=len(data) == 1))
    return 0 if len(data) == 1 else 1


async def _side(opened: Door, name: str, where: Where, *, together: bool) -> Side:
    known = _id(name)
    if known is not None:
        async with opened.database.session(opened.workspace) as session:
            kept = await get_backtest(session, BacktestId(known))
        if kept.result is None:
            raise Refusal("not_done", 409, f"The backtest {name} is {kept.state}; only a finished one can be compared.")
        return Side(name=name[:8], document=kept.document, outline=kept.result)
    document = _document(name)
    asked = await shared_request(opened, Wanted(document=document, where=where), together=together)
    return Side(name=Path(name).name, document=asked.document, outline=outline(await tested(opened, asked)))


def _document(name: str) -> StrategyDocument:
    path = Path(name)
    if not path.is_file():
        text = f"`{name}` is neither the id of a backtest nor a file; the page lists backtests with their ids."
        raise Refusal("not_found", 404, text)
    with path.open("rb") as file:
        return read_document(file)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _manifest(side: Side) -> Mapping[str, object]:
    return cast("Mapping[str, object]", side.outline["manifest"])


def _differences(sides: Sequence[Side]) -> dict[str, list[object]]:
    """Settings of the documents that are not the same in all, by their names."""
    documents = [plain(side.document) for side in sides]
    names = dict.fromkeys(name for document in documents for name in document)
    values = {name: [document.get(name) for document in documents] for name in names}
    return {name: found for name, found in values.items() if any(one != found[0] for one in found)}


def _shown(sides: Sequence[Side], *, same: bool) -> str:
    columns = [_figures(side) for side in sides]
    rows = [[name, *(column.get(name, "") for column in columns)] for name in columns[0]]
    names = [f"{at + 1} {side.name}" for at, side in enumerate(sides)]
    lines = [table(["metric", *names], rows, right=names), "", "Differences"]
    lines += [f"  {name}: {' | '.join(str(one) for one in values)}" for name, values in _differences(sides).items()]
    if not same:
        lines.append("They were made from different bars: test them on one series and --timerange to compare them.")
    return "\n".join(lines)


def _figures(side: Side) -> dict[str, str]:
    metrics = cast("Sequence[Mapping[str, object]]", side.outline["metrics"])
    return {
        str(metric["name"]): "-" if metric["value"] is None else f"{cast('float', metric['value']):,.6g}"
        for metric in metrics
    }
