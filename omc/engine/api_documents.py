"""Routes of the engine for its editor: a document inspected while it is written."""

from fastapi import APIRouter
from pydantic import JsonValue, TypeAdapter

from omc.engine.answers import Problem
from omc.engine.answers_documents import Inspected, WarmUpAnswer, Written
from omc.engine.assumptions import effective
from omc.engine.document import StrategyDocument, document_hash, plain
from omc.engine.reading import DocumentRefused, compile_document, read_text
from omc.engine.terms import history_of
from omc.identity.api import Reader

router = APIRouter(prefix="/engine", tags=["engine"])

_JSON = TypeAdapter(dict[str, JsonValue])


@router.post("/documents/inspect", operation_id="engine_inspect")
async def inspect_document(_: Reader, body: Written) -> Inspected:
    """Inspect a document as text: every problem at once with its place, or what it amounts to. Nothing is stored."""
    try:
        return _amounts_to(read_text(body.text))
    except DocumentRefused as refused:
        problems = [Problem(place=one.place, code=one.code, text=one.text) for one in refused.reasons]
        return Inspected(ok=False, problems=problems)


def _amounts_to(document: StrategyDocument) -> Inspected:
    program = compile_document(document)
    history = history_of(document, program)
    return Inspected(
        ok=True,
        problems=[],
        hash=document_hash(document),
        document=_JSON.validate_python(plain(document)),
        assumptions=effective(document),
        warm_up=WarmUpAnswer(bars=history.bars, place=history.place),
    )
