"""Columns beside the bars: used like `close`, known from some bar on, and never guessed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from omc.core.market import Span
from omc.engine import BarColumns, decide, inspect, read, signals, simulate
from omc.engine.data import bars_for
from omc.engine.kernels import ENOUGH
from omc.engine.validation.lookahead import look_ahead
from omc.engine.validation.warm_up import check_warm_up
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.ledgers.imports import import_file
from omc.ledgers.rules import DAY_MS
from tests.engine.agreement import bar_by_bar, in_columns
from tests.engine.builders import START_MS, a_raw_document, a_wild_market
from tests.engine.generated import compiled
from tests.engine.series import a_series

FEAR = {"kind": "series", "series": "fear_greed:value", "max_age": "3d"}
MODEL = {"kind": "model", "model": "a" * 64}


def a_fearful_document(**changes: object) -> dict[str, object]:
    asked = {
        "inputs": {"fear": FEAR},
        "features": {"calm": "sma(fear, 3)"},
        "entry": "calm > 50 and close > lag(close, 5)",
    }
    return a_raw_document(**asked | {"exit": "calm < 40"} | changes)


def with_fear(bars: BarColumns, known_from: int = 0, **more: np.ndarray) -> BarColumns:
    """Bars with a fear between 0 and 100 that moves a little, unknown before a bar."""
    fear = 50 + 50 * np.sin(np.arange(len(bars)) / 7)
    fear[:known_from] = np.nan
    return BarColumns(**{name: getattr(bars, name) for name in (*_NAMES, "timeframe_ms")}, more={"fear": fear, **more})


_NAMES = ("ts", "open", "high", "low", "close", "volume")


def test_an_input_is_used_like_the_close() -> None:
    bars = with_fear(a_wild_market(200))
    decided = signals(read(a_fearful_document(entry="fear > 50", exit="fear < 40", features={})), bars)
    assert decided.flags[0].tolist() == (bars.more["fear"] > 50).tolist()


def test_nothing_is_decided_before_an_input_is_known() -> None:
    document = read(a_fearful_document())
    decided = signals(document, with_fear(a_wild_market(200), known_from=60))
    assert decided.first == 62
    assert not decided.flags[0][:62].any()
    assert signals(document, with_fear(a_wild_market(200))).first == 5


def test_what_does_not_use_the_input_does_not_wait_for_it() -> None:
    raw = a_fearful_document(features={}, entry="close > sma(close, 50) and fear > 20", exit="fear < 5")
    assert signals(read(raw), with_fear(a_wild_market(200), known_from=60)).first == 60


@pytest.mark.parametrize("count", [300, ENOUGH + 5_000])
def test_columns_and_single_bars_agree_where_inputs_begin_at_different_bars(count: int) -> None:
    program = compiled(
        a_fearful_document(
            inputs={"fear": FEAR, "p_up": MODEL},
            features={"calm": "ema(fear, 3)", "both": "calm + highest(p_up, 4) + sma(close, 20)"},
            entry="both > 100 and crosses_above(fear, p_up)",
        )
    )
    late = np.linspace(0, 1, count)
    late[:117] = np.nan
    bars = with_fear(a_wild_market(count), known_from=40, p_up=late)
    assert in_columns(program, bars) == bar_by_bar(program, bars)
    assert in_columns(program, bars)[1] == []


@pytest.mark.parametrize("count", [300, ENOUGH + 5_000])
def test_an_input_that_is_lost_again_is_refused_at_its_bar(count: int) -> None:
    program, bars = compiled(a_fearful_document()), with_fear(a_wild_market(count), known_from=40)
    bars.more["fear"][250] = np.nan
    found = in_columns(program, bars)
    assert found == bar_by_bar(program, bars)
    code, place, text = found[1]
    assert (code, place) == ("input_missing", "/inputs/fear")
    assert "max_age" in text


def test_bars_without_the_input_are_refused_at_its_place() -> None:
    with pytest.raises(Refusal) as refused:
        simulate(read(a_fearful_document()), a_wild_market(200))
    assert (refused.value.code, refused.value.place) == ("input_missing", "/inputs/fear")


def test_an_input_that_is_never_known_is_refused_at_its_place() -> None:
    with pytest.raises(Refusal) as refused:
        simulate(read(a_fearful_document()), with_fear(a_wild_market(200), known_from=200))
    assert (refused.value.code, refused.value.place) == ("input_missing", "/inputs/fear")


def test_too_little_is_left_after_an_input_begins() -> None:
    with pytest.raises(Refusal) as refused:
        simulate(read(a_fearful_document()), with_fear(a_wild_market(200), known_from=197))
    assert (refused.value.code, refused.value.place) == ("not_enough_history", "/inputs/fear")


def test_a_live_decision_waits_for_the_input() -> None:
    bars = with_fear(a_wild_market(200), known_from=60)
    assert not decide(read(a_fearful_document()), bars.slice(0, 60)).ready
    assert decide(read(a_fearful_document()), bars.slice(0, 64)).ready


def test_the_data_hash_tells_inputs_apart_and_leaves_plain_bars_as_they_were() -> None:
    plain = a_wild_market(50)
    one, other = with_fear(plain), with_fear(plain, known_from=3)
    assert len({plain.data_hash, one.data_hash, other.data_hash}) == 3
    assert BarColumns(**{name: getattr(plain, name) for name in (*_NAMES, "timeframe_ms")}).data_hash == plain.data_hash
    assert simulate(read(a_fearful_document()), one).manifest["data"] == one.data_hash


def test_inputs_are_cut_with_their_bars() -> None:
    bars = with_fear(a_wild_market(50))
    assert bars.slice(10, 20).more["fear"].tolist() == bars.more["fear"][10:20].tolist()
    cut = bars.between(int(bars.ts[5]), int(bars.ts[9]))
    assert cut.more["fear"].tolist() == bars.more["fear"][5:9].tolist()


def test_a_clean_document_with_inputs_passes_the_checks_of_look_ahead_and_warm_up() -> None:
    document, bars = read(a_fearful_document()), with_fear(a_wild_market(1_000), known_from=400)
    assert look_ahead(document, bars).findings == ()
    assert check_warm_up(document, bars).findings == ()


@pytest.mark.parametrize(
    ("inputs", "code", "place"),
    [
        ({"fear": {"kind": "series", "series": "fear_greed:value"}}, "missing", "/inputs/fear/max_age"),
        ({"fear": FEAR | {"age": "3d"}}, "unknown_setting", "/inputs/fear/age"),
        ({"fear": FEAR | {"max_age": "soon"}}, "wrong_form", "/inputs/fear/max_age"),
        ({"fear": FEAR | {"series": "fear"}}, "wrong_form", "/inputs/fear/series"),
        ({"fear": {"kind": "oracle"}}, "union_tag_invalid", "/inputs/fear"),
        ({"fear": {"kind": "model", "model": "best"}}, "wrong_form", "/inputs/fear/model"),
        ({"series": {"kind": "series", "series": "a:b"}}, "missing", "/inputs/series/max_age"),
        ({"close": FEAR}, "name_taken", "/inputs/close"),
        ({"calm": FEAR}, "name_taken", "/inputs/calm"),
    ],
)
def test_an_input_that_is_written_wrongly_is_refused_at_its_place(
    inputs: dict[str, object], code: str, place: str
) -> None:
    _, reasons = inspect(a_fearful_document(inputs=inputs))
    assert (code, place) in [(one.code, one.place) for one in reasons]


async def test_stored_observations_come_with_the_bars_as_they_were_known(
    database: Database, workspace: UUID, tmp_path: Path
) -> None:
    series = await a_series(database, workspace, tmp_path)
    start = datetime.fromtimestamp(START_MS / 1_000, UTC)
    await store_fear(database, workspace, tmp_path, {0: 20, 1: 60, 2: 30})
    document = read(a_fearful_document(inputs={"fear": FEAR | {"max_age": "2d"}}))
    async with database.session(workspace) as session:
        columns, first = await bars_for(session, document, series, Span(start, start + timedelta(days=6)))
    fear = columns.more["fear"]
    assert first == 0
    assert np.isnan(fear[:23]).all()
    assert (fear[23:47] == 20).all()
    assert (fear[47:71] == 60).all()
    assert (fear[71 : 71 + 49] == 30).all()
    assert np.isnan(fear[120:]).all()


async def test_a_span_before_the_first_observation_is_refused_at_the_input(
    database: Database, workspace: UUID, tmp_path: Path
) -> None:
    series = await a_series(database, workspace, tmp_path)
    await store_fear(database, workspace, tmp_path, {300: 20})
    async with database.session(workspace) as session:
        columns, _ = await bars_for(session, read(a_fearful_document()), series, None)
    with pytest.raises(Refusal) as refused:
        simulate(read(a_fearful_document()), columns)
    assert (refused.value.code, refused.value.place) == ("input_missing", "/inputs/fear")


async def test_observations_that_nobody_stored_are_refused_at_their_place(
    database: Database, workspace: UUID, tmp_path: Path
) -> None:
    series = await a_series(database, workspace, tmp_path)
    async with database.session(workspace) as session:
        with pytest.raises(Refusal) as refused:
            await bars_for(session, read(a_fearful_document()), series, None)
    assert (refused.value.code, refused.value.place) == ("observed_unknown", "/inputs/fear/series")


async def store_fear(database: Database, workspace: UUID, folder: Path, days: dict[int, int]) -> None:
    path = folder / "fear.csv"
    lines = [f"{START_MS + day * DAY_MS},{value},alternative.me fear & greed" for day, value in days.items()]
    path.write_text("\n".join(["ts,value,index", *lines]))
    async with database.session(workspace) as session:
        await import_file(session, path, name=path.name, now=utc_now())
