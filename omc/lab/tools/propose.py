"""The proposal: a tested version laid before a person. It approves nothing and starts nothing."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from omc.engine import claims
from omc.kit.errors import Refusal
from omc.lab.prose import Allowance, Unverified, read
from omc.lab.rendering import BACKTEST_TOOL
from omc.lab.tools.base import MAX_PROBLEMS, Outcome, ToolContext
from omc.lab.trying import Kept, backing


async def propose_strategy(
    context: ToolContext,
    backtest_evidence: Annotated[int, Field(ge=1, description="evidence number of the backtest it rests on")],
    why: Annotated[str, Field(min_length=1, max_length=1_000, description="why, or why not, in words without figures")],
    recommended: Annotated[bool, Field(description="whether the evidence speaks for it")],
) -> Outcome:
    """Lay a tested strategy before the person, who alone can approve it for paper trading.

    Call it after write_report. The approval card is made from the stored version, never from your words.
    """
    kept = (await context.kept()).get(backtest_evidence)
    if kept is None or kept.tool != BACKTEST_TOOL:
        words = f"Evidence {backtest_evidence} is no backtest of this session."
        raise Refusal("not_a_backtest", 422, words, place="/backtest_evidence")
    _check_words(why, backtest_evidence, await context.kept())
    version_id, backtest_id = _ids(kept)
    proposal = {
        "version_id": str(version_id),
        "backtest_id": str(backtest_id),
        "evidence": backtest_evidence,
        "recommended": recommended,
    }
    verdict = "recommended" if recommended else "not recommended, laid before you to watch on paper"
    return Outcome(
        title="Proposal",
        preview=f"{verdict}: {why}",
        output={**proposal, "chosen": {"why": why}, "state": "waits for the person; nothing is approved"},
        happenings=[("proposal", proposal)],
        save=partial(_stand, context, version_id),
    )


async def _stand(context: ToolContext, version_id: UUID, session: AsyncSession, outcome: Outcome) -> Outcome:
    """Let the proposal stand, also where an earlier one of the session was withdrawn."""
    source = f"session:{context.session_id}"
    await claims.proposed(session, [version_id], source=source, withdrawn=False, now=context.clock())
    return outcome


def _check_words(why: str, number: int, kept: Mapping[int, Kept]) -> None:
    """The card shows no figure and no claim that the tests of the proposed version do not bear out."""
    version_id = kept[number].output["version_id"]
    tests = [(item, None) for item in kept.values() if item.output.get("version_id") == version_id]
    typed = [one for one in read(why, Allowance(), backing(tests)) if isinstance(one, Unverified)]
    if typed:
        shown = "; ".join(f"“{one.text}”" for one in typed[:MAX_PROBLEMS])
        words = f"No evidence of this version bears out {shown}. Say why in words without figures and such claims."
        raise Refusal("unverified_claim", 422, words, place="/why")


def _ids(kept: Kept) -> tuple[UUID, UUID]:
    return UUID(str(kept.output["version_id"])), UUID(str(kept.output["backtest_id"]))
