"""Whether a session proves what it says, over HTTP: claims hold an approval back, and its question is asked again."""

from uuid import UUID

import httpx
import pytest
from pydantic_ai.messages import ModelMessage

from omc.core.ids import SessionId, WorkspaceId
from omc.kit.clock import utc_now
from omc.kit.work import Context, work
from omc.lab.agent import run_turn
from omc.lab.work import JOBS
from omc.ledgers.markets import Made, make_markets
from omc.ledgers.rules import Series
from tests.lab.builders import DOCUMENT, GOAL, YEAR, Answer, call, last_results, playing, report_arguments, say
from tests.lab.test_lab_api import workspace_of

API = "/api/v1"
LIMITS = {"capital": "10000", "max_position_fraction": "1", "max_orders_per_day": 100, "max_daily_loss": "2500"}
REFUSED = {"version_id": "x", "series_id": "y"}


@pytest.fixture
async def series(client: httpx.AsyncClient, context: Context) -> Series:
    """One synthetic year in the client's workspace."""
    made = Made(symbols=("BTC/USDT",), timeframe="1h", span=YEAR, seed=7)
    async with context.database.session(workspace_of(client)) as session:
        (found,) = await make_markets(session, made, now=utc_now())
    return found


class Writer:
    """A model that tests one version and writes the report it is told to write; `text` is its answer."""

    def __init__(self, series: Series, text: str) -> None:
        self.series_id, self.text, self.step = str(series.id), text, 0
        self.version_id = ""

    def __call__(self, messages: list[ModelMessage]) -> Answer:
        self.step += 1
        match self.step:
            case 1:
                return [call("draft_strategy", document=DOCUMENT), call("run_backtest", **REFUSED)]
            case 2:
                content = last_results(messages)[0].content
                assert isinstance(content, dict)
                self.version_id = str(content["version_id"])
                return [call("run_backtest", version_id=self.version_id, series_id=self.series_id)]
            case 3 | 5:
                text = self.text if self.step == 3 else "Its return was {{2:/metrics/total_return_percent}}."
                return [call("write_report", report_arguments(answer=text, verdict="yes"))]
            case _:
                return [say("Done.")]


async def opened(client: httpx.AsyncClient) -> str:
    body = {"goal": GOAL, "model": "analyst"}
    return (await client.post(f"{API}/lab/sessions", json=body)).json()["id"]


async def play(client: httpx.AsyncClient, context: Context, session_id: str, writer: Writer) -> None:
    workspace = WorkspaceId(workspace_of(client))
    models = playing(writer)
    assert await run_turn(context, workspace, SessionId(UUID(session_id)), models=models) == "done"


async def deployed(client: httpx.AsyncClient, version_id: str, series: Series) -> httpx.Response:
    wish = {"version_id": version_id, "series_id": str(series.id), "feed": "replay", "limits": LIMITS}
    card = await client.post(f"{API}/floor/card", json=wish)
    assert card.is_success, card.text
    approval = {"digest": card.json()["digest"], "override_reason": "I watch it on paper first"}
    return await client.post(f"{API}/floor/deployments", json=wish | approval)


async def test_nobody_approves_what_a_report_claims_without_evidence(
    client: httpx.AsyncClient, context: Context, series: Series
) -> None:
    session_id, writer = await opened(client), Writer(series, "The crossover beats holding by a wide margin.")
    await play(client, context, session_id, writer)
    report = (await client.get(f"{API}/lab/sessions/{session_id}/report")).json()
    assert (report["unverified"], report["claims"]) == (1, 1)
    assert {"unverified": "beats", "why": "claim"} in report["answer_spans"]
    refused = await deployed(client, writer.version_id, series)
    assert (refused.status_code, refused.json()["code"]) == (409, "unverified_claim")
    assert "claims “beats”" in refused.json()["detail"]
    await client.post(f"{API}/lab/sessions/{session_id}/say", json={"text": "Write it anew, with figures."})
    await play(client, context, session_id, writer)
    allowed = await deployed(client, writer.version_id, series)
    assert allowed.is_success, allowed.text


async def test_a_report_lists_what_was_tried_and_refused_whatever_the_model_says(
    client: httpx.AsyncClient, context: Context, series: Series
) -> None:
    session_id, writer = await opened(client), Writer(series, "Nothing was tried.")
    await play(client, context, session_id, writer)
    report = (await client.get(f"{API}/lab/sessions/{session_id}/report")).json()
    refused, done = report["tried"]
    assert (refused["tool"], refused["outcome"], refused["evidence"]) == ("run_backtest", "refused", None)
    assert "is not the id of a" in refused["words"]
    assert (done["outcome"], done["evidence"], done["parameter_sets"]) == ("done", 2, 1)
    assert done["figure"]["path"] == "/metrics/total_return_percent"
    assert report["registered"] == {"runs": 1, "parameter_sets": 1, "failed": 0, "unfinished": 0}
    assert any("would turn" in text for text in report["would_change"])


async def test_a_question_is_asked_again_and_the_card_says_how_far_the_runs_agree(
    client: httpx.AsyncClient, context: Context, series: Series
) -> None:
    del series
    session_id = await opened(client)
    place = f"{API}/lab/sessions/{session_id}"
    await work(context, JOBS, until_empty=True)
    before = (await client.get(f"{place}/repeats")).json()
    assert (before["runs"], before["words"].startswith("Never repeated")) == (1, True)
    started = await client.post(f"{place}/repeats", json={"n": 2})
    assert started.status_code == 201, started.text
    twice = await client.post(f"{place}/repeats", json={"n": 2})
    assert (twice.status_code, twice.json()["code"]) == (409, "repeats_under_way")
    await work(context, JOBS, until_empty=True)
    found = (await client.get(f"{place}/repeats")).json()
    assert (found["runs"], found["ended"], found["agreeing"]) == (3, 3, 3)
    assert found["words"].startswith("3 of 3 runs agree; return between ")
    assert {spread["low"] == spread["high"] for spread in found["spreads"]} == {True}
    bakeoff = (await client.get(f"{API}/lab/bakeoffs/{found['bakeoffs'][0]}")).json()
    assert len(bakeoff["data_hashes"]) == 1, "all saw the same past"
    (card,) = (await client.get(f"{API}/lab/proposals")).json()["items"]
    assert card["stability"] == found["words"], "whichever of the runs proposed it last"
