"""Trained models over real HTTP."""

from pathlib import Path
from uuid import UUID

import httpx
import pytest

from omc.kit.db import Database
from omc.ledgers.rules import Series
from tests.engine.learning.specs import a_trending_market
from tests.engine.learning.test_store import a_model
from tests.engine.series import a_series

MODELS = "/api/v1/engine/models"


@pytest.fixture
async def workspace_of(client: httpx.AsyncClient) -> UUID:
    return UUID((await client.get("/api/v1/identity/me")).json()["workspace"]["id"])


@pytest.fixture
async def series(workspace_of: UUID, database: Database, tmp_path: Path) -> Series:
    return await a_series(database, workspace_of, tmp_path, a_trending_market(800))


async def test_a_model_is_listed_and_told(
    client: httpx.AsyncClient, database: Database, workspace_of: UUID, series: Series
) -> None:
    hash_ = await a_model(database, workspace_of, series)
    (line,) = (await client.get(MODELS)).json()["items"]
    assert (line["hash"], line["kind"], line["series_id"]) == (hash_, "logistic", str(series.id))
    answer = await client.get(f"{MODELS}/{hash_}")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert {name: told[name] for name in line} == line
    assert told["spec"]["model"] == {"kind": "logistic"}
    assert len(told["folds"]) == 4
    assert all(fold["test"]["auc"] is not None and fold["train"]["auc"] is not None for fold in told["folds"])
    means = [one["mean"] for one in told["importances"]]
    assert means == sorted(means, reverse=True)
    why = told["explanation"]
    assert why["base"] + sum(one["adds"] for one in why["contributions"]) == pytest.approx(why["score"])


async def test_a_model_that_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{MODELS}/{'0' * 64}")).json()["code"] == "not_found"
    assert (await client.get(f"{MODELS}/nothing")).status_code == 422
