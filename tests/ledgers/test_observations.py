"""Observations: files in, what could be known when, and what is told of rows that cannot be believed."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest

from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.ledgers.observations import known_at, list_observed, newest
from omc.ledgers.rules import DAY_MS, Fate
from omc.ledgers.service import list_imports
from tests.ledgers.builders import Take

HOUR_MS = 3_600_000
NEW_YEAR = 1_704_067_200_000  # 2024-01-01 00:00 UTC

SECOND = NEW_YEAR + 8 * HOUR_MS + 7
FUNDING = f"""ts,funding_rate,venue,symbol
{NEW_YEAR},0.0001,bybit,BTC/USDT:USDT
{SECOND},-0.0002,bybit,BTC/USDT:USDT
"""
FEAR = "ts,value,index\n2024-01-01,65,alternative.me fear & greed\n2024-01-02,71,alternative.me fear & greed\n"


async def known(
    database: Database, workspace: UUID, name: str, *closes: int, max_age_ms: int = 3 * DAY_MS
) -> list[float]:
    async with database.session(workspace) as session:
        column = await known_at(session, name, np.asarray(closes), max_age_ms=max_age_ms, place="/inputs/x/series")
    return [float(value) for value in column]


async def test_a_funding_rate_is_known_at_its_time(take: Take, database: Database, workspace: UUID) -> None:
    done = await take(FUNDING, "funding.csv")
    assert (done.status, done.rows_kept, [one.name for one in done.observed]) == (
        Fate.KEPT,
        2,
        ["funding:BTC/USDT:USDT"],
    )
    found = await known(database, workspace, "funding:BTC/USDT:USDT", NEW_YEAR - 1, NEW_YEAR, SECOND - 1, SECOND)
    assert np.isnan(found[0])
    assert found[1:] == [0.0001, 0.0001, -0.0002]


async def test_a_figure_of_a_day_is_known_when_the_day_is_over(take: Take, database: Database, workspace: UUID) -> None:
    await take(FEAR, "index.csv")
    closes = (NEW_YEAR + DAY_MS - 1, NEW_YEAR + DAY_MS, NEW_YEAR + 2 * DAY_MS)
    found = await known(database, workspace, "fear_greed:value", *closes)
    assert np.isnan(found[0])
    assert found[1:] == [65.0, 71.0]


async def test_an_observation_counts_no_longer_than_its_age(take: Take, database: Database, workspace: UUID) -> None:
    await take(FEAR, "index.csv")
    last = NEW_YEAR + 2 * DAY_MS
    found = await known(database, workspace, "fear_greed:value", last + DAY_MS, last + DAY_MS + 1, max_age_ms=DAY_MS)
    assert found[0] == 71.0
    assert np.isnan(found[1])


async def test_a_file_may_say_itself_when_a_value_was_seen(take: Take, database: Database, workspace: UUID) -> None:
    await take("ts,series,value,seen_ts\n2024-01-01,mine:mood,7,2024-01-05\n", "mine.csv")
    found = await known(database, workspace, "mine:mood", NEW_YEAR + 4 * DAY_MS - 1, NEW_YEAR + 4 * DAY_MS)
    assert np.isnan(found[0])
    assert found[1] == 7.0


async def test_a_wide_table_is_one_series_for_each_asset_and_figure(take: Take) -> None:
    done = await take("ts,asset,AdrActCnt,HashRate\n2024-01-01,btc,900000,\n2024-01-01,eth,500000,3.5\n", "chain.csv")
    names = [one.name for one in done.observed]
    assert names == ["onchain:BTC:AdrActCnt", "onchain:ETH:AdrActCnt", "onchain:ETH:HashRate"]
    assert (done.rows_read, done.rows_kept, done.rows_quarantined) == (2, 3, 0)


async def test_the_same_file_again_changes_nothing(take: Take) -> None:
    await take(FEAR, "index.csv")
    again = await take(FEAR, "index.csv")
    assert (again.status, again.rows_kept, again.rows_unchanged) == (Fate.UNCHANGED, 0, 2)
    assert [one.name for one in again.observed] == ["fear_greed:value"]


async def test_more_of_a_series_adds_to_it(take: Take, database: Database, workspace: UUID) -> None:
    await take(FEAR, "index.csv")
    more = await take(FEAR + "2024-01-03,50,alternative.me fear & greed\n", "index.csv")
    assert (more.status, more.rows_kept, more.rows_unchanged) == (Fate.KEPT, 1, 2)
    async with database.session(workspace) as session:
        [listed] = await list_observed(session)
    assert (listed.name, listed.rows, listed.end) == ("fear_greed:value", 3, datetime(2024, 1, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("someday,5,alternative.me fear & greed", "time_unreadable"),
        ("1970-01-02,5,alternative.me fear & greed", "time_too_early"),
        ("2999-01-01,5,alternative.me fear & greed", "time_in_future"),
        ("2024-01-03,many,alternative.me fear & greed", "not_a_number"),
        ("2024-01-03,,alternative.me fear & greed", "not_a_number"),
        ("2024-01-03,5,&&&", "symbol_unreadable"),
        ("2024-01-02,71,alternative.me fear & greed", "duplicate_row"),
        ("2024-01-02,72,alternative.me fear & greed", "contradicting_row"),
    ],
)
async def test_a_row_that_cannot_be_believed_is_left_out_and_told(take: Take, row: str, code: str) -> None:
    done = await take(f"{FEAR}{row}\n", "index.csv")
    assert (done.status, done.rows_kept, done.rows_quarantined) == (Fate.PARTLY, 2, 1)
    assert [(one.line, one.code) for one in done.problems] == [(4, code)]


async def test_a_value_that_contradicts_a_stored_one_is_told_and_the_stored_one_kept(
    take: Take, database: Database, workspace: UUID
) -> None:
    await take(FEAR, "index.csv")
    done = await take(FEAR.replace(",71,", ",17,"), "index.csv")
    assert [(one.line, one.code) for one in done.problems] == [(3, "conflicts_with_stored")]
    assert await known(database, workspace, "fear_greed:value", NEW_YEAR + 2 * DAY_MS) == [71.0]


async def test_rates_of_another_venue_do_not_mix_into_a_series(take: Take) -> None:
    await take(FUNDING, "funding.csv")
    done = await take(FUNDING.replace("bybit", "okx"), "funding.csv")
    assert (done.status, done.problems[0].code) == (Fate.REFUSED, "other_source")


async def test_a_name_that_is_not_stored_is_refused_with_what_there_is(
    take: Take, database: Database, workspace: UUID
) -> None:
    await take(FEAR, "index.csv")
    with pytest.raises(Refusal) as refused:
        await known(database, workspace, "fear_greed:mood", NEW_YEAR)
    assert (refused.value.code, refused.value.place) == ("observed_unknown", "/inputs/x/series")
    assert "fear_greed:value" in refused.value.text


def test_what_is_seen_late_about_an_earlier_time_tells_nothing_new() -> None:
    ts, seen = np.asarray([10, 30, 20]), np.asarray([11, 31, 40])
    column = newest(ts, seen, np.asarray([1.0, 3.0, 2.0]), np.asarray([11, 31, 40, 50]), max_age_ms=100)
    assert column.tolist() == [1.0, 3.0, 3.0, 3.0]


async def test_another_workspace_sees_none_of_it(take: Take, database: Database) -> None:
    await take(FEAR, "index.csv")
    async with database.session(uuid4()) as session:
        assert await list_observed(session) == []


@pytest.mark.parametrize(
    ("file", "kept", "series"),
    [
        ("funding/binanceusdm_8h_BTC_ETH_LTC_2023-01_2024-05.parquet", 4_494, 3),
        ("sentiment/fear_greed_daily_2018_2024.parquet", 2_522, 1),
        ("onchain/btc_network_daily_2009_2024.parquet", 11_684, 2),
    ],
)
async def test_real_files_are_taken_in_whole(take: Take, shared_data: Path, file: str, kept: int, series: int) -> None:
    done = await take(shared_data / file, Path(file).name, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert (done.status, done.rows_quarantined) == (Fate.KEPT, 0)
    assert (done.rows_kept, len(done.observed)) == (kept, series)


# --- what an import costs ---------------------------------------------------------------------------------------------

CHILD = """
import asyncio, sys
from pathlib import Path
from uuid import UUID
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.ledgers.imports import import_file

async def main(url, workspace, path):
    async with Database(url).session(UUID(workspace)) as session:
        done = await import_file(session, Path(path), name=Path(path).name, now=utc_now())
    print(done.status.value, done.rows_kept, "polars" in sys.modules)

asyncio.run(main(*sys.argv[1:]))
"""
CANDLES = f"""ts,open,high,low,close,volume,symbol,timeframe
{NEW_YEAR},1,2,1,2,5,BTC/USDT,1h
{NEW_YEAR + HOUR_MS},2,3,2,3,5,BTC/USDT,1h
"""


@pytest.mark.parametrize(("text", "loads"), [(CANDLES, False), (FUNDING, True)])
def test_candles_as_csv_load_no_polars(
    app_url: str, workspace: UUID, tmp_path: Path, text: str, *, loads: bool
) -> None:
    """In a process of its own, as this one has loaded it long since."""
    path = tmp_path / "rows.csv"
    path.write_text(text)
    command = [sys.executable, "-c", CHILD, app_url, str(workspace), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == f"kept 2 {loads}"


async def test_a_header_that_is_too_long_for_a_table_is_refused_as_candles_would_be(take: Take) -> None:
    done = await take("ts,value,index," + ",".join(f"column_{at}" for at in range(10_000)) + "\n1,2,3\n", "wide.csv")
    assert (done.status, done.problems[0].code) == (Fate.REFUSED, "line_too_long")


async def test_an_import_lists_the_series_that_it_touched_and_no_others(
    take: Take, database: Database, workspace: UUID
) -> None:
    await take(FEAR, "index.csv")
    await take(FUNDING, "funding.csv")
    candles = await take(CANDLES, "candles.csv")
    assert (len(candles.series), list(candles.observed)) == (1, [])
    again = await take(FUNDING, "funding.csv")
    assert [one.name for one in again.observed] == ["funding:BTC/USDT:USDT"]
    async with database.session(workspace) as session:
        listed, _ = await list_imports(session)
        every = await list_observed(session)
        assert await list_observed(session, [every[0].id]) == every[:1]
        assert await list_observed(session, []) == []
    assert [[one.name for one in done.observed] for done in listed] == [
        [],
        ["funding:BTC/USDT:USDT"],
        ["fear_greed:value"],
    ]
