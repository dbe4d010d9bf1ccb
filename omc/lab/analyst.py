"""The built-in analyst: rules that answer through the same loop as a language model, and are never called one.

It is a pure function of the conversation: the same words and the same tool results always give the same next answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponsePart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

from omc.lab import findings
from omc.lab.findings import Results
from omc.lab.goal import FAMILIES, Idea, document, doubt, read_goal, says_nothing, together
from omc.lab.markets import Market, choose
from omc.lab.prompts import SYMBOL_LINE, TIMEFRAME_LINE

PLAN = (
    ("Look at what data there is", "list_markets"),
    ("Measure the market and what holding it returned", "measure_bars"),
    ("Write the idea down as a strategy", "draft_strategy"),
    ("Backtest it against holding, costs included", "run_backtest"),
    ("Check it walking forward, on periods it was not fitted on", "walk_forward"),
    ("Write the report", "write_report"),
    ("Lay the strategy before you", "propose_strategy"),
)


@dataclass(frozen=True, slots=True)
class _Talk:
    """What the conversation holds: all that was said, and the tool results since the last message."""

    said: Sequence[str]
    results: Results
    failed: Mapping[str, str]
    reported_before: bool
    calls: int
    form: str | None = None
    """The market that was chosen in the form."""

    def call(self, tool: str, **arguments: object) -> ToolCallPart:
        """A tool call whose id depends on nothing but the conversation."""
        return ToolCallPart(tool_name=tool, args=dict(arguments), tool_call_id=f"{tool}-{self.calls + 1}")


def model() -> FunctionModel:
    """Return the analyst as a model of the loop."""
    return FunctionModel(_answer, model_name="analyst")


async def _answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    form = _form(info.instructions or "")
    talk = replace(_read(messages), form=form.symbol)
    idea = together([form, *(read_goal(text) for text in talk.said)])
    # No tokens are spent here; without this mark the library would put in an estimate.
    return ModelResponse(parts=_next(talk, idea), usage=RequestUsage(unmeasured_requests=1))


def _next(talk: _Talk, idea: Idea) -> list[ModelResponsePart]:
    if idea.family is None:
        return _ask(talk, _CAPABILITIES)
    if talk.reported_before and says_nothing(read_goal(talk.said[-1])) and not talk.results:
        return [TextPart(content="The report stands. Name another idea, market or period, and I test that too.")]
    if not talk.results and (question := doubt(idea) or _against_form(talk, idea)) is not None:
        return _ask(talk, question)
    for stage, run in _STAGES:
        if stage in talk.results or (stage in talk.failed and stage in _OPTIONAL):
            continue
        if stage in talk.failed:
            return _ask(talk, f"I could not go on: {talk.failed[stage]} How shall I change the question?")
        return run(talk, idea)
    return [TextPart(content=findings.closing(talk.results))]


def _start(talk: _Talk, idea: Idea) -> list[ModelResponsePart]:
    assert idea.family is not None
    words = f"I read the goal as: test a {idea.family.label}. {idea.family.told}"
    items = [{"text": text, "done_when": tool} for text, tool in PLAN]
    return [TextPart(content=words), talk.call("set_plan", items=items), talk.call("list_markets")]


def _measure(talk: _Talk, idea: Idea) -> list[ModelResponsePart]:
    chosen = choose(idea, talk.results["list_markets"])
    if isinstance(chosen, str):
        return _ask(talk, chosen)
    parts: list[ModelResponsePart] = [TextPart(content=chosen.why)]
    return [*parts, talk.call("measure_bars", series_id=chosen.series_id, **_period(idea))]


def _draft(talk: _Talk, idea: Idea) -> list[ModelResponsePart]:
    market = _market(talk, idea)
    return [talk.call("draft_strategy", document=document(idea, symbol=market.symbol, timeframe=market.timeframe))]


def _test(talk: _Talk, idea: Idea) -> list[ModelResponsePart]:
    return [talk.call("run_backtest", **_trial(talk, idea))]


def _check(talk: _Talk, idea: Idea) -> list[ModelResponsePart]:
    return [talk.call("walk_forward", **_trial(talk, idea))]


def _report(talk: _Talk, idea: Idea) -> list[ModelResponsePart]:
    assert idea.family is not None
    return [talk.call("write_report", **findings.report(talk.results, idea.family, talk.failed.get("walk_forward")))]


def _propose(talk: _Talk, idea: Idea) -> list[ModelResponsePart]:  # noqa: ARG001 - one shape for all stages
    return [talk.call("propose_strategy", **findings.proposal(talk.results))]


_STAGES: Sequence[tuple[str, Callable[[_Talk, Idea], list[ModelResponsePart]]]] = (
    ("list_markets", _start),
    ("measure_bars", _measure),
    ("draft_strategy", _draft),
    ("run_backtest", _test),
    ("walk_forward", _check),
    ("write_report", _report),
    ("propose_strategy", _propose),
)
_OPTIONAL = frozenset({"walk_forward"})
"""Stages whose failure the report tells instead of ending the work."""

_CAPABILITIES = (
    "I am a set of rules, not a language model, and I found no idea in this that I can test. I can test: "
    + ", ".join(family.label for family in FAMILIES)
    + ". For example: does a moving-average crossover beat holding BTC on hourly bars? What shall I test?"
)


def _against_form(talk: _Talk, idea: Idea) -> str | None:
    """The question when the form chose another market than the goal names; whoever answers has decided."""
    named = idea.symbol or idea.base
    if talk.form is None or named is None or len(talk.said) > 1 or named in {talk.form, talk.form.split("/")[0]}:
        return None
    return f"The form says {talk.form} and the goal says {named}. Which market do you mean?"


def _ask(talk: _Talk, question: str) -> list[ModelResponsePart]:
    return [talk.call("ask_person", question=question)]


def _market(talk: _Talk, idea: Idea) -> Market:
    chosen = choose(idea, talk.results["list_markets"])
    assert isinstance(chosen, Market)
    return chosen


def _trial(talk: _Talk, idea: Idea) -> dict[str, object]:
    version_id = talk.results["draft_strategy"]["version_id"]
    return {"version_id": version_id, "series_id": _market(talk, idea).series_id, **_period(idea)}


def _period(idea: Idea) -> dict[str, str]:
    period: dict[str, str] = {}
    if idea.first_year is not None:
        period["start"] = f"{idea.first_year}-01-01"
    if idea.last_year is not None:
        period["end"] = f"{idea.last_year + 1}-01-01"
    return period


def _form(instructions: str) -> Idea:
    """What was chosen beside the words."""
    chosen = {
        name: line.removeprefix(prefix)
        for line in instructions.splitlines()
        for name, prefix in (("symbol", SYMBOL_LINE), ("timeframe", TIMEFRAME_LINE))
        if line.startswith(prefix)
    }
    return Idea(symbol=chosen.get("symbol"), timeframe=chosen.get("timeframe"))


def _read(messages: Sequence[ModelMessage]) -> _Talk:
    said: list[str] = []
    results: dict[str, Mapping[str, object]] = {}
    failed: dict[str, str] = {}
    reported = reported_before = False
    for part in (part for message in messages if isinstance(message, ModelRequest) for part in message.parts):
        if isinstance(part, UserPromptPart):
            said.append(str(part.content))
            results, failed, reported_before = {}, {}, reported
        elif isinstance(part, ToolReturnPart):
            content = part.content if isinstance(part.content, Mapping) else {}
            if part.outcome == "success":
                results[part.tool_name] = content
                reported |= part.tool_name == "write_report"
            else:
                failed[part.tool_name] = str(content.get("error"))
    calls = sum(
        isinstance(part, ToolCallPart)
        for message in messages
        if isinstance(message, ModelResponse)
        for part in message.parts
    )
    return _Talk(said=said, results=results, failed=failed, reported_before=reported_before, calls=calls)
