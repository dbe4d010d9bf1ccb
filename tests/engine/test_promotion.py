"""Promotion to paper: by a passing verdict of that version, or by a person's recorded words why it needs none."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from omc.engine import approvals, service, verdicts
from omc.engine.gate import Figures
from omc.engine.records import Decision, Version
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.events import read as read_events
from omc.ledgers.rules import Series
from tests.engine.builders import a_document
from tests.engine.series import a_series
from tests.engine.test_gate import GOOD

NOW = datetime(2024, 6, 1, tzinfo=UTC)
WHY = "watched on paper before it is believed"
BAD = Figures(look_ahead_found=True)


@pytest.fixture
async def series(database: Database, workspace: UUID, tmp_path: Path) -> Series:
    return await a_series(database, workspace, tmp_path)


@pytest.fixture
async def version(database: Database, workspace: UUID) -> Version:
    async with database.session(workspace) as session:
        return await service.save_version(session, document=a_document(), author="test", now=NOW)


async def judged(database: Database, workspace: UUID, version: Version, series: Series, figures: Figures) -> None:
    async with database.session(workspace) as session:
        await verdicts.give(session, version.hash, series.id, None, figures, by="1", now=NOW)


async def approve(
    database: Database, workspace: UUID, version: Version, why: str | None = None, *, digest: str = "d1"
) -> Decision:
    async with database.session(workspace) as session:
        await approvals.approve(
            session,
            version.id,
            document_hash=version.hash,
            digest=digest,
            by="1",
            now=NOW,
            override_reason=why,
        )
        return (await approvals.list_decisions(session))[0]


async def refusal(database: Database, workspace: UUID, version: Version, why: str | None = None) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await approve(database, workspace, version, why)
    async with database.session(workspace) as session:
        assert (await service.get_version(session, version.id)).status == "draft"
    return refused.value


async def test_a_passing_verdict_is_enough_and_keeps_no_other_reason(
    database: Database, workspace: UUID, series: Series, version: Version
) -> None:
    await judged(database, workspace, version, series, GOOD)
    decided = await approve(database, workspace, version, WHY)
    assert (decided.outcome, decided.overridden, decided.reason) == ("approved", False, "")
    async with database.session(workspace) as session:
        (told,) = [event.data for event in await read_events(session, "audit") if event.kind == "version.approved"]
    assert "override_reason" not in told


async def test_without_a_verdict_it_is_refused_and_says_what_to_do(
    database: Database, workspace: UUID, version: Version
) -> None:
    for why in (None, "", "    "):
        refused = await refusal(database, workspace, version, why)
        assert (refused.code, refused.status, refused.place) == ("no_verdict", 409, "/override_reason")
        assert "validate it first, or say in at least 10 characters why" in refused.text


@pytest.mark.parametrize(("figures", "outcome"), [(BAD, "fail"), (Figures(), "weak")])
async def test_a_verdict_that_is_no_pass_is_refused_with_its_worst_reason(
    database: Database, workspace: UUID, series: Series, version: Version, figures: Figures, outcome: str
) -> None:
    await judged(database, workspace, version, series, GOOD)
    await judged(database, workspace, version, series, figures)
    refused = await refusal(database, workspace, version)
    assert (refused.code, refused.status) == ("verdict_failed", 409)
    assert f"is {outcome}: " in refused.text
    if outcome == "fail":
        assert "it looks ahead" in refused.text


async def test_a_reason_that_says_nothing_is_none(database: Database, workspace: UUID, version: Version) -> None:
    refused = await refusal(database, workspace, version, "  because  ")
    assert (refused.code, refused.place) == ("reason_too_short", "/override_reason")


async def test_an_override_is_kept_with_the_approval_audited_and_shown(
    database: Database, workspace: UUID, series: Series, version: Version
) -> None:
    await judged(database, workspace, version, series, BAD)
    decided = await approve(database, workspace, version, f"  {WHY} ")
    assert (decided.outcome, decided.overridden, decided.reason) == ("approved", True, WHY)
    async with database.session(workspace) as session:
        (told,) = [event.data for event in await read_events(session, "audit") if event.kind == "version.approved"]
    assert told["override_reason"] == WHY


async def test_the_same_card_again_needs_no_other_reason_but_another_card_does(
    database: Database, workspace: UUID, version: Version
) -> None:
    await approve(database, workspace, version, WHY)
    decided = await approve(database, workspace, version)
    assert decided.reason == WHY
    with pytest.raises(Refusal, match="no verdict was given"):
        await approve(database, workspace, version, digest="d2")


async def test_the_verdict_of_another_version_says_nothing_of_this_one(
    database: Database, workspace: UUID, series: Series, version: Version
) -> None:
    async with database.session(workspace) as session:
        other = await service.save_version(session, document=a_document(capital="5"), author="test", now=NOW)
    await judged(database, workspace, other, series, GOOD)
    assert (await refusal(database, workspace, version)).code == "no_verdict"
    assert not (await approve(database, workspace, other)).overridden
