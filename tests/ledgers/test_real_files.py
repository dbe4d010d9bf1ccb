"""The real recordings come in whole, and the outages of the exchanges stay what they were."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from omc.core.market import Span
from omc.kit.db import Database
from omc.ledgers.frames import bars
from omc.ledgers.rules import Fate
from omc.ledgers.service import list_gaps
from tests.ledgers.builders import Take

HALT = datetime(2023, 3, 24, 12, 40, tzinfo=UTC)


async def test_the_halt_of_march_2023_stays_a_hole_of_sixteen_bars(
    take: Take, database: Database, workspace: UUID, shared_data: Path
) -> None:
    name = "binance_BTC-USDT_5m_2022-12_2023-06.parquet"
    done = await take(shared_data / "bars" / name, name)
    assert (done.status, done.rows_kept, done.rows_quarantined) == (Fate.KEPT, 61_040, 0)
    async with database.session(workspace) as session:
        (series,) = done.series
        assert (series.gaps, series.missing) == (1, 16)
        (gap,) = await list_gaps(session, series.id)
        hour = await bars(session, series.id, Span(HALT - timedelta(minutes=10), HALT + timedelta(minutes=90)))
    assert (gap.start, gap.end, gap.missing) == (HALT, HALT + timedelta(minutes=80), 16)
    assert len(hour) == 4


async def test_five_years_of_hours_keep_their_twenty_seven_gaps(take: Take, shared_data: Path) -> None:
    name = "binance_BTC-USDT_1h_2017-08_2022-12.parquet"
    done = await take(shared_data / "bars" / name, name)
    assert (done.status, done.series[0].bars, done.series[0].gaps) == (Fate.KEPT, 46_981, 27)
    assert (await take(shared_data / "bars" / name, name)).status is Fate.UNCHANGED


async def test_hours_that_opened_at_28_minutes_after_an_outage_are_named(take: Take, shared_data: Path) -> None:
    name = "binance_LTC-USDT_1h_2017-12_2022-06.parquet"
    done = await take(shared_data / "bars" / name, name)
    assert (done.status, done.rows_kept, done.rows_quarantined) == (Fate.PARTLY, 39_119 - 43, 43)
    assert {problem.code for problem in done.problems} == {"time_off_grid"}
    assert done.problems[0].line == 1_366


async def test_many_coins_in_one_file_become_a_series_each(take: Take, shared_data: Path) -> None:
    name = "coinmarketcap_daily_2013_2021.parquet"
    done = await take(shared_data / "bars" / name, name)
    assert (done.status, done.rows_kept) == (Fate.KEPT, 29_607)
    assert len(done.series) == len({series.symbol for series in done.series}) > 10


async def test_a_perpetual_and_its_spot_are_never_one_series(take: Take, shared_data: Path) -> None:
    spot = await take(shared_data / "bars" / "binance_ETH-USDT_5m_2022-12_2023-06.parquet", "a.parquet")
    perpetual = await take(shared_data / "bars" / "binanceusdm_ETH-USDT-perp_1h_2023-01_2024-12.parquet", "b.parquet")
    assert spot.series[0].symbol == "ETH/USDT"
    assert perpetual.series[0].symbol == "ETH/USDT:USDT"


@pytest.mark.parametrize(
    "name",
    [
        "bars/coingecko_BTC-USD_daily_price_to_2024.parquet",
        "news/headlines_cryptonews_2021-10_2022-07.parquet",
        "trades/binance_BTCUSDT_trades_2020-11-16.csv",
        "trades/kraken_BCHEUR_trades.csv",
        "trades/binance_BTCUSDT_depth_updates.csv",
        "trades/binance_XRP-ETH_trades_2019-10.parquet",
        "exports/kraken_trades.csv",
        "exports/binance_history.csv",
        "onchain/coinmetrics_metrics_dictionary.csv",
    ],
)
async def test_recordings_that_are_no_candles_are_refused(take: Take, shared_data: Path, name: str) -> None:
    done = await take(shared_data / name, Path(name).name)
    assert (done.status, done.problems[0].code) == (Fate.REFUSED, "schema_wrong")


async def test_an_archive_is_to_be_unpacked(take: Take, shared_data: Path) -> None:
    name = "binance_vision_spot-PEPEUSDT-aggTrades-2024-10-27.zip"
    done = await take(shared_data / "trades" / name, name)
    assert (done.status, done.problems[0].code) == (Fate.REFUSED, "file_foreign")
