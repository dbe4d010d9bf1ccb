"""What the simulated model answers: a script turn by turn, or the research loop of the built-in analyst."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import TypeAlias

from tests.sims.models.talk import Answer, Call, Conversation, Reply, Result, Turn, Usage, Words

Brain: TypeAlias = Callable[[Conversation], Awaitable[Answer]]

RESEARCH_TOOL = "list_markets"
CHARACTERS_A_TOKEN = 4


async def default(talk: Conversation) -> Answer:
    """Research where research tools are offered; otherwise call the first tool once, then say what was heard."""
    if RESEARCH_TOOL in talk.tools:
        return await _research()(talk)
    last = talk.turns[-1] if talk.turns else Words("")
    match last:
        case Words(said) if talk.tools and not talk.replies:
            return Answer(text="Let me look that up for you.", calls=[Call(talk.tools[0], {})])
        case Words(said):
            return Answer(text=f"You said: {said[:200]} That is all there is to it.")
        case _:
            return Answer(text="I have looked at it and this is my whole answer.")


@cache
def _research() -> Brain:
    """The lab and the model library take seconds to import, and few tests need them."""
    brain: Brain = import_module("tests.sims.models.research").answer
    return brain


def scripted(answers: Sequence[Answer]) -> Brain:
    """These answers, one a turn; the turn is counted in the conversation, so that talks do not disturb each other."""

    async def answer(talk: Conversation) -> Answer:
        return answers[talk.replies] if talk.replies < len(answers) else Answer(text="That is all I have to say.")

    return answer


def counted(answer: Answer, talk: Conversation) -> Answer:
    """Count tokens by letters, the same on each wire: what stood in an earlier request is read from the cache."""
    if answer.usage is not None:
        return answer
    sizes = [_size(turn) for turn in talk.turns]
    last_reply = max((index for index, turn in enumerate(talk.turns) if isinstance(turn, Reply)), default=0)
    system = len(talk.system)
    thought = _tokens(len(answer.thinking))
    spoken = _tokens(len(answer.text) + sum(len(call.name) + len(call.written) for call in answer.calls))
    used = Usage(
        input=_tokens(system + sum(sizes)),
        read=_tokens(system + sum(sizes[:last_reply])) if last_reply else 0,
        output=thought + spoken,
        reasoning=thought,
    )
    return replace(answer, usage=used)


def _tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_A_TOKEN)


def _size(turn: Turn) -> int:
    match turn:
        case Words(said):
            return len(said)
        case Reply(said, calls):
            return len(said) + sum(len(call.name) for call in calls)
        case Result(content=content):
            return len(json.dumps(content, sort_keys=True))
