"""What is recommended among models, and why: only from what was measured here, and never from fewer than five cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from uuid import UUID

from omc.vault.caps import dollars
from omc.vault.comparing import Compared, Comparison, ToolRecord, Typical
from omc.vault.prices import cost

MIN_CASES = 5
MIN_COMPARED = 2
_Z = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """One model and the sentence that says why: `kind` is cheapest, fastest or most_reliable."""

    kind: str
    credential_id: UUID
    model: str
    text: str


def recommend(comparison: Comparison) -> list[Recommendation]:
    """Return what the figures allow to recommend; nothing where too little was measured."""
    found = (_cheapest(comparison), _fastest(comparison.rows), _most_reliable(comparison.rows))
    return [recommendation for recommendation in found if recommendation is not None]


def fits(row: Compared, typical: Typical) -> bool:
    """Say whether the model could have served every call so far: its context holds the longest, and it calls tools."""
    return row.tools is not False and (row.context is None or row.context >= typical.longest)


def _cheapest(comparison: Comparison) -> Recommendation | None:
    typical = comparison.typical
    if typical is None or typical.calls < MIN_CASES:
        return None
    priced = [
        (cost(row.price, typical.usage), row) for row in comparison.rows if row.price is not None and fits(row, typical)
    ]
    if len(priced) < MIN_COMPARED:
        return None
    priced.sort(key=lambda item: (item[0], item[1].model))
    (amount, row), (dearer, other) = priced[0], priced[1]
    context = "its context is not known" if row.context is None else f"its context holds {row.context:,} tokens"
    told = (
        f"Your median call of {typical.calls} had {typical.usage.input:,} tokens in and {typical.usage.output:,} out: "
        f"{_amount(amount, row)} here, {_amount(dearer, other)} with {other.model}, the next of the "
        f"{len(priced)} that fit. Your longest request had {typical.longest:,} tokens; {context}."
    )
    return _named("cheapest", row, told)


def _amount(amount: Decimal, row: Compared) -> str:
    return "nothing, as its server is declared free" if row.price is not None and row.price.free else dollars(amount)


def _fastest(rows: Sequence[Compared]) -> Recommendation | None:
    measured = [
        (row.stats.latency_ms, row.stats.answered, row)
        for row in rows
        if row.stats is not None and row.stats.latency_ms is not None and row.stats.answered >= MIN_CASES
    ]
    if len(measured) < MIN_COMPARED:
        return None
    measured.sort(key=lambda item: (item[0], item[2].model))
    (latency, calls, row), (next_latency, next_calls, other) = measured[0], measured[1]
    told = (
        f"Its median answer took {latency / 1_000:.1f} s over {calls} of your calls; {other.model}, the next of "
        f"{len(measured)} measured, took {next_latency / 1_000:.1f} s over {next_calls}."
    )
    return _named("fastest", row, told)


def _most_reliable(rows: Sequence[Compared]) -> Recommendation | None:
    tried = [
        (row.tool_record, row) for row in rows if row.tool_record is not None and row.tool_record.calls >= MIN_CASES
    ]
    if len(tried) < MIN_COMPARED:
        return None
    tried.sort(key=lambda item: (at_least(item[0]), item[0].calls), reverse=True)
    (record, row), (next_record, other) = tried[0], tried[1]
    told = (
        f"{record.succeeded} of its {record.calls} tool calls succeeded in your sessions, at least "
        f"{at_least(record):.0%} with 95 % confidence; {other.model}, the next of {len(tried)} measured, has "
        f"{next_record.succeeded} of {next_record.calls}."
    )
    return _named("most_reliable", row, told)


def at_least(record: ToolRecord) -> float:
    """Return the lower end of the 95 % interval of the success rate (Wilson 1927): few cases promise little."""
    count, rate = record.calls, record.succeeded / record.calls
    middle = rate + _Z**2 / (2 * count)
    width = _Z * sqrt(rate * (1 - rate) / count + _Z**2 / (4 * count**2))
    return max(0.0, (middle - width) / (1 + _Z**2 / count))


def _named(kind: str, row: Compared, told: str) -> Recommendation:
    return Recommendation(kind=kind, credential_id=row.credential_id, model=row.model, text=told)
