"""Owns the shapes of requests and answers about a document as it is being written."""

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from omc.engine.answers import Problem


class Written(BaseModel):
    """A document as text, finished or not."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(description="JSON as it stands in the editor", examples=['{"schema": "omc-strategy/1"}'])


class WarmUpAnswer(BaseModel):
    """How many bars pass before the first decision, and which part of the document needs them."""

    bars: int
    place: str = Field(examples=["/features/slow"])


class Inspected(BaseModel):
    """What a text says: every problem with its place, or what it amounts to when there is none."""

    ok: bool
    problems: list[Problem]
    hash: str | None = None
    document: dict[str, JsonValue] | None = Field(default=None, description="the canonical form, as it would be kept")
    assumptions: dict[str, str] | None = None
    warm_up: WarmUpAnswer | None = None
