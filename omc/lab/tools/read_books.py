"""The person's own books, as totals: what strategies and assets gained. No account, no order, no single fill."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from omc.books import service as books
from omc.books.figures import Summary
from omc.core.canonical import instant_text
from omc.core.money import text as decimal_text
from omc.lab.tools.base import Outcome, ToolContext, Values

MAX_LISTED = 50


async def read_books(
    context: ToolContext,
    currency: Annotated[str | None, Field(max_length=20, description="such as USDT; none: the most used")] = None,
) -> Outcome:
    """Read what the person's own trading gained: totals, by strategy and by asset, in one currency, as it is now.

    Use it only when the question is about the person's own trading. What has no price yet is left out and named.
    """
    async with context.reading() as session:
        found = await books.summary(session, currency=currency)
    figures = found.figures
    return Outcome(
        title="Own books",
        preview=f"{len(found.by_strategy)} strategies, {len(found.by_asset)} assets in {found.scope.currency or '?'}",
        output={
            "quote_asset": found.scope.currency,
            "read_at": instant_text(context.clock()),
            "figures": _figures(figures),
            "unvalued_assets": sorted(figures.unvalued)[:MAX_LISTED],
            "by_strategy": _parts("strategy", found.by_strategy),
            "by_asset": _parts("asset", found.by_asset),
        },
    )


def _parts(name: str, parts: Mapping[str, Summary]) -> list[Values]:
    return [{name: part, **_figures(summary)} for part, summary in sorted(parts.items())[:MAX_LISTED]]


def _figures(summary: Summary) -> Values:
    amounts: dict[str, Decimal | None] = {
        "realized_quote": summary.realized,
        "unrealized_quote": summary.unrealized,
        "fees_quote": summary.fees,
        "net_quote": summary.net,
        "model_costs_quote": summary.model_costs,
    }
    return {name: decimal_text(amount) for name, amount in amounts.items() if amount is not None}
