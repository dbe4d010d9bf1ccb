"""A trained model: learned from labelled bars, judged on bars that it was not fitted on, and counted as a trial."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.market import Span
from omc.engine.known import known_beside
from omc.engine.learning import store
from omc.engine.learning.artifact import Artifact, Scores
from omc.engine.learning.spec import ModelSpec, read_spec, spec_hash
from omc.engine.learning.training import train
from omc.engine.reading import DocumentRefused
from omc.engine.trials import Found, finish
from omc.kit.errors import Refusal
from omc.lab.tools.base import MAX_PROBLEMS, Outcome, ToolContext, Values, watched
from omc.lab.tools.trial import Bars, EndText, SeriesText, StartText, load_bars, moment, refused, trial_id_of

MAX_SHOWN = 20


async def train_model(
    context: ToolContext,
    series_id: SeriesText,
    spec: Annotated[dict[str, object], Field(description="what to learn, schema omc-model/1")],
    start: StartText = None,
    end: EndText = None,
) -> Outcome:
    """Train a model on bars and keep it. A strategy reads it by its hash, on later bars only, so leave some with `end`.

    A spec: {"schema": "omc-model/1", "name": "direction", "universe": ["BTC/USDT"], "timeframe": "1h", "features":
    {"strength": "rsi(close, 14)"}, "target": {"kind": "forward_return", "bars": 24}, "task": "classify", "model":
    {"kind": "logistic"}}. Kinds: logistic, ridge (task regress), forest, boosting. Targets: forward_return,
    triple_barrier (up, down as {"percent": "2"}). In a document: "inputs": {"p": {"kind": "model", "model": hash}}.
    /skill is on bars that were not fitted (AUC, 0.5 is chance; for regress the rank correlation, 0 is chance); a much
    higher /skill_fitted means that it learned noise. A training counts as a trial.
    """
    asked = _read(spec)
    bars = await load_bars(context, series_id, start, end)
    training = store.Training(spec=asked, series=bars.series, span=_span(bars), by=f"session:{context.session_id}")
    async with context.reading() as session:
        columns = await known_beside(session, asked.inputs, bars.columns, as_of=context.as_of)
    async with context.database.session(context.workspace_id) as session:
        tried = f"train {spec_hash(asked)} {bars.series.id} {training.span}"
        trial_id = await trial_id_of(session, context, tried)
        await store.register(session, training, now=context.clock(), trial_id=trial_id)
    try:
        artifact = await watched(context, lambda watch: train(asked, columns, symbol=bars.series.symbol, watch=watch))
    except Refusal:
        await refused(context, trial_id)
        raise

    async def save(session: AsyncSession, outcome: Outcome) -> Outcome:
        now = context.clock()
        hash_ = await store.keep(session, artifact, training, trial_id=trial_id, now=now)
        await finish(session, trial_id, "done", now=now, found=Found(sharpe=None, sharpes=()))
        return replace(outcome, output={"model_hash": hash_, **outcome.output})

    told = _output(artifact)
    return Outcome(
        title=f"Model {asked.name}",
        preview=f"{asked.model.kind} on {artifact.bars:,} bars",
        output={**told, "trials_count": 1, "data": bars.said},
        save=save,
    )


def _read(spec: dict[str, object]) -> ModelSpec:
    try:
        return read_spec(spec)
    except DocumentRefused as found:
        words = "; ".join(f"{reason.place or '/'}: {reason.text}" for reason in found.reasons[:MAX_PROBLEMS])
        place = f"/spec{found.reasons[0].place}"
        raise Refusal("spec_refused", 422, f"The spec is not right yet. {words}", place=place) from None


def _span(bars: Bars) -> Span:
    """The bars that it really learns from, whatever is imported later."""
    first, last = int(bars.columns.ts[0]), int(bars.columns.ts[-1]) + bars.columns.timeframe_ms
    return Span(*(datetime.fromtimestamp(edge / 1_000, UTC) for edge in (first, last)))


def _output(artifact: Artifact) -> Values:
    ranked = sorted(artifact.importances.items(), key=lambda one: -one[1].mean)
    return {
        "kind": artifact.spec.model.kind,
        "task": artifact.spec.task,
        "learned_bars_count": artifact.bars,
        "known_until": moment(artifact.known_until),
        "skill": _skill([fold.test for fold in artifact.folds]),
        "skill_fitted": _skill([fold.train for fold in artifact.folds]),
        "folds_count": len(artifact.folds),
        "importances": [{"feature": name, "mean_value": one.mean} for name, one in ranked[:MAX_SHOWN]],
    }


def _skill(scores: list[Scores]) -> Values:
    found = store.skill(scores)
    return {} if found is None else {"skill_ratio": found}
