"""A strategy as a checked document in the engine's registry; drafting approves nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field, WithJsonSchema
from sqlalchemy.ext.asyncio import AsyncSession

from omc.engine import service as engine
from omc.engine.document import json_schema, plain
from omc.engine.reading import inspect
from omc.kit.errors import Refusal
from omc.lab.tools.base import MAX_PROBLEMS, Outcome, ToolContext


def _whole(schema: object, definitions: Mapping[str, object]) -> object:
    """The schema with every definition written where it is used, so that it can stand inside another one."""
    match schema:
        case {"$ref": str(name)}:
            return _whole(definitions[name.rpartition("/")[2]], definitions)
        case dict():
            return {name: _whole(part, definitions) for name, part in schema.items() if name != "$defs"}
        case list():
            return [_whole(part, definitions) for part in schema]
        case _:
            return schema


def _form() -> dict[str, object]:
    schema = json_schema()
    definitions = schema.get("$defs")
    whole = _whole(schema, definitions if isinstance(definitions, dict) else {})
    assert isinstance(whole, dict)
    return whole


async def draft_strategy(
    context: ToolContext,
    document: Annotated[dict[str, object], Field(description="the strategy document"), WithJsonSchema(_form())],
) -> Outcome:
    """Check a strategy document and store it as a new version, unapproved.

    A decision is made at a bar's close and fills at the next bar's open. Name indicators in `features` and use the
    names in `entry` and `exit`. Problems come back with their place in the document; mend them and call again.
    """
    checked, reasons = inspect(document)
    if checked is None:
        words = "; ".join(f"{reason.place or '/'}: {reason.text}" for reason in reasons[:MAX_PROBLEMS])
        raise Refusal("document_refused", 422, f"The document is not right yet. {words}", place=reasons[0].place)
    written = plain(checked)

    async def save(session: AsyncSession, outcome: Outcome) -> Outcome:
        author = f"session:{context.session_id}"
        version = await engine.save_version(
            session, document=checked, name=checked.name, author=author, now=context.clock()
        )
        stored = {"version_id": str(version.id), "strategy_id": str(version.strategy_id), "hash": version.hash}
        return replace(outcome, output={**stored, "chosen": written})

    words = f"{checked.name}: enter when {checked.entry}, leave when {checked.exit}"
    return Outcome(title=f"Strategy {checked.name}", preview=words, output={"chosen": written}, save=save)
