"""`omc research` and `omc models compare` with a key of one's own, as processes, against a simulated provider."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from omc.kit.postgres import ServerUrls
from tests.cli.commands import installation, json_of, omc
from tests.sims.models.fixture import KEY, ModelServer

GOAL = "Does a moving-average crossover beat holding BTC on hourly bars?"


@pytest.fixture
def env(own_database: ServerUrls, tmp_path: Path, model_server: ModelServer) -> Mapping[str, str]:
    """An installation with half a year of made-up bars and a key at a server declared free."""
    made = installation(tmp_path / "data", own_database)
    assert omc("data", "synthetic", "--end", "2023-06-01", "--seed", "11", env=made).returncode == 0
    added = omc(
        *("models", "add", "--provider", "openai-compatible", "--name", "Sim"),
        *("--base-url", model_server.openai_url, "--key-stdin", "--model", "sim-small", "--free"),
        env=made,
        given=KEY,
    )
    assert added.returncode == 0, added.stderr
    return made


@pytest.mark.slow
def test_models_are_compared_on_one_task(env: Mapping[str, str]) -> None:
    done = omc("models", "compare", "analyst", "Sim:sim-small", "--cap", "1.00", "--json", env=env)
    assert done.returncode == 0, done.stderr
    answer = json_of(done)
    assert (answer["state"], answer["repeats"]) == ("done", 3)
    scores = answer["scores"]
    assert isinstance(scores, list)
    for score in scores:
        assert score["runs"] == 3
        assert score["evidence_validity"]["value"] == score["tool_success"]["value"] == 1
        assert score["evidence_validity"]["low"] < 1, "three runs do not make certain"
        assert score["agreement"]["n"] == 3
        assert Decimal(score["cost_total"]) == 0
    hashes = answer["data_hashes"]
    assert isinstance(hashes, list)
    assert len(hashes) == 1


@pytest.mark.slow
def test_research_names_a_key_and_model_or_says_which_there_are(env: Mapping[str, str]) -> None:
    done = omc("research", GOAL, "--model", "Sim:sim-small", "--cap", "0.50", "--json", env=env)
    assert done.returncode == 0, done.stderr
    assert json_of(done)["kind"] == "report"
    refused = omc("research", GOAL, "--model", "Sim:sim-small", "--role", "broker=Sim:sim-small", env=env)
    assert (refused.returncode, "no role 'broker'" in refused.stderr) == (1, True)
    refused = omc("research", GOAL, "--model", "gpt-of-dreams", env=env)
    assert (refused.returncode, "Sim:" in refused.stderr) == (1, True)
    refused = omc("research", GOAL, "--model", "sim-small", "--cap", "nothing", env=env)
    assert (refused.returncode, "not a number" in refused.stderr) == (1, True)
    few = omc("models", "compare", "analyst", "--repeats", "2", "--cap", "1", env=env)
    assert (few.returncode, "Repeat 3 to 20 times" in few.stderr) == (1, True)
