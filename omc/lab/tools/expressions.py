"""What tools share that compute expressions over bars: the engine's own language and operators, inputs as known."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, TypeAlias

from pydantic import Field

from omc.engine.clauses import SeriesInput
from omc.engine.document import Identifier
from omc.engine.evaluation import evaluate
from omc.engine.expression import compile_program
from omc.engine.known import known_beside
from omc.engine.program import Program
from omc.kit.errors import Refusal
from omc.lab.tools.base import MAX_PROBLEMS, ToolContext
from omc.lab.tools.trial import Bars
from omc.ledgers.columns import BarColumns, Floats

MAX_EXPRESSIONS = 12
MAX_INPUTS = 6
EVENT = "condition"

Expressions: TypeAlias = Annotated[
    dict[Identifier, Annotated[str, Field(max_length=500)]],
    Field(
        max_length=MAX_EXPRESSIONS,
        description="named expressions, as in a strategy document's features: {'strength': 'rsi(close, 14)'}",
    ),
]
Inputs: TypeAlias = Annotated[
    dict[Identifier, SeriesInput],
    Field(max_length=MAX_INPUTS, description="named observations to use like close, as in a strategy document"),
]


async def with_inputs(context: ToolContext, bars: Bars, inputs: Mapping[str, SeriesInput]) -> Bars:
    """Return the bars with a column for each input: what was known at each close, and stored by the session's clock."""
    async with context.reading() as session:
        columns = await known_beside(session, inputs, bars.columns, as_of=context.as_of)
    return replace(bars, columns=columns)


def program_of(
    expressions: Mapping[str, str], inputs: Mapping[str, SeriesInput], *, condition: str | None = None
) -> Program:
    """Return the expressions, and the condition when there is one, as one program; refuses with every problem."""
    asked = {} if condition is None else {EVENT: condition}
    program, reasons = compile_program(features=expressions, conditions=asked, parameters={}, inputs=inputs)
    if program is None:
        words = "; ".join(f"{reason.place or '/'}: {reason.text}" for reason in reasons[:MAX_PROBLEMS])
        raise Refusal("expression_refused", 422, f"This is not right yet. {words}", place=reasons[0].place)
    return program


def columns_of(program: Program, bars: BarColumns) -> dict[str, Floats]:
    """Return the column of each expression, NaN in its warm-up; a condition is 0 or 1."""
    names = list(program.features)
    found = evaluate(program, bars, [program.features[name] for name in names])
    return {name: column.astype(float) for name, column in zip(names, found, strict=True)}
