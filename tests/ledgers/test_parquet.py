"""What is wrong in a Parquet file is told as in a CSV file, and a file is what its bytes are, whatever its name."""

import tracemalloc
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from omc.ledgers.collectors import reader
from omc.ledgers.rules import Fate
from omc.ledgers.sniff import Kind
from tests.ledgers.builders import NOW, START, Take, row, table

NAME = "binance_BTC-USDT_1h.parquet"
LIMIT_BYTES = 40 * 1024 * 1024
Candle = tuple[int, float, float, float, float, float | None]


def candle(hour: int, *, low: float = 9.0, close: float = 10.5, volume: float | None = 2.5) -> Candle:
    return (int((START + timedelta(hours=hour)).timestamp() * 1_000), 10.0, 11.0, low, close, volume)


def parquet(*candles: Candle) -> bytes:
    columns = dict(zip(("ts", "open", "high", "low", "close", "volume"), zip(*candles, strict=True), strict=True))
    kept = BytesIO()
    pl.DataFrame(columns, strict=False).write_parquet(kept)
    return kept.getvalue()


async def test_each_bad_row_is_left_out_with_its_place_and_reason_and_the_rest_is_kept(take: Take) -> None:
    future = int((NOW - START) / timedelta(hours=1)) + 5
    done = await take(
        parquet(
            candle(0),
            candle(1, low=-9.0),
            candle(2, close=float("nan")),
            candle(3, close=float("inf")),
            candle(4, volume=None),
            candle(5, volume=-1.0),
            candle(future),
            candle(7),
            candle(6),
            candle(7),
            candle(7, close=10.6),
            candle(8),
        ),
        NAME,
    )
    assert {problem.line: problem.code for problem in done.problems} == {
        2: "price_not_positive",
        3: "not_a_number",
        4: "not_a_number",
        5: "not_a_number",
        6: "volume_negative",
        7: "time_in_future",
        9: "out_of_order",
        10: "duplicate_row",
        11: "contradicting_row",
    }
    assert (done.status, done.rows_kept, done.rows_quarantined, done.rows_read) == (Fate.PARTLY, 4, 8, 12)
    assert (await take(parquet(*(candle(hour) for hour in (0, 6, 7, 8))), NAME)).rows_unchanged == 4


async def test_timeframes_mixed_refuse_the_file(take: Take) -> None:
    done = await take(parquet(*(candle(hour) for hour in (*range(20), *range(24, 480, 24)))), "BTC-USDT.parquet")
    assert (done.status, [problem.code for problem in done.problems]) == (Fate.REFUSED, ["timeframes_mixed"])


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (parquet(candle(0), candle(1)), "candles.csv", "file_not_what_it_says"),
        (table(row(0), row(1)).encode(), "candles.pq", "file_not_what_it_says"),
        (parquet(candle(0), candle(1))[:-9], NAME, "parquet_cut"),
        (b"PAR1", NAME, "parquet_cut"),
    ],
)
async def test_a_file_that_is_not_what_its_name_says_is_refused(
    take: Take, content: bytes, name: str, code: str
) -> None:
    done = await take(content, name)
    assert (done.status, done.problems[0].code, done.rows_kept) == (Fate.REFUSED, code, 0)


async def test_a_parquet_file_of_other_things_says_which_columns_are_missing(take: Take) -> None:
    kept = BytesIO()
    pl.DataFrame({"id": [1], "price": [2.0], "amount": [3.0]}).write_parquet(kept)
    done = await take(kept.getvalue(), NAME)
    assert (done.status, done.problems[0].code) == (Fate.REFUSED, "schema_wrong")
    assert "open" in done.problems[0].reason


async def test_a_name_without_an_ending_says_nothing_and_the_bytes_decide(take: Take) -> None:
    done = await take(parquet(*(candle(hour) for hour in range(3))), "binance_BTC-USDT_1h")
    assert (done.status, done.rows_kept) == (Fate.KEPT, 3)


def peak_of(path: Path) -> int:
    """Read a file to its end; return the most memory of our own that was held."""
    tracemalloc.start()
    for _ in reader(Kind.PARQUET)(path):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_four_times_the_rows_take_no_more_memory(tmp_path: Path) -> None:
    short, long = tmp_path / "short.parquet", tmp_path / "long.parquet"
    for path, rows in ((short, 50_000), (long, 200_000)):
        path.write_bytes(parquet(*(candle(hour) for hour in range(rows))))
    peak_of(short)
    assert peak_of(long) < min(1.5 * peak_of(short), LIMIT_BYTES)
