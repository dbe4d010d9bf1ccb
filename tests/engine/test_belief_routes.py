"""The routes of what may be believed, over real HTTP: trials, exams, verdicts, the gate's thresholds."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from omc.engine import verdicts
from omc.engine.gate import Figures
from omc.engine.work import JOBS
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.work import Context, work
from omc.ledgers.rules import Series
from tests.engine.builders import a_raw_document
from tests.engine.series import a_series
from tests.engine.test_exams import FIRST, SEALED, WHY

ENGINE = "/api/v1/engine"


@pytest.fixture
async def series(client: httpx.AsyncClient, database: Database, tmp_path: Path) -> Series:
    me = (await client.get("/api/v1/identity/me")).json()
    return await a_series(database, UUID(me["workspace"]["id"]), tmp_path)


@pytest.fixture
async def version(client: httpx.AsyncClient) -> dict[str, str]:
    return (await client.post(f"{ENGINE}/versions", json={"document": a_raw_document()})).json()


async def sealed(client: httpx.AsyncClient, series: Series) -> httpx.Response:
    body = {"series_id": str(series.id), "start": SEALED.start.isoformat(), "end": SEALED.end.isoformat()}
    return await client.post(f"{ENGINE}/exams", json=body)


async def test_an_exam_is_sealed_sat_once_and_again_only_with_a_mark(
    client: httpx.AsyncClient, context: Context, series: Series, version: dict[str, str]
) -> None:
    answer = await sealed(client, series)
    assert answer.status_code == 201, answer.text
    exam = answer.json()
    assert (exam["tried_before"], exam["seen"], exam["tries"]) == (0, False, [])
    address, body = f"{ENGINE}/exams/{exam['id']}", {"version_id": version["id"]}
    first = await client.post(f"{address}/tries", json=body)
    assert (first.status_code, first.json()["repeated"]) == (202, False)
    again = await client.post(f"{address}/tries", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "exam_taken")
    insisted = await client.post(f"{address}/tries", json=body | {"insist": WHY})
    assert (insisted.status_code, insisted.json()["repeated"]) == (202, True)
    await work(context, JOBS, until_empty=True)
    sat = (await client.get(address)).json()
    assert [(one["number"], one["repeated"], one["reason"]) for one in sat["tries"]] == [(1, False, ""), (2, True, WHY)]
    listed = (await client.get(f"{ENGINE}/exams", params={"series_id": str(series.id)})).json()["items"]
    assert listed == [sat]
    run = (await client.get(f"{ENGINE}/backtests/{sat['tries'][0]['backtest_id']}")).json()
    assert run["state"] == "done"


async def test_a_backtest_over_the_seal_is_refused_and_one_with_a_start_only_is_cut(
    client: httpx.AsyncClient, series: Series
) -> None:
    await sealed(client, series)
    body = {"document": a_raw_document(), "series_id": str(series.id), "start": FIRST.isoformat()}
    over = await client.post(f"{ENGINE}/backtests", json=body | {"end": SEALED.end.isoformat()})
    assert (over.status_code, over.json()["code"], over.json()["place"]) == (409, "sealed", "/end")
    cut = await client.post(f"{ENGINE}/backtests", json=body)
    assert cut.status_code == 202
    run = (await client.get(f"{ENGINE}/backtests/{cut.json()['id']}")).json()
    assert run["span"]["end"] == SEALED.start.isoformat().replace("+00:00", "Z")


async def test_a_broken_seal_is_told(client: httpx.AsyncClient, series: Series) -> None:
    exam = (await sealed(client, series)).json()
    short = await client.post(f"{ENGINE}/exams/{exam['id']}/break", json={"reason": "oops"})
    assert (short.status_code, short.json()["code"]) == (422, "reason_too_short")
    broken = (await client.post(f"{ENGINE}/exams/{exam['id']}/break", json={"reason": WHY})).json()
    assert (broken["seen"], broken["broken"]["reason"]) == (True, WHY)
    # People are told by name.
    assert broken["broken"]["by"] == broken["sealed_by"] != ""
    with pytest.raises(ValueError, match="badly formed"):
        UUID(broken["sealed_by"])


async def test_the_line_of_a_series_counts_and_can_be_narrowed(client: httpx.AsyncClient, series: Series) -> None:
    body = {"document": a_raw_document(), "series_id": str(series.id)}
    early = {"end": (FIRST + timedelta(hours=200)).isoformat()}
    for one in (body, body | early, body | {"document": a_raw_document(entry="close > fast")}):
        assert (await client.post(f"{ENGINE}/backtests", json=one)).status_code == 202
    address = f"{ENGINE}/series/{series.id}/trials"
    whole = (await client.get(address)).json()
    late = (await client.get(address, params={"start": (FIRST + timedelta(hours=300)).isoformat()})).json()
    assert (whole["trials"], whole["clusters"], late["trials"]) == (3, 2, 2)
    backwards = await client.get(address, params={"start": "2024-02-01T00:00:00Z", "end": "2024-01-01T00:00:00Z"})
    assert (backwards.status_code, backwards.json()["code"]) == (422, "bad_span")


async def test_a_version_says_what_it_lacks_for_paper(
    client: httpx.AsyncClient, database: Database, series: Series, version: dict[str, str]
) -> None:
    address = f"{ENGINE}/versions/{version['id']}/verdict"
    nothing = (await client.get(address)).json()
    assert (nothing["passes"], nothing["code"], nothing["verdict"]) == (False, "no_verdict", None)
    assert "validate it first" in nothing["says"]
    workspace = UUID(client.headers["x-workspace"])
    async with database.session(workspace) as session:
        figures = Figures(look_ahead_found=True)
        await verdicts.give(session, version["hash"], series.id, None, figures, by="ada", now=utc_now())
    failed = (await client.get(address)).json()
    assert (failed["passes"], failed["code"], failed["verdict"]["outcome"]) == (False, "verdict_failed", "fail")
    assert "it looks ahead" in failed["says"]
    assert failed["verdict"]["reasons"][0]["figure"] == "look_ahead_found"
    listed = (await client.get(f"{address}s")).json()["items"]
    assert listed == [failed["verdict"]]


async def test_the_gate_says_what_it_asks_for(client: httpx.AsyncClient) -> None:
    rows = (await client.get(f"{ENGINE}/gate")).json()["items"]
    assert {row["name"] for row in rows} >= {"deflated_sharpe", "pbo", "exam_sharpe"}
    assert all(row["why"] for row in rows)


async def test_no_route_takes_figures(client: httpx.AsyncClient, version: dict[str, str]) -> None:
    for path in ("verdict", "verdicts"):
        answer = await client.post(f"{ENGINE}/versions/{version['id']}/{path}", json={"outcome": "pass"})
        assert answer.status_code == 405
