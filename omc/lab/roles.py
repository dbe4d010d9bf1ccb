"""Owns the stages of research and who does them: one model by default, or a model of its own for each role.

A role is a prompt and a set of tools over the same loop and the same conversation. Without roles of its own a session
has all tools all the time. With some, its stage says who works: it stands in the transcript, as the last one set.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from omc.kit.errors import Refusal

SET_STAGE = "set_stage"
ALWAYS = frozenset({"set_plan", "ask_person", SET_STAGE})
"""What every role may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One kind of work: what it is told besides the common words, and what it may use besides `ALWAYS`."""

    id: str
    label: str
    told: str
    tools: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One part of the way from a goal to a report, and the role that does it."""

    id: str
    role: str
    done: str


ROLES: Mapping[str, Role] = {
    role.id: role
    for role in (
        Role(
            id="planner",
            label="Planner",
            told="You plan: say what is asked, ask what is not clear, look at what there is, and set the plan.",
            tools=frozenset({"list_markets", "list_observations", "search_sessions", "read_books"}),
        ),
        Role(
            id="data",
            label="Data",
            told="You see to the data: its span, gaps, age and oddities, before anybody rests a claim on it.",
            tools=frozenset({"list_markets", "list_observations", "measure_bars", "query_data"}),
        ),
        Role(
            id="analyst",
            label="Analyst",
            told="You look for an idea that could hold, say why it should, and write it down as one strategy.",
            tools=frozenset(
                {"measure_bars", "query_data", "measure_features", "study_events", "draw_chart", "draft_strategy"}
            ),
        ),
        Role(
            id="trainer",
            label="Trainer",
            told="You make features and, where one is worth it, train a model. Leave later bars for the test.",
            tools=frozenset({"measure_features", "draw_chart", "train_model"}),
        ),
        Role(
            id="evaluator",
            label="Evaluator",
            told="You test and doubt: as few trials as answer the question, costs included, periods apart.",
            tools=frozenset(
                {"draft_strategy", "run_backtest", "sweep_parameters", "walk_forward", "list_exams", "sit_exam"}
            ),
        ),
        Role(
            id="reporter",
            label="Reporter",
            told="You write the report from the evidence, failures as plainly as successes, and lay the strategy down.",
            tools=frozenset({"draw_chart", "write_report", "propose_strategy"}),
        ),
    )
}
STAGES: tuple[Stage, ...] = (
    Stage(id="scope", role="planner", done="the goal is plain and the plan is set"),
    Stage(id="data", role="data", done="the data is known to be good enough, or what it lacks is said"),
    Stage(id="exploration", role="analyst", done="what the market did around the idea is known"),
    Stage(id="features", role="trainer", done="the features are chosen; skip it when the idea needs none"),
    Stage(id="strategy", role="analyst", done="one strategy is drafted"),
    Stage(id="test", role="evaluator", done="it is backtested and checked walking forward"),
    Stage(id="report", role="reporter", done="the report is written and the strategy proposed"),
)
_BY_ID: Mapping[str, Stage] = {stage.id: stage for stage in STAGES}


def stage_of(bodies: Iterable[Mapping[str, object]]) -> Stage:
    """Return the stage that a transcript is in, from the bodies of its entries: the last one set, else the first."""
    found = STAGES[0]
    for body in bodies:
        content = body.get("content")
        if body.get("tool") == SET_STAGE and body.get("ok") and isinstance(content, Mapping):
            found = _BY_ID.get(str(content.get("stage")), found)
    return found


def offered(names: Sequence[str], stage: Stage | None) -> list[str]:
    """Return which tools are offered in a stage; None: in a session without roles, which needs no stage."""
    if stage is None:
        return [name for name in names if name != SET_STAGE]
    return [name for name in names if name in ALWAYS or name in ROLES[stage.role].tools]


def check_roles(names: Iterable[str]) -> None:
    """Refuse a role that there is not."""
    if unknown := sorted(set(names) - set(ROLES)):
        words = f"There is no role {unknown[0][:60]!r}. There are: {', '.join(ROLES)}."
        raise Refusal("role_unknown", 422, words, place="/roles")
