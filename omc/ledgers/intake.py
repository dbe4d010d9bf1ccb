"""Judges the batches of one file as they come: which series, which rows are bars, and what to report of the others."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from omc.core.market import Timeframe
from omc.ledgers.batch import MAX_ROWS, MAX_SERIES, UNREADABLE, Batch, FileRefused
from omc.ledgers.columns import Stamps
from omc.ledgers.naming import RESERVED_VENUE, UNKNOWN_VENUE, SeriesKey, filled
from omc.ledgers.rules import FAULT_TEXT, HARMLESS, Fault, Problem, check_steps, likely_timeframe
from omc.ledgers.screen import FAULTS, FINE, Codes, Order, faults, phases
from omc.ledgers.staging import Rows, rows

MAX_PROBLEMS = 1_000
"""Rows reported one by one for a file; all are counted."""

UNTIMELY = tuple(FAULTS.index(fault) for fault in (Fault.TIME, Fault.EARLY, Fault.FUTURE))


class Intake:
    """The state of taking in one file: its series, how many rows were left out of each, and the first problems."""

    def __init__(self, *, said: SeriesKey, named: SeriesKey, now_ms: int) -> None:
        """Begin; `said` is what the caller says about the file, `named` what its name says. Columns win over both."""
        self.series: list[SeriesKey] = []
        self.orders: list[Order] = []
        self.left_out: Counter[int] = Counter()
        self.problems: list[Problem] = []
        self.rows_read = 0
        self.rows_fine = 0
        self._said = said
        self._named = named
        self._now_ms = now_ms
        self._final: list[int] = []
        self._phases: dict[int, int] = {}

    def take(self, batch: Batch) -> Rows:
        """Return the rows of `batch` that are bars, ready to be staged; raises FileRefused."""
        self.rows_read += len(batch) + len(batch.bad)
        if self.rows_read > MAX_ROWS:
            raise FileRefused("too_many_rows", f"the file has more than {MAX_ROWS} rows; split it by year")
        for number in range(len(self._final), len(batch.keys)):
            self._final.append(self._resolve(batch.keys[number], batch.ts[batch.key == number]))
        final = np.asarray(self._final, dtype=np.int64)[batch.key]
        lengths = [Timeframe.parse(key.timeframe).milliseconds for key in self.series]
        length = np.asarray(lengths, dtype=np.int64)[final]
        phase = phases(batch.ts, final, lengths, self._phases)
        codes = faults(batch, timeframe_ms=length, phase_ms=phase, now_ms=self._now_ms)
        self._watch(batch, final, codes)
        self._report(batch, final, codes)
        return rows(batch, final, close=batch.ts + length, fine=codes == FINE)

    def finish(self) -> None:
        """Judge the file as a whole once its last batch is taken; raises FileRefused when it is not to be believed."""
        for key, order in zip(self.series, self.orders, strict=True):
            reason = check_steps(order.steps, timeframe=Timeframe.parse(key.timeframe), place=str(key))
            if reason is not None:
                raise FileRefused(reason.code, reason.text)
        if not self.rows_fine:
            found = sorted(self.problems, key=lambda problem: problem.line)
            why = f"; line {found[0].line}: {found[0].reason}" if found else ", only a header"
            raise FileRefused("no_candles", f"no row of the file is a candle that can be kept{why}", problems=found)
        for order in self.orders:
            self.report(Fault.ORDER, order.broken[1])

    @property
    def may_repeat(self) -> bool:
        """Tell whether the file may hold a bar twice."""
        return len(set(self._final)) < len(self._final) or any(order.may_repeat for order in self.orders)

    def report(self, fault: Fault, lines: Iterable[int], raws: Iterable[str] = ()) -> None:
        """Report rows that share a fault, as far as there is room."""
        texts = iter(raws)
        for line in lines:
            if len(self.problems) >= MAX_PROBLEMS:
                return
            self.problems.append(
                Problem(
                    line=line, code=fault.value, reason=FAULT_TEXT[fault], raw=next(texts, ""), kept=fault in HARMLESS
                )
            )

    def _resolve(self, key: SeriesKey, ts: Stamps) -> int:
        key = filled(key, self._said, self._named, SeriesKey(venue=UNKNOWN_VENUE))
        if key.venue == RESERVED_VENUE:
            raise FileRefused(
                "venue_reserved", f"the venue name {RESERVED_VENUE} is kept for generated markets; name the true venue"
            )
        if not key.symbol:
            raise FileRefused(
                "symbol_unknown",
                "the file does not say which symbol its candles are of; add a column symbol (BTC/USDT), name the file "
                "like binance_BTC-USDT_1h.csv, or say the symbol as you import it",
            )
        if not key.timeframe:
            key = filled(key, SeriesKey(timeframe=self._likely(ts)))
        if key not in self.series:
            if len(self.series) >= MAX_SERIES:
                raise FileRefused("too_many_series", f"the file has more than {MAX_SERIES} series; split it")
            self.series.append(key)
            self.orders.append(Order(reports=MAX_PROBLEMS))
        return self.series.index(key)

    def _likely(self, ts: Stamps) -> str:
        step = np.abs(np.diff(ts[ts != UNREADABLE]))
        values, counts = np.unique(step[step != 0], return_counts=True)
        likely = likely_timeframe(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        if likely is not None:
            return likely.text
        if self.series:
            return self.series[0].timeframe
        raise FileRefused(
            "timeframe_unknown",
            "the timeframe of the candles cannot be told from their distances; add a column timeframe (1h), name the "
            "file like binance_BTC-USDT_1h.csv, or say the timeframe as you import it",
        )

    def _watch(self, batch: Batch, final: Stamps, codes: Codes) -> None:
        timely = ~np.isin(codes, UNTIMELY)
        for number in np.unique(final).tolist():
            mine = timely & (final == number)
            self.orders[number].see(batch.ts[mine], batch.line[mine])

    def _report(self, batch: Batch, final: Stamps, codes: Codes) -> None:
        wrong = np.flatnonzero(codes != FINE)
        self.rows_fine += len(batch) - len(wrong)
        numbers, counts = np.unique(final[wrong], return_counts=True)
        self.left_out.update(dict(zip(numbers.tolist(), counts.tolist(), strict=True)))
        self.left_out[-1] += len(batch.bad)
        for bad in batch.bad:
            self.report(bad.fault, [bad.line], [bad.raw])
        for row in wrong[: MAX_PROBLEMS - len(self.problems)].tolist():
            self.report(FAULTS[codes[row]], [int(batch.line[row])], [batch.raw(row)])
