"""What a tool is: a typed function whose docstring is its prompt, run under a session's workspace and clock.

A tool first reads and computes, in a read-only transaction. What it wants to change it hands back as `Outcome.save`,
which runs in the transaction that also writes the step: so an effect happens exactly as often as its step, once. Only
a trial is registered before, as it counts whatever becomes of the step.
"""

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId, WorkspaceId
from omc.engine.beside import Tell, beside
from omc.engine.validations import Step
from omc.engine.watch import Watch
from omc.kit.clock import Clock
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.lab.publishing import kept_of
from omc.lab.trying import Kept

MAX_PROBLEMS = 10

Happening: TypeAlias = tuple[str, Mapping[str, object]]
Values: TypeAlias = dict[str, object]
Made = TypeVar("Made")


async def _untold(step: Step | None) -> bool:
    """Nobody asks how far the work is; it goes on."""
    del step
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """What a tool may use: its session's workspace, as of its clock. There is nothing else to reach from here."""

    database: Database
    clock: Clock
    workspace_id: WorkspaceId
    session_id: SessionId
    model: str
    as_of: datetime
    symbol: str | None = None
    timeframe: str | None = None
    others: Sequence[str] = ()
    """Models besides `model` that may answer in this session: its fallback and those of its roles."""
    tell: Tell = _untold
    """Hears how far long work is."""

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """One transaction in which nothing can be written."""
        async with self.database.session(self.workspace_id) as session:
            await session.execute(text("SET TRANSACTION READ ONLY"))
            yield session

    async def kept(self) -> dict[int, Kept]:
        """Return all evidence of this session so far, by number."""
        async with self.reading() as session:
            return await kept_of(session, self.session_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A tool's result. `output` is what a model sees and evidence keeps; `series` is kept but too long for a model."""

    title: str
    preview: str
    output: Values
    series: Values = field(default_factory=dict)
    happenings: Sequence[Happening] = ()
    asks: bool = False
    reported: bool = False
    save: "Save | None" = None


Save: TypeAlias = Callable[[AsyncSession, Outcome], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One row of `TOOLS`; its name and the function's docstring and parameters are what a model is told."""

    name: str
    run: Callable[..., Awaitable[Outcome]]
    title: str
    keeps_evidence: bool = True

    @property
    def prompt(self) -> str:
        """What a model is told about it."""
        return inspect.cleandoc(self.run.__doc__ or "")


class Arguments(BaseModel):
    """What every tool's arguments have in common: what is not a parameter is refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


def arguments_model(tool: Tool) -> type[Arguments]:
    """Return the model of the tool's arguments, made from its signature."""
    parameters = list(inspect.signature(tool.run).parameters.values())[1:]
    annotations = {parameter.name: parameter.annotation for parameter in parameters}
    given = {parameter.name: parameter.default for parameter in parameters}
    defaults = {name: value for name, value in given.items() if value is not inspect.Parameter.empty}
    body = {"__module__": __name__, "__annotations__": annotations, **defaults}
    made = type(tool.name, (Arguments,), body)
    assert issubclass(made, Arguments)
    return made


def parse_arguments(model: type[Arguments], arguments: Mapping[str, object]) -> Values:
    """Return checked arguments; refuses with every problem and its place, so that a model can mend its call."""
    try:
        parsed = model.model_validate(arguments)
    except ValidationError as error:
        problems = [
            f"/{'/'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors(include_url=False, include_context=False, include_input=False)[:MAX_PROBLEMS]
        ]
        raise Refusal("bad_arguments", 422, "These arguments do not fit. " + "; ".join(problems)) from None
    return {name: getattr(parsed, name) for name in model.model_fields}


async def watched(context: ToolContext, work: Callable[[Watch], Made]) -> Made:
    """Run long work beside the event loop; it is told of, and stops at its next step when its step is dropped."""
    return await beside(work, context.tell)


def id_of(written: str, what: str) -> UUID:
    """Return the id in `written`, or refuse with where ids come from."""
    try:
        return UUID(written)
    except ValueError:
        raise Refusal("not_an_id", 422, f"{written[:60]!r} is not the id of a {what}.") from None


def percent(part: float) -> float:
    """Return a fraction in percent."""
    return part * 100.0
