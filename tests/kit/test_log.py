"""Logs: one line a fact, and never a secret in it."""

import json
import subprocess
import sys

import pytest

from omc.kit.log import LONGEST_VALUE, STRUCK_OUT, strike_out


@pytest.mark.parametrize(
    "name", ["password", "api_key", "apikey", "token", "session_token", "Authorization", "cookie", "csrf", "secret_key"]
)
def test_a_value_under_a_secret_name_is_struck_out(name: str) -> None:
    assert strike_out(None, "info", {"event": "x", name: "hunter2"})[name] == STRUCK_OUT


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("connecting to postgresql://omc_app:hunter2@db/omc", "hunter2"),
        ("Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
        ("refused omc_abcdefghijklmnopqrst", "abcdefghijklmnopqrst"),
        ("key sk-proj-abcdefghijklmnop", "abcdefghijklmnop"),
        ("key AIzaSyabcdefghijklmnop", "Syabcdefghijklmnop"),
    ],
)
def test_a_secret_inside_a_text_is_struck_out_by_its_shape(text: str, secret: str) -> None:
    for value in (text, {"inner": [text]}, ValueError(text)):
        cleaned = strike_out(None, "info", {"event": text, "detail": value})
        assert secret not in str(cleaned)
        assert STRUCK_OUT in str(cleaned["event"])


def test_a_count_of_tokens_is_no_token() -> None:
    assert strike_out(None, "info", {"event": "x", "tokens_in": 12})["tokens_in"] == 12


def test_a_huge_value_is_shortened() -> None:
    assert len(str(strike_out(None, "info", {"event": "x" * 1_000_000})["event"])) < LONGEST_VALUE + 100


PROGRAM = """
import logging
import structlog
from omc.kit.log import set_up
set_up(style="json")
def inner():
    password = "hunter2"
    raise ValueError("no postgresql://a:hunter2@h/d")
try:
    inner()
except ValueError:
    structlog.get_logger("a").exception("failed", order_id=7)
    logging.getLogger("library").error("Bearer %s", "abcdefghijklmnop", exc_info=True)
"""


def test_tracebacks_of_ours_and_of_libraries_hold_no_local_value_and_no_secret() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    ours, theirs = (json.loads(line) for line in done.stderr.splitlines())
    assert (ours["event"], ours["order_id"], ours["level"]) == ("failed", 7, "error")
    assert "Traceback" in ours["exception"]
    assert "hunter2@" not in done.stderr
    assert "abcdefghijklmnop" not in theirs["event"]
