"""The tools a model may call: `TOOLS` is the whole list, one row each. None has a network, a secret or an order.

What a tool may read and change stands in `omc.lab.policy`: a tool without a row there is refused.
"""

from omc.lab.tools import (
    ask,
    backtest,
    catalogue,
    chart,
    event_study,
    exam,
    features,
    market,
    plan,
    propose,
    query,
    read_books,
    search_sessions,
    stage,
    strategy,
    sweep,
    train,
    walk_forward,
    write_report,
)
from omc.lab.tools.base import Tool

TOOLS: tuple[Tool, ...] = (
    Tool(name="set_plan", run=plan.set_plan, title="Plans the work", keeps_evidence=False),
    Tool(name="ask_person", run=ask.ask_person, title="Asks you", keeps_evidence=False),
    Tool(name="list_markets", run=catalogue.list_markets, title="Looks at what data there is"),
    Tool(name="list_observations", run=catalogue.list_observations, title="Looks at what is known besides bars"),
    Tool(name="search_sessions", run=search_sessions.search_sessions, title="Looks at earlier sessions"),
    Tool(name="measure_bars", run=market.measure_bars, title="Measures the market"),
    Tool(name="query_data", run=query.query_data, title="Queries the data"),
    Tool(name="measure_features", run=features.measure_features, title="Measures indicators"),
    Tool(name="study_events", run=event_study.study_events, title="Studies what followed events"),
    Tool(name="draw_chart", run=chart.draw_chart, title="Draws a chart"),
    Tool(name="train_model", run=train.train_model, title="Trains a model"),
    Tool(name="draft_strategy", run=strategy.draft_strategy, title="Drafts a strategy"),
    Tool(name="run_backtest", run=backtest.run_backtest, title="Backtests the strategy"),
    Tool(name="sweep_parameters", run=sweep.sweep_parameters, title="Searches over its parameters"),
    Tool(name="walk_forward", run=walk_forward.walk_forward, title="Checks it walking forward"),
    Tool(name="list_exams", run=exam.list_exams, title="Looks at sealed exams"),
    Tool(name="sit_exam", run=exam.sit_exam, title="Sits the final exam"),
    Tool(name="read_books", run=read_books.read_books, title="Reads your books"),
    Tool(name="write_report", run=write_report.write_report, title="Writes the report"),
    Tool(name="set_stage", run=stage.set_stage, title="Hands over", keeps_evidence=False),
    Tool(name="propose_strategy", run=propose.propose_strategy, title="Proposes it for your approval"),
)
