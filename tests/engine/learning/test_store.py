"""Trained models in the database: counted before they run, known by their hash, used by name in a document."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from omc.core.market import Span
from omc.engine import exams, read, simulate, trials
from omc.engine.data import bars_for
from omc.engine.learning import store
from omc.engine.learning.artifact import artifact_hash
from omc.engine.learning.predicting import Predictor
from omc.engine.learning.spec import ModelSpec
from omc.engine.learning.training import train
from omc.engine.simulate import Settings
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.ledgers.imports import import_file
from omc.ledgers.rules import DAY_MS, Series
from tests.engine.builders import START_MS, a_raw_document
from tests.engine.learning.specs import a_spec, a_trending_market
from tests.engine.series import a_series

NOW = datetime(2024, 6, 1, tzinfo=UTC)
FIRST = datetime.fromtimestamp(START_MS / 1_000, UTC)
PAST = Span(FIRST, FIRST + timedelta(hours=500))


@pytest.fixture
async def series(database: Database, workspace: UUID, tmp_path: Path) -> Series:
    return await a_series(database, workspace, tmp_path, a_trending_market(800))


def asked(series: Series, *, span: Span | None = PAST, spec: ModelSpec | None = None) -> store.Training:
    return store.Training(spec=spec or a_spec(), series=series, span=span, by="ada")


async def a_model(database: Database, workspace: UUID, series: Series) -> str:
    """Train a model on the first 500 of 800 bars and keep it."""
    async with database.session(workspace) as session:
        trial = await store.register(session, asked(series), now=NOW)
        bars = await store.bars_of(session, asked(series))
        artifact = train(a_spec(), bars, symbol=series.symbol)
        return await store.keep(session, artifact, asked(series), trial_id=trial, now=NOW)


async def test_a_kept_model_is_found_by_its_hash(database: Database, workspace: UUID, series: Series) -> None:
    kept = await a_model(database, workspace, series)
    async with database.session(workspace) as session:
        artifact = await store.load(session, kept)
        (line,) = await store.list_models(session)
        assert await store.get_line(session, kept) == line
    assert artifact_hash(artifact) == line.hash == kept
    assert (line.name, line.kind, line.task, line.start_ts) == ("Will it rise", "logistic", "classify", PAST.start)
    assert line.known_until == PAST.end
    assert line.skill == pytest.approx(np.mean([fold.test.auc for fold in artifact.folds if fold.test.auc]))
    assert line.skill_fitted == pytest.approx(np.mean([fold.train.auc for fold in artifact.folds if fold.train.auc]))


async def test_the_same_training_again_is_the_same_model_and_another_trial(
    database: Database, workspace: UUID, series: Series
) -> None:
    assert await a_model(database, workspace, series) == await a_model(database, workspace, series)
    async with database.session(workspace) as session:
        assert len(await store.list_models(session)) == 1
        line = await trials.line(session, series.id, None)
    assert (line.trials, line.runs, line.clusters) == (2, 2, 1)


async def test_a_training_counts_before_it_runs(database: Database, workspace: UUID, series: Series) -> None:
    async with database.session(workspace) as session:
        trial = await store.register(session, asked(series), now=NOW)
        assert (await trials.line(session, series.id, PAST)).unfinished == 1
        await trials.finish(session, trial, "failed", now=NOW, found=None)
        assert (await trials.line(session, series.id, PAST)).failed == 1
        later = Span(PAST.end, PAST.end + timedelta(hours=100))
        assert (await trials.line(session, series.id, later)).trials == 0


async def test_another_workspace_sees_no_model(database: Database, workspace: UUID, series: Series) -> None:
    kept = await a_model(database, workspace, series)
    async with database.session(new_id()) as session:
        assert await store.list_models(session) == []
        for verb in (store.load, store.get_line):
            with pytest.raises(Refusal) as refused:
                await verb(session, kept)
            assert refused.value.code == "not_found"


@pytest.mark.parametrize("statement", ["DELETE FROM engine_model", "UPDATE engine_model SET name = 'x'"])
async def test_a_model_is_never_changed(database: Database, workspace: UUID, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.session(workspace) as session:
            await session.execute(text(statement))


async def test_a_model_that_was_changed_behind_our_back_is_refused(
    database: Database, workspace: UUID, series: Series, owner_url: str
) -> None:
    kept = await a_model(database, workspace, series)
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT set_config('omc.workspace', %s, true)", (str(workspace),))
        done = connection.execute("UPDATE engine_model SET artifact = replace(artifact, 'bias', 'bios')")
        assert done.rowcount == 1
    async with database.session(workspace) as session:
        with pytest.raises(Refusal) as refused:
            await store.load(session, kept)
    assert refused.value.code == "model_damaged"


async def test_a_model_of_an_older_version_is_refused_with_what_to_do_and_listed_all_the_same(
    database: Database, workspace: UUID, series: Series, owner_url: str
) -> None:
    """Its specification would mean something else today."""
    kept = await a_model(database, workspace, series)
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT set_config('omc.workspace', %s, true)", (str(workspace),))
        done = connection.execute(
            "UPDATE engine_model SET artifact = older, hash = encode(sha256(older::bytea), 'hex')"
            " FROM (SELECT replace(artifact, 'omc-trained/2', 'omc-trained/1') older FROM engine_model"
            " WHERE hash = %s) one WHERE hash = %s RETURNING hash",
            (kept, kept),
        ).fetchone()
        assert done is not None
    (older,) = done
    newer = await a_model(database, workspace, series)
    document = read(
        a_raw_document(
            inputs={"p_up": {"kind": "model", "model": older}},
            features={},
            parameters={},
            entry="p_up > 0.5",
            exit="p_up < 0.5",
        )
    )
    async with database.session(workspace) as session:
        assert {one.hash for one in await store.list_models(session)} == {older, newer}
        assert (await store.load(session, newer)).schema_id == "omc-trained/2"
        with pytest.raises(Refusal, match="trained by an older version; train it again"):
            await store.load(session, older)
        with pytest.raises(Refusal) as refused:
            await bars_for(session, document, series, None)
    assert (refused.value.code, refused.value.place) == ("model_outdated", "/inputs/p_up/model")


async def test_a_model_learns_nothing_from_sealed_bars(database: Database, workspace: UUID, series: Series) -> None:
    sealed = Span(FIRST + timedelta(hours=450), FIRST + timedelta(hours=700))
    async with database.session(workspace) as session:
        await exams.seal(session, series, sealed, by="ada", now=NOW)
    async with database.session(workspace) as session:
        assert len(await store.bars_of(session, asked(series, span=None))) == 450
        with pytest.raises(Refusal) as refused:
            await store.register(session, asked(series), now=NOW)
    assert refused.value.code == "sealed"


@pytest.mark.parametrize(
    ("change", "place"), [({"timeframe": "4h"}, "/timeframe"), ({"universe": ["ETH/USDT"]}, "/universe")]
)
async def test_a_series_that_the_model_is_not_about_is_refused(
    database: Database, workspace: UUID, series: Series, change: dict[str, object], place: str
) -> None:
    async with database.session(workspace) as session:
        with pytest.raises(Refusal) as refused:
            await store.register(session, asked(series, spec=a_spec(**change)), now=NOW)
    assert refused.value.place == place


# --- used in a document -----------------------------------------------------------------------------------------------


def a_document_with(model: str, **changes: object) -> dict[str, object]:
    inputs = {"p_up": {"kind": "model", "model": model}}
    return a_raw_document(inputs=inputs, features={}, entry="p_up > 0.5", exit="p_up < 0.5", **changes)


async def test_a_document_decides_by_what_a_model_says_and_only_after_what_it_learned_from(
    database: Database, workspace: UUID, series: Series
) -> None:
    kept = await a_model(database, workspace, series)
    document = read(a_document_with(kept))
    async with database.session(workspace) as session:
        bars, first = await bars_for(session, document, series, None)
        artifact = await store.load(session, kept)
    np.testing.assert_array_equal(bars.more["p_up"], Predictor(artifact).column(bars))
    assert np.isnan(bars.more["p_up"][:500]).all()
    result = simulate(document, bars, Settings(start=first))
    assert len(result.closed.pnl) > 3
    assert int(result.fills.ts.min()) > int(bars.ts[500])


async def test_a_span_after_the_training_is_warm_from_its_first_bar(
    database: Database, workspace: UUID, series: Series
) -> None:
    kept = await a_model(database, workspace, series)
    later = Span(PAST.end, FIRST + timedelta(hours=800))
    async with database.session(workspace) as session:
        bars, first = await bars_for(session, read(a_document_with(kept)), series, later)
    assert first >= 20
    assert np.isnan(bars.more["p_up"][:first]).all()
    assert np.isfinite(bars.more["p_up"][first:]).all()


async def test_a_model_reads_other_ledgers_as_they_were_known_and_a_gap_there_is_told_at_the_document_s_place(
    database: Database, workspace: UUID, series: Series, tmp_path: Path
) -> None:
    """The index is told each day until the 30th of some 33; it counts for three days."""
    path = tmp_path / "fear.csv"
    lines = [f"{START_MS + day * DAY_MS},{20 + day * 7 % 60},alternative.me fear & greed" for day in range(-1, 30)]
    path.write_text("\n".join(["ts,value,index", *lines]))
    fear = {"kind": "series", "series": "fear_greed:value", "max_age": "3d"}
    training = asked(
        series, spec=a_spec(features={"calm": "fear / 100", "last": "close / lag(close, 1)"}, inputs={"fear": fear})
    )
    async with database.session(workspace) as session:
        await import_file(session, path, name=path.name, now=utc_now())
        trial = await store.register(session, training, now=NOW)
        bars = await store.bars_of(session, training)
        artifact = train(training.spec, bars, symbol=series.symbol)
        kept = await store.keep(session, artifact, training, trial_id=trial, now=NOW)
        covered = Span(PAST.end, FIRST + timedelta(days=30))
        found, first = await bars_for(session, read(a_document_with(kept)), series, covered)
        assert np.isfinite(found.more["p_up"][first:]).all()
        with pytest.raises(Refusal, match="fear") as refused:
            await bars_for(session, read(a_document_with(kept)), series, None)
    assert (refused.value.code, refused.value.place) == ("input_missing", "/inputs/p_up/model")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"timeframe": "4h"}, "model_misfit"),
        ({"universe": ["BTC/USDT", "ETH/USDT"]}, "model_misfit"),
    ],
)
async def test_a_document_that_the_model_is_not_for_is_refused_at_its_place(
    database: Database, workspace: UUID, series: Series, change: dict[str, object], code: str
) -> None:
    kept = await a_model(database, workspace, series)
    async with database.session(workspace) as session:
        with pytest.raises(Refusal) as refused:
            await bars_for(session, read(a_document_with(kept, **change)), series, None)
    assert (refused.value.code, refused.value.place) == (code, "/inputs/p_up/model")


async def test_a_model_that_is_not_there_is_refused_at_its_place(
    database: Database, workspace: UUID, series: Series
) -> None:
    async with database.session(workspace) as session:
        with pytest.raises(Refusal) as refused:
            await bars_for(session, read(a_document_with("0" * 64)), series, None)
    assert (refused.value.code, refused.value.place) == ("model_unknown", "/inputs/p_up/model")
