"""A seal covers its market: through no door does anybody see a bar of it, of whatever length, from whichever venue.

Nor does anybody see beyond it what is observed of its base asset.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import numpy as np
import pytest

from omc.core.ids import SessionId, WorkspaceId
from omc.core.market import Span
from omc.engine import document_hash, exams, service
from omc.engine.data import bars_for
from omc.engine.inputs import resolved
from omc.engine.learning import store as models
from omc.engine.records import Request
from omc.engine.work import JOBS
from omc.floor.cards import Wish, make_card
from omc.floor.rules import Feed
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.work import Context, work
from omc.lab.tools.base import ToolContext
from omc.lab.tools.catalogue import list_markets
from omc.lab.tools.market import measure_bars
from omc.ledgers import frames, seals
from omc.ledgers.imports import import_file, said
from omc.ledgers.rules import Series
from tests.engine.builders import HOUR_MS, START_MS, a_document, a_walk
from tests.engine.learning.specs import a_spec
from tests.engine.series import several
from tests.floor import builders as floor

HOURS = 400
FIRST = datetime.fromtimestamp(START_MS / 1_000, UTC)
EDGE = FIRST + timedelta(hours=301)  # a bar of four hours opens before it and closes behind it
SEALED = Span(EDGE, FIRST + timedelta(hours=380))
EDGE_MS = round(EDGE.timestamp() * 1_000)
WAYS = {"its own": ("1h", "binance"), "longer bars": ("4h", "binance"), "another venue": ("1h", "kraken")}


async def a_series(database: Database, workspace: UUID, folder: Path, timeframe: str, venue: str) -> Series:
    step = {"1h": 1, "4h": 4}[timeframe]
    rows = [f"{START_MS + hour * 3_600_000},{100 + hour % 7},110,90,101,5" for hour in range(0, HOURS, step)]
    file = folder / f"{venue}-{timeframe}.csv"
    file.write_text("\n".join(["ts,open,high,low,close,volume", *rows]))
    about = said(symbol="BTC/USDT", timeframe=timeframe, venue=venue)
    async with database.session(workspace) as session:
        done = await import_file(session, file, name=file.name, now=utc_now(), said=about)
    return done.series[0]


@pytest.fixture
async def market(database: Database, workspace: UUID, tmp_path: Path) -> dict[str, Series]:
    """Three series of one market; the first one is sealed."""
    found = {way: await a_series(database, workspace, tmp_path, *what) for way, what in WAYS.items()}
    async with database.session(workspace) as session:
        await exams.seal(session, found["its own"], SEALED, by="ada", now=utc_now())
    return found


async def refused(database: Database, workspace: UUID, asked: Request) -> str:
    with pytest.raises(Refusal) as refusal:
        async with database.session(workspace) as session:
            await service.request_backtest(session, asked, now=utc_now())
    return refusal.value.code


@pytest.mark.parametrize("way", WAYS)
async def test_no_read_goes_beyond_the_seal(
    database: Database, workspace: UUID, market: dict[str, Series], way: str
) -> None:
    series = market[way]
    document = a_document(timeframe=series.timeframe)
    async with database.session(workspace) as session:
        assert await seals.until(session, series.id) == EDGE
        assert (await seals.lasts(session, list(market.values())))[series.id] == EDGE
        plain = await frames.bars(session, series.id)
        asked = await frames.bars(session, series.id, Span(FIRST, SEALED.end))
        behind = await frames.bars(session, series.id, Span(EDGE, SEALED.end))
        tested, _ = await bars_for(session, document, series, None)
        read = await frames.bars(session, series.id, sealed=True)
    for seen in (plain, asked, tested):
        assert seen.ts[-1] + seen.timeframe_ms <= EDGE_MS < seen.ts[-1] + 2 * seen.timeframe_ms
    assert (len(behind), read.ts[-1] > EDGE_MS) == (0, True)
    for span in (SEALED, Span(FIRST, SEALED.end)):
        asked_for = Request(document=document, series=series, span=span, version_id=None, by="test")
        assert await refused(database, workspace, asked_for) == "sealed"


async def test_another_market_and_made_up_bars_of_the_same_are_open(
    database: Database, workspace: UUID, market: dict[str, Series]
) -> None:
    async with database.session(workspace) as session:
        made = await floor.a_market(session)
        assert made.symbol == market["its own"].symbol
        assert await seals.until(session, made.id) is None
        assert (await seals.lasts(session, [made]))[made.id] == made.end


@pytest.mark.parametrize("way", WAYS)
async def test_no_tool_of_a_session_sees_it(
    context: Context, workspace: UUID, market: dict[str, Series], way: str
) -> None:
    tools = ToolContext(
        database=context.database,
        clock=utc_now,
        workspace_id=WorkspaceId(workspace),
        session_id=SessionId(new_id()),
        model="analyst",
        as_of=utc_now(),
    )
    listed = (await list_markets(tools)).output["markets"]
    assert isinstance(listed, list)
    assert {(row["end"], row["sealed_for_an_exam"]) for row in listed} == {("2024-01-13T13:00:00Z", True)}
    data = (await measure_bars(tools, str(market[way].id))).output["data"]
    assert isinstance(data, dict)
    assert data["end"] <= "2024-01-13T13:00:00Z"
    with pytest.raises(Refusal, match="sealed for an exam"):
        await measure_bars(tools, str(market[way].id), end="2024-01-16")


@pytest.mark.parametrize("way", WAYS)
async def test_a_replay_on_paper_ends_before_it(
    database: Database, workspace: UUID, market: dict[str, Series], way: str
) -> None:
    series = market[way]
    async with database.session(workspace) as session:
        version = await floor.a_version(session, timeframe=series.timeframe)
        wish = Wish(version_id=version.id, series_id=series.id, feed=Feed.REPLAY, limits=floor.limits())
        replayed = await make_card(session, wish)
        followed = await make_card(session, replace(wish, feed=Feed.FOLLOW))
    assert replayed.end_ts is not None
    assert replayed.end_ts <= EDGE
    assert followed.start_ts == series.end, "live trading decides on each bar once, as it comes"


async def test_a_replay_that_runs_ends_where_a_seal_is_set(context: Context, workspace: UUID) -> None:
    deployment = await floor.a_deployment(context.database, workspace)
    row = await floor.look(context.database, workspace, deployment)
    assert row.end_ts is not None
    edge = row.end_ts - timedelta(days=5)
    async with context.database.session(workspace) as session:
        series = await floor.a_market(session)
        await exams.seal(session, series, Span(edge, row.end_ts), by="ada", now=utc_now())
    played = await floor.play(context, workspace, deployment)
    assert (played.state, played.cursor_ts) == ("done", edge - timedelta(hours=1))


async def test_the_exam_is_sat_on_the_bars_that_the_version_is_about_and_once(
    context: Context, workspace: UUID, market: dict[str, Series]
) -> None:
    async with context.database.session(workspace) as session:
        (exam,) = await exams.list_exams(session, series_id=market["another venue"].id)
        version = await floor.a_version(session, timeframe="4h")
        tried = await exams.sit(session, exam, version, by="ada", now=utc_now())
    await work(context, JOBS, until_empty=True)
    async with context.database.session(workspace) as session:
        backtest = await service.get_backtest(session, tried.backtest_id)
        with pytest.raises(Refusal, match="this exam counts once"):
            await exams.sit(session, await exams.get_exam(session, exam.id), version, by="ada", now=utc_now())
    assert (backtest.hash, backtest.series_id) == (document_hash(version.document), market["longer bars"].id)
    assert backtest.result is not None
    equity = backtest.result["equity"]
    assert isinstance(equity, dict)
    assert np.all(np.asarray(equity["ts"]) >= EDGE_MS)


async def test_charts_end_before_it_and_say_so(client: httpx.AsyncClient) -> None:
    ids = []
    for timeframe, venue in WAYS.values():
        step = {"1h": 1, "4h": 4}[timeframe]
        rows = [f"{START_MS + hour * 3_600_000},100,110,90,101,5" for hour in range(0, HOURS, step)]
        content = "\n".join(["ts,open,high,low,close,volume", *rows])
        about = {"symbol": "BTC/USDT", "timeframe": timeframe, "venue": venue}
        done = await client.post("/api/v1/ledgers/imports", files={"file": ("bars.csv", content)}, data=about)
        ids.append(done.json()["series"][0]["id"])
    seal = {"series_id": ids[0], "start": SEALED.start.isoformat(), "end": SEALED.end.isoformat()}
    assert (await client.post("/api/v1/engine/exams", json=seal)).status_code == 201
    for one in ids:
        chart = (await client.get("/api/v1/ledgers/bars", params={"series_id": one})).json()
        assert (chart["ts"][-1] < EDGE_MS, chart["sealed_from"]) == (True, "2024-01-13T13:00:00Z")
        behind = await client.get("/api/v1/ledgers/bars", params={"series_id": one, "start": SEALED.end.isoformat()})
        assert (behind.status_code, "sealed for an exam" in behind.text) == (409, True)
        early = {"series_id": one, "end": FIRST.isoformat().replace("2024-01-01", "2024-01-05")}
        assert (await client.get("/api/v1/ledgers/bars", params=early)).json()["sealed_from"] is None


# --- what is observed of it -------------------------------------------------------------------------------------------

TELLING = ("funding:BTC/USDT:USDT", "onchain:BTC:PriceUSD")
GENERAL = ("fear_greed:value", "funding:ETH/USDT:USDT")


@pytest.fixture
async def ether(database: Database, workspace: UUID, market: dict[str, Series], tmp_path: Path) -> Series:
    """Bars of a market that is not sealed, and hourly observations of both markets and of none."""
    assert market
    series = (await several(database, workspace, tmp_path, {"ETH/USDT": a_walk(HOURS)}))[0]
    rows = [f"{START_MS + hour * HOUR_MS},{name},{hour}" for name in (*TELLING, *GENERAL) for hour in range(HOURS)]
    path = tmp_path / "observed.csv"
    path.write_text("\n".join(["ts,series,value", *rows]))
    async with database.session(workspace) as session:
        assert (await import_file(session, path, name=path.name, now=utc_now())).rows_kept == 4 * HOURS
    return series


def reading(name: str) -> dict[str, object]:
    return {"x": {"kind": "series", "series": name, "max_age": "2h"}}


@pytest.mark.parametrize("name", [*TELLING, *GENERAL])
async def test_what_is_observed_of_it_is_read_up_to_the_seal_and_what_tells_of_no_market_beyond(
    database: Database, workspace: UUID, ether: Series, name: str
) -> None:
    inputs = reading(name)
    document = a_document(universe=["ETH/USDT"], inputs=inputs, features={}, entry="x > 1", exit="x < 1")
    spec = a_spec(universe=["ETH/USDT"], inputs=inputs, features={"x_now": "x"})
    asked = models.Training(spec=spec, series=ether, span=None, by="ada")
    async with database.session(workspace) as session:
        before, _ = await bars_for(session, document, ether, Span(FIRST, EDGE))
        assert before.more["x"][-1] == 301
        if name in GENERAL:
            assert (await bars_for(session, document, ether, None))[0].more["x"][-1] == HOURS - 1
            assert (await models.bars_of(session, asked)).more["x"][-1] == HOURS - 1
            return
        for read in (bars_for(session, document, ether, None), models.bars_of(session, asked)):
            with pytest.raises(Refusal) as refused_:
                await read
            assert (refused_.value.code, refused_.value.place) == ("sealed", "/inputs/x/series")
        live = await resolved(session, document, await frames.bars(session, ether.id), symbol="ETH/USDT", sealed=True)
    assert live.more["x"][-1] == HOURS - 1, "live trading and an exam decide on each as it comes"


async def test_its_funding_is_no_cost_of_another_market_beyond_the_seal(
    database: Database, workspace: UUID, ether: Series
) -> None:
    funding = {"kind": "series", "series": TELLING[0]}
    document = a_document(universe=["ETH/USDT"], costs={"fee_bps": "0", "slippage_bps": "0", "funding": funding})
    async with database.session(workspace) as session:
        await bars_for(session, document, ether, Span(FIRST, EDGE))
        with pytest.raises(Refusal) as refused_:
            await bars_for(session, document, ether, None)
    assert (refused_.value.code, refused_.value.place) == ("sealed", "/costs/funding")


async def test_its_own_document_reads_what_is_observed_of_it_to_the_seal_and_the_exam_beyond(
    database: Database, workspace: UUID, market: dict[str, Series], ether: Series
) -> None:
    assert ether
    document = a_document(inputs=reading(TELLING[0]), features={}, entry="x > 1", exit="x < 1")
    async with database.session(workspace) as session:
        tested, _ = await bars_for(session, document, market["its own"], None)
        sat, _ = await bars_for(session, document, market["its own"], SEALED, exam=True)
    assert (tested.more["x"][-1], sat.more["x"][-1]) == (301, 380)


@pytest.mark.parametrize(
    "name", ["oi:BTCUSDT", "oi:BTCUSDT_PERP", "oi:btcusdt-swap", "basis:BTCUSD_240329", "a:btcusdt_oi", "ratio:ETHBTC"]
)
async def test_a_symbol_in_a_name_is_its_market_however_it_is_written(
    database: Database, workspace: UUID, market: dict[str, Series], name: str
) -> None:
    assert market
    async with database.session(workspace) as session:
        assert await seals.until_of(session, name) == EDGE
        assert await seals.until_of(session, name.lower().replace("btc", "sol")) is None


async def test_a_seal_on_made_up_bars_covers_nothing_that_was_observed(
    database: Database, workspace: UUID, ether: Series
) -> None:
    async with database.session(workspace) as session:
        (exam,) = await exams.list_exams(session)
        await exams.break_seal(session, exam, reason="no longer needed", by="ada", now=utc_now())
        made = await floor.a_market(session)
        assert made.start is not None
        await exams.seal(session, made, Span(EDGE, SEALED.end), by="ada", now=utc_now())
        assert await seals.until(session, made.id) == EDGE
        assert await seals.until_of(session, TELLING[0]) is None
