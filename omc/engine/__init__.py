"""Strategies as data: the document, its decisions, its backtests, and what the workspace tried.

Tables: `engine_strategy`, `engine_version`, `engine_approval`, `engine_review`, `engine_backtest`, `engine_trial`,
`engine_trial_end`, `engine_exam_try`, `engine_verdict`, `engine_validation`, `engine_sweep`, `engine_sweep_row`,
`engine_model`, `engine_training`.
Invariants: a version is immutable and known by the hash of its document; an approval binds the digest of what was
shown, and rests on a passing verdict or on a person's recorded words; a denied version is approved only after a person
opened it again; each backtest is registered as a trial before it runs; sealed data is read by an exam only; a backtest,
paper and live trading decide by the same function. Called by the lab (drafting, testing), the floor (deciding) and the
doors; the Python API for notebooks is what this module exports, which needs numpy and Pydantic only.
"""

from omc.engine.decision import Decisions, Signal, decide, signals
from omc.engine.document import StrategyDocument, document_hash, json_schema, plain
from omc.engine.indicators import INDICATORS
from omc.engine.portfolio import Portfolio, simulate_together
from omc.engine.reading import DocumentRefused, check, inspect, read, read_text
from omc.engine.simulate import Result, Settings, simulate
from omc.engine.walk_forward import Plan, WalkForward, walk_forward
from omc.ledgers.columns import BarColumns, bar_columns

__all__ = [
    "INDICATORS",
    "BarColumns",
    "Decisions",
    "DocumentRefused",
    "Plan",
    "Portfolio",
    "Result",
    "Settings",
    "Signal",
    "StrategyDocument",
    "WalkForward",
    "bar_columns",
    "check",
    "decide",
    "document_hash",
    "inspect",
    "json_schema",
    "plain",
    "read",
    "read_text",
    "signals",
    "simulate",
    "simulate_together",
    "walk_forward",
]
