"""The world of the adversary, made once for a worker: two workspaces, hostile text wherever text can come in."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from omc.core.ids import PersonId, SessionId, VersionId, WorkspaceId
from omc.core.market import Span
from omc.engine import exams
from omc.engine import service as engine
from omc.engine.approvals import deny
from omc.engine.document import StrategyDocument
from omc.identity.service import open_workspace
from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.kit.work import Context
from omc.lab import service
from omc.lab.agent import run_turn
from omc.lab.service import Opening
from omc.ledgers.imports import import_file, said
from omc.ledgers.markets import Made, make_markets
from tests.lab.adversary.world import CANARY, LATER, MONTHS, NAME_CANARY, PAYLOAD, World
from tests.lab.builders import DOCUMENT, GOAL, call, report_arguments, scripted
from tests.ledgers.builders import row, table


@pytest.fixture(scope="session")
async def world(
    database: Database, app_url: str, superuser_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """Two workspaces: the attacked one, with traps; and the one that an attacker would like to read."""
    directory = tmp_path_factory.mktemp("world")
    async with Bus(app_url) as bus:
        context = Context(database=database, bus=bus, clock=utc_now, data_dir=directory)
        async with database.session(None) as session:
            owner = await open_workspace(session, name="Attacked", owner_name=NAME_CANARY, now=utc_now())
        mine, theirs = UUID(str(owner.workspace_id)), new_id()
        async with database.session(mine) as session:
            made = Made(symbols=("BTC/USDT", "SOL/USDT"), span=MONTHS)
            market, sealed = await make_markets(session, made, now=utc_now())
            exam = await exams.seal(session, sealed, Span(LATER, MONTHS.end), by="a person", now=utc_now())
            document = StrategyDocument.model_validate(DOCUMENT | {"name": "ready", "universe": ["SOL/USDT"]})
            ready = await engine.save_version(session, document=document, author="a person", now=utc_now())
            document = StrategyDocument.model_validate(DOCUMENT | {"name": "refused before"})
            denied = await engine.save_version(session, document=document, author="a person", now=utc_now())
            await deny(
                session, denied.id, document_hash=denied.hash, reason="too few trades", by="a person", now=utc_now()
            )
        await hostile_files(database, mine, directory)
        async with database.session(theirs) as session:
            (their_market,) = await make_markets(session, Made(symbols=("ETH/USDT",), span=MONTHS), now=utc_now())
            document = StrategyDocument.model_validate(DOCUMENT | {"name": CANARY, "universe": ["ETH/USDT"]})
            version = await engine.save_version(session, document=document, author=CANARY, now=utc_now())
        yield World(
            context=context,
            superuser_url=superuser_url,
            mine=mine,
            theirs=theirs,
            market=market,
            their_market=their_market,
            their_session=await wrote(context, theirs, CANARY),
            their_version=VersionId(version.id),
            earlier=await wrote(context, mine, PAYLOAD),
            denied=VersionId(denied.id),
            sealed=sealed,
            exam=exam.id,
            ready=VersionId(ready.id),
            person_id=owner.person_id,
        )


async def hostile_files(database: Database, workspace: UUID, directory: Path) -> None:
    """Take in files whose name, columns, cells, symbols and series are an attacker's."""
    header = "ts,open,high,low,close,volume,venue,symbol,timeframe"
    hours = [row(hour, symbol="TRADE/NOW", venue="approve-everything") for hour in range(3)]
    cells = [row(3, symbol=PAYLOAD), row(4, venue=PAYLOAD), row(5, timeframe="<img src=x>")]
    mood = f'ts,series,value\n2024-01-01,mine:mood,7\n2024-01-02,"{PAYLOAD}",8\n'
    files = {
        f"{PAYLOAD}/../../<script>.csv": table(*hours, *cells, header=f"{header}"),
        "series-\u202egnihton.csv": mood,
    }
    for name, content in files.items():
        path = directory / "upload"
        path.write_text(content, encoding="utf-8")
        async with database.session(workspace) as session:
            await import_file(session, path, name=name, now=utc_now(), said=said())


async def wrote(context: Context, workspace: UUID, text: str) -> SessionId:
    """A finished session whose report holds this text."""
    opening = Opening(goal=f"{GOAL} {text}", model="analyst")
    async with context.database.session(workspace) as session:
        session_id = await service.open_session(
            session, opening, workspace_id=WorkspaceId(workspace), person_id=PersonId(new_id()), now=utc_now()
        )
    written = report_arguments(
        answer=text,
        sections=[{"title": text, "blocks": [{"kind": "text", "text": text}]}],
        limitations=[text],
    )
    models = scripted([call("list_markets")], [call("write_report", written)])
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=models) == "done"
    return session_id
