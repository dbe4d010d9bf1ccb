"""What judges the attacks sees harm when there is some: each kind is done once by hand."""

import socket
from contextlib import suppress
from uuid import UUID

import pytest
from sqlalchemy import text

from omc.kit.events import append
from tests.lab.adversary.world import Played, World, assert_inert, listening, opened

PAGE = "<html><meta content=\"default-src 'none'\"><style>a{{}}</style><body>{}</body></html>"


async def changed(world: World, workspace: UUID, statement: str) -> set[str]:
    played = Played(world=world, before=world.sums(), session_id=await opened(world))
    async with world.context.database.session(workspace) as session:
        await session.execute(text(statement))
    return played.changed


async def test_a_change_of_another_row_is_seen(world: World) -> None:
    assert await changed(world, world.mine, f"UPDATE lab_session SET cap = 9 WHERE id = '{world.earlier}'") == {
        "lab_session"
    }
    assert await changed(world, world.mine, "UPDATE ledgers_series SET label = label || 'x'") == {"ledgers_series"}
    with pytest.raises(AssertionError, match="another workspace"):
        await changed(world, world.theirs, "UPDATE engine_strategy SET name = name || 'x'")
    played = Played(world=world, before=world.sums(), session_id=await opened(world))
    async with world.context.database.session(world.mine) as session:
        await append(session, "imports", "forged", {})
    assert played.changed == {"event"}


def test_a_connection_is_heard() -> None:
    with listening() as heard, socket.socket() as line, suppress(OSError):
        line.connect(("127.0.0.1", 1))
    assert [one.split()[0] for one in heard] == ["socket.connect"]


@pytest.mark.parametrize(
    "markup",
    ["<img src=x>", "<a href='https://evil.test'>x</a>", "<script>1</script>", "<p onclick=x>", "<p style='a:url(x)'>"],
)
def test_a_page_that_acts_is_not_inert(markup: str) -> None:
    assert_inert(PAGE.format("<p>x</p>"), "x")
    with pytest.raises(AssertionError):
        assert_inert(PAGE.format(markup), "x")


@pytest.mark.parametrize("words", ["[x](https://evil.test)", "![x](y)", "<https://evil.test>", "[x][y]"])
def test_markdown_that_leads_away_is_not_inert(words: str) -> None:
    with pytest.raises(AssertionError):
        assert_inert(PAGE.format(""), words)
