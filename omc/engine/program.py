"""Owns the form of a program: what the expressions of a document become, as steps in order of use."""

from collections.abc import Mapping
from dataclasses import dataclass

from omc.engine.operators import Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One operator applied to earlier steps. `constant` is set when it is the same at every bar.

    `warm_up` is how many bars at the front have no value; `place` is where the document says it, `/entry:12`, and
    `word` the operator that it says there: `rsi` for every step that `rsi` is made of. `is_input` is of a step that
    hands on a column beside the bars, whose first known bar the data tells (`omc.engine.begun`).
    """

    operator: Operator
    inputs: tuple[int, ...] = ()
    settings: tuple[float, ...] = ()
    constant: float | None = None
    warm_up: int = 0
    place: str = ""
    word: str = ""
    is_input: bool = False
    inner: "Inner | None" = None

    @property
    def is_awaited(self) -> bool:
        """Whether the data tell from which bar on it is known."""
        return self.is_input and self.inner is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Steps in order of use, and which step gives each feature and each condition of the document."""

    steps: tuple[Step, ...]
    features: Mapping[str, int]
    conditions: Mapping[str, int]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the columns beside the bars that are used, in order of use."""
        return tuple(step.word for step in self.steps if step.is_awaited)

    @property
    def warm_up(self) -> int:
        """Bars before the first decision: the longest any condition needs."""
        return max((self.steps[slot].warm_up for slot in self.conditions.values()), default=0)

    def hungriest(self) -> Step:
        """The step that makes the warm-up as long as it is."""
        step = self.steps[max(self.conditions.values(), key=lambda slot: self.steps[slot].warm_up)]
        while step.inputs:
            below = max((self.steps[slot] for slot in step.inputs), key=lambda one: one.warm_up)
            if below.warm_up < step.warm_up - below.warm_up or not below.warm_up:
                break
            step = below
        return step


@dataclass(frozen=True, slots=True, kw_only=True)
class Coarse:
    """A feature of a longer timeframe, as it is written: `length_ms` is a multiple of the document's `base_ms`."""

    expression: str
    length_ms: int
    base_ms: int

    @property
    def is_multiple(self) -> bool:
        """Whether the long bars are made of whole short ones, of two at least."""
        return self.length_ms > self.base_ms and self.length_ms % self.base_ms == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """The program over longer bars whose step `slot` is a column beside the document's own."""

    program: Program
    slot: int
    length_ms: int
    base_ms: int
