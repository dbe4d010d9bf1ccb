"""The analyst's choice of a series: what the goal names, real before made, and a question when that decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from omc.lab.goal import Idea, is_coin

MAX_NAMED = 12
USUAL_TIMEFRAME = "1h"
USUAL_QUOTES = ("USDT", "USD", "USDC", "EUR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A chosen series, and why this one."""

    series_id: str
    symbol: str
    timeframe: str
    why: str


def choose(idea: Idea, listed: Mapping[str, object]) -> Market | str:
    """Return the series that the idea is about, or the question to ask when none or no single one is meant."""
    rows = _rows(listed)
    if not rows:
        return (
            "There is no market data yet. Import candles on the Data page or with omc data import FILE, or make a"
            " synthetic market there; then tell me to go on."
        )
    there = {row["symbol"].split("/")[0] for row in rows}
    named = [base for base in idea.bases if base in there or is_coin(base)]
    if idea.symbol is None and len(named) > 1:
        return f"You name several markets: {', '.join(named)}. I test one at a time; which shall I use? {_there(rows)}"
    idea = replace(idea, base=named[0]) if idea.symbol is None and named else idea
    meant = [row for row in rows if _is_meant(row, idea)]
    if not meant:
        wanted = " ".join(part for part in (idea.symbol or idea.base, idea.timeframe) if part)
        return f"I find no {wanted} bars. {_there(rows)} Which of these shall I use, or will you import some?"
    symbols = sorted({row["symbol"] for row in meant})
    if idea.symbol is None and idea.base is None and len(symbols) > 1:
        return f"Which market do you mean? {_there(rows)}"
    return _best(meant, idea)


def _is_meant(row: Mapping[str, str], idea: Idea) -> bool:
    if idea.symbol is not None and row["symbol"] != idea.symbol:
        return False
    if idea.symbol is None and idea.base is not None and row["symbol"].split("/")[0] != idea.base:
        return False
    return idea.timeframe is None or row["timeframe"] == idea.timeframe


def _best(meant: Sequence[Mapping[str, str]], idea: Idea) -> Market:
    best = min(meant, key=_rank)
    why = f"I use {best['label']}."
    if best["origin"] == "synthetic":
        why += " This market is made, not real: what it shows proves nothing about a real one."
    if len(meant) > 1:
        why += " Of the series that fit I take real before made, hourly before others, and the longest."
    if idea.timeframe is None:
        why += f" The goal names no bar length; these are {best['timeframe']} bars."
    return Market(series_id=best["series_id"], symbol=best["symbol"], timeframe=best["timeframe"], why=why)


def _rank(row: Mapping[str, str]) -> tuple[bool, bool, bool, int, int, str]:
    quote = row["symbol"].split("/")[-1]
    place = USUAL_QUOTES.index(quote) if quote in USUAL_QUOTES else len(USUAL_QUOTES)
    return (
        row["origin"] == "synthetic",
        ":" in row["symbol"],
        row["timeframe"] != USUAL_TIMEFRAME,
        place,
        -int(row["stored_count"]),
        row["series_id"],
    )


def _rows(listed: Mapping[str, object]) -> list[dict[str, str]]:
    markets = listed.get("markets")
    rows = markets if isinstance(markets, list) else []
    return [{str(name): str(value) for name, value in row.items()} for row in rows if isinstance(row, Mapping)]


def _there(rows: Sequence[Mapping[str, str]]) -> str:
    names = sorted({f"{row['symbol']} {row['timeframe']}" for row in rows})
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"There is: {', '.join(names[:MAX_NAMED])}{more}."
