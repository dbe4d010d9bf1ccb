"""Taking in a file: the good part is kept, the rest is named by line and reason, and nothing is half-written."""

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text

from omc.core.market import Span
from omc.kit import events
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.ledgers.frames import bars
from omc.ledgers.rules import Fate, Imported
from omc.ledgers.service import find_series, list_gaps, list_imports, list_quarantine, list_series
from omc.ledgers.tables import ImportRow
from tests.ledgers.builders import START, Take, row, table


def reasons(imported: Imported) -> dict[int, str]:
    """Line to code of the reported rows."""
    return {problem.line: problem.code for problem in imported.problems}


async def test_a_clean_file_becomes_a_series_with_its_coverage(take: Take) -> None:
    done = await take(table(*(row(hour) for hour in (0, 1, 2, 5, 6))))
    assert (done.status, done.rows_kept, done.rows_quarantined) == (Fate.KEPT, 5, 0)
    (series,) = done.series
    assert (series.venue, series.symbol, series.timeframe) == ("binance", "BTC/USDT", "1h")
    assert (series.bars, series.gaps, series.missing) == (5, 1, 2)
    assert (series.start, series.end) == (START, START + timedelta(hours=7))


async def test_each_bad_row_is_left_out_with_its_line_and_reason_and_the_rest_is_kept(take: Take) -> None:
    done = await take(
        table(
            row(0),
            row(1, low="-9"),
            row(2, close="NaN"),
            row(3, high="8"),
            row(4, volume="-1"),
            row(24 * 365 * 30),
            row(5),
            row(5),
            row(5, close="10.6"),
            row(6, ts="yesterday"),
            row(7, open="1.234.567"),
            row(8) + ",9",
            row(9, symbol="???"),
            row(10, timeframe="1 fortnight"),
            row(11, ts="2024-01-01T11:20:00Z"),
            row(12, ts="1970-01-01T00:00:00Z"),
            row(13),
        )
    )
    assert reasons(done) == {
        3: "price_not_positive",
        4: "not_a_number",
        5: "high_below_low",
        6: "volume_negative",
        7: "time_in_future",
        9: "duplicate_row",
        10: "contradicting_row",
        11: "time_unreadable",
        12: "not_a_number",
        13: "wrong_number_of_fields",
        14: "symbol_unreadable",
        15: "timeframe_unreadable",
        16: "time_off_grid",
        17: "time_too_early",
    }
    assert (done.status, done.rows_kept, done.rows_quarantined, done.rows_read) == (Fate.PARTLY, 3, 14, 17)
    assert [problem.raw for problem in done.problems][1].split(",")[4] == "NaN"


async def test_a_bar_that_has_not_closed_yet_is_left_out(take: Take) -> None:
    done = await take(table(row(0), row(1), row(2)), now=START + timedelta(hours=2, minutes=30))
    assert reasons(done) == {4: "bar_not_closed"}
    assert done.rows_kept == 2


async def test_rows_out_of_order_are_kept_in_their_place_and_reported(
    take: Take, database: Database, workspace: UUID
) -> None:
    done = await take(table(row(0), row(1), row(3), row(2), row(4), row(5)))
    assert (done.status, done.rows_kept, reasons(done)) == (Fate.KEPT, 6, {5: "out_of_order"})
    assert done.problems[0].kept
    async with database.session(workspace) as session:
        columns = await bars(session, done.series[0].id)
    assert len(columns) == 6


async def test_a_file_that_runs_backwards_is_no_disorder(take: Take) -> None:
    done = await take(table(*(row(hour) for hour in reversed(range(9)))))
    assert (done.status, done.rows_kept, done.problems) == (Fate.KEPT, 9, ())


async def test_the_same_file_twice_changes_nothing(take: Take, database: Database, workspace: UUID) -> None:
    content = table(row(0), row(1), row(2))
    first, second = await take(content), await take(content)
    assert (second.status, second.id, second.rows_kept, second.rows_unchanged) == (Fate.UNCHANGED, first.id, 0, 3)
    async with database.session(workspace) as session:
        assert len((await list_imports(session))[0]) == 1
        assert len(await events.read(session, "imports")) == 1


async def test_a_partly_kept_file_twice_changes_nothing_either(take: Take, database: Database, workspace: UUID) -> None:
    content = table(row(0), row(1, low="-1"), row(2), row(2))
    first, second = await take(content), await take(content)
    assert (second.status, second.id, second.rows_quarantined) == (Fate.UNCHANGED, first.id, 2)
    async with database.session(workspace) as session:
        (series,) = await list_series(session)
        assert (series.bars, series.quarantined) == (2, 1 + 1)
        assert len((await list_imports(session))[0]) == 1


async def test_an_overlapping_file_adds_only_what_is_new(take: Take) -> None:
    await take(table(row(0), row(1), row(2)))
    done = await take(table(row(1), row(2), row(3)))
    assert (done.status, done.rows_kept, done.rows_unchanged) == (Fate.KEPT, 1, 2)
    assert done.series[0].bars == 4


async def test_a_bar_that_contradicts_a_stored_one_is_quarantined_and_the_stored_one_stays(
    take: Take, database: Database, workspace: UUID
) -> None:
    await take(table(row(0), row(1), row(2)))
    done = await take(table(row(1, close="10.9"), row(2), row(3)))
    assert (done.status, done.rows_kept, reasons(done)) == (Fate.PARTLY, 1, {2: "conflicts_with_stored"})
    async with database.session(workspace) as session:
        columns = await bars(session, done.series[0].id)
    assert columns.close.tolist() == [10.5] * 4


async def test_two_symbols_and_two_timeframes_become_separate_series(take: Take) -> None:
    days = [row(24 * day, timeframe="1d") for day in range(4)]
    done = await take(table(row(0), row(0, symbol="ETHUSDT"), row(1), row(1, symbol="eth-usdt"), *days))
    named = {(series.symbol, series.timeframe): series.bars for series in done.series}
    assert named == {("BTC/USDT", "1h"): 2, ("ETH/USDT", "1h"): 2, ("BTC/USDT", "1d"): 4}


async def test_timeframes_mixed_without_a_column_refuse_the_file(take: Take) -> None:
    cut = HEADLESS + "\n".join(
        f"{int((START + timedelta(hours=hour)).timestamp())},10,11,9,10,1" for hour in (*range(20), *range(24, 480, 24))
    )
    done = await take(cut, "BTC-USDT.csv")
    assert (done.status, reasons(done), done.rows_kept, done.series) == (Fate.REFUSED, {0: "timeframes_mixed"}, 0, ())


async def test_a_timeframe_that_the_rows_deny_refuses_the_file(take: Take) -> None:
    lines = [row(0, ts=(START + timedelta(minutes=5 * count)).isoformat()) for count in range(40)]
    done = await take(table(*lines))
    assert (done.status, reasons(done)) == (Fate.REFUSED, {0: "timeframe_mismatch"})


HEADLESS = "time,open,high,low,close,volume\n"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "empty.csv", "file_empty"),
        (table().encode(), "header.csv", "no_candles"),
        (b"id,price,amount\n1,2,3\n", "trades.csv", "schema_wrong"),
        (b"1605499846,15993.5,0.026472,ANY\n", "trades.csv", "schema_wrong"),
        (b"PAR1" + bytes(100), "cut.parquet", "parquet_cut"),
        (b"PAR1" + bytes(range(200)) + b"PAR1", "damaged.parquet", "parquet_broken"),
        (table(row(0)).encode(), "really.parquet", "file_not_what_it_says"),
        (gzip.compress(table(row(0)).encode()), "candles.csv", "file_foreign"),
        (b"PK\x03\x04 a workbook", "candles.csv", "file_foreign"),
        (b"\x89PNG\r\n", "candles.csv", "file_foreign"),
        (b"<!doctype html><html>", "candles.csv", "file_foreign"),
        (b'{"klines": []}', "candles.csv", "file_foreign"),
        (b"MZ\0\0\x01\x02", "candles.csv", "file_foreign"),
        (b"version https://git-lfs.github.com/spec/v1\n", "x.parquet", "file_foreign"),
        (HEADLESS.encode() + b"1700000000,1,2,1,1,1\n" * 3, "nothing.csv", "symbol_unknown"),
        (HEADLESS.encode() + b"1700000400,1,2,1,1,1\n", "BTC-USDT.csv", "timeframe_unknown"),
        (b"time,open,open,high,low,close,volume\n", "twice.csv", "column_twice"),
        (b"x" * 70_000, "long.csv", "line_too_long"),
        (table(row(0, venue="synthetic")).encode(), "candles.csv", "venue_reserved"),
    ],
)
async def test_a_file_that_is_no_table_of_candles_is_refused_whole_with_a_sentence(
    take: Take, database: Database, workspace: UUID, content: bytes, name: str, code: str
) -> None:
    done = await take(content, name)
    assert (done.status, done.problems[0].code, done.rows_kept) == (Fate.REFUSED, code, 0)
    assert len(done.problems[0].reason) > 20
    async with database.session(workspace) as session:
        assert await list_series(session) == []
        assert (await list_imports(session))[0][0].status is Fate.REFUSED


async def test_a_broken_file_leaves_no_bar_behind_when_it_breaks_late(
    take: Take, database: Database, workspace: UUID
) -> None:
    done = await take(table(*(row(hour) for hour in range(70_000 // 10)), "y" * 70_000))
    assert (done.status, done.problems[0].code, done.problems[0].line) == (Fate.REFUSED, "line_too_long", 7_002)
    async with database.session(workspace) as session:
        assert await session.scalar(text("SELECT count(*) FROM ledgers_bar")) == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
async def test_marks_of_byte_order_semicolons_and_decimal_commas_are_read(take: Take, encoding: str) -> None:
    lines = ["Date;Open;High;Low;Close;Volume", "2024-01-01 00:00;1,5;2,5;1,0;2,0;7", "2024-01-01 01:00;2,0;2,5;1;2;8"]
    done = await take("\r\n".join(lines).encode(encoding), "kraken_BTC-EUR_1h.csv")
    assert (done.status, done.rows_kept) == (Fate.KEPT, 2)
    assert (done.series[0].venue, done.series[0].symbol) == ("kraken", "BTC/EUR")


@pytest.mark.parametrize("factor", [1, 1_000, 1_000_000, 1_000_000_000])
async def test_unix_times_are_read_in_every_usual_unit(take: Take, factor: int) -> None:
    first = int(START.timestamp())
    lines = [f"{(first + 300 * count) * factor},1,2,1,1,1" for count in range(5)]
    done = await take(HEADLESS + "\n".join(lines), symbol="BTC/USDT", venue="okx")
    assert (done.series[0].timeframe, done.series[0].start) == ("5m", START)


async def test_a_single_candle_needs_no_distance_when_its_timeframe_is_said(take: Take) -> None:
    done = await take(HEADLESS + "1704067200,1,2,1,1,1\n", symbol="BTC/USDT", timeframe="1h")
    assert (done.status, done.rows_kept, done.series[0].timeframe) == (Fate.KEPT, 1, "1h")


async def test_exchange_downloads_without_a_header_are_read_with_what_their_name_says(take: Take) -> None:
    first = int(START.timestamp()) * 1_000
    lines = [f"{first + 3_600_000 * n},1,2,1,1,5,{first + 3_600_000 * n + 3_599_999},9,3,1,1,0" for n in range(4)]
    done = await take("\n".join(lines), "BTCUSDT-1h-2024-01.csv")
    assert (done.status, done.series[0].symbol, done.series[0].timeframe) == (Fate.KEPT, "BTC/USDT", "1h")
    kraken = [f"{first // 1_000 + 3_600 * n},1,2,1,1,5,3" for n in range(4)]
    done = await take("\n".join(kraken), "XBTUSD_60.csv")
    assert (done.status, done.series[0].symbol, done.series[0].timeframe) == (Fate.KEPT, "BTC/USD", "1h")


async def test_an_unclosed_quote_costs_one_row_and_not_the_file(take: Take) -> None:
    done = await take(table(row(0), row(1, symbol='"BTC/USDT'), '"?', row(2)))
    assert (done.rows_kept, reasons(done)) == (3, {4: "wrong_number_of_fields"})


async def test_more_bad_rows_than_are_kept_one_by_one_are_all_counted(
    take: Take, database: Database, workspace: UUID
) -> None:
    done = await take(table(row(0), row(1), *(row(hour, low="0") for hour in range(2, 2_502))))
    assert (done.rows_quarantined, len(done.problems)) == (2_500, 100)
    async with database.session(workspace) as session:
        assert await session.scalar(text("SELECT count(*) FROM ledgers_quarantine")) == 1_000
        page, following = await list_quarantine(session, done.id, after=200)
    assert (page[0].line, following) == (204, 400)


async def test_two_imports_of_one_file_at_once_store_it_once(take: Take, database: Database, workspace: UUID) -> None:
    content = table(*(row(hour) for hour in range(500)))
    one, two = await asyncio.gather(take(content), take(content))
    assert sorted([one.rows_kept, two.rows_kept]) == [0, 500]


async def test_a_file_that_is_not_there_is_refused(take: Take, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="No such file"):
        await take(tmp_path / "nowhere.csv", "nowhere.csv")


async def test_a_directory_is_no_file(take: Take, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="is no file"):
        await take(tmp_path, "directory.csv")


async def test_a_file_of_two_gigabytes_is_refused_unread_with_what_to_do(
    take: Take, database: Database, workspace: UUID, tmp_path: Path
) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(2 * 1024**3)
    done = await take(large, "large.csv")
    assert (done.status, done.problems[0].code) == (Fate.REFUSED, "file_too_large")
    async with database.session(workspace) as session:
        content = await session.scalar(select(ImportRow.sha256).where(ImportRow.id == done.id))
    assert content == f"not read, {2 * 1024**3} bytes"
    assert "the limit is 1024 MiB; split it" in done.problems[0].reason


async def test_what_is_said_about_a_file_must_be_readable(take: Take) -> None:
    with pytest.raises(Refusal, match="symbol cannot be read"):
        await take(table(row(0)), symbol="?")


async def test_a_bar_is_not_read_before_it_could_be_known(take: Take, database: Database, workspace: UUID) -> None:
    done = await take(table(*(row(hour) for hour in range(10))))
    async with database.session(workspace) as session:
        seen = await bars(session, done.series[0].id, as_of=START + timedelta(hours=4, minutes=59))
        spanned = await bars(session, done.series[0].id, Span(START + timedelta(hours=2), START + timedelta(hours=4)))
    assert (len(seen), len(spanned)) == (4, 2)


async def test_a_file_may_say_when_a_bar_was_seen_but_never_before_its_close(
    take: Take, database: Database, workspace: UUID
) -> None:
    late = (START + timedelta(days=1)).isoformat()
    early = START.isoformat()
    header = "ts,open,high,low,close,volume,venue,symbol,timeframe,seen_ts"
    done = await take(table(f"{row(0)},{late}", f"{row(1)},{early}", header=header))
    async with database.session(workspace) as session:
        seen = await bars(session, done.series[0].id, as_of=START + timedelta(hours=2))
    assert seen.ts.tolist() == [int((START + timedelta(hours=1)).timestamp() * 1_000)]


async def test_another_workspace_sees_nothing_of_it(take: Take, database: Database) -> None:
    done = await take(table(row(0), row(1)))
    async with database.session(None) as session:
        assert await session.scalar(text("SELECT count(*) FROM ledgers_bar")) == 0
        with pytest.raises(Refusal, match="no such series"):
            await bars(session, done.series[0].id)


async def test_a_stored_bar_cannot_be_changed_by_the_app(take: Take, database: Database, workspace: UUID) -> None:
    await take(table(row(0), row(1)))
    with pytest.raises(Exception, match="permission denied"):
        async with database.session(workspace) as session:
            await session.execute(text("UPDATE ledgers_bar SET close = 1"))


async def test_finding_a_series_that_is_not_there_tells_what_is(
    take: Take, database: Database, workspace: UUID
) -> None:
    async with database.session(workspace) as session:
        with pytest.raises(Refusal, match="omc data import FILE"):
            await find_series(session, symbol="BTC/USDT", timeframe="1h")
    await take(table(row(0), row(1)))
    async with database.session(workspace) as session:
        found = await find_series(session, symbol="btcusdt", timeframe="60m")
        assert found.bars == 2
        with pytest.raises(Refusal, match="BTC/USDT 1h"):
            await find_series(session, symbol="DOGE/USDT", timeframe="1h")


async def test_gaps_name_the_hole_half_open(take: Take, database: Database, workspace: UUID) -> None:
    done = await take(table(row(0), row(1), row(5), row(6)))
    async with database.session(workspace) as session:
        (gap,) = await list_gaps(session, done.series[0].id)
    hours = [datetime(2024, 1, 1, hour, tzinfo=UTC) for hour in (2, 5)]
    assert (gap.start, gap.end, gap.missing) == (*hours, 3)
