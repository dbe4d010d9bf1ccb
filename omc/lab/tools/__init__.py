"""The tools a model may call: `TOOLS` is the whole list, one row each. None has a network, a secret or an order."""

from omc.lab.tools import ask, backtest, catalogue, market, plan, propose, strategy, walk_forward, write_report
from omc.lab.tools.base import Tool

TOOLS: tuple[Tool, ...] = (
    Tool(name="set_plan", run=plan.set_plan, title="Plans the work", keeps_evidence=False),
    Tool(name="ask_person", run=ask.ask_person, title="Asks you", keeps_evidence=False),
    Tool(name="list_markets", run=catalogue.list_markets, title="Looks at what data there is"),
    Tool(name="measure_bars", run=market.measure_bars, title="Measures the market"),
    Tool(name="draft_strategy", run=strategy.draft_strategy, title="Drafts a strategy"),
    Tool(name="run_backtest", run=backtest.run_backtest, title="Backtests the strategy"),
    Tool(name="walk_forward", run=walk_forward.walk_forward, title="Checks it walking forward"),
    Tool(name="write_report", run=write_report.write_report, title="Writes the report"),
    Tool(name="propose_strategy", run=propose.propose_strategy, title="Proposes it for your approval"),
)
