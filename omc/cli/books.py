"""`omc books`: profit and loss, from the books of this installation or from a file of cases."""

import json
from decimal import Decimal
from pathlib import Path

import click

from omc.books.bills import CURRENCY as BILLED_IN
from omc.books.cases import SCHEMA, Answer, CaseError, answer_file
from omc.books.figures import Summary
from omc.books.service import Picture, summary
from omc.cli.base import answer, door, json_option, run, table
from omc.core.money import round_half_even, text
from omc.kit.errors import Refusal

MAX_FILE_BYTES = 64 * 1024 * 1024
SHOWN_PLACES = 2

_HEAD = ("realized", "unrealized", "fees", "net")
_MODELS = ("model_costs", "net_after_models")


@click.group(name="books")
def command() -> None:
    """Profit and loss, exact to the last decimal."""


@command.command(name="summary")
@click.option("--strategy", help="Only this strategy.")
@click.option("--asset", help="Only this asset.")
@click.option("--currency", help="In this currency; the most used one unless said.")
@json_option
def summary_(*, strategy: str | None, asset: str | None, currency: str | None, as_json: bool) -> int:
    """Show realized and unrealized profit and loss, by strategy and asset."""
    return run(_summary(strategy, asset, currency, as_json=as_json))


@command.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
def pnl(*, file: Path | None, as_json: bool) -> int:
    """Answer a file of cases (schema omc-pnl-case/1); without a file, show the books.

    Needs no database for a file. Each case is answered in the order asked, a refused one with its error; the exit code
    is 1 when one was refused.
    """
    if file is None:
        return run(_summary(None, None, None, as_json=as_json))
    answered = _answer(file)
    cases = answered["cases"]
    assert isinstance(cases, list)
    answer(answered, as_json=as_json, shown=lambda: _cases_table(cases))
    return 1 if any("error" in case for case in cases) else 0


def _answer(file: Path) -> Answer:
    if file.stat().st_size > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // 1024**2
        raise Refusal("file_too_large", 413, f"at most {limit} MB are read; split it", place=file.name)
    try:
        # Spreadsheets write a byte order mark, and a number without quotes keeps all its digits as the text it is.
        return answer_file(json.loads(file.read_text(encoding="utf-8-sig"), parse_float=str, parse_int=str))
    except (ValueError, RecursionError) as error:
        text_ = f"this is not a JSON file in the format {SCHEMA}: {error}"
        raise Refusal("not_json", 422, text_, place=file.name) from None
    except CaseError as error:
        raise Refusal(error.reason.code, 422, error.reason.text, place=file.name) from None


def _cases_table(cases: list[Answer]) -> str:
    rows = [
        (case["id"], case.get("error", "answered"), case.get("at", ""), case.get("total_gain", case.get("detail", "")))
        for case in cases
    ]
    return table(("case", "answer", "at", "total gain"), rows)


async def _summary(strategy: str | None, asset: str | None, currency: str | None, *, as_json: bool) -> None:
    async with door() as opened, opened.database.session(opened.workspace) as session:
        picture = await summary(session, strategy=strategy, asset=asset, currency=currency)
    answer(_plain(picture), as_json=as_json, shown=lambda: _describe(picture))


def _plain(picture: Picture) -> dict[str, object]:
    return {
        "currency": picture.scope.currency,
        "currencies": list(picture.currencies),
        **_figures(picture.figures),
        "by_strategy": [{"strategy": name, **_figures(part)} for name, part in picture.by_strategy.items()],
        "by_asset": [
            {"asset": name, "quantity": picture.held[name][0], "cost": picture.held[name][1], **_figures(part)}
            for name, part in picture.by_asset.items()
        ],
        "suspended": len(picture.suspense),
    }


def _figures(part: Summary) -> dict[str, object]:
    marks = [{"ts": mark.ts, "learned_ts": mark.learned_ts, "source": mark.source} for mark in part.marks]
    figures = {name: getattr(part, name) for name in (*_HEAD, *_MODELS)}
    return figures | {"unvalued": list(part.unvalued), "marks": marks}


def _describe(picture: Picture) -> str:
    if not picture.currencies:
        return "The books are empty: nothing has been bought or sold yet. Approve a strategy for paper trading first."
    parts = [("all", picture.figures)]
    parts += [(f"strategy {name}", part) for name, part in picture.by_strategy.items()]
    parts += [(f"asset {name}", part) for name, part in picture.by_asset.items()]
    rows = [(name, *(_shown(getattr(part, figure)) for figure in _HEAD)) for name, part in parts]
    lines = [table((picture.scope.currency, *_HEAD), rows, right=_HEAD)]
    lines.append("Fees are inside realized and unrealized. Rounded half even here; --json is exact.")
    if picture.figures.model_costs:
        lines.append(_models_line(picture.figures))
    if picture.suspense:
        lines.append(f"{len(picture.suspense)} facts wait in suspense and are in no figure.")
    return "\n".join(lines)


def _models_line(figures: Summary) -> str:
    cost = f"Models cost {_shown(figures.model_costs)} {BILLED_IN}"
    after = figures.net_after_models
    return f"{cost}; net of that: {_shown(after)}." if after is not None else f"{cost}, which is in no figure above."


def _shown(value: Decimal | None) -> str:
    return "unvalued" if value is None else text(round_half_even(value, SHOWN_PLACES))
