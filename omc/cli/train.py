"""`omc train`: a model learned from labelled bars; `list` and `show` say which there are and what they rest on."""

from dataclasses import asdict
from typing import BinaryIO

import click

from omc.cli.asking import Where, chosen_series, counted, series_options, span_of, watched
from omc.cli.base import Door, answer, door, json_option, progress, run
from omc.cli.learned import list_lines, model_lines
from omc.engine.learning import store
from omc.engine.learning.artifact import Artifact, Explanation, artifact_plain
from omc.engine.learning.predicting import rows_of
from omc.engine.learning.spec import ModelSpec, program_of, read_spec, read_spec_text, spec_plain
from omc.engine.learning.training import explanation, train
from omc.engine.reading import MAX_BYTES, DocumentRefused
from omc.engine.trials import Found
from omc.kit.errors import Refusal
from omc.ledgers import seals
from omc.ledgers.service import get_series


class _Commands(click.Group):
    """`omc train SPEC` trains; `list` and `show` are commands of their own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what names no command as a specification to train."""
        if args and args[0] not in {*self.commands, *self.get_help_option_names(ctx)}:
            args = ["spec", *args]
        return super().parse_args(ctx, args)


@click.group(name="train", cls=_Commands, subcommand_metavar="SPEC | list | show HASH")
def command() -> None:
    """Train a model on labelled bars: `omc train SPEC`, a JSON file, `-` for standard input.

    Its skill is measured on bars that were not fitted, with purge and embargo. A strategy uses it by its hash, on bars
    after those it learned from. `omc train spec --help` has the options.
    """


@command.command(name="spec")
@click.argument("spec", type=click.File("rb"))
@series_options
@json_option
def spec_command(*, where: Where, spec: BinaryIO, as_json: bool) -> int:
    """Train the model that SPEC describes and keep it. Counts as a trial. Exit code 1 when it is refused."""
    return run(_train(_read(spec), where, as_json=as_json))


@command.command(name="list")
@json_option
def list_command(*, as_json: bool) -> int:
    """List the trained models, newest first, with their skill on bars that were not fitted."""
    return run(_list(as_json=as_json))


@command.command()
@click.argument("hash_", metavar="HASH")
@json_option
def show(*, hash_: str, as_json: bool) -> int:
    """Show what a model rests on, and why it says what it says of the last bar. The first digits of HASH are enough."""
    return run(_show(hash_, as_json=as_json))


def _read(file: BinaryIO) -> ModelSpec:
    try:
        return read_spec_text(file.read(MAX_BYTES + 1))
    except DocumentRefused as refused:
        for reason in refused.reasons:
            click.echo(f"{reason.place or '/'}: {reason.text}", err=True)
        raise Refusal("document_refused", 422, f"Mend what is listed in {file.name}.") from None


async def _train(spec: ModelSpec, where: Where, *, as_json: bool) -> None:
    async with door() as opened:
        asked = await _asked(opened, spec, where)
        async with opened.database.session(opened.workspace) as session:
            known = await store.register(session, asked, now=opened.clock())
        async with counted(opened, known) as tried:
            async with opened.database.session(opened.workspace) as session:
                bars = await store.bars_of(session, asked)
            artifact = await watched(lambda watch: train(asked.spec, bars, symbol=asked.series.symbol, watch=watch))
            async with opened.database.session(opened.workspace) as session:
                hash_ = await store.keep(session, artifact, asked, trial_id=tried.id, now=opened.clock())
            tried.found = Found(sharpe=None, sharpes=())
    _tell(hash_, artifact, artifact.explanation, as_json=as_json)


async def _asked(opened: Door, spec: ModelSpec, where: Where) -> store.Training:
    if where.timeframe is not None and where.timeframe != spec.timeframe:
        progress(f"bars of {where.timeframe} instead of {spec.timeframe}: this is another model")
        spec = read_spec(spec_plain(spec) | {"timeframe": where.timeframe})
    async with opened.database.session(opened.workspace) as session:
        series = await chosen_series(session, where, spec.universe, spec.timeframe)
        span = span_of(series.start, await seals.last(session, series), where)
    return store.Training(spec=spec, series=series, span=span, by=f"person:{opened.person}")


async def _list(*, as_json: bool) -> None:
    async with door() as opened, opened.database.session(opened.workspace) as session:
        found = await store.list_models(session)
    answer({"models": [asdict(one) for one in found]}, as_json=as_json, shown=lambda: list_lines(found))


async def _show(start: str, *, as_json: bool) -> None:
    async with door() as opened, opened.database.session(opened.workspace) as session:
        hash_ = await store.whole_hash(session, start)
        line, artifact = await store.get_line(session, hash_), await store.load(session, hash_)
        series = await get_series(session, line.series_id)
        asked = store.Training(spec=artifact.spec, series=series, span=None, by=line.trained_by)
        bars = await store.bars_of(session, asked)
    program = program_of(artifact.spec)
    row = rows_of(program, bars)[-1]
    _tell(hash_, artifact, explanation(artifact.spec, artifact.form, row, int(bars.ts[-1])), as_json=as_json)


def _tell(hash_: str, artifact: Artifact, why: Explanation, *, as_json: bool) -> None:
    plain = {name: value for name, value in artifact_plain(artifact).items() if name != "form"}
    found = {"hash": hash_, **plain, "explanation": why.model_dump(mode="json")}
    answer(found, as_json=as_json, shown=lambda: "\n".join(model_lines(hash_, artifact, why)))
